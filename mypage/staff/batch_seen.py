"""誰が見たか: who saw which statement of a batch, on screen and as a file for Excel. That it was asked stands in the trail."""

from collections.abc import Iterator

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from mypage.domain import masking
from mypage.domain.billing_month import BillingMonth
from mypage.domain.staff import Role
from mypage.services import batch_seen as service
from mypage.services.batch_seen import PAGE
from mypage.shown import batch_page
from mypage.shown import batch_seen as shown
from mypage.staff.batches import PATH, found, page_number
from mypage.store.engine import Database
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page

doors = Blueprint("batch_seen", __name__)
# What the law asks for after a mistake: the auditor answers for it.
_READERS = (Role.BILLING, Role.AUDITOR)


@doors.get(f"{PATH}/<int:batch_id>/seen")
@roles(*_READERS)
def seen(batch_id: int) -> ResponseReturnValue:
    """A page of the list, masked."""
    batch, here = found(batch_id), page_number()
    with house().database.reading() as connection:
        views = service.page(connection, batch_id, here)
    with house().database.writing() as connection:
        service.looked(
            connection,
            batch_id,
            part=here,
            answers=len(views[:PAGE]),
            actor=staff_logins.required().actor,
            now=now(),
        )
    return page(
        "staff/batches/seen.html",
        batch=batch,
        line=batch_page.line(batch, {}),
        rows=[
            (view, masking.login_id(view.login_id), BillingMonth.from_int(view.month))
            for view in views[:PAGE]
        ],
        more=len(views) > PAGE,
        here_page=here,
    )


@doors.post(f"{PATH}/<int:batch_id>/seen.csv")
@roles(Role.BILLING)
def export(batch_id: int) -> ResponseReturnValue:
    """The whole list, for the letters to those who are concerned."""
    batch = found(batch_id)
    with house().database.writing() as connection:
        service.exported(connection, batch_id, actor=staff_logins.required().actor, now=now())
    answer = Response(_pieces(house().database, batch.id), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="seen-{batch.id}.csv"'
    return answer


def _pieces(database: Database, batch_id: int) -> Iterator[bytes]:
    """The file, read while it is sent: no request is there any more."""
    with database.reading() as connection:
        yield from shown.as_csv(service.every(connection, batch_id))
