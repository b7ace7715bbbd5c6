"""The story of a customer for staff: tries and why they failed, logins, changes, mails and their fate, batches.

Rows of the trail that name the customer or an account of theirs, the mails of the outbox, and the published batches
that hold something of the customer (specification §5). What a row says of a cause of the first try is a code of
``words.causes``. The story of a number that changed is told under each of its numbers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, RowMapping

from mypage.domain import timeline as rules
from mypage.domain.customers import CARRIED
from mypage.domain.mail import MailKind, Priority
from mypage.domain.masking import email
from mypage.domain.timeline import Kind
from mypage.services import successions
from mypage.store import outbox
from mypage.store import timeline as store
from mypage.store.schema.metadata import instant_of, instant_text
from mypage.store.timeline import Before, Whose
from mypage.words.causes import CAUSES

# A hand-over takes seconds; who waits longer waits for us.
_SOON: Final = timedelta(minutes=1)
_MAIL_FACTS: Final = ("kind", "message_id", "serial", "attempts", "handed_over_at", "server", "next_try_at")
# What was written in one transaction has one instant: what a batch brought stands before a deed, the deed before its
# mail.
_BATCH, _DEED, _MAIL = range(3)
AT_ONCE: Final = 50
_LOST: Final = (outbox.REFUSED, outbox.GIVEN_UP)
_AWAITED: Final = tuple(kind.word for kind in MailKind if kind.priority is Priority.AWAITED)


class Place(NamedTuple):
    """Where an entry stands among all others: the later, the greater."""

    at: datetime
    rank: int
    number: int

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{instant_text(self.at)}_{self.rank}_{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place that an address names; None where it names none."""
        try:
            at, rank, number = text.split("_")
            place = cls(instant_of(at), int(rank), int(number))
            return place if str(place) == text and 0 <= place.number < 1 << 63 else None
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``what`` is the word of a trail's action, or ``mail.`` and the mail's state; ``at`` when it was
    written.

    ``causes``: the codes that explain it. Neither facts nor anything else here is personal.
    """

    at: datetime
    what: str
    actor: str
    causes: tuple[str, ...]
    facts: Mapping[str, object]
    kind: Kind
    place: Place


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first; ``older`` is where the next page begins, None where this is the last one."""

    entries: tuple[Entry, ...]
    older: Place | None


def of_customer(connection: Connection, customer_key: str, *, now: datetime) -> list[Entry]:
    """All entries of a customer, oldest first, but mere looks of staff."""
    keys = successions.of_key(connection, customer_key).keys
    return list(reversed(page(connection, whose(connection, keys), now=now, limit=None).entries))


def whose(connection: Connection, keys: Sequence[str]) -> Whose:
    """Whose story it is that the functions below tell: a customer's with these keys."""
    return store.whose(connection, keys)


def page(
    connection: Connection,
    whose: Whose,
    *,
    kind: Kind | None = None,
    before: Place | None = None,
    now: datetime,
    limit: int | None = AT_ONCE,
) -> Page:
    """Up to ``limit`` entries before a place, of one kind or of all but mere looks of staff."""
    more = None if limit is None else limit + 1
    found = [*_deeds(connection, whose, kind, before, more)]
    if kind in (None, Kind.MAIL):
        found += _mails(connection, whose, before, more, now)
    if kind in (None, Kind.BATCH):
        found += _batches(connection, whose.keys, before)
    found.sort(key=lambda entry: entry.place, reverse=True)
    entries = tuple(found[:limit])
    return Page(entries, entries[-1].place if len(entries) < len(found) else None)


def last_failure(connection: Connection, whose: Whose, *, now: datetime) -> Entry | None:
    """What failed last; a mail that did not arrive counts from when it was written."""
    words = [action.word for action in rules.FAILURES]
    rows = store.trail_rows(connection, whose, actions=words, without=rules.OF_MAILS, limit=1)
    # A notice that waits keeps nobody from anything.
    mails = store.mails(connection, whose, states=_LOST, limit=1)
    mails += store.mails(connection, whose, states=(outbox.WAITING,), kinds=_AWAITED, limit=1)
    failed = [_deed(row) for row in rows]
    failed += [entry for mail in mails if (entry := _mail(mail, now)).causes]
    return max(failed, key=lambda entry: entry.place, default=None)


def behind(connection: Connection, whose: Whose, failure: Entry) -> Entry | None:
    """What went wrong before a wait; None where the failure is none, or speaks for itself."""
    action = rules.BEHIND.get(failure.what)
    if action is None:
        return None
    place = _before(failure.place, _DEED)
    rows = store.trail_rows(connection, whose, actions=[action.word], before=place, limit=1)
    return _deed(rows[0]) if rows else None


def newest_mail(connection: Connection, registration_id: str, *, now: datetime) -> Entry | None:
    """The newest mail of a registration, with what became of it."""
    mail = outbox.newest_of_registration(connection, registration_id)
    return None if mail is None else _mail(mail, now)


def newest_success(connection: Connection, whose: Whose) -> Entry | None:
    """Up to where the customer got last."""
    words = [action.word for action in rules.SUCCESSES]
    rows = store.trail_rows(connection, whose, actions=words, limit=1)
    return _deed(rows[0]) if rows else None


def _deeds(
    connection: Connection, whose: Whose, kind: Kind | None, before: Place | None, limit: int | None
) -> Iterator[Entry]:
    """Rows of the trail. The fate of a mail that is in the outbox still, the mail itself tells."""
    place = _before(before, _DEED)
    words = None if kind is None else set(rules.words(kind))
    looks = rules.words(Kind.LOOK) if kind is None else ()
    without = (*rules.OF_MAILS, *looks, *(action.word for action in rules.AUDITS))
    for row in store.trail_rows(connection, whose, actions=words, without=without, before=place, limit=limit):
        yield _deed(row)
    if kind in (None, Kind.MAIL):
        told = store.message_ids(connection, whose)
        for row in store.trail_rows(connection, whose, actions=rules.OF_MAILS, before=place):
            if (entry := _deed(row)).facts["message_id"] not in told:
                yield entry


def _deed(row: RowMapping) -> Entry:
    facts: dict[str, object] = json.loads(row["facts"])
    causes = tuple(str(facts[name]) for name in ("cause", "older_links") if facts.get(name) in CAUSES)
    at = instant_of(row["at"])
    kind = rules.kind_of(row["action"])
    return Entry(at, row["action"], row["actor"], causes, facts, kind, Place(at, _DEED, row["seq"]))


def _mails(
    connection: Connection, whose: Whose, before: Place | None, limit: int | None, now: datetime
) -> Iterator[Entry]:
    for mail in store.mails(connection, whose, before=_before(before, _MAIL), limit=limit):
        yield _mail(mail, now)


def _mail(mail: RowMapping, now: datetime) -> Entry:
    facts = {name: mail[name] for name in _MAIL_FACTS if mail[name] is not None}
    facts["recipient"] = email(mail["recipient"])
    at = mail["enqueued_at"]
    place = Place(at, _MAIL, mail["id"])
    return Entry(at, f"mail.{mail['state']}", "worker", _causes(mail, now), facts, Kind.MAIL, place)


def _causes(mail: RowMapping, now: datetime) -> tuple[str, ...]:
    match mail["state"]:
        case outbox.REFUSED:
            return ("C-02",)
        case outbox.GIVEN_UP:
            return ("F-01",)
        case outbox.WAITING if mail["attempts"]:
            return ("C-03",)
        case outbox.WAITING if now - mail["enqueued_at"] > _SOON:
            return ("F-01",)
        case _:
            return ()


def _batches(connection: Connection, keys: Sequence[str], before: Place | None) -> Iterator[Entry]:
    """What the billing side brought. They are few: some a month."""
    changed = _changed(store.master_versions(connection, keys))
    rows = store.touching_batches(connection, keys)
    for batch_id, group in groupby(rows, key=lambda row: row.id):
        for entry in _batch(list(group), changed.get(batch_id, ())):
            if before is None or entry.place < before:
                yield entry


def _batch(rows: Sequence[Row[*tuple[Any, ...]]], changed: Sequence[str]) -> Iterator[Entry]:
    first = rows[0]
    months = sorted({row.month for row in rows if row.month})
    facts = {"batch_id": first.id, "kind": first.kind, "months": months, "changed": list(changed)}
    told = [("batch.published", first.published_at)]
    if first.taken_back_at is not None and first.taken_back_at >= first.published_at:
        told.append(("batch.taken_back", first.taken_back_at))
    for what, at in told:
        yield Entry(at, what, first.actor, (), facts, Kind.BATCH, Place(at, _BATCH, first.id))


def _changed(versions: Sequence[RowMapping]) -> dict[int, tuple[str, ...]]:
    """By batch what it made different of the master's row: the names of columns, never what stands in them."""
    changed: dict[int, tuple[str, ...]] = {}
    newest: dict[str, RowMapping] = {}
    for version in versions:
        below = newest.get(version["customer_key"])
        newest[version["customer_key"]] = version
        if below is not None and not version["tombstone"] and not below["tombstone"]:
            changed[version["batch_id"]] = tuple(name for name in CARRIED if version[name] != below[name])
    return changed


def _before(place: Place | None, rank: int) -> Before | None:
    """Where the entries of one rank go on that come before a place."""
    if place is None:
        return None
    if rank < place.rank:
        # All of that instant come before it.
        return Before(place.at, 1 << 62)
    return Before(place.at, place.number if rank == place.rank else None)
