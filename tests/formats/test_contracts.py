"""contracts.csv, sentence by sentence, from bytes to the page ご契約内容."""

from pathlib import Path

import pytest

from mypage.services import contracts
from mypage.services.contracts import Contract
from mypage.store.engine import Database
from tests.delivering import Delivering, customer, customers, table

ALL = (
    "お客様番号",
    "名義番号",
    "契約番号",
    "サービス",
    "コース名",
    "状態",
    "開始日",
    "終了日",
    "機器",
    "月額",
)
ENGLISH = ("customer_number", "contract_number", "service", "course", "status")


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    operator = Delivering(database, tmp_path)
    operator.publish(
        customers=customers(
            customer("70012", "1", "2019-04-01"), customer("70012", "2", "2026-10-01"), customer("70013")
        )
    )
    return operator


def shown(delivering: Delivering, key: str) -> list[Contract]:
    """What the page shows of a customer."""
    with delivering.database.reading() as connection:
        found = contracts.of_customer(connection, key)
    assert found is not None
    return list(found.contracts)


def test_every_column_reaches_the_page_and_the_newest_holder_where_none_is_told(
    delivering: Delivering,
) -> None:
    full = [
        "0070012",
        "",
        "K-1",
        "電気",
        "従量 30A",
        "休止中",
        "令和8年4月1日",
        "2026/12/31",
        "ONU",
        "1,234.5円",
    ]
    content = table(ALL, full, ["70012", "1", "K-0", "電話", "基本", "契約中", "", "", "", ""])
    delivering.publish(contracts=content.decode().encode("cp932"))
    (second,) = shown(delivering, "70012-2")
    assert (second.number, second.service, second.course, second.status) == (
        "K-1",
        "電気",
        "従量 30A",
        "suspended",
    )
    assert (str(second.started_on), str(second.ended_on)) == ("2026-04-01", "2026-12-31")
    assert (second.equipment, str(second.monthly_fee)) == ("ONU", "1234.5")
    (first,) = shown(delivering, "70012")
    assert (first.number, first.status, first.started_on, first.equipment) == ("K-0", "active", None, None)


def test_the_file_replaces_all_contracts_of_the_customers_that_it_names_and_of_no_others(
    delivering: Delivering,
) -> None:
    rows = [["70013", "K-1", "ネット", "光", "active"], ["70013", "K-2", "電話", "基本", "工事待ち"]]
    (first,) = delivering.publish(contracts=table(ENGLISH, *rows, ["70012", "K-3", "ネット", "光", "ended"]))
    assert [each.status for each in shown(delivering, "70013")] == ["active", "工事待ち"]
    (second,) = delivering.publish(contracts=table(ENGLISH, rows[1]))
    assert [each.number for each in shown(delivering, "70013")] == ["K-2"]
    assert [each.number for each in shown(delivering, "70012-2")] == ["K-3"]
    delivering.take_back(second)
    assert [each.number for each in shown(delivering, "70013")] == ["K-1", "K-2"]
    delivering.take_back(first)
    assert shown(delivering, "70013") == []


def test_a_required_cell_is_an_error_and_a_required_column_refuses(delivering: Delivering) -> None:
    for missing in ("契約番号", "サービス", "コース名", "状態"):
        row = dict(zip(ALL, ["70013", "", "K", "電話", "基本", "契約中", "", "", "", ""], strict=True))
        outcome = delivering.check(contracts=table(ALL, list({**row, missing: ""}.values())))
        assert delivering.codes(outcome) == [("empty", 2, missing)]
        del row[missing]
        refused = delivering.check(contracts=table(list(row), list(row.values())))
        assert delivering.codes(refused) == [("column_missing", 1, "")]


def test_a_customer_or_holder_who_is_not_there_and_a_contract_twice_are_errors(
    delivering: Delivering,
) -> None:
    outcome = delivering.check(
        contracts=table(
            ALL,
            ["70099", "", "K", "電話", "基本", "契約中", "", "", "", ""],
            ["70013", "2", "K", "電話", "基本", "契約中", "", "", "", ""],
            ["70013", "", "K", "電話", "基本", "契約中", "", "", "", ""],
            ["0070013", "1", "K", "電話", "基本", "契約中", "", "", "", ""],
        )
    )
    assert delivering.codes(outcome) == [
        ("unknown_customer", 2, "お客様番号"),
        ("unknown_holder", 3, "名義番号"),
        ("contract_twice", 5, "契約番号"),
    ]
