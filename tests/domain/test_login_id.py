"""Login ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.login_id import alternatives, key, normalise, problems


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("taro5", ()),
        ("t" * 30, ()),
        ("Taro_2026", ()),
        ("taro@example.jp", ()),
        ("!\"#$%&'()*+,-./:;<=>?@[\\]^_", ()),
        ("`{|}~", ()),
        ("ｔａｒｏ２０２６", ()),
        (" taro5　", ()),
        ("taro\u200b5", ()),
        ("", ("login_id_empty",)),
        ("　\u200b", ("login_id_empty",)),
        ("taro", ("login_id_too_short",)),
        ("t" * 31, ("login_id_too_long",)),
        ("taro yamada", ("login_id_has_space",)),
        ("太郎たろう", ("login_id_not_half_width",)),
        ("ｱｲｺﾑﾀﾛｳ", ("login_id_not_half_width",)),
        ("太 郎", ("login_id_too_short", "login_id_has_space", "login_id_not_half_width")),
        ("tarö5", ("login_id_not_half_width",)),
        ("т" * 6, ("login_id_not_half_width",)),
    ],
)
def test_problems(typed: str, codes: tuple[str, ...]) -> None:
    assert problems(typed) == codes


def test_upper_and_lower_case_and_width_are_the_same_id() -> None:
    assert key("Taro_2026") == key("ＴＡＲＯ＿２０２６") == key(" tARO_2026 ") == "taro_2026"
    assert key("taro_2026") != key("taro-2026")
    assert normalise("Ｔaro") == "Taro"


def test_alternatives_are_free_and_good() -> None:
    taken = {"taro5", "taro51", "taro5-1"}
    assert alternatives("Taro5", taken.__contains__) == ("Taro5_1", "Taro52", "Taro5-2")
    assert alternatives("taro", lambda _: False) == ("taro1", "taro-1", "taro_1")
    assert alternatives("t", lambda _: False, count=2) == ("t0001", "t-001")
    assert alternatives("t" * 30, lambda _: False) == ("t" * 29 + "1", "t" * 28 + "-1", "t" * 28 + "_1")
    assert alternatives("taro yamada", lambda _: False, count=1) == ("taroyamada",)
    assert alternatives("太郎", lambda _: False) == ()
    assert alternatives("太郎ta", lambda _: False, count=1) == ("ta001",)


def test_alternatives_stop_asking() -> None:
    asked: list[str] = []

    def taken(login_key: str) -> bool:
        asked.append(login_key)
        return True

    assert alternatives("taro5", taken) == ()
    assert len(asked) == len(set(asked)) == 30


@given(st.text())
def test_no_text_breaks_it(typed: str) -> None:
    problems(typed)
    proposals = alternatives(typed, lambda _: False)
    assert len(proposals) in (0, 3)
    assert all(problems(proposal) == () for proposal in proposals)
    if not problems(typed):
        assert normalise(normalise(typed)) == normalise(typed)
        assert key(key(typed)) == key(typed)
