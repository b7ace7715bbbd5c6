"""Numbers that callers read out: one row a customer and account, the newest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, func, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import support_code

_LIVE = and_(support_code.c.redeemed_at.is_(None), support_code.c.lapsed_at.is_(None))


def lock(connection: Connection, name: str) -> None:
    """Let one deed at a time make a customer's number, or numbers of the same digits. SQLite's write lock does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"support code:{name}"}
        )


def put(connection: Connection, row: dict[str, Any]) -> None:
    """Write a new number in the place of the one before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = {**row, "redeemed_at": None, "redeemed_by": None, "lapsed_at": None}
    wanted = dialect.insert(support_code).values(**fresh)
    keys = ("customer_key", "account_id")
    changed = {name: wanted.excluded[name] for name in fresh if name not in keys}
    connection.execute(wanted.on_conflict_do_update(index_elements=keys, set_=changed))


def newest(connection: Connection, customer_key: str, account_id: str) -> RowMapping | None:
    """The number of a customer that an account made last."""
    query = select(support_code).where(
        support_code.c.customer_key == customer_key, support_code.c.account_id == account_id
    )
    return connection.execute(query).mappings().one_or_none()


def by_hash(connection: Connection, hashes: Sequence[str]) -> RowMapping | None:
    """The number with one of these hashes (one a signing key), the newest of several."""
    query = select(support_code).where(support_code.c.code_hash.in_(hashes))
    return connection.execute(query.order_by(support_code.c.made_at.desc()).limit(1)).mappings().one_or_none()


def is_taken(connection: Connection, code_hash: str, now: datetime) -> bool:
    """Whether a number of these digits is alive."""
    query = select(support_code.c.customer_key).where(
        support_code.c.code_hash == code_hash, support_code.c.expires_at > now, _LIVE
    )
    return connection.execute(query.limit(1)).first() is not None


def redeem(connection: Connection, row: RowMapping, *, staff_id: str, now: datetime) -> bool:
    """Use a number up; False where somebody else just did, or a new one took its place."""
    used = (
        update(support_code)
        .where(
            support_code.c.customer_key == row["customer_key"],
            support_code.c.account_id == row["account_id"],
            support_code.c.code_hash == row["code_hash"],
            support_code.c.expires_at > now,
            _LIVE,
        )
        .values(redeemed_at=now, redeemed_by=staff_id)
    )
    return connection.execute(used).rowcount == 1


def redeemed_at(
    connection: Connection, customer_keys: Sequence[str], staff_id: str, since: datetime
) -> datetime | None:
    """When a member of staff last redeemed a number of these customers after ``since``."""
    query = select(func.max(support_code.c.redeemed_at)).where(
        support_code.c.customer_key.in_(customer_keys),
        support_code.c.redeemed_by == staff_id,
        support_code.c.redeemed_at > since,
    )
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def lapse(connection: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Mark numbers that expired unused, at most ``limit`` of them; customer and account of each."""
    keys = support_code.c.customer_key, support_code.c.account_id
    over = select(*keys).where(support_code.c.expires_at <= now, _LIVE).limit(limit)
    # What another worker is just marking is left to it; what was made anew meanwhile has not expired.
    ours = over.with_for_update(skip_locked=True).subquery()
    marked = (
        update(support_code)
        .where(tuple_(*keys).in_(select(ours.c.customer_key, ours.c.account_id)))
        .where(support_code.c.expires_at <= now, _LIVE)
        .values(lapsed_at=now)
    )
    return connection.execute(marked.returning(*keys)).mappings().all()


def remove(connection: Connection, before: datetime) -> int:
    """Remove what nobody looks at any more; how many."""
    return connection.execute(delete(support_code).where(support_code.c.expires_at < before)).rowcount
