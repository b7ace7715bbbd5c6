"""What staff say of a registration that rests on what a file has just changed (``identity_waiting``; specification §6).

Whoever decides had no hand in that file, and is far enough from whoever had. Approved, everything is shown; declined, the
registration is released. What nobody decided within fourteen days ends, and can be made anew: by then the change is no
news any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, RowMapping

from mypage.domain import masking
from mypage.domain.staff import COMMAND_LINE
from mypage.domain.trail import Action
from mypage.services import approvals, customer_state, first_person, outbox, release, trail
from mypage.services.approvals import AUTOMATIC, Settled, StaffRequest, Unfit
from mypage.services.identity_waiting import KIND, LIFE
from mypage.store import accounts, batch_hands


class Way(Enum):
    """How an approver made sure that whoever registered is the customer. Its word in the trail, and its label."""

    CALLED = ("called", "変更前の電話番号に折り返し、ご本人と話した")
    PAPERS = ("papers", "変更の届け出（書面・来店の記録）を確かめた")
    KNOWN = ("known", "変更を受け付けた担当者に、受け付けの記録を確かめた")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who registered, as an approver sees it: the login id, the mail address, and since when."""

    login_id: str
    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """The customer is open to its account from now on."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Nothing waits any more (code of a sentence): the request has ended."""

    code: str


def find(connection: Connection, request_id: str, *, now: datetime) -> StaffRequest | None:
    """A request of this kind; None where there is none. Reads only."""
    found = approvals.find(connection, request_id, now=now)
    return found if found is not None and found.kind == KIND else None


def applicant(connection: Connection, request: StaffRequest, *, shows_all: bool) -> Applicant | None:
    """Who registered; None where the registration is no more. Masked unless ``shows_all``. Reads only."""
    link = accounts.link(connection, request.subject, request.facts["account_id"])
    account = None if link is None else accounts.by_id(connection, request.facts["account_id"])
    if link is None or account is None:
        return None
    login_id, email = account["login_id"], account["email"]
    return Applicant(
        login_id=login_id if shows_all else masking.login_id(login_id) or "",
        email=email if shows_all else masking.email(email) or "",
        since=link["since"],
    )


def hands(connection: Connection, request: StaffRequest) -> Sequence[str]:
    """The members of staff who handed over, approved or published the files on which it rests. Reads only.

    Behind a token stands whoever made it; behind the command line nobody whom the portal knows.
    """
    batch_ids = {request.facts["matched_batch_id"], request.facts["changed_batch_id"]}
    actors = batch_hands.actors(connection, sorted(batch_ids))
    people = {first_person.of_actor(connection, each) for each in actors}
    return sorted(people - {COMMAND_LINE})


def unfitness(connection: Connection, request: StaffRequest, *, staff_id: str, now: datetime) -> str | None:
    """Why somebody may not decide a request, as the code of a sentence; None if they may. Reads only."""
    return approvals.unfitness(
        connection, request, staff_id=staff_id, now=now, also=hands(connection, request)
    )


def approve(
    connection: Connection, request_id: str, way: Way, *, note: str, staff_id: str, now: datetime
) -> Opened | Unfit | Settled | Overtaken:
    """It is the customer: everything is shown from now on."""
    opened = _open_for(connection, request_id, staff_id, now)
    if not isinstance(opened, tuple):
        return opened
    request, link = opened
    accounts.change_link(connection, link["customer_key"], link["account_id"], awaits_approval=False)
    _mail(connection, link, "approval_given", now)
    approvals.approve(connection, request, staff_id=staff_id, now=now)
    trail.record(
        connection,
        Action.APPROVAL_GIVEN,
        actor=f"staff:{staff_id}",
        now=now,
        customer_key=link["customer_key"],
        account_id=link["account_id"],
        batch_id=link["changed_batch_id"],
        detail={"note": note} if note else None,
        request_id=request.id,
        way=way.word,
    )
    return Opened()


def decline(
    connection: Connection, request_id: str, *, reply: str, staff_id: str, now: datetime
) -> StaffRequest | Unfit | Settled | Overtaken:
    """It is not the customer, or nobody knows: the registration is released, as by [登録を解除する]."""
    opened = _open_for(connection, request_id, staff_id, now)
    if not isinstance(opened, tuple):
        return opened
    request, link = opened
    release.release_account(
        connection,
        customer_key=link["customer_key"],
        account_id=link["account_id"],
        acting_staff=staff_id,
        reason=reply,
        now=now,
        mail="approval_declined",
    )
    return approvals.decline(connection, request.id, staff_id=staff_id, reply=reply, now=now)


def end_if_overdue(connection: Connection, customer_key: str, *, now: datetime) -> bool:
    """Nobody decided in time: the registration ends, and can be made anew. False where that is not so."""
    customer_state.lock(connection, customer_key)
    link = accounts.owner_link(connection, customer_key)
    if link is None or not link["awaits_approval"] or now < link["since"] + LIFE:
        return False
    release.release_account(
        connection,
        customer_key=customer_key,
        account_id=link["account_id"],
        acting_staff=None,
        reason="approval_expired",
        now=now,
        mail="approval_expired",
    )
    trail.record(
        connection,
        Action.APPROVAL_EXPIRED,
        actor=AUTOMATIC,
        now=now,
        customer_key=customer_key,
        account_id=link["account_id"],
        batch_id=link["changed_batch_id"],
    )
    return True


def _open_for(
    connection: Connection, request_id: str, staff_id: str, now: datetime
) -> tuple[StaffRequest, RowMapping] | Unfit | Settled | Overtaken:
    """The request with how its account has the customer, both locked; the customer first, as all deeds do."""
    asked = find(connection, request_id, now=now)
    if asked is None:
        return Settled(None)
    customer_state.lock(connection, asked.subject)
    others = hands(connection, asked)
    request = approvals.open_for(connection, request_id, staff_id=staff_id, now=now, also=others)
    if not isinstance(request, StaffRequest):
        return request
    link = accounts.link(connection, asked.subject, asked.facts["account_id"])
    if link is None or not link["awaits_approval"]:
        approvals.overtake(connection, request, staff_id=staff_id, reason="approval_overtaken", now=now)
        return Overtaken("approval_overtaken")
    return request, link


def _mail(connection: Connection, link: RowMapping, kind: str, now: datetime) -> None:
    account = accounts.by_id(connection, link["account_id"])
    assert account is not None  # noqa: S101 - it has this customer
    outbox.enqueue(
        connection,
        kind,
        recipient=account["email"],
        language=account["language"],
        facts={"nickname": account["nickname"], "at": now.isoformat()},
        now=now,
        customer_key=link["customer_key"],
        account_id=account["id"],
    )
