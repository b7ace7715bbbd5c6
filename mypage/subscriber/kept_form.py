"""[入力内容を消す]: what was kept of a form whose session had ended (first-try D-05)."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from mypage.web import kept_form, logins
from mypage.web.own_paths import login_path_to, own_path
from mypage.web.typed import typed_in

doors = Blueprint("kept_form", __name__)


def _beginning() -> ResponseReturnValue:
    return redirect("/", 303)


@doors.post("/login/forget")
@typed_in(again=_beginning)
def forget() -> ResponseReturnValue:
    """Forget it, and show the empty form, or what leads to it; pressing it twice does no harm."""
    place = own_path(kept_form.forget())
    if place.startswith("/staff/"):
        return redirect(place, 303)  # which leads to the console's own login where nobody is logged in there
    if place.startswith("/signup"):
        return redirect("/signup", 303)
    return redirect(place if logins.current() else login_path_to(place), 303)
