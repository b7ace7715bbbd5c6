"""The doors of staff. Every page is closed but to the roles that its view names (``web.staff_logins``)."""

from flask import Flask

from mypage.staff import home, logout, search, shift
from mypage.web.staff_gate import console

_DOORS = (
    home.doors,
    search.doors,
    shift.doors,
    logout.doors,
)


def register(app: Flask) -> None:
    """Hang the console into ``app``."""
    staff = console("staff")
    for doors in _DOORS:
        staff.register_blueprint(doors)
    app.register_blueprint(staff)
