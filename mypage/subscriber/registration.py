"""Screen 4, 仮登録: where the mail went, and what to do when it does not come."""

from datetime import timedelta

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain import email_address
from mypage.domain.mail_progress import Stage
from mypage.domain.signup_mail import Limit
from mypage.domain.throttle import minutes_to_tell
from mypage.services import registration as deeds
from mypage.services.registration import DraftGone, Pending, Registered, TooSoon
from mypage.subscriber import signup_cookie
from mypage.subscriber.signup import VISITOR, AnyForm, limit_told
from mypage.subscriber.signup_forms import AddressForm
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.language import language
from mypage.web.pages import page, path
from mypage.web.typed import typed_in
from mypage.words.sentences import sentence

doors = Blueprint("registration", __name__)
_SAID = frozenset(("mail_resent", "address_corrected"))


@doors.get("/signup/done")
def done() -> ResponseReturnValue:
    """The mail is on its way."""
    pending = _pending()
    return _not_pending() if pending is None else _done_page(pending)


@doors.get("/signup/resend")
def resend_page() -> ResponseReturnValue:
    """The address of [メールを再送する], opened again."""
    return redirect(path("registration.done"), 303)


def _done_again() -> ResponseReturnValue:
    return redirect(path("registration.done", said="form_old"), 303)


@doors.post("/signup/resend")
@typed_in(again=_done_again)
def resend() -> ResponseReturnValue:
    """[メールを再送する]."""
    with house().database.writing() as connection:
        outcome = deeds.resend(
            connection,
            browser_hash=signup_cookie.browser_hash(),
            settings=house().settings,
            actor=VISITOR,
            now=now(),
        )
    match outcome:
        case Registered():
            return redirect(path("registration.done", said="mail_resent"), 303)
        case DraftGone():
            return _not_pending()
        case TooSoon() | Limit():
            pending = _pending()
            if pending is None:
                return _not_pending()
            if _is_second_click(pending):
                return redirect(path("registration.done", said="mail_resent"), 303)
            return _done_page(pending, _told(Form(), outcome))


@doors.get("/signup/email")
def email() -> ResponseReturnValue:
    """The form of [メールアドレスを訂正する]."""
    pending = _pending()
    if pending is None:
        return _not_pending()
    form = AddressForm(formdata=None)
    form.email.data = pending.email
    return _email_page(form)


def _email_again() -> ResponseReturnValue:
    return _not_pending() if _pending() is None else _email_page(AddressForm())


@doors.post("/signup/email")
@typed_in(AddressForm, along=("after",), again=_email_again)
def correct_email() -> ResponseReturnValue:
    """[メールアドレスを訂正する]: the mail goes to another address, the rest stays."""
    form = AddressForm()
    read = email_address.read(form.email.data or "")
    if read.problem is not None:
        form.refuse(form.email, read.problem)
        return _email_page(form) if _noted(form) else _not_pending()
    with house().database.writing() as connection:
        outcome = deeds.correct_address(
            connection,
            browser_hash=signup_cookie.browser_hash(),
            email=read.address,
            settings=house().settings,
            actor=VISITOR,
            now=now(),
        )
    match outcome:
        case Registered():
            return redirect(path("registration.done", said="address_corrected"), 303)
        case DraftGone():
            return _not_pending()
        case TooSoon() | Limit():
            pending = _pending()
            if pending is not None and pending.email == read.address and _is_second_click(pending):
                return redirect(path("registration.done", said="address_corrected"), 303)
            return _email_page(_told(form, outcome))


def _pending() -> Pending | None:
    with house().database.reading() as connection:
        return deeds.pending(connection, signup_cookie.browser_hash(), now())


def _noted(form: AddressForm) -> bool:
    """Whether there is a registration, in whose timeline stands then what the form did not take."""
    if _pending() is None:
        return False
    with house().database.writing() as connection:
        browser = signup_cookie.browser_hash()
        deeds.note_address(connection, browser, form.refused, actor=VISITOR, now=now())
    return True


def _is_second_click(pending: Pending) -> bool:
    """Whether a mail went into the queue after the page with this form was made: the first click did that."""
    return request.form.get("after") not in (None, _mark(pending))


def _mark(pending: Pending) -> str:
    return pending.resend_from.isoformat()


def _not_pending() -> ResponseReturnValue:
    """Activated, expired, or another browser: each has its next step."""
    with house().database.reading() as connection:
        ended = deeds.ended(connection, signup_cookie.browser_hash())
    if ended is None:
        return redirect(path("signup.proof"), 303)
    return page(f"subscriber/signup/{ended.value}.html")


def _told(form: AnyForm, outcome: TooSoon | Limit) -> AnyForm:
    if isinstance(outcome, Limit):
        return limit_told(form, outcome)
    form.tell("resend_too_soon", minutes=minutes_to_tell(outcome.until - now()))
    return form


def _done_page(pending: Pending, form: Form | None = None) -> str:
    code = request.args.get("said", "")
    refused = pending.mail.stage is Stage.REFUSED
    return page(
        "subscriber/signup/done.html",
        form=form,
        errors=form.errors if form else refused,
        pending=pending,
        after=_mark(pending),
        said=sentence(code, language()) if code in _SAID else None,
        suggestion=email_address.typo_suggestion(pending.email),
        resend_in=minutes_to_tell(max(pending.resend_from - now(), timedelta())),
    )


def _email_page(form: AddressForm) -> str:
    pending = _pending()
    return page(
        "subscriber/signup/email.html",
        form=form,
        errors=form.errors,
        domains=email_address.LIKELY,
        after=_mark(pending) if pending else "",
    )
