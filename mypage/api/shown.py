"""How batches look in an answer: the shape of ``mypage batch … --json``, as far as the token may know it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from mypage.api import gate
from mypage.domain.api_token import Deed
from mypage.domain.batch import State
from mypage.services import batch_progress
from mypage.services.approvals import StaffRequest
from mypage.services.batch_progress import Turn
from mypage.shown import batch_json, batch_request
from mypage.store.batches import Batch
from mypage.web.house import house, now
from mypage.works.load.checks import checks as checks_of

# Seconds after which it is worth asking again.
_AGAIN: Final = "3"
GOES_ON: Final = frozenset((State.RECEIVED, State.CHECKING))


def batches(found: Sequence[Batch]) -> list[dict[str, Any]]:
    """Batches for this request's token: the preview names customers, so it is for those that may read reports."""
    checks = checks_of(house().database, found)
    going_on = [batch.id for batch in found if batch.state in GOES_ON]
    turns: Mapping[int, Turn] = {}
    if going_on:
        with house().database.reading() as connection:
            turns = batch_progress.of(connection, going_on)
    shown = []
    for batch in found:
        each = batch_json.as_json(batch, checks.get(batch.id))
        if Deed.REPORT not in gate.token().deeds:
            each["preview"] = None
        shown.append({**each, "progress": _progress(turns.get(batch.id))})
    return shown


def _goes_on(batch: Batch) -> bool:
    """It is being checked, or is to be published by now: the worker does so at its next look."""
    is_due = batch.state is State.SCHEDULED and batch.publish_at is not None and batch.publish_at <= now()
    return is_due or batch.state in GOES_ON


def _progress(turn: Turn | None) -> dict[str, Any] | None:
    """How far the worker is; ``before`` counts deliveries whose turn comes first."""
    if turn is None:
        return None
    made = turn.progress
    told = (
        {"step": None, "done": 0, "whole": 0, "rows": 0}
        if made is None
        else {"step": made.step, "done": made.done, "whole": made.whole, "rows": made.rows}
    )
    return {"before": turn.before, **told}


def answer(
    found: Sequence[Batch], *, goes_on: bool | None = None, more: Mapping[str, Any] | None = None
) -> Response:
    """The answer about these batches: 202 while something of them goes on (or ``goes_on`` says so), else 200."""
    under = any(map(_goes_on, found)) if goes_on is None else goes_on
    made = document({"batches": batches(found), **(more or {})}, 202 if under else 200)
    if under:
        made.headers["Retry-After"] = _AGAIN
    return made


def request(waits: StaffRequest | None) -> dict[str, Any] | None:
    """What waits for a second person, as the command line tells it."""
    return None if waits is None else batch_request.as_json(waits)


def document(content: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON document."""
    return Response(
        json.dumps(content, ensure_ascii=False) + "\n", status=status, content_type="application/json"
    )
