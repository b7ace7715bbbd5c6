"""Mail that is to go out: adding it, leasing what is due, and what became of it."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from mypage.store.raw import insert_all, stored_instant
from mypage.store.schema import outbox

WAITING = "waiting"
HANDED_OVER = "handed_over"
REFUSED = "refused"
GIVEN_UP = "given_up"
VOID = "void"

# Asked many times a second: made once.
_FREE = or_(
    outbox.c.lease_until.is_(None),
    and_(
        outbox.c.lease_until <= bindparam("now"),
        outbox.c.leased_by.not_in(bindparam("living", expanding=True)),
    ),
)
# A worker takes only when it has nothing in hand: what stands as its own was dropped in a fault.
_FREE_OR_OWN = or_(_FREE, outbox.c.leased_by == bindparam("worker"))
_DUE = and_(
    outbox.c.state == WAITING,
    outbox.c.next_try_at <= bindparam("now"),
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
)
_ANYTHING_DUE = select(exists().where(_DUE, _FREE_OR_OWN))
_ANYTHING_DUE_BEFORE = select(exists().where(_DUE, _FREE, outbox.c.priority < bindparam("priority")))
_LEASE = (
    update(outbox)
    .where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(_DUE, _FREE_OR_OWN)
            .order_by(outbox.c.priority, outbox.c.next_try_at)
            .limit(bindparam("limit"))
            # SQLite has no such words and leaves them out: its write lock lets one worker at a time in here.
            .with_for_update(skip_locked=True)
        )
    )
    .values(leased_by=bindparam("taker"), lease_until=bindparam("until"))
    .returning(*outbox.c)
)
_HELD = select(outbox.c.id).where(
    outbox.c.id.in_(bindparam("mail_ids", expanding=True)),
    outbox.c.state == WAITING,
    outbox.c.leased_by == bindparam("worker"),
    outbox.c.lease_until > bindparam("now"),
)
_HAND_OVER = (
    update(outbox)
    .where(outbox.c.id == bindparam("mail_id"), outbox.c.state == WAITING)
    .values(
        state=HANDED_OVER,
        leased_by=None,
        lease_until=None,
        handed_over_at=bindparam("at"),
        server=bindparam("by"),
        reply=bindparam("reply"),
    )
)
# PostgreSQL takes three times as long for a statement a mail; SQLite has no join for this one.
_HAND_OVER_ALL = text("""
    UPDATE outbox SET state = :state, leased_by = NULL, lease_until = NULL, server = :by,
        handed_over_at = (said.mail ->> 'at')::timestamptz, reply = said.mail ->> 'reply'
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS said (mail)
    WHERE outbox.id = (said.mail ->> 'mail_id')::integer AND outbox.state = :waiting
    RETURNING outbox.id
""")


_MASS_COLUMNS: Final = (
    "recipient", "language", "facts", "customer_key", "account_id", "message_id",
    "kind", "priority", "state", "attempts", "enqueued_at", "next_try_at",
)  # fmt: skip


def add(connection: Connection, row: dict[str, Any]) -> int:
    """Add a mail that waits; its id."""
    values = {**row, "state": WAITING, "attempts": 0, "next_try_at": row["enqueued_at"]}
    return int(connection.execute(insert(outbox).values(values).returning(outbox.c.id)).scalar_one())


class MassRow(NamedTuple):
    """A mail of a mailing as it is stored; ``facts`` are text already."""

    recipient: str
    language: str
    facts: str
    customer_key: str
    account_id: str
    message_id: str


def add_all(
    connection: Connection, rows: Sequence[MassRow], *, kind: str, priority: int, now: datetime
) -> None:
    """Add many mails of one kind that wait."""
    at = stored_instant(connection, now)
    common = (kind, priority, WAITING, 0, at, at)
    insert_all(connection, "outbox", _MASS_COLUMNS, [(*row, *common) for row in rows])


def anything_due(
    connection: Connection, *, worker: str, kinds: Sequence[str], living: Sequence[str], now: datetime
) -> bool:
    """Whether a mail of ``kinds`` is due that ``worker`` may take.

    What the workers named in ``living`` have taken is theirs even when its lease is over.
    """
    due = {"worker": worker, "kinds": kinds, "living": living, "now": now}
    return bool(connection.execute(_ANYTHING_DUE, due).scalar_one())


def anything_due_before(
    connection: Connection, priority: int, *, kinds: Sequence[str], living: Sequence[str], now: datetime
) -> bool:
    """Whether a mail is due that nobody has taken and that goes before those of ``priority``."""
    due = {"priority": priority, "kinds": kinds, "living": living, "now": now}
    return bool(connection.execute(_ANYTHING_DUE_BEFORE, due).scalar_one())


def lease(
    connection: Connection,
    *,
    worker: str,
    kinds: Sequence[str],
    living: Sequence[str],
    now: datetime,
    until: datetime,
    limit: int,
) -> list[RowMapping]:
    """Take up to ``limit`` due mails until ``until``, the most urgent first; nobody else gets them meanwhile."""
    due = {"worker": worker, "kinds": kinds, "living": living, "now": now, "limit": limit}
    taken = connection.execute(_LEASE, {**due, "taker": worker, "until": until}).mappings()
    return sorted(taken, key=lambda row: (row["priority"], row["next_try_at"], row["id"]))


def held(connection: Connection, mail_ids: Sequence[int], worker: str, now: datetime) -> set[int]:
    """Which of these mails wait and are still leased by ``worker``."""
    return set(connection.scalars(_HELD, {"mail_ids": mail_ids, "worker": worker, "now": now}))


def by_ids(connection: Connection, mail_ids: Sequence[int], kinds: Sequence[str]) -> list[RowMapping]:
    """Those of these mails that are of ``kinds``, in whatever state."""
    query = select(outbox).where(outbox.c.id.in_(mail_ids), outbox.c.kind.in_(kinds))
    return list(connection.execute(query).mappings())


def settle(connection: Connection, mail_id: int, **changes: Any) -> bool:
    """Write what became of a mail, and end its lease; False when that was written before."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == mail_id, outbox.c.state == WAITING)
        .values(leased_by=None, lease_until=None, **changes)
    )
    return result.rowcount == 1


def settle_all(connection: Connection, mail_ids: Sequence[int], state: str) -> set[int]:
    """Write the same of many mails, and end their leases; the ids of those of which that was not written before."""
    settled = update(outbox).where(outbox.c.id.in_(mail_ids), outbox.c.state == WAITING)
    return set(
        connection.scalars(
            settled.values(leased_by=None, lease_until=None, state=state).returning(outbox.c.id)
        )
    )


def hand_over_all(connection: Connection, rows: Sequence[dict[str, Any]], *, server: str) -> set[int]:
    """Write that ``server`` took mails, and end their leases; the ids of those of which that was not written before.

    A row has ``mail_id``, ``at`` and ``reply``.
    """
    if connection.dialect.name == "postgresql":
        told = json.dumps([{**row, "at": row["at"].isoformat()} for row in rows])
        facts = {"rows": told, "by": server, "state": HANDED_OVER, "waiting": WAITING}
        return set(connection.scalars(_HAND_OVER_ALL, facts))
    return {
        row["mail_id"] for row in rows if connection.execute(_HAND_OVER, {**row, "by": server}).rowcount == 1
    }


def put_off(
    connection: Connection, mail_id: int, worker: str, *, until: datetime, attempts: int, reply: str
) -> bool:
    """Let a mail wait for its next try; False when ``worker`` has lost it to another."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == mail_id, outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None, next_try_at=until, attempts=attempts, reply=reply)
    )
    return result.rowcount == 1


def free(connection: Connection, worker: str) -> int:
    """Let others have whatever ``worker``, which is dead, had taken; how many mails that were."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None)
    )
    return result.rowcount


def give_back(connection: Connection, mail_ids: Sequence[int], worker: str) -> None:
    """Let others have what ``worker`` took and did not try."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(mail_ids), outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None)
    )


def newest_of_registration(connection: Connection, registration_id: str) -> RowMapping | None:
    """The newest mail of a registration: what became of it is told on ``/signup/done`` and to staff."""
    query = select(outbox).where(outbox.c.registration_id == registration_id).order_by(outbox.c.id.desc())
    return connection.execute(query.limit(1)).mappings().first()


def of_customer(connection: Connection, customer_key: str, account_ids: Collection[str]) -> list[RowMapping]:
    """The mails about a customer or to one of these accounts, in the order of writing."""
    theirs = or_(
        outbox.c.customer_key == customer_key,
        and_(outbox.c.account_id.in_(account_ids), outbox.c.customer_key.is_(None)),
    )
    return list(connection.execute(select(outbox).where(theirs).order_by(outbox.c.id)).mappings())


def count_before(connection: Connection, mail: RowMapping, now: datetime, at_most: int) -> int:
    """How many mails that are due at ``now`` go out before ``mail``; counts no further than ``at_most``."""
    before = or_(
        outbox.c.priority < mail["priority"],
        and_(outbox.c.priority == mail["priority"], outbox.c.next_try_at < mail["next_try_at"]),
        and_(
            outbox.c.priority == mail["priority"],
            outbox.c.next_try_at == mail["next_try_at"],
            outbox.c.id < mail["id"],
        ),
    )
    found = select(outbox.c.id).where(outbox.c.state == WAITING, outbox.c.next_try_at <= now, before)
    counted = select(func.count()).select_from(found.limit(at_most).subquery())
    return int(connection.execute(counted).scalar_one())


def was_enqueued(connection: Connection, kind: str, account_id: str, since: datetime) -> bool:
    """Whether the account got (or waits for) a mail of that kind that was written after ``since``."""
    found = exists().where(
        outbox.c.account_id == account_id, outbox.c.kind == kind, outbox.c.enqueued_at > since
    )
    return bool(connection.execute(select(found)).scalar_one())


def newest_of_account(
    connection: Connection, account_id: str, kind: str, *, since: datetime
) -> RowMapping | None:
    """The newest mail of a kind to an account that was written since then: its owner is told what became of it."""
    query = select(outbox).where(
        outbox.c.account_id == account_id, outbox.c.kind == kind, outbox.c.enqueued_at > since
    )
    return connection.execute(query.order_by(outbox.c.id.desc()).limit(1)).mappings().first()
