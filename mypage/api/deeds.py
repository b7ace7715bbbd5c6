"""What is done with a batch: published now or at a time, called off, taken back."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mypage.api import gate, reading, shown
from mypage.api.batches import ONE, delivery_of, of_token
from mypage.api.gate import needs
from mypage.domain.api_token import Deed
from mypage.domain.batch import State
from mypage.services import publication, schedule
from mypage.services.publication import Refusal, Refused
from mypage.web.house import house, now
from mypage.web.problems import Problem, language
from mypage.words.sentences import sentence

doors = Blueprint("api_deeds", __name__)


@doors.post(f"{ONE}/publish")
@needs(Deed.PUBLISH)
def publish(batch_id: int) -> ResponseReturnValue:
    """Let a batch be seen, with all that was handed over with it: now, or ``at`` a time."""
    asked = reading.read({"at": reading.instant_to_come})
    batch = of_token(batch_id)
    members = delivery_of(batch)
    if batch.state is State.PUBLISHED:
        return shown.answer(members)  # a repeat finishes
    ids = [member.id for member in members]
    with house().database.writing() as connection:
        if "at" in asked:
            done = schedule.schedule(connection, ids, at=asked["at"], actor=gate.token().actor, now=now())
        else:
            flipped = publication.publish(connection, ids, actor=gate.token().actor, now=now())
            done = flipped if isinstance(flipped, Refused) else flipped.batches
    if isinstance(done, Refused):
        raise _refusal(done)
    return shown.answer(done, goes_on="at" in asked)


@doors.post(f"{ONE}/call-off")
@needs(Deed.PUBLISH, Deed.TAKE_BACK)
def call_off(batch_id: int) -> ResponseReturnValue:
    """Let a scheduled batch, with all that was handed over with it, be 確認済 again."""
    reading.read({})
    batch = of_token(batch_id)
    members = delivery_of(batch)
    if batch.state is State.CHECKED:
        return shown.answer(members)  # a repeat finishes
    with house().database.writing() as connection:
        done = schedule.call_off(connection, batch.id, actor=gate.token().actor, now=now())
    if isinstance(done, Refused):
        raise _refusal(done)
    return shown.answer(done)


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
    if isinstance(done, Refused):
        raise _refusal(done)
    return shown.answer([done.batch])


def _refusal(refused: Refused) -> Problem:
    state = refused.state
    if refused.why is Refusal.UNKNOWN:
        return Problem("no_such_batch")
    if refused.why is Refusal.ERRORS or state is State.REFUSED:
        return Problem("has_errors", id=refused.batch_id)
    if state in shown.GOES_ON:
        return Problem("being_checked", headers={"Retry-After": "3"}, id=refused.batch_id)
    said = "" if state is None else sentence(f"batch.state.{state.value}", language())
    return Problem("state_forbids", id=refused.batch_id, state=said)
