"""Two batches of a kind side by side: in figures, and charges statement by statement. That somebody looked is kept."""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain import customer_number
from mypage.domain.batch import Kind
from mypage.domain.staff import Role
from mypage.services import batch_comparison as service
from mypage.services.batch_comparison import Only, Place
from mypage.services.batches import Batch
from mypage.shown import batch_comparison as shown
from mypage.shown import batch_page
from mypage.staff.batches import PATH, found
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page

doors = Blueprint("batch_compare", __name__)
_ONLY: Final = {
    Only.ALL: "違うものすべて",
    Only.AMOUNT: "金額が違うもの",
    Only.FIRST: "取込{first}だけにあるもの",
    Only.SECOND: "取込{second}だけにあるもの",
}


@doors.get(f"{PATH}/<int:batch_id>/compare")
@roles(Role.BILLING)
def compare(batch_id: int) -> ResponseReturnValue:
    """The older one first, whichever of the two was asked for."""
    asked = request.args.get("with", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return redirect(f"{PATH}/{found(batch_id).id}", 303)
    pair = found(batch_id), found(int(asked))
    first, second = sorted(pair, key=lambda each: each.id)
    if first.kind is not second.kind or first.id == second.id:
        abort(404)
    only = Only(chosen) if (chosen := request.args.get("only", "")) in set(Only) else Only.ALL
    are_staged = first.kind is Kind.CHARGES and all(each.checkpoint is not None for each in pair)
    rows, further = _statements(first, second, only) if are_staged else ([], None)
    path = f"{PATH}/{batch_id}/compare"
    return page(
        "staff/batches/compare.html",
        batch_id=batch_id,
        first=batch_page.line(first, {}),
        second=batch_page.line(second, {}),
        figures=shown.figures(first, second),
        is_charges=first.kind is Kind.CHARGES,
        are_staged=are_staged,
        rows=rows,
        choices=[
            (
                words.format(first=first.id, second=second.id),
                f"{path}?{urlencode({'with': asked, 'only': each.value})}#statements",
                each is only,
            )
            for each, words in _ONLY.items()
        ],
        begins="after" not in request.args,
        reached=None if further is None else further.customer_key,
        further=None if further is None else f"{path}?{_query(asked, only, further)}#statements",
    )


def _statements(first: Batch, second: Batch, only: Only) -> tuple[list[shown.Statement], Place | None]:
    with house().database.reading() as connection:
        compared = service.differences(connection, first.id, second.id, only, _after())
    with house().database.writing() as connection:
        service.looked(
            connection,
            second.id,
            first.id,
            answers=len(compared.differences),
            actor=staff_logins.required().actor,
            now=now(),
        )
    return [shown.statement(each) for each in compared.differences], compared.after


def _query(other: str, only: Only, place: Place) -> str:
    return urlencode({"with": other, "only": only.value, "after": ".".join(map(str, place))})


def _after() -> Place | None:
    """Where the page begins; at the beginning for anything that is no place."""
    key, month, number = (*request.args.get("after", "").split(".", 2), "", "", "")[:3]
    try:
        customer_number.split_key(key)
        return Place(key, int(month[:6]), int(number[:18]))
    except ValueError:
        return None
