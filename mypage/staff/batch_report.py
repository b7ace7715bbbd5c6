"""エラーの一覧: everything that the check of a batch told, as a file for Excel. That it leaves stands in the trail."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.shown import error_report
from mypage.staff.batches import PATH, found
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.works.load.report import whole

doors = Blueprint("batch_report", __name__)


@doors.post(f"{PATH}/<int:batch_id>/errors.csv")
@roles(Role.BILLING)
def report(batch_id: int) -> ResponseReturnValue:
    """The values stand in it as in the file that was handed over: whoever puts them right needs them."""
    batch = found(batch_id)
    with house().database.writing() as connection:
        trail.record(
            connection,
            Action.BATCH_REPORT_EXPORTED,
            actor=staff_logins.required().actor,
            now=now(),
            batch_id=batch.id,
        )
    answer = Response(error_report.as_csv(whole(house().database, batch)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="errors-{batch.id}.csv"'
    return answer
