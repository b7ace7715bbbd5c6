"""The queue and the page of a request, as they are shown: what, for whom, why, on whose word, since when."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.domain import masking, support_act, support_reason
from mypage.domain.approval import RequestState
from mypage.domain.batch import PUBLISH_REQUEST
from mypage.domain.support_act import SupportAct
from mypage.domain.support_call import Caller, Verified
from mypage.domain.support_reason import Reason
from mypage.services import approvals, call_backs, customer_state, staff_directory, support_acts
from mypage.services.approvals import StaffRequest
from mypage.services.call_backs import Number
from mypage.staff import request_kinds
from mypage.staff.act_page import tells
from mypage.staff.request_forms import ReplyForm
from mypage.web.house import house, now
from mypage.web.own_paths import SAID
from mypage.web.pages import path
from mypage.web.staff_logins import required
from mypage.web.staff_pages import page
from mypage.words.batch import KINDS
from mypage.words.sentences import sentence

_SAID: Final = frozenset(("request_did_approve", "request_did_decline", "request_did_withdraw"))
STATES: Final[Mapping[RequestState, str]] = {
    RequestState.WAITING: "承認待ち",
    RequestState.APPROVED: "承認済み",
    RequestState.DECLINED: "承認されませんでした",
    RequestState.WITHDRAWN: "取り下げ",
    RequestState.EXPIRED: "期限切れ",
    RequestState.OVERTAKEN: "状態が変わり終了",
}
_ADDRESSES: Final = (("email_before", "いまのメールアドレス"), ("email", "変更後のメールアドレス"))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the queue."""

    request: StaffRequest
    words: str
    number: str
    path: str
    asker: str
    why: str
    proof: str


@dataclass(frozen=True, slots=True)
class Word:
    """On whose word an act is asked for, as the request keeps it."""

    caller: str
    verified: Sequence[str]
    reached: str
    place: int | None
    reached_at: datetime | None
    proven_at: datetime | None


def rows(connection: Connection, requests: Sequence[StaffRequest]) -> list[Row]:
    """The lines of those requests that the role of whoever looks may see."""
    names = staff_directory.names(connection, [each.asked_by for each in requests])
    role, found = required().role, []
    for each in requests:
        kind = request_kinds.for_role(each, role)
        if kind is not None:
            target = path(kind.endpoint, request_id=each.id)
            asker = names.get(each.asked_by, each.asked_by)
            key = each.customer_key
            number = "" if key is None else customer_state.shown_number(connection, key)
            found.append(Row(each, kind.words, number, target, asker, _why(each), _proof(each)))
    return found


def queue() -> str:
    """The queue, one's own requests, and what became of those."""
    me, at = required().staff_id, now()
    with house().database.reading() as connection:
        waiting = rows(connection, approvals.waiting(connection, now=at))
        answered = rows(connection, approvals.answers(connection, me, now=at))
    new = [each for each in answered if each.request.seen_at is None]
    code = request.args.get(SAID, "")
    return page(
        "staff/requests/queue.html",
        waiting=waiting,
        answered=answered,
        new=new,
        my_id=me,
        states=STATES,
        mark=_mark(waiting, answered),
        why_ended=_why_ended,
        said=sentence(code, "ja") if code in _SAID else None,
    )


def find_act(connection: Connection, request_id: str) -> tuple[StaffRequest, SupportAct]:
    """A request about an act; the page of what is not there for any other: those are decided by other doors."""
    found = approvals.find(connection, request_id, now=now())
    act = None if found is None else support_act.named(found.kind)
    if found is None or act is None:
        abort(404)
    return found, act


def read(connection: Connection, request_id: str) -> dict[str, Any]:
    """What the page of a request about an act tells."""
    at, me = now(), required().staff_id
    found, act = find_act(connection, request_id)
    state = customer_state.of_customer(connection, found.subject, settings=house().settings, now=at)
    waits = found.state is RequestState.WAITING
    unfit = approvals.unfitness(connection, found, staff_id=me, now=at) if waits else None
    return {
        "request": found,
        "act": act,
        "state": state,
        "shown_number": customer_state.shown_number(connection, found.subject),
        "word": _word(found),
        "number": _number(call_backs.numbers(connection, state, now=at), found) if state else None,
        "changed": support_acts.change(connection, found, state) if waits else None,
        "asker": staff_directory.names(connection, [found.asked_by]).get(found.asked_by, found.asked_by),
        "is_mine": found.asked_by == me,
        "unfit": sentence(unfit, "ja") if unfit else None,
    }


def show(
    told: Mapping[str, Any], form: ReplyForm | None = None, *, shows_all: bool = False
) -> ResponseReturnValue:
    """The page of a request; 400 where ``form`` was not taken. ``shows_all``: with addresses and the asker's words."""
    found: StaffRequest = told["request"]
    moved = told["act"] in (SupportAct.CORRECT_ADDRESS, SupportAct.RESTORE_ADDRESS)
    addresses = [(label, found.facts[name]) for name, label in _ADDRESSES if moved]
    html = page(
        "staff/requests/request.html",
        **told,
        reason=support_reason.named(found.facts["reason"]).label,
        note=found.facts["note"],
        addresses=addresses if shows_all else [(label, masking.email(email)) for label, email in addresses],
        shows_all=shows_all,
        hides=bool(found.facts["note"] or addresses),
        tells=sentence(tells(told["act"], has_account=_is_of_account(found)), "ja"),
        state_words=STATES[found.state],
        changed_words=sentence(told["changed"], "ja") if told["changed"] else None,
        why_ended=_why_ended(found),
        form=form or ReplyForm(formdata=None),
        errors=form.errors if form is not None else None,
    )
    return html, 400 if form is not None and form.errors else 200


_CALLERS: Final = {each.word: each.label for each in Caller}
_VERIFIED: Final = {each.word: each.label for each in Verified}


def _word(found: StaffRequest) -> Word:
    facts = found.facts
    back, proven = facts["call_back"], facts["code_proven_at"]
    return Word(
        caller=_CALLERS[facts["caller"]],
        verified=[_VERIFIED[word] for word in facts["verified"]],
        reached="" if back is None else _CALLERS[back["reached"]],
        place=None if back is None else back["number"],
        reached_at=None if back is None else datetime.fromisoformat(back["at"]),
        proven_at=None if proven is None else datetime.fromisoformat(proven),
    )


def _is_of_account(found: StaffRequest) -> bool:
    """Only an account's address needs a call-back or a code: that of a signup on the telephone is merely approved."""
    return found.facts["call_back"] is not None or found.facts["code_proven_at"] is not None


def _number(numbers: Sequence[Number], found: StaffRequest) -> Number | None:
    """The telephone that was called back, as the master has it now."""
    back = found.facts["call_back"]
    return None if back is None else next((each for each in numbers if each.place == back["number"]), None)


def _why(found: StaffRequest) -> str:
    """The reason in a few words, where the request names one of ours; of batches which they are."""
    if found.kind == PUBLISH_REQUEST:
        return "・".join(f"取込{batch['id']}（{KINDS[batch['kind']]}）" for batch in found.facts["batches"])
    word = found.facts.get("reason", "")
    return next((each.label for each in Reason if each.word == word), "")


def _proof(found: StaffRequest) -> str:
    """How it was made sure who calls, in a few words."""
    back = found.facts.get("call_back")
    if isinstance(back, Mapping):
        return f"折り返し済（電話番号{back['number']}）"
    return "確認コード一致" if found.facts.get("code_proven_at") else ""


def _why_ended(found: StaffRequest) -> str:
    """What the asker reads of the end: the reason of whoever declined it, or what had changed."""
    if found.state is RequestState.OVERTAKEN:
        return sentence(found.reply or "act_changed", "ja", until="", minutes="")
    return found.reply or ""


def _mark(*lists: Sequence[Row]) -> str:
    """What stands for the queue as it is shown: the page looks again and again whether it is another one."""
    told = [f"{row.request.id} {row.request.state} {row.request.seen_at}" for each in lists for row in each]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
