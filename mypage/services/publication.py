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
    PUBLISHABLE,
    WITHOUT_ERRORS,
    Kind,
    SecondPerson,
    State,
    lateness,
    may_become,
    needs_second_person,
)
from mypage.domain.trail import Action
from mypage.services import (
    batch_notices,
    first_person,
    identity_notices,
    statement_notices,
    trail,
    withdrawal,
)
from mypage.services.batch_notices import Facts, What
from mypage.services.withdrawal import Withdrawn
from mypage.store import batches as store
from mypage.store.batches import Batch, Publication
from mypage.store.schema.metadata import instant_text


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


class Refusal(StrEnum):
    """Why nothing was changed."""

    UNKNOWN = "no_such_batch"
    STATE = "state_forbids"
    ERRORS = "has_errors"
    CHECK_AGAIN = "published_since_check"
    NOT_PUBLISHED = "not_published"
    NOT_SCHEDULED = "not_scheduled"
    NOT_TO_CHECK = "not_to_check"
    NOT_TO_DISCARD = "not_to_discard"
    SECOND_PERSON = "needs_second_person"
    ASKED_BY_ANOTHER = "asked_by_another"
    NO_SECOND_PERSON = "needs_no_second_person"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed: why, and because of which batch."""

    why: Refusal
    batch_id: int
    state: State | None = None


def publish(
    connection: Connection,
    batch_ids: Sequence[int],
    *,
    actor: str,
    now: datetime,
    second_person: SecondPerson,
    notices: bool | None = None,
    taken_up: datetime | None = None,
) -> Published | Refused:
    """Let batches be seen, each with all that was handed over with it, or nothing of it.

    Refused where a batch is not checked, has errors (and does not leave them out), or something was published since
    its check; and where it needs a second person who has not approved it yet. ``notices``: whether subscribers are told (「請求確定のお知らせ」);
    None: as it was said when that was scheduled or asked. ``taken_up``: since when the worker is at it, which publishes
    what is due; what waited longer than that is told.
    """
    publication = store.locked_publication(connection)
    members = publishable(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    for batch in members:
        if batch.checked_epoch != publication.epoch:
            return Refused(Refusal.CHECK_AGAIN, batch.id, batch.state)
    unapproved = lacks_approval(members, second_person, now)
    if unapproved is not None:
        return unapproved
    epoch = publication.epoch + 1
    store.set_publication(connection, Publication(epoch, publication.pub_seq + len(members)))
    for pub_seq, batch in enumerate(members, publication.pub_seq + 1):
        is_at_its_time = taken_up is not None or batch.is_approved
        store.change(
            connection,
            batch.id,
            state=State.PUBLISHED.value,
            pub_seq=pub_seq,
            published_at=now,
            publish_at=None,
            due_at=batch.due_at if is_at_its_time else None,
            late=None if taken_up is None else lateness(batch.due_at, taken_up),
            failure=None,
            asked_by=batch.asked_by if is_at_its_time and batch.asked_by else actor,
            notices=batch.notices if notices is None else notices,
        )
    told = [batch for batch in members if (batch.notices if notices is None else notices)]
    statement_notices.begin(connection, told, epoch=epoch, now=now)
    identity_notices.begin(connection, members, epoch=epoch, now=now)
    published = tuple(_read(connection, batch.id) for batch in members)
    _mail_missed(connection, published, now=now)
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
    for batch in published:
        if batch.late is not None:
            assert batch.due_at is not None  # noqa: S101 - else nothing was missed
            trail.record(
                connection,
                Action.BATCH_MISSED,
                actor=actor,
                now=now,
                batch_id=batch.id,
                publish_at=instant_text(batch.due_at),
                seconds=batch.late,
            )
    return Published(published, epoch)


def take_back(
    connection: Connection, batch_id: int, *, reason: str, actor: str, now: datetime
) -> TakenBack | Refused:
    """Let nothing of a batch be seen any more; what lay below it is seen again.

    That is urgent, so one does it alone; the others of the billing staff are told by mail.
    """
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
    mine = first_person.of_actor(connection, actor)
    batch_notices.tell_everybody(connection, What.TAKEN_BACK, [batch], Facts(by=actor), but=[mine], now=now)
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
    members = locked_members(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    for batch in members:
        if batch.state not in PUBLISHABLE:
            return Refused(Refusal.STATE, batch.id, batch.state)
        if batch.errors and not batch.options.get(WITHOUT_ERRORS):
            return Refused(Refusal.ERRORS, batch.id, batch.state)
    return members


def lacks_approval(members: Sequence[Batch], rule: SecondPerson, now: datetime) -> Refused | None:
    """The refusal where one of these needs a second person who did not approve it as it is, for a time that has come."""
    for batch in members:
        is_early = batch.publish_at is not None and batch.publish_at > now
        if needs_second_person(batch.kind, rule) and (is_early or not batch.is_approved):
            return Refused(Refusal.SECOND_PERSON, batch.id, batch.state)
    return None


def needs(members: Sequence[Batch], rule: SecondPerson) -> bool:
    """Whether these are published only after a second person approved them."""
    return any(needs_second_person(batch.kind, rule) for batch in members)


def kinds_with(connection: Connection, batch_id: int) -> frozenset[Kind]:
    """The kinds of all that was handed over with a batch; no delivery changes until the end of the transaction."""
    store.locked_publication(connection)
    batch = _read(connection, batch_id)
    return frozenset(each.kind for each in store.of_delivery(connection, batch.delivery))


def locked_members(connection: Connection, batch_ids: Sequence[int]) -> list[Batch] | Refused:
    """The batches and those of their deliveries, locked, in the order in which they are published."""
    deliveries: dict[str, int] = {}
    for batch_id in batch_ids:
        asked = store.get(connection, batch_id)
        if asked is None:
            return Refused(Refusal.UNKNOWN, batch_id)
        deliveries.setdefault(asked.delivery, len(deliveries))
    members = store.lock_deliveries(connection, deliveries)
    # Two files of a kind keep the order in which they were asked for: the later one corrects the earlier one.
    members.sort(key=lambda batch: deliveries[batch.delivery])
    return sorted(members, key=lambda batch: LOADING_ORDER.index(batch.kind))


def _mail_missed(connection: Connection, published: Sequence[Batch], *, now: datetime) -> None:
    late = [batch for batch in published if batch.late is not None]
    if late:
        facts = Facts(due=late[0].due_at, late=late[0].late or 0)
        batch_notices.tell_concerned(connection, What.MISSED, published, facts, now=now)


def _read(connection: Connection, batch_id: int) -> Batch:
    batch = store.locked(connection, batch_id)
    assert batch is not None  # noqa: S101 - batches are never deleted
    return batch
