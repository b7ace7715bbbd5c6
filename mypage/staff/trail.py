"""操作履歴 for auditors, and for administrators what members of staff did: ask, read a row, show its detail, take a file.

Each look at the trail stands in it: the one thing that a GET writes here. It changes nothing for anybody.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.domain.trail_search import Asked
from mypage.services import trail_search as service
from mypage.shown import trail as shown
from mypage.staff.trail_form import TrailForm, of_address, question
from mypage.store.engine import Database
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in
from mypage.words import trail as words

doors = Blueprint("trail", __name__)
TRAIL = "/staff/trail"


@doors.get(TRAIL)
@roles(Role.AUDITOR, Role.ADMIN)
def search() -> ResponseReturnValue:
    """A page of rows, newest first; without anything asked for, the newest of all."""
    given = of_address(request.args)
    form = TrailForm(formdata=None, data=given)
    before = request.args.get("before", type=int)
    with house().database.writing() as connection:
        found = question(connection, given, form)
        if found is None:
            return redirect(TRAIL, 303)  # an address that no form of ours leads to
        form.offer(connection)
        asked = _allowed(found.asked)
        rows = service.look(connection, asked, before=before, actor=staff_logins.required().actor, now=now())
        person = asked.actor if asked.is_of_one and asked.actor and asked.actor.startswith("staff:") else None
        summary = service.summary(connection, asked) if person and before is None else None
    return page(
        "staff/trail.html",
        form=form,
        question=found,
        rows=[shown.row(row, rows.names) for row in rows.rows],
        older=_address({**found.parts, "before": str(rows.before)}) if rows.before else None,
        newest=_address(found.parts) if before is not None else None,
        person=shown.who(person, rows.names) if person else None,
        summary=summary,
        title_of=words.title,
        sees_all=_sees_all(),
        address=_address,
    )


@doors.post(TRAIL)
@roles(Role.AUDITOR, Role.ADMIN)
@typed_in(TrailForm)
def ask() -> ResponseReturnValue:
    """What was typed, made into an address that holds nothing but days, codes and keys."""
    form = TrailForm()
    with house().database.reading() as connection:
        found = question(connection, request.form, form)
        if found is not None:
            return redirect(_address(found.parts), 303)
        form.offer(connection)
    return (
        page(
            "staff/trail.html",
            form=form,
            errors=form.errors,
            question=None,
            rows=[],
            older=None,
            newest=None,
            person=None,
            summary=None,
            title_of=words.title,
            sees_all=_sees_all(),
            address=_address,
        ),
        400,
    )


@doors.get(f"{TRAIL}/<int:seq>")
@roles(Role.AUDITOR, Role.ADMIN)
def row(seq: int) -> ResponseReturnValue:
    """One row, without its detail."""
    with house().database.writing() as connection:
        found = service.open_row(
            connection, seq, only_staff=not _sees_all(), actor=staff_logins.required().actor, now=now()
        )
    if found is None:
        abort(404)
    return page(
        "staff/trail_row.html", row=shown.row(found.row, found.names), detail=None, asked_detail=False
    )


@doors.post(f"{TRAIL}/<int:seq>")
@roles(Role.AUDITOR)
def detail(seq: int) -> ResponseReturnValue:
    """[表示する]: the row with its detail."""
    with house().database.writing() as connection:
        found = service.show_detail(connection, seq, actor=staff_logins.required().actor, now=now())
    if found is None:
        abort(404)
    return page(
        "staff/trail_row.html",
        row=shown.row(found.row, found.names),
        detail=None if found.detail is None else shown.detail(found.detail),
        asked_detail=True,
    )


@doors.post(f"{TRAIL}.csv")
@roles(Role.AUDITOR)
def export() -> ResponseReturnValue:
    """All rows that are asked for, as a file for Excel; details stay where they are."""
    form = TrailForm(formdata=None)
    with house().database.writing() as connection:
        found = question(connection, request.form, form)
        if found is None:
            return redirect(TRAIL, 303)
        last = service.begin_export(connection, found.asked, actor=staff_logins.required().actor, now=now())
    answer = Response(_pieces(house().database, found.asked, last), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="trail.csv"'
    return answer


def _pieces(database: Database, asked: Asked, last: int) -> Iterator[bytes]:
    """The file, read while it is sent: no request is there any more."""
    with database.reading() as connection:
        yield from shown.as_csv(service.exported(connection, asked, last))


def _sees_all() -> bool:
    return staff_logins.required().role is Role.AUDITOR


def _allowed(asked: Asked) -> Asked:
    """Administrators see what members of staff did; what customers did is nothing to administer."""
    return asked if _sees_all() else asked.only_staff()


def _address(parts: Mapping[str, str]) -> str:
    return f"{TRAIL}?{urlencode(parts)}" if parts else TRAIL
