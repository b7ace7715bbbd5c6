"""What a file changes of who a customer is, what is news, and what still proves the same person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mypage.domain.identity import ClaimKeys, Holder, HolderStatus
from mypage.domain.identity_change import (
    NEW_FOR,
    Change,
    What,
    brought_by,
    changes,
    has_key,
    proves,
    still_proves,
)

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TAROU: dict[str, Any] = {
    "name": "愛込　太郎",
    "name_kana": "アイコム　タロウ",
    "name_kana2": None,
    "phone": "0748-62-1234",
    "phone2": None,
}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, []),
        ({"name": "愛込太郎", "name_kana": "ｱｲｺﾑ ﾀﾛｳ", "phone": "(0748)62-1234"}, []),
        ({"name_kana": "タロウ　アイコム"}, []),
        ({"name": "愛込　多郎"}, [Change(What.NAME, "愛込　太郎", "愛込　多郎")]),
        ({"name_kana": "アイコム　ジロウ"}, [Change(What.NAME_KANA, "アイコム　タロウ", "アイコム　ジロウ")]),
        (
            {"name_kana2": "サトウ　タロウ", "phone": "", "phone2": "090-1111-2222"},
            [
                Change(What.NAME_KANA2, "", "サトウ　タロウ"),
                Change(What.PHONE, "0748-62-1234", ""),
                Change(What.PHONE2, "", "090-1111-2222"),
            ],
        ),
        # What is no number at all is told as it is written.
        ({"phone": "0000"}, [Change(What.PHONE, "0748-62-1234", "0000")]),
    ],
)
def test_what_differs_in_meaning_is_a_change(after: dict[str, Any], told: list[Change]) -> None:
    assert changes(TAROU, {**TAROU, **after}, fold_v=False) == told


def test_the_setting_for_v_decides() -> None:
    before, after = {**TAROU, "name_kana": "バン　ヴェラ"}, {**TAROU, "name_kana": "ヴァン　ベラ"}
    assert changes(before, after, fold_v=True) == []
    assert len(changes(before, after, fold_v=False)) == 1


@pytest.mark.parametrize(
    ("matched", "seen", "proven"),
    [
        ({}, {"name": "別人"}, True),
        ({}, {"phone": None, "phone2": "0748(62)1234"}, True),
        ({}, {"name_kana": "サトウ　ハナコ", "name_kana2": "アイコムタロウ"}, True),
        ({}, {"phone2": "090-1111-2222"}, True),
        ({"phone2": "090-1111-2222"}, {}, False),
        ({}, {"phone": "090-1111-2222"}, False),
        ({"name_kana2": "サトウ　タロウ"}, {}, False),
    ],
)
def test_what_still_proves(matched: dict[str, Any], seen: dict[str, Any], proven: bool) -> None:
    assert still_proves({**TAROU, **matched}, {**TAROU, **seen}, fold_v=False) is proven


def test_who_a_claim_is_by_telephone_and_name_and_by_the_key() -> None:
    claim = ClaimKeys("12345678", "0748621234", frozenset({"アイコムタロウ"}), "AB12")
    holder = Holder(
        "12345678",
        frozenset({"アイコムタロウ"}),
        frozenset({"0748621234"}),
        HolderStatus.ENDED,
        registration_key="ab-12",
    )
    assert proves(claim, holder)
    assert not proves(ClaimKeys("12345678", "1", claim.name_keys, ""), holder)
    assert not proves(ClaimKeys("12345678", "0748621234", frozenset({"サトウ"}), ""), holder)
    assert has_key(claim, holder)
    assert not has_key(ClaimKeys("1", "1", frozenset(), "XX"), holder)


def version(phone: str, days: float | None) -> dict[str, Any]:
    return {"phone": phone, "published_at": None if days is None else NOW - days * DAY}


@pytest.mark.parametrize(
    ("versions", "place"),
    [
        ([], None),
        # New with a file, or never anything else.
        ([version("new", 1)], None),
        ([version("new", 1), version("new", 30)], None),
        ([version("new", 1), version("old", 30)], 0),
        ([version("new", 13.99), version("old", 30)], 0),
        ([version("new", NEW_FOR / DAY), version("old", 30)], None),
        # The first of the newest run brought it, however often it was said since.
        ([version("new", 1), version("new", 3), version("old", 30)], 1),
        ([version("new", 1), version("new", 15), version("old", 30)], None),
        # There before, gone, and back: news.
        ([version("new", 1), version("old", 2), version("new", 30)], 0),
        # The newest has it not: nothing to bring.
        ([version("old", 1), version("new", 30)], None),
        ([version("new", None), version("old", 30)], None),
    ],
)
def test_what_is_news(versions: list[dict[str, Any]], place: int | None) -> None:
    found = brought_by(versions, lambda each: each["phone"] == "new", NOW)
    assert found is (None if place is None else versions[place])
