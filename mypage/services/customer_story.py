"""All that the console's page of one customer tells, read at once: who, how they stand, what failed, what happened.

What is personal is whole here; the presenter masks it (``shown/customer.py``). Never a password, a token or a code:
of the 登録キー not even its beginning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain.customer_number import split_key
from mypage.domain.customer_state import CustomerState
from mypage.domain.personal import Personal
from mypage.domain.succession import Follows
from mypage.domain.timeline import Kind
from mypage.services import approvals, contracts, customer_state, letters, timeline
from mypage.services.approvals import StaffRequest
from mypage.services.contracts import Contract
from mypage.services.timeline import Entry, Page, Place
from mypage.store import accounts, holders
from mypage.store import customer_states as store
from mypage.store import registrations as stored_registrations
from mypage.store import staff as stored_staff

_STAFF: Final = "staff:"


@dataclass(frozen=True, slots=True)
class Master:
    """What the customer master says last; ``is_gone``: a snapshot no longer names the customer."""

    status: str
    contracted_on: date | None
    ended_on: date | None
    holder_since: date | None
    has_registration_key: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class OtherHolder:
    """Another holder of the same customer number."""

    key: str
    holder_no: int
    since: date | None
    status: str


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A published change of the number. ``is_onward``: from this customer to ``key``, else from that one to this."""

    key: str
    kind: Follows
    changed_on: date | None
    is_onward: bool


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """The account that owns the customer. ``customers`` are the keys of all its customers."""

    created_at: datetime
    last_login_at: datetime | None
    customers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """See above. ``personal`` holds by group what is masked, each value None where there is none.

    ``requests`` wait for a second person. ``behind_failure``: what led to the failure, where that is a wait.
    ``since_failure``: how far the customer has got since then. ``staff`` are the names of staff by actor.
    """

    state: CustomerState
    number: str
    holder_no: int
    master: Master | None
    personal: Mapping[Personal, tuple[str | None, ...]]
    contracts: tuple[Contract, ...]
    account: LoginFacts | None
    letter: letters.Shown | None
    mail: Entry | None
    requests: tuple[StaffRequest, ...]
    others: tuple[OtherHolder, ...]
    number_changes: tuple[NumberChange, ...]
    failure: Entry | None
    behind_failure: Entry | None
    since_failure: Entry | None
    page: Page
    staff: Mapping[str, str]


def of_customer(
    connection: Connection,
    customer_key: str,
    *,
    kind: Kind | None = None,
    before: Place | None = None,
    settings: Settings,
    now: datetime,
) -> Story | None:
    """The story of the customer of that key, with a page of its timeline; None where nobody is known under it."""
    state = customer_state.of_customer(connection, customer_key, settings=settings, now=now)
    if state is None:
        return None
    number, holder_no = split_key(customer_key)
    master = holders.of_key(connection, customer_key)
    owner = None if state.account_id is None else accounts.by_id(connection, state.account_id)
    pending = (
        None
        if state.registration_key is None
        else stored_registrations.of_customer(connection, state.registration_key)
    )
    whose = timeline.whose(connection, state.keys)
    failure = timeline.last_failure(connection, whose, now=now)
    success = timeline.newest_success(connection, whose)
    page = timeline.page(connection, whose, kind=kind, before=before, now=now)
    mail = None if pending is None else timeline.newest_mail(connection, pending["registration_id"], now=now)
    shown = contracts.of_customer(connection, customer_key)
    requests = tuple(each for key in state.keys for each in approvals.of_customer(connection, key, now=now))
    return Story(
        state=state,
        number=number if master is None else master["shown_number"],
        holder_no=holder_no,
        master=None if master is None else _master(master),
        personal=_personal(master, owner, pending),
        contracts=() if shown is None else shown.contracts,
        account=None if owner is None else _login(connection, owner),
        letter=_letter(connection, state, now),
        mail=mail,
        requests=requests,
        others=_others(connection, number, customer_key),
        number_changes=_number_changes(connection, customer_key),
        failure=failure,
        behind_failure=None if failure is None else timeline.behind(connection, whose, failure),
        since_failure=success if success and failure and failure.place < success.place else None,
        page=page,
        staff=_names(connection, page.entries, requests),
    )


def _master(row: RowMapping) -> Master:
    return Master(
        status=row["status"],
        contracted_on=row["contracted_on"],
        ended_on=row["ended_on"],
        holder_since=row["holder_since"],
        has_registration_key=bool(row["registration_key"]),
        is_gone=bool(row["tombstone"]),
    )


def _personal(
    master: RowMapping | None, owner: RowMapping | None, pending: RowMapping | None
) -> dict[Personal, tuple[str | None, ...]]:
    """Of the account, else of the registration that is to become one."""
    login = owner or pending
    named = {
        Personal.NAME: ("name", "name_kana", "name_kana2"),
        Personal.PHONE: ("phone", "phone2"),
        Personal.ADDRESS: ("postal_code", "address"),
        Personal.BILLING: ("billing_name", "billing_postal_code", "billing_address"),
    }
    found: dict[Personal, tuple[str | None, ...]] = {
        fact: tuple(None if master is None else master[name] or None for name in names)
        for fact, names in named.items()
    }
    found[Personal.EMAIL] = (None if login is None else login["email"] or None,)
    found[Personal.LOGIN_ID] = (None if login is None else login["login_id"] or None,)
    return found


def _login(connection: Connection, owner: RowMapping) -> LoginFacts:
    return LoginFacts(
        created_at=owner["created_at"],
        last_login_at=owner["last_login_at"],
        customers=tuple(store.customers_of(connection, owner["id"])),
    )


def _letter(connection: Connection, state: CustomerState, now: datetime) -> letters.Shown | None:
    if state.account_id is None or state.account_key is None or not state.awaits_letter:
        return None
    return letters.look(connection, state.account_key, state.account_id, now)


def _others(connection: Connection, number: str, customer_key: str) -> tuple[OtherHolder, ...]:
    return tuple(
        OtherHolder(row["customer_key"], row["holder_no"], row["holder_since"], row["status"])
        for row in holders.of_number(connection, number)
        if row["customer_key"] != customer_key
    )


def _number_changes(connection: Connection, customer_key: str) -> tuple[NumberChange, ...]:
    changes = []
    for row in store.steps(connection, customer_key):
        is_onward = row["customer_key"] == customer_key
        other = row["other_key"] if is_onward else row["customer_key"]
        changes.append(NumberChange(other, Follows(row["kind"]), row["changed_on"], is_onward))
    return tuple(changes)


def _names(
    connection: Connection, entries: Sequence[Entry], requests: Sequence[StaffRequest]
) -> dict[str, str]:
    actors = {entry.actor for entry in entries if entry.actor.startswith(_STAFF)}
    actors |= {f"{_STAFF}{each.asked_by}" for each in requests}
    names = stored_staff.names(connection, {actor.removeprefix(_STAFF) for actor in actors})
    return {actor: names[staff_id] for actor in actors if (staff_id := actor.removeprefix(_STAFF)) in names}
