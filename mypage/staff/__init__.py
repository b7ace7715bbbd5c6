"""The doors of staff. Every page is closed but to the roles that its view names (``web.staff_logins``)."""

from flask import Flask

from mypage.staff import (
    enrolment,
    factor,
    home,
    invitation,
    login,
    logout,
    me,
    my_factors,
    people,
    people_requests,
    search,
    shift,
    trail,
    trail_questions,
)
from mypage.web.staff_gate import console

_DOORS = (
    enrolment.doors,
    factor.doors,
    home.doors,
    invitation.doors,
    login.doors,
    logout.doors,
    me.doors,
    my_factors.doors,
    people.doors,
    people_requests.doors,
    search.doors,
    shift.doors,
    trail.doors,
    trail_questions.doors,
)


def register(app: Flask) -> None:
    """Hang the console into ``app``."""
    staff = console("staff")
    for doors in _DOORS:
        staff.register_blueprint(doors)
    app.register_blueprint(staff)
