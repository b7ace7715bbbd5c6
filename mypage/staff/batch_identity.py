"""What a batch changes of who its customers are, all of it; and what became of registrations when it was taken back."""

from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.services import identity_changes
from mypage.shown import identity_changes as shown
from mypage.staff import batch_rest
from mypage.staff.batches import PATH, READERS, found
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("batch_identity", __name__)
_PAGE: Final = 50


@doors.get(f"{PATH}/<int:batch_id>/identity")
@roles(*READERS)
def changes(batch_id: int) -> ResponseReturnValue:
    """All changes, by customer, masked."""
    return _changes(batch_id)


@doors.post(f"{PATH}/<int:batch_id>/identity/reveal")
@roles(Role.BILLING, Role.ADMIN)
@typed_in(again=lambda batch_id: _changes(batch_id))
def reveal(batch_id: int) -> ResponseReturnValue:
    """[表示する]: the values of one page. Each customer is one whom somebody looked at."""
    return _changes(batch_id, shows_all=True)


@doors.get(f"{PATH}/<int:batch_id>/registrations")
@roles(*READERS)
def registrations(batch_id: int) -> ResponseReturnValue:
    """All registrations that ended or were suspended when the batch was taken back."""
    batch, after = found(batch_id), request.args.get("after", "0")
    behind = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0
    with house().database.reading() as connection:
        rested = batch_rest.rested(connection, batch, after=behind, limit=_PAGE)
    return page("staff/batches/registrations.html", batch=batch, rested=rested, whole=True)


def _changes(batch_id: int, *, shows_all: bool = False) -> ResponseReturnValue:
    batch, after = found(batch_id), request.values.get("after", "")[:40]
    with_account = request.values.get("with") == "account"
    with house().database.writing() if shows_all else house().database.reading() as connection:
        rows = identity_changes.of_batch(
            connection, batch_id, after=after, limit=_PAGE + 1, with_account=with_account
        )
        if shows_all:
            identity_changes.show(
                connection, batch_id, rows[:_PAGE], actor=staff_logins.required().actor, now=now()
            )
    return page(
        "staff/batches/identity.html",
        batch=batch,
        rows=[
            (each, shown.number(each.customer_key), list(shown.lines(each.changes, shows_all=shows_all)))
            for each in rows[:_PAGE]
        ],
        next_key=rows[_PAGE - 1].customer_key if len(rows) > _PAGE else None,
        after=after,
        with_account=with_account,
        shows_all=shows_all,
        customers=batch.counts.get("identity_changes", 0),
    )
