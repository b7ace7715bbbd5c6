"""登録情報の変更: the nickname; the mail address is shown."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, g, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from mypage.domain import nickname
from mypage.services import portal_view
from mypage.services import profile as service
from mypage.services.profile import Registered
from mypage.subscriber.customer_choice import chosen
from mypage.web import logins
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.pages import page
from mypage.web.typed import typed_in
from mypage.words.gettext import N_

doors = Blueprint("profile", __name__)
logins.protect(doors)


class NicknameForm(Form):
    """The nickname."""

    nickname = StringField(N_("ニックネーム"))


@doors.route("/profile", methods=["GET", "POST"])
@typed_in(NicknameForm)
def profile() -> ResponseReturnValue:
    """Show what is registered, or change the nickname."""
    session = logins.required()
    chosen(session)  # the menu's links stay with the customer that was looked at
    with house().database.reading() as connection:
        registered = service.of_account(connection, session.account_id)
        looks = portal_view.told_to(connection, session.account_id)
    form = NicknameForm(data={"nickname": registered.nickname})
    if request.method != "POST":
        return _shown(form, registered, looks)
    typed = form.nickname.data or ""
    for code in nickname.problems(typed):
        form.refuse(form.nickname, code)
    if form.errors:
        return _shown(form, registered, looks), 400
    with house().database.writing() as connection:
        service.change_nickname(connection, session.account_id, typed, now=now())
    asked = g.get("customer_query", "").replace("?", "&")
    return redirect(f"/profile?done=1{asked}", 303)


def _shown(form: NicknameForm, registered: Registered, looks: Sequence[datetime]) -> str:
    return page(
        "subscriber/profile.html",
        form=form,
        registered=registered,
        looks=looks,
        is_changed=request.method != "POST" and request.args.get("done") == "1",
        is_chosen=request.method != "POST" and request.args.get("notices") == "1",
        errors=form.errors,
    )
