"""The flip: what is seen is decided in one small write, whatever the size of the batches.

Sources: "decisions", *One version rule for all files* and *Publication epoch*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from mypage.domain.batch import (
    LOADING_ORDER,
    NEEDS_SECOND_PERSON,
    PUBLISHABLE,
    WITHOUT_ERRORS,
    State,
    may_become,
)
from mypage.domain.trail import Action
from mypage.services import trail, withdrawal
from mypage.services.withdrawal import Withdrawn
from mypage.store import batches as store
from mypage.store.batches import Batch, Publication


@dataclass(frozen=True, slots=True)
class Published:
    """The batches that are seen from now on, in the order of their ``pub_seq``."""

    batches: tuple[Batch, ...]
    epoch: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The batch of which nothing is seen any more, and what became of the registrations that rested on it."""

    batch: Batch
    epoch: int
    withdrawn: Withdrawn


@dataclass(frozen=True, slots=True)
class Approved:
    """The batches of a delivery that may be published now, as they were checked."""

    batches: tuple[Batch, ...]


class Refusal(StrEnum):
    """Why nothing was changed."""

    UNKNOWN = "no_such_batch"
    STATE = "state_forbids"
    ERRORS = "has_errors"
    CHECK_AGAIN = "published_since_check"
    NOT_PUBLISHED = "not_published"
    SECOND_PERSON = "needs_second_person"
    SAME_PERSON = "same_person"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed: why, and because of which batch."""

    why: Refusal
    batch_id: int
    state: State | None = None


def publish(
    connection: Connection, batch_ids: Sequence[int], *, actor: str, now: datetime
) -> Published | Refused:
    """Let batches be seen, each with all that was handed over with it, or nothing of it.

    Refused where a batch is not checked, has errors (and does not leave them out), or something was published since
    its check; and where it needs a second person who has not approved it yet.
    """
    publication = store.locked_publication(connection)
    members = publishable(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    for batch in members:
        if batch.checked_epoch != publication.epoch:
            return Refused(Refusal.CHECK_AGAIN, batch.id, batch.state)
    unapproved = lacks_approval(members)
    if unapproved is not None:
        return unapproved
    epoch = publication.epoch + 1
    store.set_publication(connection, Publication(epoch, publication.pub_seq + len(members)))
    for pub_seq, batch in enumerate(members, publication.pub_seq + 1):
        store.change(
            connection,
            batch.id,
            state=State.PUBLISHED.value,
            pub_seq=pub_seq,
            published_at=now,
            publish_at=None,
        )
    for pub_seq, batch in enumerate(members, publication.pub_seq + 1):
        trail.record(
            connection,
            Action.BATCH_PUBLISHED,
            actor=actor,
            now=now,
            batch_id=batch.id,
            pub_seq=pub_seq,
            epoch=epoch,
        )
    return Published(tuple(_read(connection, batch.id) for batch in members), epoch)


def approve(connection: Connection, batch_id: int, *, actor: str, now: datetime) -> Approved | Refused:
    """Let a second person say that a delivery may be published as it was checked; a new check asks anew.

    Refused where ``actor`` handed one of its files over.
    """
    members = _members(connection, [batch_id])
    if isinstance(members, Refused):
        return members
    for batch in members:
        if not may_become(batch.state, State.APPROVED):
            return Refused(Refusal.STATE, batch.id, batch.state)
        if batch.actor == actor:
            return Refused(Refusal.SAME_PERSON, batch.id, batch.state)
    for batch in members:
        store.change(connection, batch.id, state=State.APPROVED.value)
    for batch in members:
        trail.record(connection, Action.BATCH_APPROVED, actor=actor, now=now, batch_id=batch.id)
    return Approved(tuple(_read(connection, batch.id) for batch in members))


def take_back(
    connection: Connection, batch_id: int, *, reason: str, actor: str, now: datetime
) -> TakenBack | Refused:
    """Let nothing of a batch be seen any more; what lay below it is seen again."""
    publication = store.locked_publication(connection)
    batch = store.locked(connection, batch_id)
    if batch is None:
        return Refused(Refusal.UNKNOWN, batch_id)
    if not may_become(batch.state, State.TAKEN_BACK):
        return Refused(Refusal.NOT_PUBLISHED, batch_id, batch.state)
    epoch = publication.epoch + 1
    store.set_publication(connection, Publication(epoch, publication.pub_seq))
    store.change(connection, batch_id, state=State.TAKEN_BACK.value, pub_seq=None, taken_back_at=now)
    withdrawn = withdrawal.begin(connection, batch, actor=actor, now=now)
    trail.record(
        connection,
        Action.BATCH_TAKEN_BACK,
        actor=actor,
        now=now,
        batch_id=batch_id,
        # Somebody's own words may name a customer.
        detail={"reason": reason} if reason else None,
        epoch=epoch,
    )
    withdrawal.record(connection, withdrawn, now=now)
    return TakenBack(_read(connection, batch_id), epoch, withdrawn)


def publishable(connection: Connection, batch_ids: Sequence[int]) -> list[Batch] | Refused:
    """The batches asked for and those of their deliveries, locked, in the order in which they are published.

    Refused where one of them is not checked or has errors that it does not leave out.
    """
    members = _members(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    for batch in members:
        if batch.state not in PUBLISHABLE:
            return Refused(Refusal.STATE, batch.id, batch.state)
        if batch.errors and not batch.options.get(WITHOUT_ERRORS):
            return Refused(Refusal.ERRORS, batch.id, batch.state)
    return members


def lacks_approval(members: Sequence[Batch]) -> Refused | None:
    """The refusal where one of these needs a second person who has not approved it; what is scheduled was approved."""
    for batch in members:
        if batch.kind in NEEDS_SECOND_PERSON and batch.state is State.CHECKED:
            return Refused(Refusal.SECOND_PERSON, batch.id, batch.state)
    return None


def _members(connection: Connection, batch_ids: Sequence[int]) -> list[Batch] | Refused:
    """The batches and those of their deliveries, locked, in the order in which they are published."""
    deliveries: dict[str, None] = {}
    for batch_id in batch_ids:
        asked = store.get(connection, batch_id)
        if asked is None:
            return Refused(Refusal.UNKNOWN, batch_id)
        deliveries[asked.delivery] = None
    ids = [each.id for delivery in deliveries for each in store.of_delivery(connection, delivery)]
    members = [_read(connection, batch_id) for batch_id in ids]
    return sorted(members, key=lambda batch: LOADING_ORDER.index(batch.kind))


def _read(connection: Connection, batch_id: int) -> Batch:
    batch = store.locked(connection, batch_id)
    assert batch is not None  # noqa: S101 - batches are never deleted
    return batch
