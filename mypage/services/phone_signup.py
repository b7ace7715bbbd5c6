"""Signup by staff for a caller who cannot do it alone (specification §5): asked by one, approved by another, or posted.

The caller's identity is proven as on screen 1, under the same throttles (``services.identity``), and the draft is one of
``services.signup``, of a member of staff in the place of a browser. There is no password: whoever opens the link of
the mail chooses it (``activation_by_phone``). Since that link needs nothing that staff do not know, a second member of
staff approves; or a letter's code does instead: then nothing is shown until its reader has entered it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain import email_address, letter, nickname
from mypage.domain import login_id as login_ids
from mypage.domain.activation import RegistrationState
from mypage.domain.signup_mail import Limit
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import approvals, calls, identity, provisional, signup, signup_mail, successions, trail
from mypage.services.approvals import AlreadyAsked, StaffRequest
from mypage.services.calls import Call
from mypage.services.provisional import Applicant, LoginIdTaken
from mypage.services.registration_mail import Registered
from mypage.services.signup import Draft
from mypage.store import drafts, holders, login_names, registrations

# The kind of its requests in the queue.
KIND: Final = "phone-signup"
SECOND, LETTER = "second", "letter"


@dataclass(frozen=True)
class Entered:
    """What the caller chose, as the member of staff typed it."""

    login_id: str
    email: str
    nickname: str


@dataclass(frozen=True)
class Hindered:
    """It cannot be done (any more): the code of a sentence."""

    code: str


def draft_hash(staff_id: str, draft_id: str) -> str:
    """Under which name a draft is kept: nobody but this member of staff finds it."""
    return signup.hashed(f"staff {staff_id} {draft_id}")


def faults(entered: Entered) -> Mapping[str, tuple[str, ...]]:
    """Codes of the rules that ``entered`` breaks, by field; fields without any are left out."""
    wrong_address = email_address.read(entered.email).problem
    found = {
        "login_id": login_ids.problems(entered.login_id),
        "email": (wrong_address,) if wrong_address else (),
        "nickname": nickname.problems(entered.nickname),
    }
    return {field: codes for field, codes in found.items() if codes}


def keep(connection: Connection, draft: Draft, entered: Entered, *, now: datetime) -> bool:
    """Keep what was typed, to be read back to the caller; False where the draft has died."""
    return drafts.change(
        connection,
        draft.browser_hash,
        now,
        login_id=login_ids.normalise(entered.login_id),
        email=email_address.read(entered.email).address,
        nickname=nickname.normalise(entered.nickname),
        expires_at=now + signup.LIFE,
    )


def holder_name(connection: Connection, customer_key: str) -> str | None:
    """The name of the customer as the master reads it; None where nobody is known. Reads only."""
    master = holders.of_key(connection, customer_key)
    return None if master is None else master["name_kana"] or master["name"]


def can_be_posted(connection: Connection, customer_key: str) -> bool:
    """Whether the master has an address to which a letter can go. Reads only."""
    master = holders.of_key(connection, customer_key)
    return master is not None and letter.recipient(dict(master)) is not None


def ask(
    connection: Connection, draft: Draft, *, language: str, staff_id: str, settings: Settings, now: datetime
) -> StaffRequest | AlreadyAsked | LoginIdTaken | Limit | Hindered:
    """[二人目に承認を依頼する]: the login id is kept for as long as the request waits."""
    begun = _begun(connection, draft, staff_id, settings, now)
    if isinstance(begun, Hindered):
        return begun
    found, call = begun
    key = found.customer_key
    for each in approvals.of_customer(connection, key, now=now):
        if each.kind == KIND:
            return AlreadyAsked(each)
    replaces = provisional.takes_place(registrations.of_customer(connection, key), now)
    wanted = signup_mail.wanted(found.email, settings=settings, replaces=replaces, now=now)
    reached = signup_mail.limit(connection, key, wanted)
    if reached is not None:
        return reached
    until = now + settings.staff_request_life
    if not _hold_login_id(connection, key, login_ids.key(found.login_id), until, now):
        return LoginIdTaken()
    drafts.remove(connection, draft.browser_hash)
    return approvals.ask(
        connection,
        kind=KIND,
        subject=key,
        customer_key=key,
        facts=_facts(found, language, call, settings),
        mark=str(found.matched_batch_id),
        staff_id=staff_id,
        life=settings.staff_request_life,
        now=now,
    )


def register_by_letter(
    connection: Connection, draft: Draft, *, language: str, staff_id: str, settings: Settings, now: datetime
) -> Registered | LoginIdTaken | Limit | Hindered:
    """[郵送の確認コードで登録する]: the mail goes out at once; nothing is shown before the code is entered."""
    begun = _begun(connection, draft, staff_id, settings, now)
    if isinstance(begun, Hindered):
        return begun
    found, call = begun
    if not can_be_posted(connection, found.customer_key):
        return Hindered("phone_signup_no_address")
    facts = _facts(found, language, call, settings)
    outcome = register(connection, found.customer_key, facts, staff_id, None, staff_id, settings, now)
    if isinstance(outcome, Registered):
        drafts.remove(connection, draft.browser_hash)
    return outcome


def _begun(
    connection: Connection, draft: Draft, staff_id: str, settings: Settings, now: datetime
) -> tuple[Draft, Call] | Hindered:
    """The draft as it is under its customer's lock, and the call for which it is asked."""
    registrations.lock(connection, draft.customer_key)
    # Of two clicks the second waited here, and the first took the draft.
    found = signup.draft(connection, draft.browser_hash, now)
    if found is None:
        return Hindered("phone_signup_sent")
    call = calls.current(connection, staff_id=staff_id, customer_key=found.customer_key, now=now)
    if call is None:
        return Hindered("phone_signup_call_needed")
    code = hindrance(connection, found.customer_key, found.matched_batch_id, settings, now)
    if code is not None:
        return Hindered(code)
    calls.use(connection, call, now=now)
    return found, call


def hindrance(
    connection: Connection, customer_key: str, matched_batch_id: int, settings: Settings, now: datetime
) -> str | None:
    """Why the customer cannot be registered now, though the identity matched a version of the master's row."""
    if successions.owner_of(connection, customer_key) is not None:
        return "phone_signup_already_registered"
    if not identity.may_still_register(connection, customer_key, settings, now):
        return "phone_signup_barred"
    master = holders.of_key(connection, customer_key)
    same = master is not None and master["batch_id"] == matched_batch_id
    return None if same else "phone_signup_master_changed"


def _facts(draft: Draft, language: str, call: Call, settings: Settings) -> dict[str, Any]:
    """Exactly what is to be registered and on whose word: in the request, for the second person to see."""
    return {
        "login_id": draft.login_id,
        "email": draft.email,
        "nickname": draft.nickname,
        "language": language,
        # The terms that were read out, and to which the caller agreed.
        "terms_version": settings.terms_version,
        "matched_batch_id": draft.matched_batch_id,
        "changed_batch_id": draft.changed_batch_id,
        "call_id": call.id,
        "caller": call.caller.word,
        "verified": [each.word for each in call.verified],
    }


def register(
    connection: Connection,
    customer_key: str,
    facts: Mapping[str, Any],
    asked_by: str,
    request_id: str | None,
    staff_id: str,
    settings: Settings,
    now: datetime,
) -> Registered | LoginIdTaken | Limit | Hindered:
    """Write the registration with its mail, and on whose word; ``request_id`` None: a letter's code stands for approval."""
    applicant = Applicant(
        customer_key=customer_key,
        matched_batch_id=facts["matched_batch_id"],
        # Requests of an older release do not say so.
        changed_batch_id=facts.get("changed_batch_id"),
        login_id=facts["login_id"],
        email=facts["email"],
        nickname=facts["nickname"],
        language=facts["language"],
        terms_version=facts["terms_version"],
        made_by=asked_by,
        letter_for_approval=request_id is None,
    )
    outcome = provisional.put(connection, applicant, settings=settings, actor=actor(staff_id), now=now)
    if isinstance(outcome, Registered):
        trail.record(
            connection,
            Action.PHONE_SIGNUP_MADE,
            actor=actor(staff_id),
            now=now,
            customer_key=customer_key,
            registration_id=outcome.registration_id,
            proof=LETTER if request_id is None else SECOND,
            terms_read_out=facts["terms_version"],
            call_id=facts["call_id"],
            caller=facts["caller"],
            verified=facts["verified"],
            asked_by=asked_by,
            request_id=request_id,
        )
    return outcome


def _hold_login_id(
    connection: Connection, customer_key: str, login_key: str, until: datetime, now: datetime
) -> bool:
    if has_it_pending(connection, customer_key, login_key):
        return True
    claimed_by = login_names.claim_of(customer_key)
    return login_names.claim(connection, login_key, claimed_by=claimed_by, expires_at=until, now=now)


def has_it_pending(connection: Connection, customer_key: str, login_key: str) -> bool:
    """Whether the customer's pending registration has this id: then the claim is its, and lasts as long as it does."""
    row = registrations.of_customer(connection, customer_key)
    return row is not None and row["state"] == RegistrationState.PENDING and row["login_key"] == login_key
