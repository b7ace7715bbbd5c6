"""What staff's search asks: ranges of terms, logins by id and address; and the searches that it keeps."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select

from mypage.domain.search_terms import Wanted
from mypage.store.raw import RawQuery
from mypage.store.schema import (
    account,
    account_customer,
    batch,
    contract_set,
    customer_version,
    registration,
    staff_search,
)

_RANGE = RawQuery(
    """
    SELECT term, customer_key, batch_id FROM search_term WHERE term >= ? AND term < ?
    ORDER BY term, customer_key, batch_id LIMIT ?
    """
)
_FURTHER = RawQuery(
    """
    SELECT term, customer_key, batch_id FROM search_term
    WHERE (term, customer_key, batch_id) > (?, ?, ?) AND term < ?
    ORDER BY term, customer_key, batch_id LIMIT ?
    """
)


class Place(NamedTuple):
    """A row of the index: who has a term in which batch."""

    term: str
    customer_key: str
    batch_id: int


def places(connection: Connection, wanted: Wanted, after: Place | None, limit: int) -> list[Place]:
    """The next rows of a range, in the order of the index: versions that are seen and others."""
    if after is None:
        rows = _RANGE.rows(connection, (wanted.first, wanted.end, limit))
    else:
        rows = _FURTHER.rows(connection, (*after, wanted.end, limit))
    return [Place(*row) for row in rows]


def contracts_of(connection: Connection, customer_keys: Collection[str]) -> dict[str, Any]:
    """The contracts that are seen of some customers, by customer key."""
    newest = (
        func.row_number()
        .over(partition_by=contract_set.c.customer_key, order_by=batch.c.pub_seq.desc())
        .label("place")
    )
    versions = (
        select(contract_set.c.customer_key, contract_set.c.contracts, newest)
        .join(batch, batch.c.id == contract_set.c.batch_id)
        .where(batch.c.pub_seq.is_not(None), contract_set.c.customer_key.in_(customer_keys))
        .subquery()
    )
    rows = connection.execute(select(versions).where(versions.c.place == 1))
    return {row.customer_key: row.contracts for row in rows}


def with_number(connection: Connection, number: str, limit: int) -> list[str]:
    """The keys of a folded number that have a login or a registration, whether or not the master knows them (still)."""
    found: set[str] = set()
    for key in (account_customer.c.customer_key, registration.c.customer_key):
        # As of the holders of a number: "." comes after "-" and before all digits and letters.
        range_ = and_(key >= number, key < f"{number}.")
        found.update(connection.scalars(select(key).where(range_).limit(limit)))
    return sorted(key for key in found if key == number or key.startswith(f"{number}-"))


def with_login_key(connection: Connection, login_key: str, limit: int) -> list[str]:
    """The customers of the login of that id, and of registrations that asked for it and did not become one."""
    return _of_logins(
        connection, account.c.login_key == login_key, registration.c.login_key == login_key, limit
    )


def with_address(connection: Connection, email_key: str, limit: int) -> list[str]:
    """The customers of all logins with that address of mail, and of registrations that did not become one."""
    return _of_logins(
        connection, account.c.email_key == email_key, registration.c.email_key == email_key, limit
    )


def of_account(connection: Connection, account_id: str) -> list[str]:
    """All customers of a login."""
    query = select(account_customer.c.customer_key).where(account_customer.c.account_id == account_id)
    return list(connection.scalars(query.order_by(account_customer.c.customer_key)))


def _of_logins(connection: Connection, of_account: Any, of_registration: Any, limit: int) -> list[str]:
    active = (
        select(account_customer.c.customer_key)
        .join(account, account.c.id == account_customer.c.account_id)
        .where(of_account)
        .order_by(account_customer.c.customer_key)
        .limit(limit)
    )
    # A registration that became a login has the address of its beginning, which may have changed since.
    pending = (
        select(registration.c.customer_key)
        .where(of_registration, registration.c.state != "activated")
        .order_by(registration.c.customer_key)
        .limit(limit)
    )
    return list(dict.fromkeys([*connection.scalars(active), *connection.scalars(pending)]))


def owners(connection: Connection, customer_keys: Collection[str]) -> dict[str, str]:
    """The state of the login that owns each of these customers; without those that have none."""
    query = (
        select(account_customer.c.customer_key, account.c.state)
        .join(account, account.c.id == account_customer.c.account_id)
        .where(account_customer.c.customer_key.in_(customer_keys), account_customer.c.role == "owner")
    )
    return {row.customer_key: row.state for row in connection.execute(query)}


def pending(connection: Connection, customer_keys: Collection[str]) -> Sequence[RowMapping]:
    """The registrations of these customers that became nothing yet."""
    mine = registration.c.customer_key.in_(customer_keys), registration.c.state == "pending"
    return connection.execute(select(registration).where(*mine)).mappings().all()


def newest_holders(connection: Connection, numbers: Collection[str]) -> dict[str, int]:
    """By number the highest holder of whom anything is published; of those that have several."""
    several = (
        select(customer_version.c.number, func.max(customer_version.c.holder_no).label("newest"))
        .join(batch, batch.c.id == customer_version.c.batch_id)
        .where(batch.c.pub_seq.is_not(None), or_(*(_holders_of(number) for number in numbers)))
        .group_by(customer_version.c.number)
    )
    return {row.number: row.newest for row in connection.execute(several)}


def _holders_of(number: str) -> ColumnElement[bool]:
    """The later holders of a number; the first one has the number alone as its key."""
    key = customer_version.c.customer_key
    return and_(key >= f"{number}-", key < f"{number}.")


def keep(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a search for whoever made it."""
    connection.execute(insert(staff_search).values(**row))


def kept(connection: Connection, search_id: str, staff_id: str) -> RowMapping | None:
    """A search of that member of staff; nobody else's."""
    mine = staff_search.c.id == search_id, staff_search.c.staff_id == staff_id
    return connection.execute(select(staff_search).where(*mine)).mappings().one_or_none()


def remove(connection: Connection, *, before: datetime) -> int:
    """Forget searches, with what was typed."""
    return connection.execute(delete(staff_search).where(staff_search.c.at < before)).rowcount
