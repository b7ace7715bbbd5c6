"""An act of staff for a caller: who may, for whom, why; done at once, or asked of a second person (specification §5).

Each act leaves the row of its deed and one of its own, ``act.done``, with who asked whom for it, in the transaction that
does it. A form carries the mark of the state that its page showed; whatever came first, the act is done once at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain import support_act as rules
from mypage.domain import support_reason
from mypage.domain.customer_state import CustomerState
from mypage.domain.staff import actor
from mypage.domain.support_act import SupportAct
from mypage.domain.support_reason import Reason
from mypage.domain.trail import Action, canonical
from mypage.services import approvals, calls, customer_state, support_deeds, trail
from mypage.services.approvals import AlreadyAsked, StaffRequest, Unfit
from mypage.services.approvals import Settled as Decided
from mypage.services.calls import Call
from mypage.services.support_deeds import Done, Hindered, Task
from mypage.store import accounts, former_addresses, holders, registrations

# Kinds of requests that are acts of this file: others are approved elsewhere.
KINDS: Final = frozenset(act.word for act in SupportAct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a member of staff wants done. ``email`` is read as good; ``mark`` is that of the state on their page."""

    act: SupportAct
    customer_key: str
    staff_id: str
    mark: str
    reason: Reason
    note: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done: the code of a sentence, and until when where it is a matter of time."""

    code: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outdated:
    """The customer is not as the page showed any more: nothing was done."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The customer is not as at the asking, or it cannot be done any more: the request has ended (code of a sentence)."""

    code: str


def do(
    connection: Connection, asked: Asked, *, settings: Settings, now: datetime
) -> Done | StaffRequest | Refused | AlreadyAsked | Outdated:
    """Do an act, or ask a second person for it where one alone may not."""
    act, key = asked.act, asked.customer_key
    state = _locked_state(connection, act, key, settings, now)
    if state is None or state.mark != asked.mark:
        return Outdated()
    call = calls.current(connection, staff_id=asked.staff_id, customer_key=key, now=now)
    code = outlook(act, state, call)
    if code is not None:
        return Refused(code)
    assert call is not None  # noqa: S101 - else it would lack
    calls.use(connection, call, now=now)
    facts = _facts(connection, asked, state, call)
    if act is SupportAct.CORRECT_ADDRESS and facts["email"] == facts["email_before"]:
        return Refused("act_same_address")
    if rules.needs(act, state).approval:
        return _ask_second(connection, asked, state, facts, settings, now)
    outcome = support_deeds.carry_out(connection, act, _task(state, asked.staff_id, facts, settings, now))
    if isinstance(outcome, Hindered):
        return Refused(outcome.code, outcome.until)
    _record(connection, act, state, facts, outcome, asked.staff_id, None, now)
    return outcome


def approve(
    connection: Connection, request_id: str, *, staff_id: str, settings: Settings, now: datetime
) -> Done | Unfit | Decided | Overtaken:
    """A second person agrees: the act is done in this transaction, if all is as it was when it was asked."""
    found = approvals.find(connection, request_id, now=now)
    act = None if found is None else rules.named(found.kind)
    if found is None or act is None or found.customer_key is None:
        return Decided(None)
    # The customer before the request, as whoever asks does.
    state = _locked_state(connection, act, found.customer_key, settings, now)
    request = approvals.open_for(connection, request_id, staff_id=staff_id, now=now)
    if not isinstance(request, StaffRequest):
        return request
    code = change(connection, request, state)
    if code is not None:
        return _overtaken(connection, request, code, staff_id, now)
    assert state is not None  # noqa: S101 - else it would have changed
    outcome = support_deeds.carry_out(connection, act, _task(state, staff_id, request.facts, settings, now))
    if isinstance(outcome, Hindered):
        return _overtaken(connection, request, outcome.code, staff_id, now)
    approvals.approve(connection, request, staff_id=staff_id, now=now)
    _record(connection, act, state, request.facts, outcome, staff_id, request, now)
    return outcome


def outlook(act: SupportAct, state: CustomerState, call: Call | None) -> str | None:
    """Why an act would be refused now, as the code of a sentence; None where its form can be sent."""
    return rules.refusal(act, state) or _lacks(act, state, call)


def change(connection: Connection, request: StaffRequest, state: CustomerState | None) -> str | None:
    """Why what was asked is not to be done any more, as the code of a sentence; None if it is. Reads only."""
    act = rules.named(request.kind)
    if state is None or act is None:
        return "act_changed"
    code = rules.refusal(act, state)
    if code is not None:
        return code
    return None if _mark(connection, state, request.facts) == request.mark else "act_changed"


def registered_address(connection: Connection, state: CustomerState) -> str | None:
    """The address of the account, or of the registration that is not activated yet. Reads only."""
    account = accounts.by_id(connection, state.account_id or "")
    row = account or registrations.of_customer(connection, state.registration_key or "")
    return None if row is None else str(row["email"])


def _lacks(act: SupportAct, state: CustomerState, call: Call | None) -> str | None:
    if call is None:
        return "act_call_needed"
    if act.hands_over and not call.may_hand_over:
        return "act_code_only"
    needs_call_back = rules.needs(act, state).call_back
    return "act_call_back_needed" if needs_call_back and not call.is_doubly_proven else None


def _locked_state(
    connection: Connection, act: SupportAct, customer_key: str, settings: Settings, now: datetime
) -> CustomerState | None:
    if not customer_state.is_key(customer_key):
        return None
    customer_state.lock(connection, customer_key, account=act is not SupportAct.LIFT_WAITS)
    return customer_state.of_customer(connection, customer_key, settings=settings, now=now)


def _facts(connection: Connection, asked: Asked, state: CustomerState, call: Call) -> dict[str, Any]:
    """Exactly what is to be done and on whose word: in the request, for the second person to see."""
    back, email = call.call_back, asked.email
    if asked.act is SupportAct.RESTORE_ADDRESS:
        email = former_addresses.kept(connection, state.account_id or "") or ""
    return {
        "reason": asked.reason.word,
        "note": asked.note,
        "email": email,
        "email_before": registered_address(connection, state) or "",
        "call_id": call.id,
        "caller": call.caller.word,
        "verified": [each.word for each in call.verified],
        "call_back": None
        if back is None
        else {"number": back.number, "reached": back.reached.word, "at": back.at.isoformat()},
        "code_proven_at": None if call.code_proven_at is None else call.code_proven_at.isoformat(),
    }


def _ask_second(
    connection: Connection,
    asked: Asked,
    state: CustomerState,
    facts: Mapping[str, Any],
    settings: Settings,
    now: datetime,
) -> StaffRequest | AlreadyAsked:
    for other in approvals.of_customer(connection, asked.customer_key, now=now):
        code = change(connection, other, state) if other.kind == asked.act.word else None
        if code is not None:
            # Nobody can approve that one any more: else it would keep this one out until it expires.
            approvals.supersede(connection, other.id, staff_id=asked.staff_id, reason=code, now=now)
    return approvals.ask(
        connection,
        kind=asked.act.word,
        subject=asked.customer_key,
        customer_key=asked.customer_key,
        facts=facts,
        mark=_mark(connection, state, facts),
        staff_id=asked.staff_id,
        life=settings.staff_request_life,
        now=now,
    )


def _mark(connection: Connection, state: CustomerState, facts: Mapping[str, Any]) -> str:
    """The state that an approval is bound to: the customer's, the account's addresses, and the master's telephones."""
    master = holders.of_key(connection, state.current_key)
    phones = () if master is None else (master["phone"], master["phone2"])
    email = registered_address(connection, state)
    former = former_addresses.kept(connection, state.account_id or "")
    return rules.bound(state, email, former, *phones, canonical(facts))


def _overtaken(
    connection: Connection, request: StaffRequest, code: str, staff_id: str, now: datetime
) -> Overtaken:
    approvals.overtake(connection, request, staff_id=staff_id, reason=code, now=now)
    return Overtaken(code)


def _task(
    state: CustomerState, staff_id: str, facts: Mapping[str, Any], settings: Settings, now: datetime
) -> Task:
    label = support_reason.named(facts["reason"]).label
    reason = f"{label}：{facts['note']}" if facts["note"] else label
    return Task(
        state=state, staff_id=staff_id, reason=reason, email=facts["email"], settings=settings, now=now
    )


def _record(
    connection: Connection,
    act: SupportAct,
    state: CustomerState,
    facts: Mapping[str, Any],
    done: Done,
    staff_id: str,
    request: StaffRequest | None,
    now: datetime,
) -> None:
    """Who asked whom for what, and what it was before and after; free text and addresses as the detail."""
    note = {"note": facts["note"]} if facts["note"] else {}
    detail = {**note, **done.detail}
    trail.record(
        connection,
        Action.ACT_DONE,
        actor=actor(staff_id),
        now=now,
        customer_key=state.customer_key,
        account_id=state.account_id,
        detail=detail or None,
        act=act.word,
        reason=facts["reason"],
        call_id=facts["call_id"],
        caller=facts["caller"],
        verified=facts["verified"],
        call_back=_call_back_told(facts),
        asked_by=staff_id if request is None else request.asked_by,
        request_id=None if request is None else request.id,
        before=done.before,
        after=done.after,
    )


def _call_back_told(facts: Mapping[str, Any]) -> str | None:
    """``phone 1``, ``phone 2``, ``code`` or None."""
    if facts["call_back"] is not None:
        return f"phone {facts['call_back']['number']}"
    return "code" if facts["code_proven_at"] is not None else None
