"""Three questions that the trail must be able to answer: who looked at this customer, what did this member of staff
do (``trail_search``), and what did an account see until it was released.

The third is the list that the law asks for after somebody registered another person's contract: complete for the
authority, and for the customer what they must know, without anything of the other person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from mypage.domain.trail import Action
from mypage.domain.trail_search import Asked, TrailRow
from mypage.services import trail, trail_search
from mypage.services.trail_search import Found
from mypage.store import holders, trail_questions
from mypage.store import trail_search as rows
from mypage.store.trail_questions import SeenBill, Watcher

# Of one customer or account; who wants more asks for a time.
MOST_ROWS = 1000


class Purpose(StrEnum):
    """For whom it is told what an account saw."""

    AUTHORITY = "authority"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Looks:
    """Who looked at a customer: rows of members of staff and commands, and accounts that were shown bills.

    ``there_are_more``: rows before the oldest one that is told.
    """

    customer_keys: tuple[str, ...]
    rows: tuple[TrailRow, ...]
    there_are_more: bool
    watchers: tuple[Watcher, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Login:
    """A login of the released account; ``address`` where it is kept and is to be told."""

    at: datetime
    address: str | None


@dataclass(frozen=True, slots=True)
class Released:
    """A release, and what the account was shown until then.

    ``opened``: the rows by which it came to be able to see (registration, letter). ``held_name``: the holder as the
    master has them now. ``detail``: of the release itself, where it is to be told and is still kept.
    """

    release: TrailRow
    opened: tuple[TrailRow, ...]
    logins: tuple[Login, ...]
    bills: tuple[SeenBill, ...]
    held_name: str | None
    shown_number: str
    names: Mapping[str, str]
    detail: Mapping[str, object] | None = None

    @property
    def months(self) -> tuple[int, ...]:
        """The billing months that were shown, each once, the oldest first."""
        return tuple(sorted({bill.month for bill in self.bills}))

    @property
    def since(self) -> datetime | None:
        """From when on it was registered, None where the trail does not say."""
        return next((row.at for row in self.opened if row.action == Action.ACTIVATION_DONE.word), None)


def looks(connection: Connection, customer_key: str, *, actor: str, now: datetime) -> Looks:
    """Who looked at a customer. That this was asked stands in the trail as a look of its own."""
    keys = trail_search.keys_of(connection, customer_key)
    found = trail_questions.of_staff(connection, trail.CHAIN, keys, limit=MOST_ROWS + 1)
    watchers = tuple(trail_questions.watchers(connection, keys))
    trail.record(connection, Action.TRAIL_LOOKS_TOLD, actor=actor, now=now, customer_key=customer_key)
    shown = tuple(found[:MOST_ROWS])
    return Looks(keys, shown, len(found) > MOST_ROWS, watchers, trail_search.names_in(connection, shown))


def releases(connection: Connection, *, before: int | None, actor: str, now: datetime) -> Found:
    """A page of all releases, newest first. It is asked of the trail as anything else, and stands there."""
    asked = Asked(action=Action.REGISTRATION_RELEASED.word)
    return trail_search.look(connection, asked, before=before, actor=actor, now=now)


def releases_of(connection: Connection, customer_key: str) -> list[TrailRow]:
    """The releases of one customer, newest first. Reads only."""
    keys = trail_search.keys_of(connection, customer_key)
    asked = Asked(action=Action.REGISTRATION_RELEASED.word, customer_keys=keys)
    return rows.page(connection, trail.CHAIN, asked, before=None, limit=MOST_ROWS)


def released(connection: Connection, seq: int) -> Released | None:
    """What is known of a release, without anything personal of who had registered. Reads only."""
    release = rows.by_seq(connection, trail.CHAIN, seq)
    if release is None or release.action != Action.REGISTRATION_RELEASED.word:
        return None
    account_id, customer_key = release.account_id or "", release.customer_key or ""
    keys = trail_search.keys_of(connection, customer_key)
    opened = trail_questions.openings(connection, trail.CHAIN, keys, account_id, before=seq)
    logins = trail_questions.logins(connection, trail.CHAIN, account_id, before=seq)
    master = holders.of_key(connection, customer_key)
    return Released(
        release=release,
        opened=tuple(opened),
        logins=tuple(Login(row.at, None) for row in logins),
        bills=tuple(trail_questions.bills(connection, keys, account_id, until=release.at)),
        held_name=None if master is None else master["name"],
        shown_number=customer_key if master is None else master["shown_number"],
        names=trail_search.names_in(connection, [release, *opened]),
    )


def open_release(connection: Connection, seq: int, *, actor: str, now: datetime) -> Released | None:
    """The same, opened by somebody, which leaves a row of the trail as opening any other row does."""
    found = released(connection, seq)
    if found is not None:
        trail.record(
            connection,
            Action.TRAIL_ROW_OPENED,
            actor=actor,
            now=now,
            customer_key=found.release.customer_key,
            account_id=found.release.account_id,
            seq=seq,
        )
    return found


def tell_release(
    connection: Connection, seq: int, purpose: Purpose, *, actor: str, now: datetime
) -> Released | None:
    """The same for the authority or for the customer, and a row of the trail that says so.

    For the authority with the addresses from which the account was used, as far as they are still kept.
    """
    found = released(connection, seq)
    if found is None:
        return None
    trail.record(
        connection,
        Action.TRAIL_RELEASE_TOLD,
        actor=actor,
        now=now,
        customer_key=found.release.customer_key,
        account_id=found.release.account_id,
        purpose=purpose.value,
    )
    if purpose is Purpose.CUSTOMER:
        return found
    with_addresses = trail_questions.logins(
        connection, trail.CHAIN, found.release.account_id or "", before=seq
    )
    return Released(
        release=found.release,
        opened=found.opened,
        logins=tuple(Login(row.at, _address(connection, row)) for row in with_addresses),
        bills=found.bills,
        held_name=found.held_name,
        shown_number=found.shown_number,
        names=found.names,
        detail=trail_search.detail_of(connection, seq),
    )


def _address(connection: Connection, row: TrailRow) -> str | None:
    detail = trail_search.detail_of(connection, row.seq) or {}
    return str(detail["address"]) if "address" in detail else None
