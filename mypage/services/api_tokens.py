"""Tokens of the API: made once and shown once, revoked, found by what a request shows, and held to what they are for.

Sources: specification §6 (*API*) and "security" (thief of the batch token; insider with the database).
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import api_token as rules
from mypage.domain.api_token import LONGEST_NAME, Dead, Deed
from mypage.domain.batch import Kind
from mypage.domain.staff import one_line
from mypage.domain.trail import Action
from mypage.services import batch_requests, throttle, token_life, trail
from mypage.services.throttle import Counter, Waiting
from mypage.store import api_tokens as store
from mypage.store.schema.metadata import instant_text

_TOUCHED_AGAIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as a request shows it, or as people read of it; never its text.

    ``made_by`` is an actor, ``maker_name`` the name of that member of staff (None for the command line).
    """

    id: str
    name: str
    kinds: frozenset[Kind]
    deeds: frozenset[Deed]
    made_by: str
    maker_name: str | None
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_from: str | None
    dead: Dead | None

    @property
    def actor(self) -> str:
        """How it stands in the trail."""
        return rules.actor(self.id)


@dataclass(frozen=True, slots=True)
class Made:
    """A new token. ``text`` is shown now and never again."""

    token: Token
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """Nothing was done; the code of a sentence, with its facts."""

    code: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class NoToken:
    """What a request showed opens nothing: ``unknown``, or why a token of ours is dead."""

    reason: str
    token_id: str | None = None


def make(
    connection: Connection,
    *,
    name: str,
    kinds: Collection[Kind],
    deeds: Collection[Deed],
    days: int | None,
    longest: int,
    by: str,
    now: datetime,
) -> Made | Not:
    """Make a token for ``days`` days (None: what was typed is no number), at most ``longest``."""
    called = one_line(name)
    if not called:
        return Not("token_name_missing")
    if len(called) > LONGEST_NAME:
        return Not("token_name_too_long")
    if not kinds:
        return Not("token_kinds_missing")
    if not deeds:
        return Not("token_deeds_missing")
    if days is None or not 1 <= days <= longest:
        return Not("token_days_wrong", longest)
    text, token_id = rules.text_of(secrets.token_bytes(rules.RANDOM_BYTES)), secrets.token_hex(8)
    kept_kinds = [kind.value for kind in Kind if kind in kinds]
    kept_deeds = [deed.word for deed in Deed if deed in deeds]
    expires_at = now + timedelta(days=days)
    row = {
        "id": token_id,
        "name": called,
        "token_hash": rules.hashed(text),
        "kinds": kept_kinds,
        "deeds": kept_deeds,
        "made_by": by,
        "made_at": now,
        "expires_at": expires_at,
    }
    store.add(connection, row)
    trail.record(
        connection,
        Action.TOKEN_MADE,
        actor=by,
        now=now,
        token_id=token_id,
        file_kinds=kept_kinds,
        deeds=kept_deeds,
        expires_at=instant_text(expires_at),
    )
    made = find(connection, token_id, now=now)
    assert made is not None  # noqa: S101 - written above
    return Made(made, text)


def revoke(
    connection: Connection, token_id: str, *, by: str, only_own: bool = False, now: datetime
) -> Token | Not:
    """Let a token open nothing any more, at once; the token, also where that was so already.

    ``only_own``: whoever asks may revoke what they made themselves, and nothing else.
    """
    token = find(connection, token_id, now=now)
    if token is None or (only_own and token.made_by != by):
        return Not("token_unknown")
    if store.revoke(connection, token_id, by=by, now=now):
        # Before the row of the trail, for which others wait while they hold one of those.
        batch_requests.end_of_token(connection, token_id, by=by, now=now)
        trail.record(connection, Action.TOKEN_REVOKED, actor=by, now=now, token_id=token_id)
    return token


def listed(connection: Connection, *, made_by: str | None = None, now: datetime) -> tuple[Token, ...]:
    """All tokens, or those that somebody made: the living first, then the newest first."""
    tokens = [_token(row, now) for row in store.all_of_them(connection)]
    mine = [token for token in tokens if made_by is None or token.made_by == made_by]
    return tuple(sorted(mine, key=lambda token: token.dead is not None))


def find(connection: Connection, token_id: str, *, now: datetime) -> Token | None:
    """The token of that id."""
    row = store.by_id(connection, token_id)
    return None if row is None else _token(row, now)


def shown(connection: Connection, text: str, *, now: datetime) -> Token | NoToken:
    """The living token whose text a request shows. Reads only."""
    row = store.of_hash(connection, rules.hashed(text)) if rules.is_whole(text) else None
    if row is None:
        return NoToken("unknown")
    token = _token(row, now)
    return token if token.dead is None else NoToken(token.dead.value, token.id)


def used(connection: Connection, token: Token, *, address: str, now: datetime) -> None:
    """Keep that it is in use, from which network; at most once a minute."""
    network = rules.network_of(address)
    store.touch(connection, token.id, network=network, now=now, before=now - _TOUCHED_AGAIN)


def refused(
    connection: Connection, refused: NoToken, *, address: str, secret: str, now: datetime
) -> Waiting | None:
    """Count what opened nothing as a try of its address; how long it has to wait, if it has.

    A living token is served whatever its neighbours at the same address try: the wait is for those alone, and is there
    to keep rubbish from costing much, for nobody comes to a token by trying.
    """
    counter = throttle.per_address("api_token", address)
    reserved = throttle.reserve(connection, [counter], secret=secret, now=now)
    waiting = reserved if isinstance(reserved, Waiting) else None
    if waiting is None or waiting.is_news:
        trail.record(
            connection,
            Action.TOKEN_REFUSED,
            actor="visitor",
            now=now,
            token_id=refused.token_id,
            reason=refused.reason,
            detail={"address": address},
        )
    return waiting


def overstepped(connection: Connection, token: Token, reason: str, *, secret: str, now: datetime) -> None:
    """Write down that a token asked for what it is not for: not each time, or it could fill the trail."""
    reserved = throttle.reserve(connection, [Counter("api_overstep", token.id)], secret=secret, now=now)
    if not isinstance(reserved, Waiting):
        trail.record(
            connection, Action.TOKEN_REFUSED, actor=token.actor, now=now, token_id=token.id, reason=reason
        )


def read_report(connection: Connection, token: Token, batch_id: int, *, now: datetime) -> None:
    """Write down that the findings of a batch, which name customers, leave through the API."""
    trail.record(connection, Action.BATCH_REPORT_READ, actor=token.actor, now=now, batch_id=batch_id)


def _token(row: RowMapping, now: datetime) -> Token:
    return Token(
        row["id"],
        row["name"],
        frozenset(map(Kind, row["kinds"])),
        frozenset(map(Deed.named, row["deeds"])),
        row["made_by"],
        row["maker_name"],
        row["made_at"],
        row["expires_at"],
        row["revoked_at"],
        row["last_used_at"],
        row["last_used_from"],
        token_life.death(row, now),
    )
