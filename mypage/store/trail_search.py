"""Rows of the trail as they are asked for: newest first, a page at a time, whatever the length of the trail."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select

from mypage.domain.trail_search import Asked, TrailRow
from mypage.store.schema import audit_detail, audit_event
from mypage.store.schema.metadata import instant_of, instant_text

_AT_ONCE: Final = 2000
_MOST: Final = 2**63 - 1
# What stands for the time of a row that somebody has changed so that it is none any more.
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_event, _detail = audit_event.c, audit_detail.c
_COLUMNS: Final = (
    _event.seq,
    _event.at,
    _event.action,
    _event.actor,
    _event.customer_key,
    _event.account_id,
    _event.batch_id,
    _event.facts,
    _event.detail_digest.is_not(None).label("has_detail"),
    _detail.seq.is_not(None).label("keeps_detail"),
    _event.hash,
)
_ROWS: Final = select(*_COLUMNS).outerjoin(
    audit_detail, (_detail.chain == _event.chain) & (_detail.seq == _event.seq)
)


def page(
    connection: Connection, chain: str, asked: Asked, *, before: int | None, limit: int
) -> list[TrailRow]:
    """The newest rows that are asked for, of those before the number ``before``."""
    found = _found(connection, chain, asked)
    if found is None:
        return []
    # A greater number than a column holds leads before the newest row as well.
    conditions = found if before is None else [*found, _event.seq < max(min(before, _MOST), 0)]
    query = _ROWS.where(*conditions).order_by(_order(asked).desc()).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def through(connection: Connection, chain: str, asked: Asked, last: int) -> Iterator[TrailRow]:
    """All rows that are asked for up to the number ``last``, oldest first: in pages, memory stays flat."""
    found = _found(connection, chain, asked)
    if found is None:
        return
    query = _ROWS.where(*found, _event.seq <= last).order_by(_order(asked)).limit(_AT_ONCE)
    seq = 0
    while rows := connection.execute(query.where(_event.seq > seq)).all():
        yield from map(_row, rows)
        seq = rows[-1].seq


def selected(
    connection: Connection,
    conditions: Iterable[ColumnElement[bool]],
    order: ColumnElement[Any],
    limit: int | None,
) -> list[TrailRow]:
    """Rows by conditions of another query of ours (``store.trail_questions``)."""
    query = _ROWS.where(*conditions).order_by(order).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def by_seq(connection: Connection, chain: str, seq: int) -> TrailRow | None:
    """One row."""
    if not 0 < seq <= _MOST:
        return None
    row = connection.execute(_ROWS.where(_event.chain == chain, _event.seq == seq)).one_or_none()
    return None if row is None else _row(row)


def counts(connection: Connection, chain: str, asked: Asked) -> Mapping[str, int]:
    """How many rows of each action are asked for."""
    found = _found(connection, chain, asked)
    if found is None:
        return {}
    query = select(_event.action, func.count().label("times")).where(*found).group_by(_event.action)
    return {row.action: row.times for row in connection.execute(query)}


def customers(connection: Connection, chain: str, asked: Asked) -> int:
    """To how many customers the rows that are asked for belong."""
    found = _found(connection, chain, asked)
    if found is None:
        return 0
    return connection.scalar(select(func.count(_event.customer_key.distinct())).where(*found)) or 0


def _found(connection: Connection, chain: str, asked: Asked) -> list[ColumnElement[bool]] | None:
    """The conditions; None where no row can fulfil them."""
    conditions = [_event.chain == chain]
    if asked.actor is not None:
        conditions.append(_of_actor(asked.actor))
    if asked.action is not None:
        # Of one person's rows there are fewer than of an action: their index is to be taken, and no other.
        action = _event.action.concat("") if asked.is_of_one else _event.action
        conditions.append(action == asked.action)
    if asked.customer_keys:
        conditions.append(_event.customer_key.in_(asked.customer_keys))
    if asked.account_id is not None:
        conditions.append(_event.account_id == asked.account_id)
    if asked.batch_id is not None:
        conditions.append(_event.batch_id == asked.batch_id)
    if asked.since is None and asked.until is None:
        return conditions
    times = _times(asked.since, asked.until)
    if asked.is_narrow:
        return [*conditions, *times]  # few rows: an index of their own
    # The rows of a time stand together, but for what a clock did that jumped: the range holds them all.
    ends = select(func.min(_event.seq), func.max(_event.seq)).where(*times)
    first, last = connection.execute(ends).one()
    if first is None:
        return None
    return [*conditions, *times, _event.seq >= first, _event.seq <= last]


def _order(asked: Asked) -> ColumnElement[int]:
    """By number. Where few rows are asked for, the index that finds them is better than the one that is in order."""
    return _event.seq + 0 if asked.is_narrow else _event.seq.expression


def _of_actor(actor: str) -> ColumnElement[bool]:
    kind, _, who = actor.partition(":")
    if who or kind not in ("staff", "account"):
        return _event.actor == actor
    return _event.actor.startswith(f"{kind}:", autoescape=True)


def _times(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    times = []
    if since is not None:
        times.append(_event.at >= instant_text(since))
    if until is not None:
        times.append(_event.at < instant_text(until))
    return times


def _row(row: Row[Any]) -> TrailRow:
    return TrailRow(
        row.seq,
        _at(row.at),
        row.action,
        row.actor,
        row.customer_key,
        row.account_id,
        row.batch_id,
        _facts(row.facts),
        bool(row.has_detail),
        bool(row.keeps_detail),
        row.hash,
    )


def _at(text: str) -> datetime:
    try:
        return instant_of(text)
    except ValueError:
        return _NO_TIME


def _facts(text: str) -> Mapping[str, Any]:
    """The facts; of a row that somebody has changed whatever stands there, so that it can be looked at."""
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    return facts if isinstance(facts, dict) else {"unreadable": text}
