"""Customer numbers: what is typed, and the keys of holders."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.characters import DASHES
from mypage.domain.customer_number import customer_key, fold, looks_right, split_key

full_width = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("70012", "70012"),
        ("0000070012", "70012"),
        ("７００１２", "70012"),
        ("7001-2", "70012"),
        (" 7 0 0 1 2 ", "70012"),
        ("　7001\u20102\u200b", "70012"),
        ("7001ー2", "70012"),
        ("12345678901234567890", "12345678901234567890"),
        ("00012345678901234567890", "12345678901234567890"),
        ("123456789012345678901", None),
        ("0" * 59 + "70012", "70012"),
        ("0" * 60 + "70012", None),
        ("", None),
        ("0", None),
        ("000-0", None),
        ("-", None),
        ("12345678a", None),
        ("Ⅻ345678", None),
        ("①2345678", None),
        ("²2345678", None),
        ("१२३४५६७८", None),
        ("七〇〇一二", None),
        ("70012.0", None),
        ("090@docomo.ne.jp", None),
    ],
)
def test_fold(typed: str, folded: str | None) -> None:
    assert fold(typed) == folded
    assert looks_right(typed) is (folded is not None)


@pytest.mark.parametrize(
    ("typed", "pattern", "folded"),
    [
        ("A-1234", "[A-Z][0-9]{4}", "A1234"),
        ("ａ１２３４", "[A-Z][0-9]{4}", "A1234"),
        ("a1234", re.compile("[a-z][0-9]{4}"), "A1234"),
        ("A123", "[A-Z][0-9]{4}", None),
        ("AA1234", "[A-Z][0-9]{4}", None),
        ("0A1234", "[A-Z][0-9]{4}", "A1234"),
        ("12345678", "[0-9]{10}", "12345678"),
        ("0012345678", "[0-9]{10}", "12345678"),
        ("12345678901", "[0-9]{10}", None),
        ("70012-01", "[0-9]{5}-[0-9]{2}", "7001201"),
        ("7001201", "[0-9]{5}-[0-9]{2}", "7001201"),
        ("12-01", "[0-9]{5}-[0-9]{2}", "1201"),
        ("70012ー01", "[0-9]{5}-[0-9]{2}", "7001201"),
        ("1-22-333", "[0-9]-[0-9]{2}-[0-9]{3}", "122333"),
        ("5", "[0-9]{20}", "5"),
        ("5", "[0-9]{21}", None),
        ("70012", "[0-9]-[0-9]{4}", "70012"),
        ("70012", "[0-9]{4}-[0-9]", "70012"),
        ("カ1234", ".*", None),
        ("１२34", r"\d+", None),
        ("", ".*", None),
        ("A" * 21, ".*", None),
    ],
)
def test_an_operators_pattern(typed: str, pattern: str | re.Pattern[str], folded: str | None) -> None:
    assert fold(typed, pattern) == folded
    assert looks_right(typed, pattern) is (folded is not None)


@given(
    st.integers(1, 10**20 - 1), st.integers(0, 5), st.sampled_from([*DASHES, " ", "　", "\u200b"]), st.data()
)
def test_ways_of_typing_a_number(number: int, zeros: int, between: str, data: st.DataObject) -> None:
    plain = "0" * zeros + str(number)
    place = data.draw(st.integers(0, len(plain)))
    typed = plain[:place] + between + plain[place:]
    assert fold(typed) == fold(typed.translate(full_width)) == str(number)
    assert fold(str(number)) == str(number)


@given(st.text() | st.text("0123456789 -ー０９aA"))
def test_no_text_breaks_it(typed: str) -> None:
    folded = fold(typed)
    assert folded is None or (fold(folded) == folded and re.fullmatch("[1-9][0-9]{0,19}", folded))
    lettered = fold(typed, ".*")
    assert lettered is None or (fold(lettered, ".*") == lettered and split_key(lettered) == (lettered, 1))


@given(st.integers(1, 10**20 - 1).map(str), st.integers(1, 10**9 - 1))
def test_keys_of_holders(number: str, holder_no: int) -> None:
    assert split_key(customer_key(number, holder_no)) == (number, holder_no)


def test_the_first_holder_has_the_bare_number() -> None:
    assert customer_key("70012") == customer_key("70012", 1) == "70012"
    assert customer_key("70012", 2) == "70012-2"
    assert split_key("70012") == ("70012", 1)


@pytest.mark.parametrize(
    "key", ["", "0", "012", "70012-", "70012-0", "70012-1", "70012-02", "7-1-2", "a", "7" * 21, "-2"]
)
def test_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="not a customer key"):
        split_key(key)


@pytest.mark.parametrize(
    ("number", "holder_no"), [("70012", 0), ("70012", -1), ("0700", 1), ("7-2", 1), ("", 1)]
)
def test_no_parts_of_a_key(number: str, holder_no: int) -> None:
    with pytest.raises(ValueError, match="customer key"):
        customer_key(number, holder_no)
