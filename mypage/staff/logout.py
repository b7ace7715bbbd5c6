"""ログアウト."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from mypage.web import staff_logins
from mypage.web.staff_gate import LOGIN
from mypage.web.staff_logins import Step, open_from

doors = Blueprint("logout", __name__)


@doors.post("/staff/logout")
@open_from(Step.NOTHING)
def logout() -> ResponseReturnValue:
    """End the session; pressing it twice does no harm."""
    staff_logins.end()
    return redirect(f"{LOGIN}?out=1", 303)
