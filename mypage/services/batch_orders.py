"""What a programme wants to become of a batch, said once: everything that must happen before follows by itself.

A nightly job hands a file over and orders its publication at once. It is then published as soon as that may be: after the
check, after a check anew where something was published meanwhile, when a second person agrees, or at a time. Ordering
it once more changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from mypage.domain.batch import SecondPerson, State
from mypage.domain.trail import Action
from mypage.services import batch_requests, first_person, publication, rechecks, schedule, trail
from mypage.services.approvals import StaffRequest
from mypage.services.publication import Published, Refusal, Refused
from mypage.services.rechecks import Wish
from mypage.store import batches as store
from mypage.store.batches import Batch

_IS_CHECKED: Final = frozenset((State.RECEIVED, State.CHECKING))


class Stage(StrEnum):
    """How far an order is. ``SECOND_PERSON`` is called as the refusal of the command line, which then ends with 3."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    BEING_CHECKED = "being_checked"
    SECOND_PERSON = "needs_second_person"


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants it (an actor): published ``at`` a time (None: as soon as may be), with or without notices."""

    by: str
    at: datetime | None = None
    notices: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's settings: of what a second person is needed, and how long a request waits for one."""

    second_person: SecondPerson
    request_life: timedelta


@dataclass(frozen=True, slots=True)
class Ordered:
    """The delivery as it is now, and how far it is; ``request`` waits for the second person."""

    batches: tuple[Batch, ...]
    stage: Stage
    request: StaffRequest | None = None


def publish(
    connection: Connection,
    batch_id: int,
    order: Order,
    *,
    rules: Rules,
    without_errors: bool = False,
    now: datetime,
) -> Ordered | Refused:
    """Publish a delivery, or let it be published as soon as that may be.

    ``without_errors``: a refused one is checked again first, so that what is wrong is left out.
    """
    store.locked_publication(connection)
    members = publication.locked_members(connection, [batch_id])
    if isinstance(members, Refused):
        return members
    if without_errors and all(batch.state is State.REFUSED for batch in members):
        left = rechecks.without_errors(connection, batch_id, actor=order.by, now=now)
        assert not isinstance(left, Refused)  # noqa: S101 - all of them are refused
        return publish(connection, left[0].id, order, rules=rules, now=now)
    if all(batch.state is State.PUBLISHED for batch in members):
        return Ordered(tuple(members), Stage.PUBLISHED)
    if order.at is not None and all(_is_scheduled(batch, order) for batch in members):
        return Ordered(tuple(members), Stage.SCHEDULED)
    if all(batch.state in _IS_CHECKED for batch in members):
        return _after_check(connection, members, order, now)
    ids = [batch.id for batch in members]
    done = _done(
        connection, ids, order, needs=publication.needs(members, rules.second_person), rules=rules, now=now
    )
    if isinstance(done, Refused) and done.why is Refusal.CHECK_AGAIN:
        wish = Wish(order.by, order.at, order.notices)
        again = rechecks.check_again(connection, batch_id, wish=wish, actor=order.by, now=now)
        assert not isinstance(again, Refused)  # noqa: S101 - what may be published may be checked
        return Ordered(again, Stage.BEING_CHECKED)
    return done


def call_off(connection: Connection, batch_id: int, *, by: str, now: datetime) -> tuple[Batch, ...] | Refused:
    """Let nothing come of an order that is not published yet: its time, its request, or the wish that waits for a check.

    Where there is none, nothing is done.
    """
    store.locked_publication(connection)
    members = publication.locked_members(connection, [batch_id])
    if isinstance(members, Refused):
        return members
    asked = next(batch for batch in members if batch.id == batch_id)
    if asked.state is State.SCHEDULED:
        return schedule.call_off(connection, batch_id, actor=by, now=now)
    if asked.state is State.PUBLISHED:
        return Refused(Refusal.NOT_SCHEDULED, batch_id, asked.state)
    waits = batch_requests.of_delivery(connection, asked.delivery, now=now)
    if waits is not None:
        mine = first_person.of_actor(connection, by)
        done = batch_requests.withdraw_from(connection, batch_id, first=mine, by=by, now=now)
        if not isinstance(done, StaffRequest):
            return Refused(Refusal.ASKED_BY_ANOTHER, batch_id, asked.state)
    for batch in members:
        if batch.publish_at is not None:
            store.change(connection, batch.id, publish_at=None, due_at=None)
            trail.record(connection, Action.BATCH_CALLED_OFF, actor=by, now=now, batch_id=batch.id)
    return _read(connection, members)


def _done(
    connection: Connection, ids: Sequence[int], order: Order, *, needs: bool, rules: Rules, now: datetime
) -> Ordered | Refused:
    if needs:
        asked = batch_requests.ask(
            connection,
            ids,
            first=first_person.of_actor(connection, order.by),
            by=order.by,
            at=order.at,
            notices=order.notices,
            second_person=rules.second_person,
            life=rules.request_life,
            now=now,
        )
        if isinstance(asked, Refused):
            return asked
        return Ordered(asked.batches, Stage.SECOND_PERSON, asked.requests[0])
    if order.at is not None:
        done = schedule.schedule(
            connection,
            ids,
            at=order.at,
            actor=order.by,
            now=now,
            second_person=rules.second_person,
            notices=order.notices,
        )
        return done if isinstance(done, Refused) else Ordered(done, Stage.SCHEDULED)
    flipped = publication.publish(
        connection, ids, actor=order.by, now=now, second_person=rules.second_person, notices=order.notices
    )
    return Ordered(flipped.batches, Stage.PUBLISHED) if isinstance(flipped, Published) else flipped


def _after_check(connection: Connection, members: Sequence[Batch], order: Order, now: datetime) -> Ordered:
    """Keep the wish through the check that goes on."""
    for batch in members:
        store.change(
            connection,
            batch.id,
            publish_at=order.at or now,
            due_at=order.at,
            notices=order.notices,
            asked_by=order.by,
        )
    return Ordered(_read(connection, members), Stage.BEING_CHECKED)


def _is_scheduled(batch: Batch, order: Order) -> bool:
    return batch.state is State.SCHEDULED and batch.publish_at == order.at and batch.notices == order.notices


def _read(connection: Connection, members: Sequence[Batch]) -> tuple[Batch, ...]:
    found = (store.get(connection, batch.id) for batch in members)
    return tuple(batch for batch in found if batch is not None)
