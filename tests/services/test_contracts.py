"""What a customer has, and how little of phone and address is told."""

from datetime import date
from decimal import Decimal

from mypage.services import contracts
from mypage.store.engine import Database
from tests.bills import publish_contracts
from tests.builders import a_customer, publish_customers, take_back

NET = {
    "contract_number": "C-1",
    "service": "インターネット",
    "course": "光1ギガ",
    "status": "active",
    "started_on": "2019-04-01",
    "ended_on": None,
    "equipment": "ONU",
    "monthly_fee": "5500.5",
}
OLD = {"contract_number": "C-0", "service": "電話", "course": "基本", "status": "ended"}


def test_the_newest_published_set_is_shown_running_contracts_first(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("70012"))
    publish_contracts(database, "12345678", NET)
    newest = publish_contracts(database, "12345678", OLD, NET)
    publish_contracts(database, "70012", OLD)
    with database.reading() as connection:
        shown = contracts.of_customer(connection, "12345678")
    assert shown is not None
    assert (shown.number, shown.name, shown.status) == ("0012345678", "愛込　太郎", "active")
    assert (shown.phone_end, shown.municipality) == ("1234", "滋賀県甲賀市")
    assert shown.contracted_on == date(2019, 4, 1)
    running, ended = shown.contracts
    assert running == contracts.Contract(
        "C-1", "インターネット", "光1ギガ", "active", date(2019, 4, 1), None, "ONU", Decimal("5500.5")
    )
    assert (ended.service, ended.started_on, ended.monthly_fee) == ("電話", None, None)
    take_back(database, newest)
    with database.reading() as connection:
        shown = contracts.of_customer(connection, "12345678")
    assert shown is not None
    assert [contract.number for contract in shown.contracts] == ["C-1"]


def test_a_customer_without_contracts_and_one_that_does_not_exist(database: Database) -> None:
    publish_customers(database, a_customer(phone=None, address=None))
    with database.reading() as connection:
        shown = contracts.of_customer(connection, "12345678")
        assert contracts.of_customer(connection, "70012") is None
    assert shown is not None
    assert (shown.contracts, shown.phone_end, shown.municipality) == ((), None, None)
