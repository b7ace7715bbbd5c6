"""Accounts and bills for tests that are not about signup or loading files: rows as those would write them.

    publish_customers(database, a_customer())
    account_id = an_account(database, "12345678", login_id="tarou")
    batch_id = publish_bills(database, a_bill(202610, total=5500), a_bill(202609))
    take_back(database, batch_id)       # tests/builders.py

The password of each account is :data:`PASSWORD`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from itertools import count

from sqlalchemy import Connection, insert, update

from mypage.adapters import passwords
from mypage.domain import statement_build as documents
from mypage.domain.statement import AmountBasis, TaxClass
from mypage.domain.statement_build import Head, Line, line
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, batch, contract_set, publication, statement

PASSWORD = "Kisetsu-7-no-hana"
STAMP = "stamp-of-birth"
LONG_AGO = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
_deliveries = count(1)


@cache
def password_hash() -> str:
    """The hash of :data:`PASSWORD`, made once."""
    return passwords.hashed(PASSWORD)


def an_account(database: Database, *customer_keys: str, login_id: str = "tarou-2026", **facts: object) -> str:
    """An activated account that owns these customers; its id."""
    account_id = f"account-of-{login_id}"
    row: dict[str, object] = {
        "id": account_id,
        "login_id": login_id,
        "login_key": login_id.casefold(),
        "password_hash": password_hash(),
        "password_changed_at": LONG_AGO,
        "stamp": STAMP,
        "state": "active",
        "nickname": "タロウ",
        "email": "tarou@example.jp",
        "language": "ja",
        "terms_version": "2026-04-01",
        "created_at": LONG_AGO,
        **facts,
    }
    with database.writing() as connection:
        connection.execute(insert(account).values(**row))
        for key in customer_keys:
            connection.execute(
                insert(account_customer).values(
                    customer_key=key, account_id=account_id, role="owner", since=LONG_AGO
                )
            )
    return account_id


@dataclass(frozen=True)
class BuiltBill:
    """A bill as charges.csv would have it; without ``lines`` it has one of the whole total."""

    month: int
    total: int = 5500
    customer_key: str = "12345678"
    number: int = 1
    lines: tuple[Line, ...] = ()
    basis: AmountBasis = AmountBasis.TAX_INCLUDED
    withdrawn: bool = False
    hidden: bool = False
    due_on: date | None = date(2026, 10, 27)
    method: str | None = "口座振替"
    state: str | None = "billed"
    taxes: tuple[int | None, int | None] = (None, None)
    more: dict[str, object] = field(default_factory=dict)

    @property
    def row(self) -> dict[str, object]:
        """The stored row."""
        lines = self.lines or (a_line(self.total),)
        built = (
            documents.withdrawn()
            if self.withdrawn
            else documents.build(
                Head(self.basis, self.total, *self.taxes), list(range(1, len(lines) + 1)), lines
            )
        )
        assert not [finding for finding in built.findings if not finding.warning], built.findings
        return {
            "customer_key": self.customer_key,
            "billing_month": self.month,
            "number": self.number,
            "withdrawn": self.withdrawn,
            "hidden": self.hidden,
            "total": 0 if self.withdrawn else self.total,
            "comparable": built.comparable,
            "due_on": self.due_on,
            "payment_method": self.method,
            "payment_state": self.state,
            "document": built.document,
            **self.more,
        }


def a_line(amount: int, description: str = "月額利用料", service: str = "インターネット") -> Line:
    """An ordinary line at 10 %."""
    return line(service=service, description=description, amount=amount, tax_class=TaxClass.STANDARD)


def a_bill(month: int, **facts: object) -> BuiltBill:
    """A bill of ``month`` (yyyymm) with the given facts."""
    return BuiltBill(month, **facts)  # type: ignore[arg-type]


def stage_bills(database: Database, *bills: BuiltBill) -> int:
    """Write ``bills`` as one batch that is checked and not published; its id."""
    with database.writing() as connection:
        epoch = connection.execute(publication.select()).one().epoch
        newest = max((bill.month for bill in bills), default=None)
        batch_id = _batch(connection, "charges", epoch, newest)
        if bills:
            connection.execute(insert(statement), [{**bill.row, "batch_id": batch_id} for bill in bills])
    return batch_id


def publish_bills(database: Database, *bills: BuiltBill, at: datetime = LONG_AGO) -> int:
    """The same, and published."""
    batch_id = stage_bills(database, *bills)
    flip(database, batch_id, at)
    return batch_id


def publish_contracts(database: Database, customer_key: str, *contracts: Mapping[str, str | None]) -> int:
    """Publish the contracts of one customer as one batch; its id."""
    with database.writing() as connection:
        batch_id = _batch(connection, "contracts", 0, None)
        connection.execute(
            insert(contract_set).values(
                customer_key=customer_key, batch_id=batch_id, contracts=list(contracts)
            )
        )
    flip(database, batch_id, LONG_AGO)
    return batch_id


def flip(database: Database, batch_id: int, at: datetime) -> None:
    """Let a batch be seen."""
    with database.writing() as connection:
        moved = update(publication).values(epoch=publication.c.epoch + 1, pub_seq=publication.c.pub_seq + 1)
        pub_seq = connection.execute(moved.returning(publication.c.pub_seq)).scalar_one()
        published = update(batch).values(state="published", pub_seq=pub_seq, published_at=at)
        connection.execute(published.where(batch.c.id == batch_id))


def _batch(connection: Connection, kind: str, epoch: int, newest_month: int | None) -> int:
    made = insert(batch).values(
        delivery=f"bills-{next(_deliveries)}",
        kind=kind,
        state="checked",
        sha256="0" * 64,
        options={},
        filename=f"{kind}.csv",
        size=0,
        actor="test",
        received_at=LONG_AGO,
        checked_at=LONG_AGO,
        checked_epoch=epoch,
        newest_month=newest_month,
        counts={},
    )
    return int(connection.execute(made.returning(batch.c.id)).scalar_one())
