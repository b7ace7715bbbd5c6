"""The doors of staff. Every page is closed but to the roles that its view names (``web.staff_logins``)."""

from flask import Flask

from mypage.staff import acts, call_backs, calls, home, logout, requests, signup, signup_requests
from mypage.web.staff_gate import console

_DOORS = (
    acts.doors,
    call_backs.doors,
    calls.doors,
    home.doors,
    logout.doors,
    requests.doors,
    signup.doors,
    signup_requests.doors,
)


def register(app: Flask) -> None:
    """Hang the console into ``app``."""
    staff = console("staff")
    for doors in _DOORS:
        staff.register_blueprint(doors)
    app.register_blueprint(staff)
