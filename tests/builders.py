"""Customers for tests that are not about loading files: published rows, written as the loading writes them.

    publish_customers(database, a_customer(), a_customer("70012", name_kana="ヤマダ　ハナコ", holder_no=2))

Each call is one published batch with its own ``pub_seq``, as in production: a later batch's version of the same
customer is the one that is seen. ``take_back(database, batch_id)`` makes the one below it seen again. The customer
of ``a_customer()`` is number 12345678, phone 0748-62-1234, アイコム　タロウ; :data:`TAROU` is what that person types.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count

from sqlalchemy import insert, update

from mypage.domain import customer_number, search_terms
from mypage.domain.customers import Stored, derived
from mypage.store.engine import Database
from mypage.store.schema import batch, customer_version, publication, search_term

TAROU = {"customer_number": "0012345678", "phone": "0748-62-1234", "name_kana": "アイコム　タロウ"}
PUBLISHED_AT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
_deliveries = count(1)


@dataclass(frozen=True)
class BuiltCustomer:
    """A row of the customer master as the file would have it, with the defaults of an ordinary household."""

    number: str = "12345678"
    holder_no: int = 1
    name: str = "愛込　太郎"
    name_kana: str = "アイコム　タロウ"
    name_kana2: str | None = None
    phone: str | None = "0748-62-1234"
    phone2: str | None = None
    status: str = "active"
    contracted_on: date | None = date(2019, 4, 1)
    ended_on: date | None = None
    holder_since: date | None = None
    web_registration: bool = True
    registration_key: str | None = None
    tombstone: bool = False
    address: str | None = "滋賀県甲賀市水口町1-2-3"
    more: dict[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The customer key."""
        return customer_number.customer_key(self.number, self.holder_no)


def a_customer(number: str = "12345678", /, **facts: object) -> BuiltCustomer:
    """A customer with ``number`` (folded: no leading zeros) and the given facts."""
    return BuiltCustomer(number=number, **facts)  # type: ignore[arg-type]


def publish_customers(database: Database, *customers: BuiltCustomer, fold_v: bool = False) -> int:
    """Publish ``customers`` as one batch; its id."""
    with database.writing() as connection:
        moved = update(publication).values(epoch=publication.c.epoch + 1, pub_seq=publication.c.pub_seq + 1)
        pub_seq = connection.execute(moved.returning(publication.c.pub_seq)).scalar_one()
        made = insert(batch).values(
            delivery=f"built-{next(_deliveries)}",
            kind="customers",
            state="published",
            sha256="0" * 64,
            options={},
            filename="customers.csv",
            size=0,
            actor="test",
            received_at=PUBLISHED_AT,
            published_at=PUBLISHED_AT,
            pub_seq=pub_seq,
            counts={},
        )
        batch_id = int(connection.execute(made.returning(batch.c.id)).scalar_one())
        rows = [_row(each, batch_id, fold_v) for each in customers]
        connection.execute(insert(customer_version), rows)
        terms = [
            {"term": term, "customer_key": row["customer_key"], "batch_id": batch_id}
            for row in rows
            for term in search_terms.cut(search_terms.of_customer(row))
        ]
        if terms:
            connection.execute(insert(search_term), terms)
    return batch_id


def take_back(database: Database, batch_id: int) -> None:
    """Take a batch back: what was below it is seen again."""
    with database.writing() as connection:
        connection.execute(
            update(batch).where(batch.c.id == batch_id).values(state="taken_back", pub_seq=None)
        )
        connection.execute(update(publication).values(epoch=publication.c.epoch + 1))


def _row(customer: BuiltCustomer, batch_id: int, fold_v: bool) -> dict[str, object]:
    compared: dict[str, Stored] = {
        "name_kana": customer.name_kana,
        "name_kana2": customer.name_kana2,
        "phone": customer.phone,
        "phone2": customer.phone2,
    }
    return {
        "customer_key": customer.key,
        "batch_id": batch_id,
        "tombstone": customer.tombstone,
        "number": customer.number,
        "holder_no": customer.holder_no,
        "shown_number": customer.number.zfill(10),
        "holder_since": customer.holder_since,
        "name": customer.name,
        **compared,
        **derived(compared, fold_v=fold_v),
        "postal_code": None,
        "address": customer.address,
        "billing_name": None,
        "billing_postal_code": None,
        "billing_address": None,
        "status": customer.status,
        "contracted_on": customer.contracted_on,
        "ended_on": customer.ended_on,
        "web_registration": customer.web_registration,
        "registration_key": customer.registration_key,
        **customer.more,
    }
