"""People who are told of their bills, for tests of 「請求確定のお知らせ」.

town = Town(database, "70001", "70002")            # each with an account at NUMBER@example.jp
town.publish(a_bill(202610, customer_key="70001"))
town.expand(desk); desk.run()
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from mypage.domain.batch import SecondPerson
from mypage.services import publication
from mypage.services.publication import Published, TakenBack
from mypage.store.engine import Database
from mypage.store.schema import mailing, outbox, statement_notice
from mypage.works.mailing import Expansion
from tests.bills import BuiltBill, a_bill, an_account, stage_bills
from tests.builders import a_customer, publish_customers
from tests.mail import Desk

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MONTH = 202611


class Town:
    """Customers with accounts; what becomes seen of their bills is published by the service that every door calls."""

    def __init__(self, database: Database, *numbers: str) -> None:
        self.database = database
        if numbers:
            publish_customers(database, *map(a_customer, numbers))
        for number in numbers:
            self.account(number)

    def account(self, *keys: str, **facts: object) -> str:
        """An account of these customers, at an address of the first one's number; its id."""
        named = {"email": f"{keys[0]}@example.jp", "login_id": f"login-{keys[0]}", **facts}
        return an_account(self.database, *keys, **named)  # type: ignore[arg-type]

    def publish(self, *bills: BuiltBill, notices: bool = True, now: datetime = NOON) -> int:
        """Publish bills as one batch; its id."""
        batch_id = stage_bills(self.database, *bills)
        with self.database.writing() as connection:
            done = publication.publish(
                connection,
                [batch_id],
                actor="cli",
                now=now,
                second_person=SecondPerson.NUMBER_CHANGES,
                notices=notices,
            )
        assert isinstance(done, Published), done
        return batch_id

    def take_back(self, batch_id: int) -> None:
        """Take a batch back."""
        with self.database.writing() as connection:
            done = publication.take_back(connection, batch_id, reason="", actor="cli", now=NOON)
        assert isinstance(done, TakenBack), done

    def expand(self, desk: Desk, at_once: int = 300) -> None:
        """Let a worker expand all mailings."""
        Expansion(desk.settings, self.database, desk.clock, at_once=at_once).all()

    def mailings(self) -> list[tuple[str, int, int]]:
        """State, customers looked at and mails of each mailing."""
        columns = (mailing.c.state, mailing.c.examined, mailing.c.mails)
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(mailing.c.id))]

    def told(self) -> list[str]:
        """The keys of the customers that count as told."""
        with self.database.reading() as connection:
            keys = select(statement_notice.c.customer_key).order_by(statement_notice.c.customer_key)
            return list(connection.scalars(keys))

    def states(self) -> dict[str, int]:
        """How many notices are in which state."""
        notices = select(outbox.c.state, func.count()).where(outbox.c.kind == "statement_ready")
        with self.database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(notices.group_by(outbox.c.state))}


def bills(keys: Sequence[str], month: int = MONTH, **facts: object) -> list[BuiltBill]:
    """A bill of the month for each of these customers."""
    return [a_bill(month, customer_key=key, **facts) for key in keys]
