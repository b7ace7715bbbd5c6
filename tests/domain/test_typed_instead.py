"""What stands in the place of a customer number, by its pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.typed_instead import Instead, typed_instead


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("taro@example.jp", Instead.MAIL_ADDRESS),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", Instead.MAIL_ADDRESS),
        ("090-1234-5678", Instead.TELEPHONE),
        ("０８０１２３４５６７８", Instead.TELEPHONE),
        ("070 1234 5678", Instead.TELEPHONE),
        ("+81 90-1234-5678", Instead.TELEPHONE),
        ("0081 90-1234-5678", Instead.TELEPHONE),
        ("T1234567890123", Instead.REFERENCE),
        ("ｔ 1234-5678-90123", Instead.REFERENCE),
        ("1" * 21, Instead.REFERENCE),
        ("12345678901234567890-1", Instead.REFERENCE),
        # Numbers of customers.
        ("12345678", None),
        ("0012345678", None),
        ("9012345678", None),
        ("0312345678", None),
        ("1" * 20, None),
        # Nothing that has a name.
        ("", None),
        ("アイコム　タロウ", None),
        ("T123", None),
        ("12345678a", None),
    ],
)
def test_what_it_looks_like(typed: str, instead: Instead | None) -> None:
    assert typed_instead(typed) is instead


@pytest.mark.parametrize("typed", ["0748-62-1234", "0748621234", "748621234", "+81 748 62 1234"])
def test_the_number_of_the_field_beside_it_is_a_telephone_number(typed: str) -> None:
    assert typed_instead(typed, "(0748) 62-1234") is Instead.TELEPHONE
    assert typed_instead(typed, "0748-62-1235") is None


@given(st.text(), st.text())
def test_any_text_can_be_typed(typed: str, phone: str) -> None:
    assert typed_instead(typed, phone) in (*Instead, None)
