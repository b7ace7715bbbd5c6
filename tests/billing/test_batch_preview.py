"""What the operator sees before publishing: sums against last month, who is missing, what changes, samples."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mypage.cli import main
from mypage.store.engine import Database
from mypage.works.load import renumbered as renumbered_customers
from mypage.works.load import steps_delivered
from tests.delivering import (
    CHARGE_HEADINGS,
    CUSTOMER_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    table,
)

HEADINGS = (*CHARGE_HEADINGS, "お支払方法", "請求番号", "処理区分")
NUMBERS = [str(70_000 + place) for place in range(30)]


def bill(
    number: str, month: str, yen: int, *, tax: str = "10", method: str = "口座振替", action: str = ""
) -> list[str]:
    """A statement of one line."""
    amount = "" if action else str(yen)
    return [number, month, "1", "月額利用料", amount, tax, amount, method, "1", action]


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with thirty customers and a published September and October."""
    delivering = Delivering(database, tmp_path)
    delivering.publish(
        customers=customers(*(customer(number) for number in NUMBERS)),
        september=charges(*(bill(number, "2026-09", 900) for number in NUMBERS), headings=HEADINGS),
        october=charges(*(bill(number, "2026-10", 1000) for number in NUMBERS), headings=HEADINGS),
    )
    return delivering


def shell(engine_url: str, *arguments: object) -> Result:
    environment = {"MYPAGE_DATABASE_URL": engine_url, "MYPAGE_SECRET_KEYS": "k" * 40}
    return CliRunner().invoke(main, ["batch", *map(str, arguments)], env=environment, catch_exceptions=False)


def preview(delivering: Delivering, content: bytes) -> dict[str, Any]:
    """The preview of a charges file."""
    outcome = delivering.check(charges=content)
    assert outcome.is_well
    found: dict[str, Any] = outcome.batches[0].counts["preview"]
    return found


def november(**yen: int) -> list[list[str]]:
    """A November in which all but the named customers pay ten yen more."""
    return [bill(number, "2026-11", yen.get(f"n{number}", 1010)) for number in NUMBERS]


def test_a_month_is_told_against_the_one_before(delivering: Delivering) -> None:
    rows = november(n70003=5000, n70004=200)[:-2]
    rows[0] = bill("70000", "2026-11", 1010, tax="軽減8", method="")
    told = preview(delivering, charges(*rows, headings=HEADINGS))
    total = 26 * 1010 + 5000 + 200
    assert told["months"]["202611"] == {
        "statements": 28,
        "customers": 28,
        "total": total,
        "methods": {"": [1, 1010], "口座振替": [27, total - 1010]},
        "taxes": {"10": str(total - 1010), "8": "1010"},
    }
    assert told["against"] == 202610
    assert told["before"] == {
        "statements": 30,
        "customers": 30,
        "total": 30_000,
        "methods": {"口座振替": [30, 30_000]},
        "taxes": {"10": "30000"},
    }
    assert (told["missing"], told["missing_first"]) == (2, ["70028", "70029"])
    assert told["largest"][:2] == [["70003", 202611, 1000, 5000], ["70004", 202611, 1000, 200]]
    assert [change[2:] for change in told["largest"][2:]] == [[1000, 1010]] * 8
    assert told["samples"][0] == ["70003", 202611]
    assert len(told["samples"]) == 3


def test_a_correction_is_told_against_what_it_corrects(delivering: Delivering) -> None:
    told = preview(
        delivering,
        charges(
            bill("70001", "2026-10", 800),
            bill("70002", "2026-10", 0, action="取消"),
            bill("70003", "2026-09", 950),
            headings=HEADINGS,
        ),
    )
    assert told["corrects"] == 2
    assert told["largest"] == [["70001", 202610, 1000, 800], ["70003", 202609, 900, 950]]
    assert (told["before"], told["missing"]) == (None, 0)
    assert told["months"]["202610"]["statements"] == 1


def test_what_was_taken_back_or_corrected_is_not_last_month(delivering: Delivering) -> None:
    revised = delivering.publish(charges=charges(bill("70001", "2026-10", 8000), headings=HEADINGS))
    told = preview(delivering, charges(*november(), headings=HEADINGS))
    assert told["before"]["total"] == 37_000
    assert told["largest"][0] == ["70001", 202611, 8000, 1010]
    delivering.take_back(revised[0])
    told = preview(delivering, charges(*november(n70000=1011), headings=HEADINGS))
    assert told["before"]["total"] == 30_000


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([bill(number, "2026-11", 1000) for number in NUMBERS], "same_as_last_month"),
        ([bill(number, "2026-11", 1500) for number in NUMBERS], "total_far"),
        ([bill(NUMBERS[0], "2026-12", 1000)], "month_skips"),
        ([bill(NUMBERS[0], "2025-07", 1000)], "month_not_shown"),
    ],
)
def test_a_file_that_looks_wrong_as_a_whole_is_told_and_can_be_published(
    delivering: Delivering, rows: list[list[str]], code: str
) -> None:
    outcome = delivering.check(charges=charges(*rows, headings=HEADINGS))
    assert delivering.codes(outcome) == [(code, 0, "")]
    assert outcome.is_well


def test_changed_identity_values_are_listed_old_and_new(delivering: Delivering) -> None:
    changed = table(
        CUSTOMER_HEADINGS,
        ["70001", "", "", "別人　花子", "ベツジン　ハナコ", "090-1234-5678", "契約中"],
        customer("70002"),
    )
    outcome = delivering.check(customers=changed)
    assert [code for code, _, _ in delivering.codes(outcome)] == [
        "name_changed",
        "kana_changed",
        "phone_changed",
    ]
    phone = delivering.errors(outcome.batches[0])[2]
    assert phone.facts == {"before": "0748-62-1234", "after": "090-1234-5678"}
    assert phone.warning


def test_the_terminal_shows_it_with_statements_as_the_subscriber_will_see_them(
    delivering: Delivering, engine_url: str, tmp_path: Path
) -> None:
    (tmp_path / "november.csv").write_bytes(
        charges(
            *november()[1:-1],
            ["70000", "2026-11", "1", "月額利用料", "1000", "10", "1500", "口座振替", "1", ""],
            ["70000", "2026-11", "2", "受信料", "500", "立替", "1500", "口座振替", "1", ""],
            headings=HEADINGS,
        )
    )
    done = shell(engine_url, "check", tmp_path / "november.csv")
    assert done.exit_code == 0
    for line in (
        "      明細 29件（2026-10 30 -1）",
        "      金額 29,780円（2026-10 30,000 -220）",
        "      口座振替 29件 29,780円（2026-10 30,000 -220）",
        "      立替 500円（2026-10 0円）",
        "  2026-10に請求があり、今回ないお客様 1件",
        "      70029",
        "      70000  2026-11  1,000円 → 1,500円（+500円）",
        "  見本 お客様70000",
        "    2026年11月のご請求",
        "      前回より 500円増",
    ):
        assert line in done.stdout.splitlines(), line
    sample = done.stdout.partition("見本 お客様70000")[2]
    assert [line.split() for line in sample.splitlines()[2:7]] == [
        ["月額利用料", "1,000円"],
        ["立替"],
        ["受信料", "500円"],
        ["10%対象（消費税", "90円）", "1,000円"],
        ["ご請求額", "1,500円"],
    ]
    (batch,) = json.loads(shell(engine_url, "show", 4, "--json").stdout)["batches"]
    assert batch["preview"]["months"]["202611"]["statements"] == 29
    assert "見本 お客様70000" in shell(engine_url, "show", 4).stdout


def test_uncertain_holders_are_listed_and_not_in_the_sums(database: Database, tmp_path: Path) -> None:
    delivering = Delivering(database, tmp_path)
    delivering.publish(customers=customers(customer("70001", since="2026-10-15"), customer("70002")))
    outcome = delivering.check(charges=charges(charge("70001", month="2026-09"), charge("70002")))
    assert delivering.codes(outcome) == [("holder_not_certain", 2, "お客様番号")]
    assert outcome.batches[0].counts["hidden"] == 1
    assert outcome.batches[0].counts["preview"]["months"]["202610"]["statements"] == 1


def renumbered(*old_and_new: tuple[str, str], kind: str = "変更") -> dict[str, Any]:
    """Numbers that change into new ones, and the customers under those."""
    new = dict.fromkeys(new for _, new in old_and_new if new not in NUMBERS)
    changes = number_changes(*(number_change(old, new, kind) for old, new in old_and_new))
    return {"customers": customers(*map(customer, new)), "changes": changes} if new else {"changes": changes}


def november_under(names: dict[str, str], yen: int = 1010) -> list[list[str]]:
    """A November of everybody, some of them under other numbers."""
    return [
        bill(number, "2026-11", yen) for number in dict.fromkeys(names.get(each, each) for each in NUMBERS)
    ]


def test_a_customer_whose_number_changed_is_one_customer(delivering: Delivering) -> None:
    change = delivering.publish(**renumbered(("70001", "10001"), ("70002", "99002")))[-1]
    rows = november_under({"70001": "10001", "70002": "99002"})
    rows[1] = bill("10001", "2026-11", 4000)
    told = preview(delivering, charges(*rows, headings=HEADINGS))
    assert (told["missing"], told["missing_first"]) == (0, [])
    assert told["largest"][0] == ["10001", 202611, 1000, 4000]
    assert ["99002", 202611, 1000, 1010] in preview(
        delivering, charges(*(row for row in rows if row[0] == "99002"), headings=HEADINGS)
    )["largest"]
    assert (told["before"]["customers"], told["months"]["202611"]["customers"]) == (30, 30)
    # Where a customer has no bill, it is missing as it stands in the month before.
    rows = [row for row in rows if row[0] not in ("99002", "70003")]
    told = preview(delivering, charges(*rows, headings=HEADINGS))
    assert (told["missing"], sorted(told["missing_first"])) == (2, ["70002", "70003"])
    # A change that is not in force carries nothing.
    delivering.take_back(change)
    told = preview(delivering, charges(*rows, bill("99002", "2026-11", 1), headings=HEADINGS))
    assert (told["missing"], sorted(told["missing_first"])) == (3, ["70001", "70002", "70003"])


def test_a_number_that_changes_in_the_same_delivery(delivering: Delivering) -> None:
    delivering.publish(**renumbered(("70001", "80001")))
    outcome = delivering.check(
        **renumbered(("70002", "80002"), ("80001", "90001"), ("80002", "90002"), ("70003", "80003")),
        charges=charges(
            *november_under({"70001": "90001", "70002": "90002", "70003": "80003"}, 1020), headings=HEADINGS
        ),
    )
    assert outcome.is_well, [delivering.errors(batch) for batch in outcome.batches]
    told = outcome.batches[-1].counts["preview"]
    assert (told["missing"], told["missing_first"]) == (0, [])
    assert (told["before"]["customers"], told["months"]["202611"]["customers"]) == (30, 30)
    assert [change[2:] for change in told["largest"]] == [[1000, 1020]] * 10


def test_numbers_that_were_merged_are_one_customer(delivering: Delivering) -> None:
    merged = dict.fromkeys(("70001", "70002", "70003"), "10000")
    delivering.publish(**renumbered(*merged.items(), kind="統合"))
    told = preview(delivering, charges(*november_under(merged, 1000), headings=HEADINGS))
    assert told["missing"] == 0
    assert told["largest"] == [["10000", 202611, 3000, 1000]]
    assert (told["before"]["customers"], told["before"]["statements"], told["before"]["total"]) == (
        28,
        30,
        30_000,
    )
    assert told["months"]["202611"]["customers"] == 28
    # A file of few is held against all numbers of its customers, too.
    told = preview(delivering, charges(bill("10000", "2026-11", 1000), headings=HEADINGS))
    assert told["largest"] == [["10000", 202611, 3000, 1000]]


def test_what_is_inherited_or_split_is_another_customer(delivering: Delivering) -> None:
    delivering.publish(**renumbered(("70001", "10001"), kind="承継"))
    delivering.publish(**renumbered(("70002", "10002"), kind="分割"))
    told = preview(
        delivering, charges(*november_under({"70001": "10001", "70002": "10002"}), headings=HEADINGS)
    )
    assert (told["missing"], told["missing_first"]) == (2, ["70001", "70002"])


def test_a_correction_under_the_new_number_is_told_against_the_old_bill(delivering: Delivering) -> None:
    delivering.publish(**renumbered(("70001", "10001"), ("70002", "99002")))
    rows = [bill("10001", "2026-10", 800), bill("70003", "2026-10", 700), bill("99002", "2026-11", 1)]
    told = preview(delivering, charges(*rows, headings=HEADINGS))
    assert told["corrects"] == 2
    assert sorted(told["largest"]) == [
        ["70001", 202610, 1000, 800],
        ["70003", 202610, 1000, 700],
        ["99002", 202611, 1000, 1],
    ]
    assert told["months"]["202610"]["customers"] == 2


def test_very_many_numbers_that_change_are_set_aside_in_parts(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renumbered_customers, "_AT_ONCE", 3)
    monkeypatch.setattr(steps_delivered, "_LINES_A_BLOCK", 4)
    names = {number: str(99_999 - place) for place, number in enumerate(NUMBERS)}
    for published in (False, True):
        files = renumbered(*names.items())
        if published:
            delivering.publish(**files)
            files = {}
        outcome = delivering.check(**files, charges=charges(*november_under(names), headings=HEADINGS))
        told = outcome.batches[-1].counts["preview"]
        assert (told["missing"], told["before"]["customers"]) == (0, 30)
        assert [change[2:] for change in told["largest"]] == [[1000, 1010]] * 10
