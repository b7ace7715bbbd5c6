"""Nicknames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.nickname import normalise, problems

FORBIDDEN = ("nickname_forbidden_character",)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("たろう", ()),
        ("アイコム太郎", ()),
        ("佐々木 ローラ", ()),
        ("Ｔａｒｏ　２", ()),
        ("ﾀﾛｳ", ()),
        ("ジョン・スミス", ()),
        ("José", ()),
        ("Jose\u0301", ()),
        ("x\u0323\u0302", ()),
        ("x\u0323\u0302\u0303", FORBIDDEN),
        ("김민수", ()),
        ("ท่าน", ()),
        ("あ" * 20, ()),
        ("", ("nickname_empty",)),
        (" 　\u200b", ("nickname_empty",)),
        ("あ" * 21, ("nickname_too_long",)),
        ("a.b", FORBIDDEN),
        ("ａ．ｂ", FORBIDDEN),
        ("http://x", FORBIDDEN),
        ("a/b", FORBIDDEN),
        ("a:b", FORBIDDEN),
        ("a：b", FORBIDDEN),
        ("a@b", FORBIDDEN),
        ("a＠b", FORBIDDEN),
        ("a。b", FORBIDDEN),
        ("太郎☆", FORBIDDEN),
        ("太郎😀", FORBIDDEN),
        ("太郎!", FORBIDDEN),
        ("<b>", FORBIDDEN),
        ("\u0301a", FORBIDDEN),
        ("a\u0335\u0336\u0337", FORBIDDEN),
        ("1\u0301", FORBIDDEN),
        ("\ue000", FORBIDDEN),
        ("." * 21, ("nickname_too_long", *FORBIDDEN)),
    ],
)
def test_problems(typed: str, codes: tuple[str, ...]) -> None:
    assert problems(typed) == codes


def test_what_is_kept() -> None:
    assert normalise(" ﾀﾛｳ　　 ２\u200b ") == "タロウ 2"
    assert normalise("a\u202eb\r\nc") == "ab c"


@given(st.text())
def test_no_text_breaks_it(typed: str) -> None:
    if not problems(typed):
        kept = normalise(typed)
        assert 1 <= len(kept) <= 20
        assert not any(sign in kept for sign in "./:@<>&\"'\r\n\t\0")
        assert kept.isprintable()
