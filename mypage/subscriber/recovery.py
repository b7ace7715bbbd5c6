"""For whoever forgot the id or the password: how to reach the support window."""

from flask import Blueprint

from mypage.web import logins
from mypage.web.pages import page

doors = Blueprint("recovery", __name__)
logins.protect(doors, open_pages=frozenset(("login_id", "password")))


@doors.get("/recover/id")
def login_id() -> str:
    """アカウントIDをお忘れの方."""
    return page("subscriber/recover_id.html")


@doors.get("/recover/password")
def password() -> str:
    """パスワードをお忘れの方."""
    return page("subscriber/recover_password.html")
