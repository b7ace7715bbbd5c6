"""Batches: which there are, and how one stands."""

from typing import Final

from flask.typing import ResponseReturnValue

from mypage.api import gate, reading, shown
from mypage.api.gate import needs
from mypage.domain.batch import Kind, State
from mypage.services import batch_requests
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.web.house import house, now
from mypage.web.problems import Problem

doors = gate.guarded("api_batches")
BATCHES: Final = "/api/v1/batches"
MOST_ID: Final = 2**31 - 1
ONE: Final = f"{BATCHES}/<int(max={MOST_ID}):batch_id>"
MOST_AT_ONCE: Final = 200
USUAL_AT_ONCE: Final = 30


@doors.get(BATCHES)
@needs()
def listed() -> ResponseReturnValue:
    """Batches of the token's kinds, the newest first, in pages; ``next`` leads to the next one."""
    asked = reading.parameters(
        {
            "state": reading.word(*(state.value for state in State)),
            "kind": reading.word(*(kind.value for kind in Kind)),
            "before": reading.number(1, MOST_ID),
            "limit": reading.number(1, MOST_AT_ONCE),
        }
    )
    kinds = gate.token().kinds
    if "kind" in asked:
        if asked["kind"] not in kinds:
            raise gate.refuse_kind()
        kinds = frozenset((Kind(asked["kind"]),))
    limit = asked.get("limit", USUAL_AT_ONCE)
    state = asked.get("state")
    with house().database.reading() as connection:
        found = store.page_before(
            connection,
            kinds=kinds,
            state=None if state is None else State(state),
            before=asked.get("before"),
            limit=limit + 1,
        )
    page, following = found[:limit], None
    if len(found) > limit:
        kept = "".join(f"&{name}={asked[name]}" for name in ("state", "kind") if name in asked)
        following = f"{BATCHES}?before={page[-1].id}&limit={limit}{kept}"
    return shown.answer(page, goes_on=False, more={"next": following})


@doors.get(ONE)
@needs()
def one(batch_id: int) -> ResponseReturnValue:
    """One batch; 202 while it is being checked."""
    batch = of_token(batch_id)
    with house().database.reading() as connection:
        waits = batch_requests.of_delivery(connection, batch.delivery, now=now())
    return shown.answer([batch], more={"request": shown.request(waits)})


def of_token(batch_id: int) -> Batch:
    """The batch of that id, if the token may do something with its kind."""
    with house().database.reading() as connection:
        batch = store.get(connection, batch_id)
    if batch is None:
        raise Problem("no_such_batch")
    if batch.kind not in gate.token().kinds:
        raise gate.refuse_kind()
    return batch
