"""The form that a person sent after the session had ended: kept until they are back (first-try D-05).

Each form of a closed page carries a signed mark of the account that it was made for; so does screen 2 of the signup,
of its customer. The mark says whose the text is, however long ago the session was forgotten, and nobody can make
one: so no stranger can leave anything here.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask import Response, after_this_request, g, request
from werkzeug.datastructures import MultiDict

from mypage.adapters.tokens import Signed, Tokens
from mypage.domain.kept_form import LIFE, Owner
from mypage.services import kept_form as service
from mypage.services.kept_form import KeptForm
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now
from mypage.web.own_paths import place
from mypage.web.typed import WHOSE, typed

_COOKIE: Final = "kept"
_PURPOSE: Final = "form-owner"
_LONGEST: Final = 64
# A page may have been open for long; the mark opens nothing.
_MARK_LIFE: Final = timedelta(days=400)


def belongs_to(owner: Owner | None) -> None:
    """The forms of this page are ``owner``'s, or nobody's. On a closed page they are the account's without a word."""
    g.form_owner = owner


def mark() -> str:
    """The mark for the forms of this page; empty where they are anybody's."""
    owner = _owner()
    if owner is None:
        return ""
    if owner.staff_id:
        payload = {"f": owner.staff_id}
    else:
        payload = {"a": owner.account_id} if owner.account_id else {"k": owner.customer_key or ""}
    return Tokens(house().settings.secret_keys).sign(_PURPOSE, payload, now())


def is_of_another() -> bool:
    """Whether the form that came was made for another owner than who is here now."""
    sender = _sender()
    return sender is not None and sender != _owner()


def made_at() -> datetime | None:
    """When the page of the form that came was made, exact to the second; None where it does not say."""
    read = _read_mark()
    return read.signed_at if read is not None else None


def keep(cause: str, page: str | None = None) -> bool:
    """Keep what was typed, if the form says whose it is; False where nothing was kept.

    ``page``: the path of the form's page, where it is not the one that the form was sent to.
    """
    sender, text, at = _sender(), typed(), now()
    if sender is None or not text:
        return False
    token = secrets.token_urlsafe(32)
    with house().database.writing() as connection:
        kept = service.keep(
            connection,
            token=token,
            owner=sender,
            place=page or place(),
            form=page or str(request.url_rule),
            typed=text,
            cause=cause,
            secret=house().settings.secret_keys[0],
            now=at,
        )
    if kept:
        _give(token)
    return kept


def waits_for(kind: str) -> bool:
    """Whether this browser left a form of an ``account`` or a ``customer`` that is not back yet."""
    left = _left()
    return left is not None and left.owner.startswith(f"{kind}:")


def taken_up() -> "MultiDict[str, str] | None":
    """What its owner, who is back on the form's page, had typed; the page then says so."""
    owner = _owner()
    left = _left() if owner is not None else None
    if owner is None or left is None or left.owner != owner.word or left.place != place():
        return None
    g.taken_up = True
    return MultiDict(left.typed)


def sent() -> None:
    """The form of this page has come, and was taken: what was kept of it has served."""
    left = _left()
    if left is not None and left.place == place():
        forget()


def hand_to(owner: Owner) -> None:
    """Somebody has proven to be ``owner``; what another left is gone."""
    token = _held()
    if token is None:
        return
    with house().database.writing() as connection:
        was_of_another = service.hand_to(connection, token, owner)
    if was_of_another:
        _take_away()


def forget() -> str | None:
    """[入力内容を消す]; the path of the form's page, None where nothing was kept."""
    token, left = _held(), _left()
    if token is None:
        return None
    with house().database.writing() as connection:
        service.forget(connection, token)
    _take_away()
    return left.place if left else None


def _owner() -> Owner | None:
    if "form_owner" in g:
        return cast(Owner | None, g.form_owner)
    return Owner(account_id=g.account.get_id()) if "account" in g else None


def _sender() -> Owner | None:
    match _read_mark():
        case Signed(payload={"a": str(account_id)}):
            return Owner(account_id=account_id)
        case Signed(payload={"k": str(customer_key)}):
            return Owner(customer_key=customer_key)
        case Signed(payload={"f": str(staff_id)}):
            return Owner(staff_id=staff_id)
        case _:
            return None


def _read_mark() -> Signed | None:
    raw = request.form.get(WHOSE, "")
    read = Tokens(house().settings.secret_keys).read(_PURPOSE, raw, now(), _MARK_LIFE) if raw else None
    return read if isinstance(read, Signed) else None


def _left() -> KeptForm | None:
    token = _held()
    if token is None:
        return None
    with house().database.reading() as connection:
        return service.of_browser(connection, token, now())


def _held() -> str | None:
    token = request.cookies.get(cookie_name(_COOKIE))
    return token if token and len(token) <= _LONGEST else None


def _give(token: str) -> None:
    @after_this_request
    def _cookie(response: Response) -> Response:
        flags, seconds = cast(Any, cookie_flags()), int(LIFE.total_seconds())
        response.set_cookie(cookie_name(_COOKIE), token, max_age=seconds, **flags)
        return response


def _take_away() -> None:
    @after_this_request
    def _cookie(response: Response) -> Response:
        response.delete_cookie(cookie_name(_COOKIE), **cast(Any, cookie_flags()))
        return response
