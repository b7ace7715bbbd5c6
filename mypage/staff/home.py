"""The console's home: the search box above all, and the shift at a glance below it (specification §5)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.services import shift
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.words.batch import STATES
from mypage.words.staff_shift import scope

doors = Blueprint("home", __name__)


@doors.get("/staff/")
@roles(*Role)
def home() -> ResponseReturnValue:
    """The first page after the login. Whoever may not open a list sees its number without a link."""
    role = staff_logins.required().role
    limit = house().settings.staff_looks_a_day
    with house().database.reading() as connection:
        current = shift.now_on(connection, now=now())
        watches = role in (Role.AUDITOR, Role.ADMIN)
        looks = shift.looks(connection, limit=limit, now=now()) if watches else None
    waits: dict[str, int] = {}
    for name, (many, _) in current.waits.items():
        waits[scope(name)] = waits.get(scope(name), 0) + many
    return page(
        "staff/home.html",
        shift=current,
        waits=waits,
        looks=looks,
        limit=limit,
        states=STATES,
        at=now(),
        batches_first=role is Role.BILLING,
    )
