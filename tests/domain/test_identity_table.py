"""Every row of the specification's table, and the shape of the answer."""

import csv
from pathlib import Path

import pytest

from mypage.domain.identity_table import ComparedPair, UnknownField, compare_pairs

with (Path(__file__).parent.parent / "identity.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 69


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['field']}: {row['why']}")
def test_every_row(row: dict[str, str]) -> None:
    (pair,) = compare_pairs([(row["field"], row["master"], row["typed"])])
    assert pair.same is (row["same"] == "1")
    (turned,) = compare_pairs([(row["field"], row["typed"], row["master"])])
    assert turned.same is pair.same


def test_the_answer() -> None:
    rows = [
        ("phone", "748621234", "+81 748-62-1234"),
        ("登録キー", "ab-12 c", "ＡＢ１２Ｃ"),
        (" name_kana ", "ア イ", ""),
    ]
    assert list(compare_pairs(rows)) == [
        ComparedPair("phone", "748621234", "+81 748-62-1234", True, "0748621234", "0748621234"),
        ComparedPair("登録キー", "ab-12 c", "ＡＢ１２Ｃ", True, "AB12C", "AB12C"),
        ComparedPair(" name_kana ", "ア イ", "", False, "アイ イア", ""),
    ]


def test_the_operators_settings() -> None:
    rows = [("お客様番号", "K12", "k-12"), ("お名前(カナ)", "ヴァン", "バン")]
    assert [pair.same for pair in compare_pairs(rows)] == [False, False]
    assert [pair.same for pair in compare_pairs(rows, pattern="[A-Z][0-9]+", fold_v=True)] == [True, True]


def test_a_field_that_is_not_compared() -> None:
    with pytest.raises(UnknownField, match="row 2: unknown field 'email'") as caught:
        list(compare_pairs([("phone", "1", "2"), ("email", "a", "a")]))
    assert (caught.value.field, caught.value.row) == ("email", 2)
