"""Sessions of web logins: opened, read with all that a page needs, touched, ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from mypage.domain.succession import Step
from mypage.store.raw import RawQuery, Source, instant, stored_instant
from mypage.store.schema import login_session, publication
from mypage.store.successions import CustomerVersion, versions_of

# Of customers of an account, ``c``: the columns, and the joins that they come from.
OF_CUSTOMER = """
    c.customer_key, v.batch_id, v.tombstone, v.web_registration, v.shown_number, f.batch_id,
    c.awaits_letter, c.shown_from, c.objected_at, n.batch_id, n.other_key, n.kind, c.letter_for_approval,
    c.awaits_approval, c.matched_batch_id
"""
VERSIONS = """
    LEFT JOIN customer_version v ON v.customer_key = c.customer_key
    LEFT JOIN former_holder f ON f.customer_key = c.customer_key
    LEFT JOIN succession n ON n.customer_key = c.customer_key
"""
# Session, account, customers with the versions of their master row, what closes them and what follows them, and the
# epoch: one round trip a page.
_CURRENT = RawQuery(
    f"""
    SELECT s.account_id, s.stamp, s.created_at, s.touched_at, s.seen_epoch, s.opened_seq,
           a.stamp, a.state, a.nickname, p.epoch, {OF_CUSTOMER}
    FROM login_session s
    JOIN account a ON a.id = s.account_id
    JOIN publication p ON p.id = 1
    LEFT JOIN account_customer c ON c.account_id = a.id
    {VERSIONS}
    WHERE s.id_hash = ?
    ORDER BY c.customer_key
    """  # noqa: S608 - columns and joins of ours
)
_BEFORE_CUSTOMER = 10
_CUSTOMERS = RawQuery(
    f"""
    SELECT {OF_CUSTOMER}
    FROM account_customer c
    {VERSIONS}
    WHERE c.account_id = ?
    ORDER BY c.customer_key
    """  # noqa: S608 - columns and joins of ours
)


_REMOVE_DEAD = RawQuery(
    "DELETE FROM login_session WHERE account_id = ? AND (touched_at < ? OR created_at < ?) RETURNING id_hash"
)
_ADD = insert(login_session).values(
    opened_seq=select(publication.c.pub_seq).where(publication.c.id == 1).scalar_subquery()
)


class Closing(NamedTuple):
    """What closes a customer to its account (:mod:`mypage.domain.opening`).

    ``letter_for_approval``: the code of the letter is asked whatever the setting says. ``matched_batch_id``: the batch
    on which the registration rests.
    """

    awaits_letter: bool = False
    shown_from: datetime | None = None
    objected: bool = False
    letter_for_approval: bool = False
    awaits_approval: bool = False
    matched_batch_id: int | None = None


class Customers(NamedTuple):
    """The customers of an account: all versions of their master rows, and all steps from their keys.

    ``closings`` tells by key what closes one to this account.
    """

    versions: tuple[CustomerVersion, ...]
    steps: frozenset[Step]
    closings: Mapping[str, Closing]


class StoredSession(NamedTuple):
    """A session as stored, with its account, its customers and the publication epoch."""

    account_id: str
    stamp: str
    created_at: datetime
    touched_at: datetime
    seen_epoch: int
    opened_seq: int
    account_stamp: str
    account_state: str
    nickname: str
    epoch: int
    customers: Customers


def find(source: Source, id_hash: str) -> StoredSession | None:
    """The session of that hashed id, alive or not; None if there is none."""
    rows = _CURRENT.rows(source, (id_hash,))
    if not rows:
        return None
    (
        account_id,
        stamp,
        created_at,
        touched_at,
        seen_epoch,
        opened_seq,
        account_stamp,
        state,
        nickname,
        epoch,
    ) = rows[0][:_BEFORE_CUSTOMER]
    return StoredSession(
        account_id,
        stamp,
        instant(created_at),
        instant(touched_at),
        seen_epoch,
        opened_seq,
        account_stamp,
        state,
        nickname,
        epoch,
        customers_in([row[_BEFORE_CUSTOMER:] for row in rows]),
    )


def customers_of(source: Source, account_id: str) -> Customers:
    """The customers of an account."""
    return customers_in(_CUSTOMERS.rows(source, (account_id,)))


def customers_in(rows: Sequence[Sequence[Any]]) -> Customers:
    """Rows of ``OF_CUSTOMER``."""
    steps = frozenset([Step(row[0], row[9], row[10], row[11]) for row in rows if row[9] is not None])
    closings = {
        row[0]: Closing(
            bool(row[6]),
            None if row[7] is None else instant(row[7]),
            row[8] is not None,
            bool(row[12]),
            bool(row[13]),
            row[14],
        )
        for row in rows
        if row[0] is not None
    }
    return Customers(versions_of(rows), steps, closings)


def add(
    connection: Connection,
    *,
    id_hash: str,
    account_id: str,
    stamp: str,
    now: datetime,
    address: str,
    browser: str,
) -> None:
    """Open a session."""
    connection.execute(
        _ADD,
        {
            "id_hash": id_hash,
            "account_id": account_id,
            "stamp": stamp,
            "created_at": now,
            "touched_at": now,
            "address": address,
            "browser": browser,
        },
    )


def touch(connection: Connection, id_hash: str, now: datetime) -> None:
    """Keep that the session was used at ``now``."""
    connection.execute(update(login_session).where(login_session.c.id_hash == id_hash).values(touched_at=now))


def remove(connection: Connection, id_hash: str) -> str | None:
    """End a session; the account that it belonged to, None if there was none."""
    removed = connection.execute(
        delete(login_session).where(login_session.c.id_hash == id_hash).returning(login_session.c.account_id)
    ).first()
    return None if removed is None else str(removed.account_id)


def remove_all(connection: Connection, account_id: str) -> int:
    """End all sessions of an account, whose stamp is rotated in the same deed; how many there were.

    Those that another deed is just removing are left to it: a login does that before it writes into the account, and
    the two would wait for each other.
    """
    free = select(login_session.c.id_hash).where(login_session.c.account_id == account_id)
    ours = login_session.c.id_hash.in_(free.with_for_update(skip_locked=True))
    return connection.execute(delete(login_session).where(ours)).rowcount


def remove_dead(
    connection: Connection, account_id: str, *, touched_before: datetime, created_before: datetime
) -> None:
    """Forget the account's sessions that have ended by time."""
    _REMOVE_DEAD.rows(
        connection,
        (account_id, stored_instant(connection, touched_before), stored_instant(connection, created_before)),
    )
