"""The console's home: what the role of whoever is here begins with."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page

doors = Blueprint("home", __name__)


@doors.get("/staff/")
@roles(*Role)
def home() -> ResponseReturnValue:
    """The first page after the login."""
    return page("staff/home.html")
