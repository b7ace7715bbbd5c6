"""Tokens of the API: found by their hash, listed, written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, insert, or_, select, update

from mypage.domain.staff import Role, StaffState
from mypage.store.schema import api_token, staff

# What a member of staff made is good while they are at work for billing; unknown for what the command line made.
_IS_AT_WORK = and_(staff.c.state == StaffState.ACTIVE.value, staff.c.role == Role.BILLING.word)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a new token."""
    connection.execute(insert(api_token).values(row))


def of_hash(connection: Connection, token_hash: str) -> RowMapping | None:
    """The token of that hash, with ``maker_is_at_work``."""
    found = _with_makers().where(api_token.c.token_hash == token_hash)
    return connection.execute(found).mappings().one_or_none()


def by_id(connection: Connection, token_id: str) -> RowMapping | None:
    """The token of that id, with ``maker_is_at_work`` and ``maker_name`` (None for the command line)."""
    return connection.execute(_with_makers().where(api_token.c.id == token_id)).mappings().one_or_none()


def all_of_them(connection: Connection) -> Sequence[RowMapping]:
    """All tokens, the newest first, as :func:`by_id` gives them."""
    return connection.execute(_with_makers().order_by(api_token.c.made_at.desc())).mappings().all()


def names(connection: Connection, ids: Iterable[str]) -> Mapping[str, str]:
    """The names of tokens by their ids; those that are unknown are left out."""
    query = select(api_token.c.id, api_token.c.name).where(api_token.c.id.in_(set(ids)))
    return {row.id: row.name for row in connection.execute(query)}


def revoke(connection: Connection, token_id: str, *, by: str, now: datetime) -> bool:
    """Let it open nothing any more; False where that was so already."""
    living = and_(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
    done = update(api_token).where(living).values(revoked_at=now, revoked_by=by)
    return connection.execute(done).rowcount == 1


def touch(connection: Connection, token_id: str, *, network: str, now: datetime, before: datetime) -> None:
    """Keep when and from where it was used last; not again where that was kept since ``before``."""
    stale = or_(
        api_token.c.last_used_at.is_(None),
        api_token.c.last_used_at < before,
        api_token.c.last_used_from != network,
    )
    values = {"last_used_at": now, "last_used_from": network}
    connection.execute(update(api_token).where(api_token.c.id == token_id, stale).values(values))


def _with_makers() -> Select[Any]:
    made_by_staff = api_token.c.made_by == "staff:" + staff.c.id
    columns = (*api_token.c, staff.c.name.label("maker_name"), _IS_AT_WORK.label("maker_is_at_work"))
    return select(*columns).select_from(api_token.outerjoin(staff, made_by_staff))
