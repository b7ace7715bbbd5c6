"""Asking the trail. Who asks stands in it as well: each look, each detail that was shown, each export.

Auditors see all of it; administrators what members of staff did, and no details (specification §5, *Roles*).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mypage.domain.api_token import actor as actor_of_token
from mypage.domain.api_token import token_id_of
from mypage.domain.trail import Action, detail_digest
from mypage.domain.trail_search import Asked, TrailRow
from mypage.services import successions, trail
from mypage.store import api_tokens, staff, trail_details
from mypage.store import trail as stored
from mypage.store import trail_search as store
from mypage.words.trail import STAFF_FACTS

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, newest first; ``before`` leads to the next page, None at the last.

    ``names`` are those of the members of staff whom the rows name.
    """

    rows: tuple[TrailRow, ...]
    before: int | None
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows of each action are asked for, the most first, and of how many customers."""

    counts: tuple[tuple[str, int], ...]
    rows: int
    customers: int


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One row; ``detail`` is what was shown of it, None where nothing was asked for or nothing is there."""

    row: TrailRow
    names: Mapping[str, str]
    detail: Mapping[str, Any] | None = None


def keys_of(connection: Connection, customer_key: str) -> tuple[str, ...]:
    """All keys of a customer, whose number may have changed."""
    return successions.of_key(connection, customer_key).keys


def look(connection: Connection, asked: Asked, *, before: int | None, actor: str, now: datetime) -> Found:
    """A page of what is asked for. That it was looked at stands in the trail from then on."""
    rows = store.page(connection, trail.CHAIN, asked, before=before, limit=AT_ONCE + 1)
    shown = rows[:AT_ONCE]
    _record(connection, Action.TRAIL_SEARCHED, asked, actor, now, filters=asked.filters)
    before = shown[-1].seq if len(rows) > AT_ONCE else None
    return Found(tuple(shown), before, names_in(connection, shown, asked.actor))


def summary(connection: Connection, asked: Asked) -> Summary:
    """What somebody did, in figures. Reads only."""
    counts = store.counts(connection, trail.CHAIN, asked)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Summary(tuple(ordered), sum(counts.values()), store.customers(connection, trail.CHAIN, asked))


def open_row(
    connection: Connection, seq: int, *, only_staff: bool, actor: str, now: datetime
) -> OpenRow | None:
    """One row without its detail; None where there is none, or where it is not for who asks."""
    row = store.by_seq(connection, trail.CHAIN, seq)
    if row is None or (only_staff and row.staff_id is None):
        return None
    _record_row(connection, Action.TRAIL_ROW_OPENED, row, actor, now)
    return OpenRow(row, names_in(connection, [row]))


def show_detail(connection: Connection, seq: int, *, actor: str, now: datetime) -> OpenRow | None:
    """One row with its detail ([表示する]), and a row that says so; None where there is no such row."""
    row = store.by_seq(connection, trail.CHAIN, seq)
    if row is None:
        return None
    _record_row(connection, Action.TRAIL_DETAIL_SHOWN, row, actor, now)
    return OpenRow(row, names_in(connection, [row]), detail_of(connection, seq))


def detail_of(connection: Connection, seq: int) -> Mapping[str, Any] | None:
    """The detail of a row, None where it is gone or is not the one that was written. Reads only."""
    found = trail_details.of_row(connection, trail.CHAIN, seq)
    if found is None or detail_digest(*found) != stored.digest_of(connection, trail.CHAIN, seq):
        return None
    detail: Mapping[str, Any] = json.loads(found[1])
    return detail


def begin_export(connection: Connection, asked: Asked, *, actor: str, now: datetime) -> int:
    """Write down that rows leave the trail; the number of the newest of them."""
    end = stored.last(connection, trail.CHAIN)
    last = end[0] if end else 0
    _record(connection, Action.TRAIL_EXPORTED, asked, actor, now, filters=asked.filters, through=last)
    return last


def exported(connection: Connection, asked: Asked, last: int) -> Iterator[tuple[TrailRow, Mapping[str, str]]]:
    """The rows of an export, oldest first, with the names of all members of staff. Reads only, memory stays flat."""
    names = {row["id"]: row["name"] for row in staff.all_of_them(connection)}
    names |= {actor_of_token(row["id"]): row["name"] for row in api_tokens.all_of_them(connection)}
    for row in store.through(connection, trail.CHAIN, asked, last):
        yield row, names


def names_in(connection: Connection, rows: Iterable[TrailRow], actor: str | None = None) -> Mapping[str, str]:
    """The names of the members of staff and, by their actors, of the tokens that rows name, and of ``actor``. Reads only."""
    kind, _, asked = (actor or "").partition(":")
    ids = {asked} if kind == "staff" and asked else set()
    tokens = {asked} if kind == "token" and asked else set()
    for row in rows:
        tokens.update(str(each) for each in (token_id_of(row.actor), row.facts.get("token_id")) if each)
        if row.staff_id is not None:
            ids.add(row.staff_id)
        for name in STAFF_FACTS & row.facts.keys():
            value = row.facts[name]
            several = value if isinstance(value, list) else [value]
            ids.update(str(each).removeprefix("staff:") for each in several if each)
    of_tokens = api_tokens.names(connection, tokens) if tokens else {}
    named = {actor_of_token(token_id): name for token_id, name in of_tokens.items()}
    return {**staff.names(connection, ids), **named}


def _record(
    connection: Connection, action: Action, asked: Asked, actor: str, now: datetime, **facts: Any
) -> None:
    trail.record(
        connection,
        action,
        actor=actor,
        now=now,
        customer_key=asked.customer_keys[0] if asked.customer_keys else None,
        account_id=asked.account_id,
        batch_id=asked.batch_id,
        **facts,
    )


def _record_row(connection: Connection, action: Action, row: TrailRow, actor: str, now: datetime) -> None:
    trail.record(
        connection,
        action,
        actor=actor,
        now=now,
        customer_key=row.customer_key,
        account_id=row.account_id,
        batch_id=row.batch_id,
        seq=row.seq,
    )
