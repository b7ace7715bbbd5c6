"""Password rules of both profiles."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.password import PROFILES, ProfileName, could_be_one, hints, is_common, weaknesses

NAMES = ("ワタナベ　ジュンコ", "渡辺　純子")


def _weak(password: str, profile: ProfileName = "operator") -> tuple[str, ...]:
    return weaknesses(password, profile, "Kisaragi-9", "70012345", ("0748621234", "09012345678"), NAMES)


@pytest.mark.parametrize(
    "password",
    [
        "kisaragi7",
        "KISARAGI7",
        "Kisaragi",
        "aB" * 3 + "qz",
        "tulip-Garden16ch",
        "a1!\"#$%&'()*+,-.",
        "Watanabe1",
        "7qwzxmpt",
    ],
)
def test_good_ones_of_the_operators_profile(password: str) -> None:
    assert _weak(password) == ()


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("kisara7", ("password_under_8",)),
        ("tulip-Garden-16ch", ("password_over_16",)),
        ("tulip Garden", ("password_not_half_width",)),
        ("tulipＧ7aa", ("password_not_half_width",)),
        ("tulipGardé7", ("password_not_half_width",)),
        ("ﾁｭｰﾘｯﾌﾟa1", ("password_not_half_width",)),
        ("tulipgarden", ("password_one_kind",)),
        ("TULIPGARDEN", ("password_one_kind",)),
        ("tulip-garden!", ("password_one_kind",)),
        ("5093718264", ("password_one_kind",)),
        ("!!!!!!!!!", ("password_one_kind", "password_common")),
        ("", ("password_under_8", "password_one_kind")),
        ("Password1", ("password_common",)),
        ("PASSWORD1", ("password_common",)),
        ("P@ssw0rd", ("password_common",)),
        ("Qwertyuiop", ("password_common",)),
        ("Poiuytrewq", ("password_common",)),
        ("Abcdefghij", ("password_common",)),
        ("12345678", ("password_one_kind", "password_common")),
        ("aB1!aB1!aB1!", ("password_common",)),
        ("Abc12345Abc12345", ("password_common",)),
        ("kisaragi-9", ("password_is_login_id",)),
        ("KISARAGI-9", ("password_is_login_id",)),
        ("70012345", ("password_one_kind", "password_is_customer_number")),
        ("0070012345", ("password_one_kind", "password_is_customer_number")),
        ("7001-2345", ("password_one_kind", "password_is_customer_number")),
        ("0748-62-1234", ("password_one_kind", "password_is_phone")),
        ("09012345678", ("password_one_kind", "password_is_phone")),
        ("+81748621234", ("password_one_kind", "password_is_phone")),
        ("Watanabe", ("password_is_name",)),
        ("Junko-Watanabe", ("password_is_name",)),
        ("WatanabeJunko", ("password_is_name",)),
    ],
)
def test_weak_ones_of_the_operators_profile(password: str, codes: tuple[str, ...]) -> None:
    assert _weak(password) == codes


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "ひらがなでもよいパスフレーズです",
        "tulipgardentulip",
        "x7 " * 5 + "abcdefghijkl",
        "The quick brown fox jumps over the lazy dog and comes back again 64+",
        "q" * 64 + "w" * 64,
    ],
)
def test_good_ones_of_the_strict_profile(password: str) -> None:
    assert _weak(password, "strict") == ()


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("tulip-Garden-1", ("password_under_15",)),
        ("q" * 64 + "w" * 65, ("password_over_128",)),
        ("tulipgarden\x00tulip", ("password_unprintable",)),
        ("tulipgarden\u200btulip", ("password_unprintable",)),
        ("aaaaaaaaaaaaaaaa", ("password_common",)),
        ("123456789012345", ("password_common",)),
        ("abcabcabcabcabcabc", ("password_common",)),
        ("passwordpassword", ("password_common",)),
        ("watanabe  junko  ", ("password_is_name",)),
        ("わたなべ　じゅんこ", ("password_under_15", "password_is_name")),
        ("渡辺　純子", ("password_under_15", "password_is_name")),
    ],
)
def test_weak_ones_of_the_strict_profile(password: str, codes: tuple[str, ...]) -> None:
    assert _weak(password, "strict") == codes


def test_what_is_not_known_yet_forbids_nothing() -> None:
    assert weaknesses("tulip-Garden", "operator") == ()
    assert weaknesses("tulip-Garden", "operator", phone="0748621234", names=("",)) == ()
    assert weaknesses("", "strict") == ("password_under_15",)


def test_one_phone_and_a_customer_key() -> None:
    assert weaknesses("0748621234", "operator", phone="0748-62-1234")[-1] == "password_is_phone"
    assert (
        weaknesses("70012345", "operator", customer_number="70012345-2")[-1] == "password_is_customer_number"
    )
    assert weaknesses("A-70012345", "operator", customer_number="A70012345") == (
        "password_is_customer_number",
    )


def test_letters_of_upper_and_lower_case_alike_are_common_and_short_ones_are_not_asked() -> None:
    assert is_common("iLoveYou")
    assert not is_common("abc")
    assert not is_common("tulipgarden")
    assert is_common("b1!xb1!xb1!x")
    assert not is_common("b1!xqb1!xqb1!xq")


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("tulip-7", ()),
        ("TULIP-7", ("password_hint_caps_lock",)),
        ("Tulip", ()),
        ("1234", ()),
        ("", ()),
        ("ｔｕｌｉｐ", ("password_hint_full_width",)),
        ("ＴＵＬＩＰ", ("password_hint_full_width", "password_hint_caps_lock")),
    ],
)
def test_hints(password: str, codes: tuple[str, ...]) -> None:
    assert hints(password) == codes


@given(
    st.text(),
    st.sampled_from(["operator", "strict"]),
    st.text(),
    st.text(),
    st.text() | st.lists(st.text()),
    st.lists(st.text()),
)
def test_codes_come_in_the_order_shown_and_no_text_breaks_it(
    password: str, profile: ProfileName, login_id: str, number: str, phone: str | list[str], names: list[str]
) -> None:
    codes = weaknesses(password, profile, login_id, number, phone, names)
    rules = PROFILES[profile].rules
    assert list(codes) == [code for code in rules if code in codes]


@pytest.mark.parametrize(
    ("password", "could"),
    [
        ("Himitsu12", True),
        ("ながいながいながいながいあいことばです", True),
        ("himitsuhimitsu", False),  # one kind of characters for the one profile, too short for the other
        ("", False),
        ("Himi12", False),
        ("password", False),
        ("Password12", False),
        ("x" * 500, False),
    ],
)
def test_what_no_profile_allows_can_be_nobody_s_password(password: str, could: bool) -> None:
    assert could_be_one(password) is could
    if could:
        assert any(not weaknesses(password, profile) for profile in PROFILES)


def test_long_ones_are_not_slow() -> None:
    began = time.process_time()
    for evil in ("ab" * 50_000, "a" * 100_000, "1" * 100_000, "アイ " * 30_000):
        weaknesses(evil, "strict", evil, evil, evil, (evil,))
    assert time.process_time() - began < 2
