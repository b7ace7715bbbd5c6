"""Screens 1 to 3 of the signup: 認証情報, 初期情報, 確認."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from mypage.adapters import passwords
from mypage.domain import email_address
from mypage.domain.activation import LinkState
from mypage.domain.kept_form import Owner
from mypage.domain.signup_mail import Limit
from mypage.services import identity, registration
from mypage.services import signup as drafts
from mypage.services.identity import AlreadyRegistered, Matched, Missed
from mypage.services.registration import DraftGone, LoginIdTaken, PasswordAsked, Registered
from mypage.services.signup import Draft, IdCheck
from mypage.services.throttle import Waiting
from mypage.subscriber import signup_cookie
from mypage.subscriber.signup_forms import ProfileForm
from mypage.web import kept_form, waiting
from mypage.web import stumbles as strangers
from mypage.web.client_address import client_address
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.language import language
from mypage.web.pages import page, path
from mypage.web.proof_form import ProofForm
from mypage.web.typed import typed_in
from mypage.words.filters import filters
from mypage.words.sentences import sentence

AnyForm = TypeVar("AnyForm", bound=Form)
doors = Blueprint("signup", __name__)
VISITOR = "visitor"
# Words that a redirect may bring to a page; anything else in the address says nothing.
_SAID = frozenset(("draft_expired", "draft_other", "password_again", "login_id_taken_meanwhile"))
_WINDOW_FROM_MISSES = 3


def _said() -> str | None:
    """The code of what a redirect has to say."""
    code = request.args.get("said", "")
    return code if code in _SAID else None


def _told(*codes: str) -> str | None:
    """The sentence of it, if it is one of ``codes``."""
    code = _said()
    return sentence(code, language()) if code and code in codes else None


@doors.get("/signup")
def proof() -> ResponseReturnValue:
    """Screen 1: who are you?"""
    return _proof_page(ProofForm(house().settings))


def _proof_again() -> str:
    return _proof_page(ProofForm(house().settings))


@doors.post("/signup")
@typed_in(ProofForm, again=_proof_again)
def prove() -> ResponseReturnValue:
    """[認証]: compare with the master, and open a draft on a match."""
    form = ProofForm(house().settings)
    if not form.judge():
        strangers.count("proof", form.refused)
        return _proof_page(form)
    token = signup_cookie.held() or signup_cookie.new_token()
    with house().database.writing() as connection:
        outcome = identity.prove(
            connection,
            form.claim(),
            settings=house().settings,
            address=client_address(),
            actor=VISITOR,
            now=now(),
        )
        if isinstance(outcome, Matched):
            former = drafts.draft(connection, drafts.hashed(token), now())
            if former is None or former.customer_key != outcome.customer_key:
                # Not the token of before: what stood behind it was another customer's.
                token = signup_cookie.new_token()
            drafts.begin(connection, outcome, form.claim(), browser_hash=drafts.hashed(token), now=now())
    match outcome:
        case Matched(customer_key=customer_key):
            kept_form.hand_to(Owner(customer_key=customer_key))
            return signup_cookie.give(redirect(path("signup.profile"), 303), token)
        case AlreadyRegistered():
            return page("subscriber/signup/already.html")
        case Waiting(minutes=minutes):
            form.tell("identity_wait", minutes=minutes)
            return waiting.told(_proof_page(form, window=True), outcome)
        case Missed(misses=misses):
            form.tell("identity_missed")
            return _proof_page(form, window=misses >= _WINDOW_FROM_MISSES)


def _proof_page(form: ProofForm, *, window: bool = False) -> str:
    return page(
        "subscriber/signup/proof.html",
        form=form,
        errors=form.errors,
        window=window,
        kept=kept_form.waits_for("customer"),
        told=_told("draft_expired"),
    )


@doors.get("/signup/profile")
def profile() -> ResponseReturnValue:
    """Screen 2: how will you log in?"""
    draft = _draft()
    if draft is None:
        return _elsewhere()
    kept_form.belongs_to(Owner(customer_key=draft.customer_key))
    typed = kept_form.taken_up()
    form = ProfileForm(formdata=typed)
    if typed is None:
        form.show(draft)
    code = _said()
    if code == "login_id_taken_meanwhile":
        form.refuse(form.login_id, code)
    elif code == "password_again":
        form.refuse(form.password, code)
    return _profile_page(form, draft)


def _profile_again() -> ResponseReturnValue:
    draft = _draft()
    if draft is None:
        return _elsewhere(keeping=True)
    if _is_of_another(draft):
        return redirect(path("signup.profile", said="draft_other"), 303)
    return _profile_page(ProfileForm(), draft)


@doors.post("/signup/profile")
@typed_in(ProfileForm, along=("draft",), again=_profile_again)
def choose() -> ResponseReturnValue:
    """[確認する]: keep what was typed, the password as its hash only."""
    draft = _draft()
    if draft is None:
        return _elsewhere(keeping=True)
    if _is_of_another(draft):
        strangers.count(drafts.STEP, {"E-02": ["draft_other"]})
        return redirect(path("signup.profile", said="draft_other"), 303)
    kept_form.sent()
    form = ProfileForm()
    typed = form.profile()
    faults = drafts.faults(draft, typed, house().settings)
    form.refuse_all(faults)
    checked = None
    if "login_id" not in faults:
        checked = _checked(draft, typed.login_id)
        if not checked.free:
            form.refuse(form.login_id, checked.code, minutes=checked.minutes)
    if form.refused:
        with house().database.writing() as connection:
            drafts.note(connection, draft, form.refused, actor=VISITOR, now=now())
    if form.errors:
        return _profile_page(form, draft, suggestions=checked.suggestions if checked else ())
    password_hash = passwords.hashed(typed.password)
    with house().database.writing() as connection:
        if not drafts.fill_in(connection, draft, typed, password_hash=password_hash, now=now()):
            return _elsewhere(keeping=True)
        if email_address.typo_suggestion(typed.email) is not None:
            asked = {"B-03": ["email_typo"]}
            drafts.note(connection, draft, asked, actor=VISITOR, now=now())
    return redirect(path("signup.confirm"), 303)


@doors.get("/signup/id-check")
def id_check_page() -> ResponseReturnValue:
    """The address of the answer without JavaScript, opened again."""
    return redirect(path("signup.profile"), 303)


@doors.post("/signup/id-check")
@typed_in(ProfileForm, along=("draft",), again=_profile_again)
def id_check() -> ResponseReturnValue:
    """[IDチェック]: whether the id is free, as JSON or as screen 2 with the answer in it, never with the password."""
    draft = _draft()
    as_json = request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"
    if draft is None:
        told = sentence("draft_expired", language())
        return jsonify(free=None, message=told, suggestions=[]) if as_json else _elsewhere(keeping=True)
    form = ProfileForm()
    checked = _checked(draft, form.login_id.data or "")
    if as_json:
        told = sentence(checked.code, language(), minutes=checked.minutes)
        return jsonify(free=checked.free, message=told, suggestions=list(checked.suggestions))
    return _profile_page(form, draft, checked=checked)


def _checked(draft: Draft, login_id: str) -> IdCheck:
    secret = house().settings.secret_keys[0]
    with house().database.writing() as connection:
        return drafts.check_login_id(connection, draft, login_id, secret=secret, now=now())


def _profile_page(
    form: ProfileForm, draft: Draft, *, checked: IdCheck | None = None, suggestions: Sequence[str] = ()
) -> str:
    kept_form.belongs_to(Owner(customer_key=draft.customer_key))
    return page(
        "subscriber/signup/profile.html",
        form=form,
        errors=form.errors,
        draft=draft,
        told=_told("draft_other"),
        answer=sentence(checked.code, language(), minutes=checked.minutes) if checked else None,
        is_free=checked.free if checked else None,
        suggestions=checked.suggestions if checked else suggestions,
        domains=email_address.LIKELY,
        profile=house().settings.password_profile,
    )


@doors.get("/signup/confirm")
def confirm() -> ResponseReturnValue:
    """Screen 3: is everything right?"""
    draft = _draft()
    if draft is None:
        return _elsewhere()
    if draft.password_hash is None:
        return _asks_password(draft)
    return _confirm_page(draft)


@doors.post("/signup/confirm")
def register() -> ResponseReturnValue:
    """[仮登録する], or [入力画面に戻る], or the address that was probably meant."""
    draft = _draft()
    if draft is None:
        return _elsewhere()
    if _is_of_another(draft):
        strangers.count(drafts.STEP, {"E-02": ["draft_other"]})
        return redirect(path("signup.confirm", said="draft_other"), 303)
    with house().database.writing() as connection:
        if "back" in request.form:
            drafts.go_back(connection, draft.browser_hash, now())
            return redirect(path("signup.profile"), 303)
        if "take_suggestion" in request.form:
            drafts.take_suggestion(connection, draft, now())
            return redirect(path("signup.confirm"), 303)
        outcome = registration.register(
            connection,
            browser_hash=draft.browser_hash,
            settings=house().settings,
            language=language(),
            actor=VISITOR,
            now=now(),
        )
    match outcome:
        case Registered():
            return redirect(path("registration.done"), 303)
        case DraftGone():
            return _elsewhere()
        case PasswordAsked():
            return _asks_password(draft)
        case LoginIdTaken():
            return redirect(path("signup.profile", said="login_id_taken_meanwhile"), 303)
        case AlreadyRegistered():
            return page("subscriber/signup/already.html")
        case Limit():
            return _confirm_page(draft, limit_told(Form(), outcome))


def whole_minute(instant: datetime) -> datetime:
    """The next full minute: pages tell no seconds, and whoever comes back at the minute told is not too early."""
    return (instant + timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)


def limit_told(form: AnyForm, limit: Limit) -> AnyForm:
    """``form`` with the sentence why no mail goes out now, and from when on one may."""
    form.tell(limit.code, until=filters(language())["moment"](whole_minute(limit.until)))
    return form


def _confirm_page(draft: Draft, form: Form | None = None) -> str:
    return page(
        "subscriber/signup/confirm.html",
        form=form,
        errors=form.errors if form else None,
        draft=draft,
        suggestion=email_address.typo_suggestion(draft.email),
        told=_told("draft_other"),
    )


@doors.get("/terms")
def terms() -> str:
    """利用規約."""
    return page("subscriber/signup/terms.html")


@doors.get("/privacy")
def privacy() -> str:
    """利用目的."""
    return page("subscriber/signup/privacy.html")


def _draft() -> Draft | None:
    with house().database.reading() as connection:
        return drafts.draft(connection, signup_cookie.browser_hash(), now())


def _is_of_another(draft: Draft) -> bool:
    """Whether the form belongs to a draft that another tab has replaced."""
    return request.form.get("draft", "") != draft.mark


def _asks_password(draft: Draft) -> ResponseReturnValue:
    # Whoever opens screen 3 before screen 2 has nothing to type again.
    asked = {"said": "password_again"} if draft.login_id else {}
    return redirect(path("signup.profile", **asked), 303)


def _elsewhere(*, keeping: bool = False) -> ResponseReturnValue:
    """Without a draft: on to what this browser has registered, else to the beginning.

    ``keeping``: screen 2 was sent. What was typed is there again once the same customer is proven anew.
    """
    if request.method == "POST":
        strangers.count(drafts.STEP, {"E-02": ["draft_gone"]})
    browser_hash = signup_cookie.browser_hash()
    with house().database.reading() as connection:
        registered = registration.pending(connection, browser_hash, now()) is not None
        registered = registered or registration.ended(connection, browser_hash) is LinkState.USED
    if registered:
        return redirect(path("registration.done"), 303)
    if keeping and kept_form.keep("D-05", path("signup.profile")):
        return redirect(path("signup.proof"), 303)
    asked = {"said": "draft_expired"} if signup_cookie.held() else {}
    return redirect(path("signup.proof", **asked), 303)
