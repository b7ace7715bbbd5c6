"""The second person of a signup on the telephone: who agrees, and what has become of it by then (specification §5).

At the approval everything is looked at again, in the transaction that registers. A request that ends without a
registration gives its login id back, unless the customer's own registration has it by now.
"""

from datetime import datetime

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain import login_id as login_ids
from mypage.domain.signup_mail import Limit
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import approvals, phone_signup, trail
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.phone_signup import Hindered
from mypage.services.provisional import LoginIdTaken
from mypage.services.registration_mail import Registered
from mypage.store import login_names, registrations


def approve(
    connection: Connection, request_id: str, *, staff_id: str, settings: Settings, now: datetime
) -> Registered | Unfit | Settled | Limit | Hindered:
    """A second person agrees: the caller is registered by this transaction, if the master still says the same.

    With a limit of mails the request goes on waiting; what else hinders ends it.
    """
    asked = _locked(connection, request_id, now)
    if asked is None:
        return Settled(None)
    request = approvals.open_for(connection, request_id, staff_id=staff_id, now=now)
    if not isinstance(request, StaffRequest):
        return request
    code = phone_signup.hindrance(connection, asked.subject, int(request.mark), settings, now)
    outcome = (
        Hindered(code)
        if code is not None
        else phone_signup.register(
            connection, asked.subject, request.facts, request.asked_by, request.id, staff_id, settings, now
        )
    )
    match outcome:
        case Registered():
            approvals.approve(connection, request, staff_id=staff_id, now=now)
        case Limit():
            return outcome
        case LoginIdTaken():
            outcome = Hindered("phone_signup_login_id_taken")
    if isinstance(outcome, Hindered):
        _give_up_login_id(connection, request)
        approvals.overtake(connection, request, staff_id=staff_id, reason=outcome.code, now=now)
    return outcome


def decline(
    connection: Connection, request_id: str, *, staff_id: str, reply: str, now: datetime
) -> StaffRequest | Unfit | Settled:
    """Somebody else than the asker says no, and why."""
    if _locked(connection, request_id, now) is None:
        return Settled(None)
    outcome = approvals.decline(connection, request_id, staff_id=staff_id, reply=reply, now=now)
    if isinstance(outcome, StaffRequest):
        _give_up_login_id(connection, outcome)
    return outcome


def withdraw(
    connection: Connection, request_id: str, *, staff_id: str, now: datetime
) -> StaffRequest | Unfit | Settled:
    """The asker takes it back."""
    if _locked(connection, request_id, now) is None:
        return Settled(None)
    outcome = approvals.withdraw(connection, request_id, staff_id=staff_id, now=now)
    if isinstance(outcome, StaffRequest):
        _give_up_login_id(connection, outcome)
    return outcome


def find(connection: Connection, request_id: str, *, now: datetime) -> StaffRequest | None:
    """A request of this kind; None where there is none. Reads only."""
    found = approvals.find(connection, request_id, now=now)
    return found if found is not None and found.kind == phone_signup.KIND else None


def note_look(
    connection: Connection, request: StaffRequest, action: Action, *, staff_id: str, now: datetime
) -> None:
    """A member of staff opens a request, or lets it show what is masked: so they look at a customer."""
    trail.record(
        connection,
        action,
        actor=actor(staff_id),
        now=now,
        customer_key=request.customer_key,
        request_id=request.id,
        kind=phone_signup.KIND,
    )


def _locked(connection: Connection, request_id: str, now: datetime) -> StaffRequest | None:
    """The request, its customer locked: before the request, as whoever asks does. None for one of another kind,
    which is decided on a page of its own and maybe by other roles.
    """
    found = find(connection, request_id, now=now)
    if found is not None:
        registrations.lock(connection, found.subject)
    return found


def _give_up_login_id(connection: Connection, request: StaffRequest) -> None:
    key, login_key = request.subject, login_ids.key(request.facts["login_id"])
    if not phone_signup.has_it_pending(connection, key, login_key):
        login_names.release(connection, login_key, claimed_by=login_names.claim_of(key))
