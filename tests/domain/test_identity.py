"""Who may register: claims against holders."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import kana, phone
from mypage.domain.identity import (
    ClaimKeys,
    Holder,
    HolderStatus,
    IdentityClaim,
    Match,
    Miss,
    MissedItem,
    Proof,
    claim_keys,
    compare,
    fold_code,
    may_register,
    months_later,
)

TODAY = date(2026, 11, 24)
TARO = Holder(
    "70012",
    kana.name_keys("アイコム　タロウ"),
    phone.phone_keys("0748-62-1234", "090-1234-5678"),
    HolderStatus.ACTIVE,
    contracted_on=date(2020, 4, 1),
    registration_key="AB12-CD34",
)
RIGHT = IdentityClaim("0070012", "0748621234", "あいこむ たろう", "ab12cd34")


def _compare(claim: IdentityClaim, *holders: Holder, proof: Proof = "none", months: int = 3) -> Match | Miss:
    return compare(claim_keys(claim), holders, TODAY, months, proof)


def test_all_three_match() -> None:
    assert _compare(RIGHT, TARO) == Match(TARO)
    assert _compare(replace(RIGHT, phone="+81 90-1234-5678"), TARO) == Match(TARO)


@pytest.mark.parametrize(
    ("claim", "missed"),
    [
        (replace(RIGHT, phone="0748621235"), (MissedItem.PHONE,)),
        (replace(RIGHT, phone=""), (MissedItem.PHONE,)),
        (replace(RIGHT, name_kana="アイコム ジロウ"), (MissedItem.NAME_KANA,)),
        (replace(RIGHT, name_kana=""), (MissedItem.NAME_KANA,)),
        (replace(RIGHT, phone="1", name_kana="ア"), (MissedItem.PHONE, MissedItem.NAME_KANA)),
    ],
)
def test_a_miss_says_which_for_staff(claim: IdentityClaim, missed: tuple[MissedItem, ...]) -> None:
    assert _compare(claim, TARO) == Miss(missed, "70012")


def test_an_unknown_number() -> None:
    assert _compare(RIGHT) == Miss((MissedItem.CUSTOMER_NUMBER,))


@pytest.mark.parametrize("number", ["70013", "abc", "7001"])
def test_a_neighbour_that_an_unknown_number_is_compared_with_never_matches_and_is_not_named(
    number: str,
) -> None:
    for claim in (RIGHT, replace(RIGHT, phone="0748621235", name_kana="ベツノ ナマエ")):
        assert _compare(replace(claim, customer_number=number), TARO) == Miss((MissedItem.CUSTOMER_NUMBER,))


def test_the_stand_in_for_an_unknown_number_can_never_match() -> None:
    nothing = IdentityClaim("0", "-", "-", "-")
    assert _compare(nothing, proof="key") == Miss((MissedItem.CUSTOMER_NUMBER,))


def test_nothing_typed_never_matches_nothing_held() -> None:
    empty = Holder("70012", frozenset(), frozenset(), HolderStatus.ACTIVE)
    assert _compare(IdentityClaim("70012", "", "", ""), empty, proof="key") == Miss(
        (MissedItem.PHONE, MissedItem.NAME_KANA, MissedItem.REGISTRATION_KEY), "70012"
    )


def test_items_of_two_holders_do_not_add_up() -> None:
    other = Holder(
        "70012-2", kana.name_keys("サトウ　ハナコ"), phone.phone_keys("0311112222"), HolderStatus.ACTIVE
    )
    mixed = IdentityClaim("70012", "0311112222", "アイコム　タロウ")
    assert _compare(mixed, TARO, other) == Miss((MissedItem.NAME_KANA,), "70012-2")


def test_the_newest_matching_holder_who_may_register() -> None:
    second = replace(TARO, customer_key="70012-2")
    tenth = replace(TARO, customer_key="70012-10")
    assert _compare(RIGHT, TARO, tenth, second) == Match(tenth)
    assert _compare(RIGHT, TARO, second, replace(tenth, deficient=True)) == Match(second)
    assert _compare(RIGHT, TARO, replace(second, phone_keys=frozenset({"0311112222"}))) == Match(TARO)


def test_of_equally_near_holders_the_newest_is_named() -> None:
    second = replace(TARO, customer_key="70012-2")
    assert _compare(replace(RIGHT, phone="1234567"), TARO, second) == Miss((MissedItem.PHONE,), "70012-2")


@pytest.mark.parametrize(
    ("status", "contracted_on", "ended_on", "reason"),
    [
        ("active", None, None, None),
        ("active", TODAY, None, None),
        ("active", date(2026, 11, 25), None, MissedItem.NOT_YET_CONTRACTED),
        ("suspended", date(2026, 11, 25), None, None),
        ("suspended", None, None, None),
        ("ended", None, date(2026, 8, 24), None),
        ("ended", None, date(2026, 8, 23), MissedItem.ENDED_TOO_LONG_AGO),
        ("ended", None, date(2026, 12, 31), None),
        ("ended", None, None, MissedItem.ENDED_TOO_LONG_AGO),
        ("active", None, date(2020, 1, 1), None),
    ],
)
def test_status(
    status: str, contracted_on: date | None, ended_on: date | None, reason: MissedItem | None
) -> None:
    holder = replace(TARO, status=HolderStatus(status), contracted_on=contracted_on, ended_on=ended_on)
    expected = (reason,) if reason else ()
    assert may_register(holder, TODAY) == expected
    assert _compare(RIGHT, holder) == (Miss(expected, "70012") if expected else Match(holder))


def test_the_months_after_the_end_are_a_setting() -> None:
    ended = replace(TARO, status=HolderStatus.ENDED, ended_on=date(2026, 10, 24))
    assert _compare(RIGHT, ended, months=1) == Match(ended)
    assert _compare(RIGHT, ended, months=0) == Miss((MissedItem.ENDED_TOO_LONG_AGO,), "70012")


def test_three_months_where_nothing_is_set() -> None:
    for ended_on, matches in [(date(2026, 8, 24), True), (date(2026, 8, 23), False)]:
        ended = replace(TARO, status=HolderStatus.ENDED, ended_on=ended_on)
        assert isinstance(compare(claim_keys(RIGHT), [ended], TODAY), Match) is matches


def test_web_registration_off_and_deficient_rows() -> None:
    assert _compare(RIGHT, replace(TARO, web_registration=False)) == Miss(
        (MissedItem.WEB_REGISTRATION_OFF,), "70012"
    )
    assert _compare(RIGHT, replace(TARO, deficient=True)) == Miss((MissedItem.DEFICIENT,), "70012")


@pytest.mark.parametrize(
    ("typed", "held", "proof", "matches"),
    [
        ("ab12 cd34", "AB12-CD34", "key", True),
        ("ＡＢ１２－ＣＤ３４", "ab12cd34", "key", True),
        ("ab12cd35", "AB12-CD34", "key", False),
        ("", "AB12-CD34", "key", False),
        (None, "AB12-CD34", "key", False),
        ("", None, "key", False),
        ("-", "-", "key", False),
        ("\ud800", "AB12-CD34", "key", False),
        (None, "AB12-CD34", "none", True),
        (None, None, "none", True),
    ],
)
def test_the_registration_key(typed: str | None, held: str | None, proof: Proof, matches: bool) -> None:
    holder = replace(TARO, registration_key=held)
    found = _compare(replace(RIGHT, registration_key=typed), holder, proof=proof)
    assert found == (Match(holder) if matches else Miss((MissedItem.REGISTRATION_KEY,), "70012"))


def test_the_operators_settings_reach_the_keys() -> None:
    claim = IdentityClaim("K-12", "0748621234", "ヴァン")
    assert claim_keys(claim).customer_number is None
    keys = claim_keys(claim, pattern="[A-Z][0-9]+", fold_v=True)
    assert keys == ClaimKeys("K12", "0748621234", kana.name_keys("バン"), "")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 24), 3, date(2026, 11, 24)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(9999, 11, 1), 3, date.max),
        (date(9999, 1, 31), 3, date(9999, 4, 30)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@given(st.text(), st.text(), st.text(), st.text() | st.none(), st.sampled_from(["none", "key", "letter"]))
def test_no_claim_breaks_it(number: str, number2: str, name: str, code: str | None, proof: Proof) -> None:
    found = _compare(IdentityClaim(number, number2, name, code), TARO, proof=proof)
    assert isinstance(found, Miss)
    assert fold_code(fold_code(number)) == fold_code(number)
