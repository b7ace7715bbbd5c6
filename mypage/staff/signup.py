"""電話での登録: staff sign a caller up who cannot do it alone. Who calls, what they choose, and a last look."""

import secrets

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.domain import customer_number, email_address, masking
from mypage.domain.identity import MissedItem
from mypage.domain.signup_mail import Limit
from mypage.domain.staff import Role
from mypage.domain.support_act import answer_to
from mypage.domain.support_call import Caller, Verified
from mypage.services import calls, customer_state, identity, phone_signup
from mypage.services import signup as drafts
from mypage.services.approvals import AlreadyAsked, StaffRequest
from mypage.services.identity import AlreadyRegistered, Matched, Missed
from mypage.services.phone_signup import Hindered
from mypage.services.provisional import LoginIdTaken
from mypage.services.registration_mail import Registered
from mypage.services.signup import Draft, IdCheck
from mypage.services.throttle import Waiting
from mypage.staff.customer_pages import customer_path
from mypage.staff.signup_forms import CallerProfileForm, CallerProofForm, ConsentForm
from mypage.web import waiting
from mypage.web.house import house, now
from mypage.web.own_paths import SAID
from mypage.web.pages import path
from mypage.web.staff_logins import required, roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in
from mypage.words.filters import moment_ja
from mypage.words.sentences import sentence
from mypage.words.staff_phone_signup import MISSED, spelled

doors = Blueprint("signup", __name__)
_SAID = frozenset(("phone_signup_draft_gone", "phone_signup_sent"))
_TAKEN = "login_id_taken"


@doors.get("/staff/signup")
@roles(Role.AGENT, Role.ADMIN)
def begin() -> ResponseReturnValue:
    """Who calls, and for which contract?"""
    return _proof_page(CallerProofForm(house().settings))


def _proof_again() -> str:
    return _proof_page(CallerProofForm(house().settings))


@doors.post("/staff/signup")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(CallerProofForm, again=_proof_again)
def prove() -> ResponseReturnValue:
    """[確認する]: compared as on screen 1, under the same throttles; a match is noted as this call's."""
    form = CallerProofForm(house().settings)
    caller, name = form.who(), form.called()
    if not form.judge() or caller is None:
        return _proof_page(form)
    me, draft_id = required(), secrets.token_urlsafe(12)
    with house().database.writing() as connection:
        outcome = identity.prove(
            connection,
            form.claim(),
            settings=house().settings,
            # A call centre is one address: each member of staff is counted as one.
            address=me.actor,
            actor=me.actor,
            now=now(),
        )
        if isinstance(outcome, Matched):
            hashed = phone_signup.draft_hash(me.staff_id, draft_id)
            drafts.begin(connection, outcome, form.claim(), browser_hash=hashed, now=now())
            _note_call(connection, outcome.customer_key, caller, name)
    match outcome:
        case Matched():
            return redirect(path("staff.signup.profile", draft_id=draft_id), 303)
        case AlreadyRegistered(customer_key=key):
            return _already_page(key)
        case Waiting(minutes=minutes):
            form.tell("phone_signup_waits", minutes=minutes)
            return waiting.told(_proof_page(form), outcome)
        case Missed(missed=missed):
            return _proof_page(form, missed)


def _note_call(connection: Connection, customer_key: str, caller: Caller, name: str) -> None:
    """What was compared is by what the caller is verified; a call that was noted with it already stays."""
    staff_id = required().staff_id
    noted = calls.current(connection, staff_id=staff_id, customer_key=customer_key, now=now())
    same = noted is not None and noted.caller is caller
    before = noted.verified if noted is not None and same else ()
    if Verified.IDENTITY not in before:
        calls.note(
            connection,
            staff_id=staff_id,
            customer_key=customer_key,
            caller=caller,
            verified=(Verified.IDENTITY, *before),
            name=name,
            now=now(),
        )


def _proof_page(form: CallerProofForm, missed: tuple[MissedItem, ...] = ()) -> str:
    code = request.args.get(SAID, "")
    return page(
        "staff/signup/proof.html",
        form=form,
        errors=form.errors or bool(missed),
        missed=[MISSED[item] for item in missed],
        barred=MissedItem.WEB_REGISTRATION_OFF in missed,
        read_out=sentence("identity_missed", "ja"),
        told=sentence(code, "ja") if code in _SAID else None,
        came_from=_came_from("" if MissedItem.CUSTOMER_NUMBER in missed else form.customer_number.data or ""),
    )


def _came_from(typed: str) -> str | None:
    """The customer whose page led here, or whose number was typed: a way back, nothing that is filled in."""
    key = request.args.get("for") or customer_number.fold(typed, house().settings.customer_number_pattern)
    return customer_path(key) if key and customer_state.is_key(key) else None


def _already_page(key: str) -> str:
    """Somebody has registered already: what to do if it was the caller, and if it was not."""
    with house().database.reading() as connection:
        state = customer_state.of_customer(connection, key, settings=house().settings, now=now())
        number = customer_state.shown_number(connection, key)
    acts = {cause: None if state is None else answer_to(cause, state) for cause in ("A-07", "A-08")}
    return page("staff/signup/already.html", key=key, number=number, acts=acts, errors=True)


@doors.get("/staff/signup/<draft_id>")
@roles(Role.AGENT, Role.ADMIN)
def profile(draft_id: str) -> ResponseReturnValue:
    """What does the caller choose?"""
    draft = _draft(draft_id)
    if draft is None:
        return _gone()
    form = CallerProfileForm(formdata=None)
    form.show(draft)
    if request.args.get(SAID) == _TAKEN:
        form.refuse(form.login_id, "login_id_taken_meanwhile")
    return _profile_page(form, draft, draft_id)


def _profile_again(draft_id: str) -> ResponseReturnValue:
    draft = _draft(draft_id)
    return _gone() if draft is None else _profile_page(CallerProfileForm(), draft, draft_id)


@doors.post("/staff/signup/<draft_id>")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(CallerProfileForm, again=_profile_again)
def choose(draft_id: str) -> ResponseReturnValue:
    """[内容を復唱する]: keep what was typed."""
    draft, form = _draft(draft_id), CallerProfileForm()
    if draft is None:
        return _gone()
    form.refuse_all(phone_signup.faults(form.entered()))
    checked = None
    if not form.login_id.errors:
        checked = _checked(draft, form.entered().login_id)
        if not checked.free:
            form.refuse(form.login_id, checked.code, minutes=checked.minutes)
    with house().database.writing() as connection:
        if form.refused:
            drafts.note(connection, draft, form.refused, actor=required().actor, now=now())
        kept = not form.errors and phone_signup.keep(connection, draft, form.entered(), now=now())
    if form.errors:
        return _profile_page(form, draft, draft_id, suggestions=checked.suggestions if checked else ())
    return redirect(path("staff.signup.confirm", draft_id=draft_id), 303) if kept else _gone()


@doors.get("/staff/signup/<draft_id>/id-check")
@roles(Role.AGENT, Role.ADMIN)
def id_check_page(draft_id: str) -> ResponseReturnValue:
    """The address of the answer without JavaScript, opened again."""
    return redirect(path("staff.signup.profile", draft_id=draft_id), 303)


@doors.post("/staff/signup/<draft_id>/id-check")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(CallerProfileForm, again=_profile_again)
def id_check(draft_id: str) -> ResponseReturnValue:
    """[IDチェック]: whether the id is free, as JSON or as the page with the answer in it."""
    draft, form = _draft(draft_id), CallerProfileForm()
    as_json = request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"
    if draft is None:
        told = sentence("phone_signup_draft_gone", "ja")
        return jsonify(free=None, message=told, suggestions=[]) if as_json else _gone()
    checked = _checked(draft, form.login_id.data or "")
    if as_json:
        told = sentence(checked.code, "ja", minutes=checked.minutes)
        return jsonify(free=checked.free, message=told, suggestions=list(checked.suggestions))
    return _profile_page(form, draft, draft_id, checked=checked, suggestions=checked.suggestions)


def _checked(draft: Draft, login_id: str) -> IdCheck:
    secret = house().settings.secret_keys[0]
    with house().database.writing() as connection:
        return drafts.check_login_id(connection, draft, login_id, secret=secret, now=now())


def _profile_page(
    form: CallerProfileForm,
    draft: Draft,
    draft_id: str,
    *,
    checked: IdCheck | None = None,
    suggestions: tuple[str, ...] = (),
) -> str:
    return page(
        "staff/signup/profile.html",
        form=form,
        errors=form.errors,
        draft_id=draft_id,
        who=_who(draft),
        answer=sentence(checked.code, "ja", minutes=checked.minutes) if checked else None,
        is_free=checked.free if checked else None,
        suggestions=suggestions,
        domains=email_address.LIKELY,
    )


@doors.get("/staff/signup/<draft_id>/confirm")
@roles(Role.AGENT, Role.ADMIN)
def confirm(draft_id: str) -> ResponseReturnValue:
    """Read it back to the caller."""
    draft = _draft(draft_id)
    if draft is None:
        return _gone()
    if not draft.login_id:
        return redirect(path("staff.signup.profile", draft_id=draft_id), 303)
    form = ConsentForm(formdata=None)
    form.language.data = "ja"
    return _confirm_page(form, draft, draft_id)


def _confirm_again(draft_id: str) -> ResponseReturnValue:
    draft = _draft(draft_id)
    return _gone() if draft is None else _confirm_page(ConsentForm(), draft, draft_id)


@doors.post("/staff/signup/<draft_id>/confirm")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ConsentForm, again=_confirm_again)
def send(draft_id: str) -> ResponseReturnValue:
    """[二人目に承認を依頼する] or [郵送の確認コードで登録する], or the address that was probably meant."""
    draft, form = _draft(draft_id), ConsentForm()
    if draft is None:
        return _gone("phone_signup_sent")
    if "take_suggestion" in request.form:
        with house().database.writing() as connection:
            drafts.take_suggestion(connection, draft, now())
        return redirect(path("staff.signup.confirm", draft_id=draft_id), 303)
    if not form.judge():
        return _confirm_page(form, draft, draft_id)
    deed = phone_signup.register_by_letter if "letter" in request.form else phone_signup.ask
    with house().database.writing() as connection:
        outcome = deed(
            connection,
            draft,
            language=form.language.data,
            staff_id=required().staff_id,
            settings=house().settings,
            now=now(),
        )
    match outcome:
        case StaffRequest(id=request_id) | AlreadyAsked(request=StaffRequest(id=request_id)):
            return redirect(path("staff.signup_requests.request_page", request_id=request_id), 303)
        case Registered():
            return redirect(customer_path(draft.customer_key, "act_did_phone_signup"), 303)
        case LoginIdTaken():
            return redirect(path("staff.signup.profile", draft_id=draft_id, said=_TAKEN), 303)
        case Limit(code=code, until=until):
            form.tell(code, until=moment_ja(until))
        case Hindered(code=code):
            form.tell(code)
    return _confirm_page(form, draft, draft_id)


def _confirm_page(form: ConsentForm, draft: Draft, draft_id: str) -> str:
    with house().database.reading() as connection:
        can_be_posted = phone_signup.can_be_posted(connection, draft.customer_key)
    return page(
        "staff/signup/confirm.html",
        form=form,
        errors=form.errors,
        draft=draft,
        draft_id=draft_id,
        who=_who(draft),
        spelled=spelled(draft.email),
        suggestion=email_address.typo_suggestion(draft.email),
        can_be_posted=can_be_posted,
    )


def _draft(draft_id: str) -> Draft | None:
    hashed = phone_signup.draft_hash(required().staff_id, draft_id)
    with house().database.reading() as connection:
        return drafts.draft(connection, hashed, now())


def _who(draft: Draft) -> dict[str, str | None]:
    """Whose contract it is, as far as staff see it without [表示する]."""
    with house().database.reading() as connection:
        name = phone_signup.holder_name(connection, draft.customer_key)
        number = customer_state.shown_number(connection, draft.customer_key)
    return {"key": draft.customer_key, "number": number, "name": masking.name(name)}


def _gone(said: str = "phone_signup_draft_gone") -> ResponseReturnValue:
    return redirect(path("staff.signup.begin", said=said), 303)
