"""The page of an act's form: what the act does to whom, what is lacking for it, and how that is got."""

from dataclasses import dataclass
from typing import Final

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.domain import email_address, masking, support_act, support_reason
from mypage.domain.customer_state import CustomerState, Standing
from mypage.domain.support_act import Needs, SupportAct
from mypage.domain.trail import Action
from mypage.services import (
    approvals,
    call_backs,
    calls,
    customer_state,
    phone_signup,
    staff_looks,
    support_acts,
    trail,
)
from mypage.services.approvals import StaffRequest
from mypage.services.call_backs import Number
from mypage.services.calls import Call
from mypage.shown import staff_timeline
from mypage.staff.act_forms import ActForm
from mypage.staff.call_forms import CallBackForm, CallForm, ProofForm
from mypage.staff.customer_pages import state_or_404
from mypage.web.house import house, now
from mypage.web.own_paths import SAID
from mypage.web.staff_logins import required
from mypage.web.staff_pages import page
from mypage.words.sentences import sentence

_SAID: Final = frozenset(("call_did_note", "call_did_end", "call_did_call_back", "call_did_prove"))
# What says that only the call-back is lacking: the page shows then how to make it.
_CALL_BACK: Final = "act_call_back_needed"


@dataclass(frozen=True, slots=True)
class ActPage:
    """What the page tells. ``lacks``: the code of why the form cannot be sent, None where it can. ``waiting``: the same
    act, asked before; ``others``: other acts that wait, which this one may overtake."""

    act: SupportAct
    state: CustomerState
    number: str
    name: str | None
    call: Call | None
    lacks: str | None
    needs: Needs
    numbers: list[Number]
    has_letter: bool
    email: str | None
    waiting: StaffRequest | None
    others: list[StaffRequest]

    @property
    def fits(self) -> bool:
        """Whether the act fits the customer, whatever else is lacking."""
        return support_act.refusal(self.act, self.state) is None

    @property
    def asks_call_back(self) -> bool:
        """Whether the page shows how to call back."""
        return self.call is not None and self.needs.call_back and self.lacks in (None, _CALL_BACK)

    @property
    def tells(self) -> str:
        """The code of what the act does: the correction of an address does more where there is an account."""
        return tells(self.act, has_account=self.state.standing is not Standing.PROVISIONAL)


def tells(act: SupportAct, *, has_account: bool) -> str:
    """The code of what an act does."""
    return f"act_tells_{act.word}{'_registered' if act is SupportAct.CORRECT_ADDRESS and has_account else ''}"


def named(word: str) -> SupportAct:
    """The act of an address; the page of what is not there where there is none."""
    act = support_act.named(word)
    if act is None:
        abort(404)
    return act


def read(connection: Connection, key: str, act: SupportAct) -> ActPage:
    """All that the page tells. Reads only."""
    at, state = now(), state_or_404(connection, key)
    call = calls.current(connection, staff_id=required().staff_id, customer_key=key, now=at)
    waiting = [
        each
        for each in approvals.of_customer(connection, key, now=at)
        # Nobody can approve the others any more: they keep nothing from being asked anew.
        if support_acts.change(connection, each, state) is None
    ]
    return ActPage(
        act=act,
        state=state,
        number=customer_state.shown_number(connection, key),
        name=masking.name(phone_signup.holder_name(connection, key)),
        call=call,
        lacks=support_acts.outlook(act, state, call),
        needs=support_act.needs(act, state),
        numbers=call_backs.numbers(connection, state, now=at),
        has_letter=call_backs.has_letter(connection, state, now=at),
        email=masking.email(support_acts.registered_address(connection, state)),
        waiting=next((each for each in waiting if each.kind == act.word), None),
        others=[each for each in waiting if each.kind != act.word],
    )


def looked_at(key: str, act: SupportAct) -> ActPage:
    """The same, for a page that comes, or comes again: who looked stands in the trail, and counts as a look."""
    session, settings, at = required(), house().settings, now()
    with house().database.writing() as connection:
        shown = read(connection, key, act)
        staff_looks.opened(
            connection,
            staff_id=session.staff_id,
            customer_key=key,
            limit=settings.staff_looks_a_day,
            now=at,
        )
        trail.record(
            connection, Action.ACT_FORM_OPENED, actor=session.actor, now=at, customer_key=key, act=act.word
        )
    return shown


def show(
    shown: ActPage,
    form: ActForm | None = None,
    *,
    back_form: CallBackForm | None = None,
    proof_form: ProofForm | None = None,
    numbers_shown: bool = False,
) -> ResponseReturnValue:
    """The page. Of its forms at most one is that which was sent; 400 where it was not taken."""
    filled = form or ActForm(formdata=None)
    filled.reason.options = [(each.word, each.label) for each in support_reason.reasons(shown.act)]
    back = back_form or CallBackForm(formdata=None)
    back.number.options = [(str(each.place), f"電話番号{each.place}") for each in shown.numbers]
    if back_form is None and len(shown.numbers) == 1:
        back.number.data = str(shown.numbers[0].place)
    sent = back_form or proof_form or form
    code = request.args.get(SAID, "")
    html = page(
        "staff/acts/act.html",
        shown=shown,
        form=filled,
        call_form=CallForm(formdata=None),
        back_form=back,
        proof_form=proof_form or ProofForm(formdata=None),
        sent=sent,
        errors=sent.errors if sent is not None else None,
        numbers_shown=numbers_shown,
        domains=email_address.LIKELY,
        suggestion=email_address.typo_suggestion(filled.email.data or ""),
        tells=sentence(shown.tells, "ja"),
        lacks=sentence(shown.lacks, "ja") if shown.lacks else None,
        others=[staff_timeline.request_label(each.kind) for each in shown.others],
        said=sentence(code, "ja") if code in _SAID else None,
    )
    return html, 400 if sent is not None and sent.errors else 200
