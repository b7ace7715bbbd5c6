"""Screen 5 of a signup on the telephone: number, telephone, and a password of one's own."""

from flask import request
from flask.typing import ResponseReturnValue

from mypage.adapters import passwords
from mypage.domain.link import LinkState
from mypage.services import activation, activation_by_phone
from mypage.services.activation import (
    CHOSEN_HERE,
    Activated,
    AlreadyRegistered,
    Attempt,
    Link,
    LoginIdTaken,
    UnderWay,
)
from mypage.services.activation_by_phone import Missed, Typed, Weak
from mypage.services.throttle import Waiting
from mypage.subscriber.activation_pages import concluded, read, shown
from mypage.subscriber.signup import VISITOR
from mypage.subscriber.signup_forms import PhoneActivationForm
from mypage.web import waiting
from mypage.web.client_address import client_address
from mypage.web.house import house, now
from mypage.web.pages import page

# One that was set by the first of two clicks is verified by the second.
_TWICE = 2


def is_sent() -> bool:
    """Whether this request sent this form, and not that of a signup on the web."""
    return "customer_number" in request.form


def form_page(form: PhoneActivationForm, token: str) -> str:
    """The form, with what was typed; the password is asked again."""
    return page(
        "subscriber/signup/activate_by_phone.html",
        form=form,
        errors=form.errors,
        token=token,
        profile=house().settings.password_profile,
    )


def enter(token: str) -> ResponseReturnValue:
    """[本登録する]: count the try, hash or verify outside any transaction, activate."""
    form, facts = PhoneActivationForm(house().settings), read(token)
    typed = form.typed()
    if facts is None or not form.judge(activation_by_phone.weaknesses(typed, house().settings)):
        return _untried(form, token)
    for _ in range(_TWICE):
        attempt = _reserve(token, typed)
        if not isinstance(attempt, Attempt):
            return _refused(form, token, attempt)
        outcome = _activate(attempt, typed)
        if not isinstance(outcome, Link) or outcome.state is not LinkState.USED:
            break
        # Of two clicks this one came second: its password may be the one that the first has just set.
    return concluded(outcome, token)


def _untried(form: PhoneActivationForm, token: str) -> ResponseReturnValue:
    """What cannot be right changes nothing and is no try: scanners send such forms."""
    with house().database.reading() as connection:
        link = activation.look(connection, read(token), now())
    return form_page(form, token) if link.state is LinkState.GOOD and link.by_phone else shown(link, token)


def _reserve(token: str, typed: Typed) -> Attempt | Missed | Weak | Link | Waiting | UnderWay:
    facts = read(token)
    assert facts is not None  # noqa: S101 - it was read before
    with house().database.writing() as connection:
        attempt = activation_by_phone.reserve(
            connection,
            facts,
            typed,
            address=client_address(),
            settings=house().settings,
            actor=VISITOR,
            now=now(),
        )
        if isinstance(attempt, Waiting) or (
            isinstance(attempt, Link) and attempt.state is not LinkState.GOOD
        ):
            cause = attempt.cause if isinstance(attempt, Link) else "A-04"
            activation.note_refusal(connection, facts, cause, actor=VISITOR, now=now())
    return attempt


def _activate(attempt: Attempt, typed: Typed) -> Activated | Link | AlreadyRegistered | LoginIdTaken:
    settings, chosen_hash = house().settings, None
    if attempt.password_hash == CHOSEN_HERE:
        chosen_hash = passwords.hashed(typed.password)
    elif not passwords.is_right(attempt.password_hash, typed.password):
        with house().database.writing() as connection:
            activation.forgive(connection, attempt, settings=settings)
        return Link(LinkState.USED, by_phone=True)
    with house().database.writing() as connection:
        return activation.activate(
            connection, attempt, chosen_hash=chosen_hash, settings=settings, actor=VISITOR, now=now()
        )


def _refused(
    form: PhoneActivationForm, token: str, why: Missed | Weak | Link | Waiting | UnderWay
) -> ResponseReturnValue:
    match why:
        case Missed():
            form.tell("activation_proof_wrong")
        case Weak(codes=codes):
            for code in codes:
                form.refuse(form.password, code)
        case Waiting(minutes=minutes):
            form.tell("activation_proof_wait", minutes=minutes)
            return waiting.told(form_page(form, token), why)
        case UnderWay():
            return page("subscriber/signup/under_way.html", token=token)
        case Link():
            return shown(why, token)
    return form_page(form, token)
