"""Terms of customers and of what is typed: whoever would be matched at the registration is found, and more."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import cause_code, phone, request_number, search_terms
from mypage.domain.kana import name_keys
from mypage.domain.search_terms import LONGEST, Kind, Wanted

CASES = list(
    csv.DictReader((Path(__file__).parents[1] / "identity.csv").read_text(encoding="utf-8").splitlines())
)


def a_row(**facts: Any) -> dict[str, Any]:
    """A row of the master."""
    row: dict[str, Any] = {
        "name": "愛込　太郎", "name_kana": "アイコム　タロウ", "name_kana2": None, "phone_keys": [], "address": None,
        "billing_name": None, "billing_address": None,
    }  # fmt: skip
    return row | facts


def finds(row: dict[str, Any], typed: str, *kinds: Kind) -> bool:
    """Whether a customer is found by what is typed, by way of the index: cut terms first, then the whole ones."""
    whole = search_terms.of_customer(row)
    stored = search_terms.cut(whole)
    return any(
        any(wanted.first <= term < wanted.end for term in stored) and search_terms.holds(whole, wanted)
        for wanted in search_terms.wanted(typed)
        if not kinds or wanted.kind in kinds
    )


@pytest.mark.parametrize("case", [case for case in CASES if case["field"] == "name_kana"])
def test_a_name_is_found_as_it_would_be_matched(case: dict[str, str]) -> None:
    found = finds(a_row(name_kana=case["master"]), case["typed"], Kind.KANA)
    is_begun = any(
        key.startswith(typed) for key in name_keys(case["master"]) for typed in name_keys(case["typed"])
    )
    assert found == (case["same"] == "1" or is_begun), case["why"]


@pytest.mark.parametrize("case", [case for case in CASES if case["field"] == "phone"])
def test_a_telephone_is_found_as_it_would_be_matched(case: dict[str, str]) -> None:
    row = a_row(phone_keys=sorted(phone.phone_keys(case["master"])))
    assert finds(row, case["typed"], Kind.PHONE) == (case["same"] == "1"), case["why"]


@given(
    st.lists(st.text("アイウガヴィー", min_size=1, max_size=9), min_size=1, max_size=3),
    st.data(),
)
def test_every_part_of_every_name_finds_it(words: list[str], data: st.DataObject) -> None:
    row, whole = a_row(name_kana="　".join(words)), "".join(words)
    start = data.draw(st.integers(0, len(whole) - 1))
    part = whole[start : start + data.draw(st.integers(2, 12))]
    if part.strip("ー") and not part.startswith("ー"):
        assert finds(row, part) or len(part) == 1
    # The name in the other order, from its beginning.
    turned = "　".join([*words[1:], words[0]])
    assert not turned.strip("ー　") or finds(row, turned, Kind.KANA)


def test_terms_are_cut_and_the_whole_is_compared() -> None:
    long = "ナ" * 30
    row = a_row(name_kana=f"{long}ア")
    assert max(map(len, search_terms.cut(search_terms.of_customer(row)))) == LONGEST
    assert finds(row, f"{long}ア")
    assert not finds(row, f"{long}イ")
    assert search_terms.of_customer(a_row(name="", name_kana="")) == []


@pytest.mark.parametrize(
    ("master", "typed"),
    [
        ("朝凪県澄野市寺前4丁目16番25号", "澄野市寺前４－１６"),
        ("朝凪県澄野市寺前4丁目16番25号", "朝凪県 澄野市 寺前 四丁目十六番"),
        ("朝凪県澄野市大字澄野105番地", "澄野市澄野105"),
        ("東京都千代田区丸の内一丁目1の2", "千代田区丸の内1-1-2"),
        ("澄野市中央 20ー3 メゾン澄野 201", "澄野市中央20-3"),
        ("京都府京都市中京区二十丁目", "京都市中京区20"),
    ],
)
def test_addresses_are_found_however_their_numbers_are_written(master: str, typed: str) -> None:
    assert finds(a_row(address=master), typed, Kind.ADDRESS)
    assert finds(a_row(billing_address=master), typed, Kind.ADDRESS)
    assert not finds(a_row(address=master), typed[:-1] + "9", Kind.ADDRESS)


@pytest.mark.parametrize(
    ("master", "typed"),
    [
        ("髙橋　さくら", "高橋サクラ"),
        ("渡邉　惠", "渡辺恵"),
        ("株式会社　朝凪商店", "朝凪商店㈱"),
        ("㈲山﨑", "山崎"),
    ],
)
def test_names_in_kanji_are_found_from_their_beginning(master: str, typed: str) -> None:
    assert finds(a_row(name=master), typed, Kind.NAME)
    assert finds(a_row(billing_name=master), typed[:2], Kind.NAME)
    assert not finds(a_row(name=master), typed[1:], Kind.NAME)


def test_contract_numbers() -> None:
    terms = search_terms.of_contracts([{"contract_number": "ab-00 12"}, {"contract_number": None}, {}])
    assert terms == ("cAB0012",)
    assert search_terms.holds(terms, Wanted(Kind.CONTRACT, "AB0012", whole=True))
    assert not search_terms.holds(terms, Wanted(Kind.CONTRACT, "AB00", whole=True))


@given(st.text(max_size=300))
def test_whatever_is_typed_is_folded_without_a_fault(typed: str) -> None:
    for wanted in search_terms.wanted(typed):
        assert wanted.term
        assert wanted.first < wanted.end
    cause_code.read(typed)
    request_number.read(typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("A-03", "A-03"),
        ("ａ０３", "A-03"),
        (" c ー 10", "C-10"),
        ("G-01", None),
        ("A-3", None),
        ("A-03" * 9, None),
    ],
)
def test_codes_of_causes(typed: str, code: str | None) -> None:
    assert cause_code.read(typed) == code


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("abcd 2345", "ABCD2345"),
        ("ＡＢＣＤ－２３４５", "ABCD2345"),
        ("ABCD234O", None),
        ("ABCD234", None),
        ("x" * 50, None),
    ],
)
def test_request_numbers(typed: str, number: str | None) -> None:
    assert request_number.read(typed) == number
    assert request_number.read(request_number.made_of(bytes(range(248, 256)))) is not None
