"""Kana names in Latin letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.romaji import spellings


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        (
            "ワタナベ　ジュンコ",
            ["watanabe", "junko", "zyunko", "watanabejunko", "junkowatanabe", "watanabezyunko"],
        ),
        ("ﾜﾀﾅﾍﾞ ｼﾞﾕﾝｺ", ["watanabejunko"]),
        (
            "ハットリ　キョウヘイ",
            ["hattori", "hatsutori", "kyohei", "kyouhei", "hattorikyohei", "kyouheihattori"],
        ),
        ("マツコ", ["matsuko", "matuko"]),
        ("オオノ　ユウコ", ["ono", "oono", "yuko", "yuuko", "onoyuko"]),
        ("コーノ　ローラ", ["kono", "rora"]),
        ("シャチョウ", ["shacho", "shachou", "syatyou"]),
        ("イッチ", ["itchi", "itti"]),
        ("ヴァン", ["vuan"]),
    ],
)
def test_as_people_spell_them(name: str, spelled: list[str]) -> None:
    assert set(spelled) <= spellings(name)


@pytest.mark.parametrize("name", ["", "　", "愛込　太郎", "NTT", "アイコム　Taro", "カ）"])
def test_what_is_no_kana_gives_none(name: str) -> None:
    assert spellings(name) == frozenset()


@given(st.text() | st.text("アカサタナハマヤラワンッャュョー シジチツ", max_size=400))
def test_few_and_of_letters_only(name: str) -> None:
    words = max(1, len(name.split()))
    found = spellings(name)
    assert len(found) <= 16 * (words + 2)
    assert all(letter in "abcdefghijklmnopqrstuvwxyz" for spelling in found for letter in spelling)
