"""Owners of customers: one each, however often the same connection has written one."""

from datetime import UTC, datetime

from mypage.store import accounts
from mypage.store.engine import Database

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_a_connection_that_has_written_many_owners_still_writes_one_a_customer(database: Database) -> None:
    def become(customer: int, account_id: str) -> bool:
        with database.writing() as connection:
            return accounts.become_owner(
                connection,
                customer_key=str(customer),
                account_id=account_id,
                since=NOON,
                matched_batch_id=None,
            )

    # PostgreSQL keeps one plan for a statement that has come some ten times.
    assert all(become(customer, f"account-{customer}") for customer in range(1000, 1030))
    assert not any(become(customer, "another") for customer in range(1000, 1030))
