"""The report of a batch: all that its check told, in flat memory, as JSON or as the CSV that opens in Excel."""

from typing import Final

from flask import Response, request
from flask.typing import ResponseReturnValue

from mypage.api import gate, shown
from mypage.api.batches import ONE, of_token
from mypage.api.gate import needs
from mypage.domain.api_token import Deed
from mypage.services import api_tokens
from mypage.shown import batch_json, error_report
from mypage.web.bodies import Leaving
from mypage.web.house import house, now
from mypage.web.problems import Problem
from mypage.works.load.report import whole

doors = gate.guarded("api_report")
CSV: Final = "text/csv"


@doors.get(f"{ONE}/report")
@needs(Deed.REPORT)
def report(batch_id: int) -> ResponseReturnValue:
    """Errors and warnings by row; ``Accept: text/csv`` gives the file for Excel. That it was read stands in the trail."""
    batch = of_token(batch_id)
    if batch.state in shown.GOES_ON:
        raise Problem("being_checked", headers={"Retry-After": "3"}, id=batch.id)
    database = house().database
    best = request.accept_mimetypes.best_match(["application/json", CSV], "application/json")
    findings = whole(database, batch)
    if best == CSV:
        pieces = error_report.as_csv(findings)
    else:
        (facts,) = shown.batches([batch])
        pieces = (piece.encode() for piece in batch_json.report_pieces(facts, findings))
    # A report may be as large as a file: like those, one at a time in each process.
    leaving = Leaving.begin(pieces)
    if leaving is None:
        raise Problem("uploads_taken", headers={"Retry-After": "3"})
    try:
        with database.writing() as connection:
            api_tokens.read_report(connection, gate.token(), batch.id, now=now())
    except BaseException:
        leaving.close()
        raise
    answer = Response(leaving, content_type=best)
    if best == CSV:
        answer.headers["Content-Type"] = f"{CSV}; charset=utf-8; header=present"
        answer.headers["Content-Disposition"] = f'attachment; filename="report-{batch.id}.csv"'
    answer.headers["Vary"] = "Accept"
    return answer
