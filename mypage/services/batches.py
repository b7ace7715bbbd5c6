"""Deeds on a batch before anything of it is seen: received, checking, checked or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from mypage.domain.batch import PUBLISH_REQUEST, WITHOUT_ERRORS, Kind, State
from mypage.domain.kept_file import kept_id
from mypage.domain.row_error import GIVEN_UP, RowError
from mypage.domain.trail import Action
from mypage.services import approvals, schedule, trail
from mypage.store import batch_progress, batch_reports, former_holders
from mypage.store import batches as store
from mypage.store.batches import Batch as Batch
from mypage.store.batches import LeftOut as LeftOut

_UNCHECKED: Final = (State.RECEIVED, State.CHECKING)


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was handed over. ``options`` are those that change what it means."""

    kind: Kind
    sha256: str
    options: Mapping[str, Any]
    filename: str
    source: str
    size: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the files of a delivery.

    ``batches`` stand in the order of the files, None where the same bytes are published already and not
    superseded (``in_force``): handing them over again does nothing. ``to_check`` is false where exactly these
    files were checked together and nothing was published since.
    """

    batches: tuple[Batch | None, ...]
    in_force: tuple[Batch, ...]
    to_check: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a check brought to light.

    ``first`` are the findings kept at hand, ``report`` names the parts that hold all of them; ``checkpoint`` is what
    must be staged by now, None for nothing. ``former_holders`` are the customers after whom a new holder of their
    number is staged.
    """

    counts: Mapping[str, Any]
    errors: int
    warnings: int
    first: Sequence[RowError]
    report: str
    newest_month: int | None
    epoch: int
    checkpoint: Mapping[str, Any] | None = None
    former_holders: Sequence[str] = ()


def receive(
    connection: Connection,
    handed: Sequence[Handed],
    *,
    delivery: str,
    actor: str,
    now: datetime,
    state: State = State.CHECKING,
    again: bool = False,
) -> Taken:
    """Take the files of a delivery in: to be checked at once (検査中), or by the worker in its turn (受付).

    The same bytes with the same options are the same batch again, as long as nothing of it is seen. What was agreed on a
    delivery holds for exactly its files: where others join them, or some of them come alone, nobody ordered that.

    ``again``: nobody hands anything over, ``actor`` has files that are known checked again. They stay whose they are.
    """
    # One delivery at a time: two that hold the same file must find one batch of it, and know of each other.
    store.locked_publication(connection)
    same = [batch for each in handed for batch in store.of_bytes(connection, each.kind, each.sha256)]
    store.lock_deliveries(connection, [batch.delivery for batch in same])
    known = [_known(connection, each) for each in handed]
    in_force = tuple(each for each in known if each is not None and each.state is State.PUBLISHED)
    waiting = [each for each in known if each is None or each.state is not State.PUBLISHED]
    if waiting and _is_checked_delivery(connection, waiting):
        return Taken(_not_published(known), in_force, to_check=False)
    if state is State.RECEIVED and waiting and _is_waiting_delivery(connection, waiting):
        # Handed over twice, by a second click or a client that heard no answer: it is in its turn already.
        return Taken(_not_published(known), in_force, to_check=False)
    if not _is_one_delivery(connection, waiting):
        for other in dict.fromkeys(each.delivery for each in waiting if each is not None):
            schedule.lapse(connection, other, reason="other_files", actor=actor, now=now)
    batches: list[Batch | None] = []
    for each, before in zip(handed, known, strict=True):
        if before is not None and before.state is State.PUBLISHED:
            batches.append(None)
        else:
            batches.append(_taken(connection, each, before, delivery, actor, now, state, again=again))
    for batch, before in zip(batches, known, strict=True):
        if batch is not None:
            _tell(connection, batch, actor, now, again=again and before is not None)
    return Taken(tuple(batches), in_force, to_check=bool(waiting))


def _known(connection: Connection, handed: Handed) -> Batch | None:
    """The batch of the same file: the published one if it is in force, else one of which nothing is seen."""
    same = [
        each
        for each in store.of_bytes(connection, handed.kind, handed.sha256)
        if each.options == handed.options
    ]
    for each in same:
        if each.state is State.PUBLISHED and not _is_superseded(connection, each):
            return each
    if handed.options.get(WITHOUT_ERRORS):
        # Published whole, there is nothing to leave out.
        whole = {name: value for name, value in handed.options.items() if name != WITHOUT_ERRORS}
        in_force = _known(connection, replace(handed, options=whole))
        if in_force is not None and in_force.state is State.PUBLISHED:
            return in_force
    return next((each for each in same if each.state is not State.PUBLISHED), None)


def _is_checked_delivery(connection: Connection, batches: Sequence[Batch | None]) -> bool:
    epoch = store.publication_now(connection).epoch
    return _is_one_delivery(connection, batches) and all(
        each is not None and each.state is State.CHECKED and each.checked_epoch == epoch for each in batches
    )


def _is_waiting_delivery(connection: Connection, batches: Sequence[Batch | None]) -> bool:
    return _is_one_delivery(connection, batches) and all(
        each is not None and _waits_for_worker(each) for each in batches
    )


def _is_one_delivery(connection: Connection, batches: Sequence[Batch | None]) -> bool:
    """Whether these are known, and exactly what of a delivery is not published."""
    known = [each for each in batches if each is not None]
    if not known or len(known) < len(batches):
        return False
    delivery = store.of_delivery(connection, known[0].delivery)
    return {each.id for each in delivery if each.state is not State.PUBLISHED} == {each.id for each in known}


def _waits_for_worker(batch: Batch) -> bool:
    """Whether the worker checks it by itself: received, or begun from a file that we keep."""
    begun = batch.state is State.CHECKING and kept_id(batch.source) is not None
    return begun or batch.state is State.RECEIVED


def _not_published(batches: Sequence[Batch | None]) -> tuple[Batch | None, ...]:
    return tuple(None if each is None or each.state is State.PUBLISHED else each for each in batches)


def _taken(
    connection: Connection,
    handed: Handed,
    before: Batch | None,
    delivery: str,
    actor: str,
    now: datetime,
    state: State,
    *,
    again: bool,
) -> Batch:
    values = {
        "delivery": delivery,
        "state": state.value,
        "filename": handed.filename,
        "source": handed.source,
        "encoding": handed.encoding,
        "actor": actor if before is None or not again else before.actor,
        "received_at": now,
        "checked_epoch": None,
        "failure": None,
    }
    if before is None:
        batch_id = store.add(
            connection,
            **values,
            kind=handed.kind.value,
            sha256=handed.sha256,
            options=dict(handed.options),
            size=handed.size,
            counts={},
        )
    else:
        # What it was checked together with must not be published on the strength of that check.
        store.forget_check(connection, before.delivery)
        approvals.overtake_waiting(
            connection, PUBLISH_REQUEST, before.delivery, by=actor, reason="batch_checked_again", now=now
        )
        batch_progress.forget(connection, before.id)
        store.change(connection, before.id, **values)
        batch_id = before.id
    batch = store.get(connection, batch_id)
    assert batch is not None  # noqa: S101 - written above
    return batch


def _tell(connection: Connection, batch: Batch, actor: str, now: datetime, *, again: bool) -> None:
    if again:
        trail.record(connection, Action.BATCH_TO_CHECK_AGAIN, actor=actor, now=now, batch_id=batch.id)
    else:
        trail.record(
            connection,
            Action.BATCH_RECEIVED,
            actor=actor,
            now=now,
            batch_id=batch.id,
            kind=batch.kind.value,
            sha256=batch.sha256,
        )


def begin_check(connection: Connection, batches: Sequence[Batch], *, now: datetime) -> bool:
    """検査中 of what was received, by whoever holds it; False where it changed since it was read."""
    stands = store.lock_all(connection, [batch.id for batch in batches])
    as_read = {batch.id: batch.delivery for batch in batches}
    if {each.id: each.delivery for each in stands if _waits_for_worker(each)} != as_read:
        return False
    for batch in batches:
        store.change(connection, batch.id, state=State.CHECKING.value)
        batch_progress.begin(connection, batch.id, now=now)
    return True


def finish_check(
    connection: Connection, batch_id: int, found: Found, *, refused: bool, actor: str, now: datetime
) -> bool:
    """確認済 (予約 where it is to be published at a time) or, with an error in it or in a file of the same delivery, 却下. False where it is checked elsewhere."""
    batch = store.locked(connection, batch_id)
    if batch is None or batch.state is not State.CHECKING or batch.checkpoint != found.checkpoint:
        return False
    is_wanted = batch.publish_at is not None
    following = State.REFUSED if refused else State.SCHEDULED if is_wanted else State.CHECKED
    store.change(
        connection,
        batch_id,
        state=following.value,
        publish_at=None if refused else batch.publish_at,
        failure="has_errors" if refused and is_wanted else None,
        counts=dict(found.counts),
        errors=found.errors,
        warnings=found.warnings,
        newest_month=found.newest_month,
        checked_at=now,
        checked_epoch=found.epoch,
        published_at=None,
        taken_back_at=None,
        report=found.report,
    )
    store.replace_errors(connection, batch_id, found.first)
    former_holders.replace(connection, batch_id, found.former_holders)
    batch_progress.forget(connection, batch_id)
    batch_reports.keep_only(connection, batch_id, found.report)
    if refused:
        trail.record(
            connection, Action.BATCH_REFUSED, actor=actor, now=now, batch_id=batch_id, errors=found.errors
        )
    else:
        if batch.options.get(WITHOUT_ERRORS):
            trail.record(
                connection,
                Action.BATCH_WITHOUT_ERRORS,
                actor=actor,
                now=now,
                batch_id=batch_id,
                left_out=found.counts.get("left_out", 0),
            )
        trail.record(
            connection,
            Action.BATCH_CHECKED,
            actor=actor,
            now=now,
            batch_id=batch_id,
            errors=found.errors,
            warnings=found.warnings,
        )
    return True


def give_up(
    connection: Connection,
    batch_id: int,
    *,
    packed: bytes,
    actor: str,
    now: datetime,
    why: RowError = GIVEN_UP,
) -> bool:
    """却下, because its check broke off and nobody goes on with it; ``packed`` is the part of the report that says so.

    Nothing of it may be staged any more. False where somebody did go on.
    """
    batch = store.locked(connection, batch_id)
    if batch is None or batch.state not in _UNCHECKED or batch.checkpoint is not None:
        return False
    report = f"given-up-{batch_id}"
    batch_reports.keep_only(connection, batch_id, "")
    batch_reports.add(connection, batch_id, report, 0, entries=1, packed=packed)
    cause = {"code": why.code, "column": "", "warning": False, "count": 1}
    store.change(
        connection,
        batch_id,
        state=State.REFUSED.value,
        publish_at=None,
        failure=None if batch.publish_at is None else why.code,
        counts={"causes": [cause]},
        errors=1,
        warnings=0,
        checked_at=now,
        checked_epoch=None,
        report=report,
    )
    store.replace_errors(connection, batch_id, [why])
    former_holders.replace(connection, batch_id, ())
    batch_progress.forget(connection, batch_id)
    trail.record(connection, Action.BATCH_GIVEN_UP, actor=actor, now=now, batch_id=batch_id)
    return True


def _is_superseded(connection: Connection, batch: Batch) -> bool:
    """Whether a batch published later may hold newer versions of its rows.

    Charges of other months do not; for the rest, asking for the rows would cost more than a check that finds out
    that nothing changes.
    """
    assert batch.pub_seq is not None  # noqa: S101 - it is published
    above = store.published_after(connection, batch.kind, batch.pub_seq)
    if batch.kind is not Kind.CHARGES:
        return bool(above)
    months = set(batch.counts.get("months", ()))
    return any(months.intersection(each.counts.get("months", ())) for each in above)
