"""Telephone numbers: every way of writing one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mypage.domain.characters import DASHES
from mypage.domain.phone import fold, phone_defect, phone_keys

full_width = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）　")
LAND, MOBILE = "0748621234", "09012345678"


@pytest.mark.parametrize(
    "typed",
    [
        "0748-62-1234", "０７４８－６２－１２３４", "(0748)62-1234", "0748（62）1234", "+81 748-62-1234",
        "+81 (0)748-62-1234", "＋８１（０）748621234", "0748ー62ー1234", "0748 62 1234", "0748.62.1234",
        "0748/62/1234", "748621234", "0081-748-62-1234", "00 81 748 62 1234", "0081 (0)748 62 1234",
        "+81-0748-62-1234", "81748621234", "81-0748-62-1234", "0748\u200b62\u00a01234", "0748・62・1234",
        "0748一62一1234", "〔0748〕62－1234", "\t0748,62,1234 ",
    ],
)  # fmt: skip
def test_one_number(typed: str) -> None:
    assert fold(typed) == LAND


@pytest.mark.parametrize(
    "typed", ["090-1234-5678", "9012345678", "+819012345678", "+81(0)90-1234-5678", "0081 90 1234 5678"]
)
def test_a_mobile_number(typed: str) -> None:
    assert fold(typed) == MOBILE


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("621234", "0621234"),
        ("0120-000-000", "0120000000"),
        ("0333333333", "0333333333"),
        ("081-234-5678", "0812345678"),
        ("+1 202-555-0123", "+12025550123"),
        ("08123456789", "08123456789"),
        ("+123456789012345", "+123456789012345"),
        ("+1234567890123456", None),
        ("0748621234" + "-" * 54, "0748621234"),
        ("0748621234" + "-" * 55, None),
        ("+81", None),
        ("+8100", None),
        ("", None),
        ("　", None),
        ("-", None),
        ("0", None),
        ("0000000000", None),
        ("9999999999", None),
        ("++81748621234", None),
        ("0748+621234", None),
        ("0748-62-1234（自宅）", None),
        ("Ⅻ0748", None),
        ("०७४८६२१२३४", None),
        ("0748-62-1234/090-1234-5678", None),
        ("1" + "2" * 16, None),
        ("0748621234" + "-" * 60, None),
    ],
)
def test_others(typed: str, folded: str | None) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize("dash", list(DASHES))
def test_every_dash(dash: str) -> None:
    assert fold(f"0748{dash}62{dash}1234") == LAND


@pytest.mark.parametrize(
    ("phone", "defect"),
    [
        ("0748621234", None),
        ("748621234", None),
        ("", "phone_empty"),
        (" - ", "phone_empty"),
        ("0000000000", "phone_dummy"),
        ("000-0000-0000", "phone_dummy"),
        ("９９９９", "phone_dummy"),
        ("なし", "phone_unreadable"),
        ("不", "phone_unreadable"),
        ("0748621234/09012345678", "phone_unreadable"),
    ],
)
def test_defects_of_the_master(phone: str, defect: str | None) -> None:
    assert phone_defect(phone) == defect


def test_keys_of_a_contract() -> None:
    assert phone_keys("0748-62-1234", "090-1234-5678") == {LAND, MOBILE}
    assert phone_keys("0748-62-1234", None, "", "0000000000", "なし") == {LAND}
    assert phone_keys() == frozenset()


@given(st.from_regex(r"0[1-9][0-9]{8,9}", fullmatch=True).filter(lambda n: len(set(n)) > 1), st.data())
def test_ways_of_typing(number: str, data: st.DataObject) -> None:
    bare = number[1:]
    written = data.draw(
        st.sampled_from([number, bare, f"+81{bare}", f"+81(0){bare}", f"0081{bare}", f"+81 {number}"])
    )
    if len(set(written)) == 1:
        return
    place = data.draw(st.integers(1, len(written)))
    between = data.draw(st.sampled_from([*DASHES, " ", "　", ".", "/", "(", "）"]))
    typed = written[:place] + between + written[place:]
    assert fold(typed) == fold(typed.translate(full_width)) == number


@example("+01")
@example("+8181" + "1" * 9)
@given(st.text() | st.text("0123456789+-() 8１ー"))
def test_no_text_breaks_it(typed: str) -> None:
    folded = fold(typed)
    phone_defect(typed)
    assert folded is None or fold(folded) == folded
