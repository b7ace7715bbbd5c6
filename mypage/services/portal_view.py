"""The portal as a subscriber sees it, opened by staff while they talk with the caller (specification §5).

Statements only, for at most an hour, for a noted call and a reason. What is shown is what the account would be shown
now: where it would be shown nothing, staff are told why. The account's owner reads of it beside their logins, and who
saw which statement knows it; nothing of it counts as the subscriber's own look.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import masking
from mypage.domain.bills import MonthOfBills
from mypage.domain.customer_state import CustomerState, Standing
from mypage.domain.opening import ClosedBy
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.domain.view_reason import ViewReason
from mypage.services import calls, sessions, staff_looks, trail
from mypage.services.calls import Call
from mypage.services.letters import LETTER
from mypage.services.sessions import ShownCustomer
from mypage.store import holders, statement_views
from mypage.store import portal_views as store
from mypage.store import publications as published
from mypage.store.publications import Publications

LASTS: Final = timedelta(minutes=60)
LIST: Final = "list"
# As many as people read; the trail has all.
_TOLD_AT_MOST: Final = 20


class NothingShown(Enum):
    """Why the account sees no statement of this customer: there is none, or something keeps it closed."""

    NO_ACCOUNT = "no_account"
    SUSPENDED = "suspended"
    KEPT_FROM_WEB = "kept_from_web"
    OBJECTION = ClosedBy.OBJECTION.value
    RELEASE = ClosedBy.RELEASE.value
    LETTER = ClosedBy.LETTER.value
    APPROVAL = ClosedBy.APPROVAL.value
    SETTLING = ClosedBy.SETTLING.value


@dataclass(frozen=True, slots=True)
class View:
    """A view that is open: of which account, until when, and what that account may be shown now.

    ``name`` of the customer, masked.
    """

    id: str
    customer_key: str
    staff_id: str
    account_id: str
    opened_at: datetime
    until: datetime
    customer: ShownCustomer
    name: str
    publications: Publications


def open_view(
    connection: Connection,
    call: Call,
    state: CustomerState,
    *,
    reason: ViewReason,
    settings: Settings,
    now: datetime,
) -> NothingShown | None:
    """Open the view for a call; one that was open ends. None where that is done, else why there is nothing to see."""
    shown = _shown(connection, state, settings, now)
    if isinstance(shown, NothingShown):
        return shown
    store.end_views(connection, state.customer_key, call.staff_id, now)
    calls.use(connection, call, now=now)
    staff_looks.opened(
        connection,
        staff_id=call.staff_id,
        customer_key=state.customer_key,
        limit=settings.staff_looks_a_day,
        now=now,
    )
    row = {
        "customer_key": state.customer_key,
        "id": secrets.token_hex(8),
        "staff_id": call.staff_id,
        "account_id": state.account_id,
        "call_id": call.id,
        "opened_at": now,
        "until": now + LASTS,
    }
    store.open_view(connection, row)
    trail.record(
        connection,
        Action.VIEW_OPENED,
        actor=actor(call.staff_id),
        now=now,
        customer_key=state.customer_key,
        account_id=state.account_id,
        view_id=row["id"],
        call_id=call.id,
        reason=reason.word,
        until=(now + LASTS).isoformat(),
    )
    return None


def current(
    connection: Connection, state: CustomerState, *, staff_id: str, settings: Settings, now: datetime
) -> View | None:
    """The open view of a customer; None where there is none (any more), or the account is shown nothing by now."""
    row = store.current_view(connection, state.customer_key, staff_id, now)
    if row is None or row["account_id"] != state.account_id:
        return None
    shown = _shown(connection, state, settings, now)
    if isinstance(shown, NothingShown):
        return None
    master = holders.of_key(connection, state.current_key)
    return _view(row, *shown, name=masking.name(master["name_kana"]) if master is not None else None)


def look(
    connection: Connection, view: View, seen: Iterable[MonthOfBills], *, page: str, now: datetime
) -> None:
    """Keep that the member of staff sees a page of the view: in the trail, and bill by bill in who saw what.

    ``page`` is :data:`LIST` or the month (``YYYY-MM``).
    """
    statement_views.mark(
        connection,
        (bill.version for month in seen for bill in month.bills),
        account_id=actor(view.staff_id),
        session_id=view.id,
        now=now,
    )
    trail.record(
        connection,
        Action.VIEW_LOOKED,
        actor=actor(view.staff_id),
        now=now,
        customer_key=view.customer_key,
        account_id=view.account_id,
        view_id=view.id,
        page=page,
    )


def end(connection: Connection, *, customer_key: str, staff_id: str, now: datetime) -> None:
    """[表示を終える]; nothing happens where none is open."""
    for view_id in store.end_views(connection, customer_key, staff_id, now):
        trail.record(
            connection,
            Action.VIEW_ENDED,
            actor=actor(staff_id),
            now=now,
            customer_key=customer_key,
            view_id=view_id,
        )


def told_to(connection: Connection, account_id: str) -> tuple[datetime, ...]:
    """When staff looked at what the account sees, the newest first: told to its owner."""
    return tuple(store.views_of_account(connection, account_id, _TOLD_AT_MOST))


def _shown(
    connection: Connection, state: CustomerState, settings: Settings, now: datetime
) -> tuple[ShownCustomer, Publications] | NothingShown:
    """What the account would be shown of the customer if it logged in now."""
    if state.account_id is None:
        return NothingShown.NO_ACCOUNT
    if state.standing is Standing.SUSPENDED:
        return NothingShown.SUSPENDED
    publications = published.now_published(connection)
    opened, closed = sessions.seen_by(
        connection,
        state.account_id,
        publications=publications,
        asks_letter=settings.signup_proof == LETTER,
        now=now,
    )
    for customer in opened:
        if customer.key == state.current_key:
            return customer, publications
    for shut in closed:
        if shut.key == state.current_key:
            return NothingShown(shut.why.value)
    return NothingShown.KEPT_FROM_WEB


def _view(row: RowMapping, customer: ShownCustomer, publications: Publications, *, name: str | None) -> View:
    return View(
        id=row["id"],
        customer_key=row["customer_key"],
        staff_id=row["staff_id"],
        account_id=row["account_id"],
        opened_at=row["opened_at"],
        until=row["until"],
        customer=customer,
        name=name or masking.HIDDEN,
        publications=publications,
    )
