"""What is done with a batch: published as soon as may be or at a time, checked anew, called off, taken back."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.api import gate, reading, shown
from mypage.api.batches import ONE, of_token
from mypage.api.gate import needs
from mypage.domain.api_token import Deed
from mypage.domain.batch import SecondPerson, State
from mypage.services import batch_orders, first_person, publication, rechecks
from mypage.services.batch_orders import Order, Rules, Stage
from mypage.services.publication import Refusal, Refused
from mypage.store.batches import Batch
from mypage.web.house import house, now
from mypage.web.problems import Problem, language
from mypage.words.sentences import sentence

Done = TypeVar("Done")
doors = gate.guarded("api_deeds")
_PUBLISHING: Final = {
    "at": reading.instant_to_come,
    "notices": reading.boolean,
    "without_errors": reading.boolean,
}


@doors.post(f"{ONE}/publish")
@needs(Deed.PUBLISH)
def publish(batch_id: int) -> ResponseReturnValue:
    """Let a batch be seen, with all that was handed over with it: as soon as may be, or ``at`` a time."""
    asked = reading.read(_PUBLISHING)
    of_token(batch_id)
    order = Order(gate.token().actor, asked.get("at"), asked.get("notices", True))
    done = _of_token(
        batch_id,
        lambda connection: batch_orders.publish(
            connection,
            batch_id,
            order,
            rules=_rules(),
            without_errors=asked.get("without_errors", False),
            now=now(),
        ),
    )
    if isinstance(done, Refused):
        raise _refusal(done)
    more = {"code": done.stage.value, "request": shown.request(done.request)}
    return shown.answer(done.batches, goes_on=done.stage is not Stage.PUBLISHED, more=more)


@doors.post(f"{ONE}/check")
@needs(Deed.CHECK)
def check(batch_id: int) -> ResponseReturnValue:
    """Let a delivery be checked anew; ``without_errors`` leaves out what is wrong in a refused one."""
    asked = reading.read({"without_errors": reading.boolean})
    batch = of_token(batch_id)
    by = gate.token().actor

    def deed(connection: Connection) -> tuple[Batch, ...] | Refused:
        if batch.state in shown.GOES_ON:
            return (batch,)  # it is being checked
        if asked.get("without_errors"):
            return rechecks.without_errors(connection, batch_id, actor=by, now=now())
        return rechecks.check_again(connection, batch_id, actor=by, now=now())

    return _answer(_of_token(batch_id, deed))


@doors.post(f"{ONE}/call-off")
@needs(Deed.PUBLISH, Deed.TAKE_BACK)
def call_off(batch_id: int) -> ResponseReturnValue:
    """Let nothing come of what was ordered and is not published yet."""
    reading.read({})
    of_token(batch_id)
    by = gate.token().actor
    return _answer(
        _of_token(batch_id, lambda connection: batch_orders.call_off(connection, batch_id, by=by, now=now()))
    )


@doors.post(f"{ONE}/take-back")
@needs(Deed.TAKE_BACK)
def take_back(batch_id: int) -> ResponseReturnValue:
    """Let nothing of a published batch be seen any more; ``reason`` stands in the trail."""
    asked = reading.read({"reason": reading.text(reading.LONGEST_REASON)}, required=("reason",))
    batch = of_token(batch_id)
    if batch.state is State.TAKEN_BACK:
        return shown.answer([batch])  # a repeat finishes
    with house().database.writing() as connection:
        done = publication.take_back(
            connection, batch.id, reason=asked["reason"], actor=gate.token().actor, now=now()
        )
    return _answer(done if isinstance(done, Refused) else (done.batch,))


def _of_token(batch_id: int, deed: Callable[[Connection], Done]) -> Done:
    """What ``deed`` gives, if the token may do something with each kind that was handed over with the batch.

    That is looked at in the transaction of the deed, where nothing joins the delivery any more; and whether it lives:
    whoever revokes it ends all that was ordered before, and nothing may come after.
    """
    with house().database.writing() as connection:
        is_allowed = publication.kinds_with(connection, batch_id) <= gate.token().kinds
        is_dead = first_person.is_dead_token(connection, gate.token().actor, now=now())
        done = deed(connection) if is_allowed and not is_dead else None
    if done is None:
        gate.let_in_once_more()
        raise gate.refuse_kind()
    return done


def _answer(done: Sequence[Batch] | Refused) -> Response:
    if isinstance(done, Refused):
        raise _refusal(done)
    return shown.answer(done)


def _rules() -> Rules:
    settings = house().settings
    return Rules(SecondPerson(settings.second_person), settings.staff_request_life)


def _refusal(refused: Refused) -> Problem:
    state = refused.state
    if refused.why is Refusal.UNKNOWN:
        return Problem("no_such_batch")
    if refused.why is Refusal.ASKED_BY_ANOTHER:
        return Problem("asked_by_another", id=refused.batch_id)
    if refused.why is Refusal.ERRORS or (refused.why is Refusal.STATE and state is State.REFUSED):
        return Problem("has_errors", id=refused.batch_id)
    if state in shown.GOES_ON:
        return Problem("being_checked", headers={"Retry-After": "3"}, id=refused.batch_id)
    said = "" if state is None else sentence(f"batch.state.{state.value}", language())
    return Problem("state_forbids", id=refused.batch_id, state=said)
