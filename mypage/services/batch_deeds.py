"""What staff do with a batch on its page: read how it stands, and do it if it still stands so (specification §6).

A form carries the mark of the state that its page showed. Where something was published since the check, the worker checks
first and then does it: nobody waits at a screen for a check.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mypage.domain import batch_deed
from mypage.domain import trail as trail_rules
from mypage.domain.batch import PUBLISHABLE, WITHOUT_ERRORS, Kind, SecondPerson
from mypage.domain.batch_deed import BatchDeed, Stands
from mypage.domain.staff import actor
from mypage.services import batch_requests, publication, rechecks, schedule
from mypage.services.approvals import StaffRequest
from mypage.services.publication import Refusal, Refused
from mypage.services.rechecks import Wish
from mypage.store import batches as store
from mypage.store.batches import Batch


@dataclass(frozen=True, slots=True)
class Standing:
    """How a batch and its delivery stand now. ``request`` waits for a second person.

    ``is_outdated``: something was published since the check. ``has_notices``: publishing it can be told to subscribers.
    """

    batch: Batch
    members: tuple[Batch, ...]
    fits: tuple[BatchDeed, ...]
    needs_second: bool
    is_outdated: bool
    has_notices: bool
    request: StaffRequest | None
    mark: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody pressed. ``at`` None: now, or as soon as it is approved."""

    deed: BatchDeed
    batch_id: int
    staff_id: str
    mark: str
    at: datetime | None = None
    notices: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Did:
    """It is done; ``code`` of the sentence that says so, ``batch`` as it is now (another one, where that came of it)."""

    code: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class Outdated:
    """Somebody was quicker, or time went by: the page showed another state. Nothing was done."""


def standing(
    connection: Connection, batch_id: int, *, second_person: SecondPerson, now: datetime
) -> Standing | None:
    """How it stands; None where there is no such batch. Reads only."""
    batch = store.get(connection, batch_id)
    if batch is None:
        return None
    members = tuple(store.of_delivery(connection, batch.delivery))
    request = batch_requests.of_delivery(connection, batch.delivery, now=now)
    needs = publication.needs(members, second_person)
    epoch = store.publication_now(connection).epoch
    is_outdated = any(each.state in PUBLISHABLE and each.checked_epoch != epoch for each in members)
    fits = batch_deed.fitting(
        Stands(
            batch.state,
            [each.state for each in members],
            is_clean=all(not each.errors or bool(each.options.get(WITHOUT_ERRORS)) for each in members),
            needs_second=needs,
            is_asked=request is not None,
            is_wanted=any(each.publish_at is not None for each in members),
            can_leave_out=any(each.counts.get("can_leave_out") for each in members),
        )
    )
    has_notices = any(each.kind is Kind.CHARGES for each in members)
    mark = _mark(members, request, is_outdated=is_outdated, needs=needs)
    return Standing(batch, members, fits, needs, is_outdated, has_notices, request, mark)


def do(
    connection: Connection, wanted: Wanted, *, second_person: SecondPerson, life: timedelta, now: datetime
) -> Did | Outdated | Refused:
    """Do it, if the delivery stands as the page showed it."""
    # One after another with all who publish: what is read below stays so.
    store.locked_publication(connection)
    stands = standing(connection, wanted.batch_id, second_person=second_person, now=now)
    if stands is None:
        return Refused(Refusal.UNKNOWN, wanted.batch_id)
    if stands.mark != wanted.mark or wanted.deed not in stands.fits:
        return Outdated()
    who = actor(wanted.staff_id)
    match wanted.deed:
        case BatchDeed.PUBLISH | BatchDeed.ASK if stands.is_outdated:
            wish = Wish(who, wanted.at, wanted.notices)
            done: object = rechecks.check_again(connection, wanted.batch_id, wish=wish, actor=who, now=now)
            code = "check_first_ask" if wanted.deed is BatchDeed.ASK else "check_first"
        case BatchDeed.PUBLISH:
            done = publication.publish(
                connection,
                [wanted.batch_id],
                actor=who,
                now=now,
                second_person=second_person,
                notices=wanted.notices,
            )
            code = "publish"
        case BatchDeed.SCHEDULE:
            assert wanted.at is not None  # noqa: S101 - the form asks for it
            done = schedule.schedule(
                connection,
                [wanted.batch_id],
                at=wanted.at,
                actor=who,
                now=now,
                second_person=second_person,
                notices=wanted.notices,
            )
            code = "schedule"
        case BatchDeed.ASK:
            done = batch_requests.ask(
                connection,
                [wanted.batch_id],
                first=wanted.staff_id,
                by=who,
                at=wanted.at,
                notices=wanted.notices,
                second_person=second_person,
                life=life,
                now=now,
            )
            code = "ask"
        case BatchDeed.CALL_OFF:
            done, code = schedule.call_off(connection, wanted.batch_id, actor=who, now=now), "call_off"
        case BatchDeed.TAKE_BACK:
            done = publication.take_back(
                connection, wanted.batch_id, reason=wanted.reason, actor=who, now=now
            )
            code = "take_back"
        case BatchDeed.CHECK_AGAIN:
            done = rechecks.check_again(connection, wanted.batch_id, actor=who, now=now)
            code = "check_again"
        case BatchDeed.LEAVE_OUT:
            done = rechecks.without_errors(connection, wanted.batch_id, actor=who, now=now)
            code = "leave_out"
        case _:
            done, code = rechecks.discard(connection, wanted.batch_id, actor=who, now=now), "discard"
    if isinstance(done, Refused):
        return done
    return Did(f"batch_did_{code}", _now(connection, stands.batch, done))


def _now(connection: Connection, before: Batch, done: object) -> Batch:
    """The batch of the same file as it is now: without its errors it is another one."""
    others = [each for each in done if isinstance(each, Batch)] if isinstance(done, tuple) else []
    same = next((each for each in others if each.sha256 == before.sha256), None)
    found = store.get(connection, before.id if same is None else same.id)
    assert found is not None  # noqa: S101 - batches are never deleted
    return found


def _mark(members: tuple[Batch, ...], request: StaffRequest | None, *, is_outdated: bool, needs: bool) -> str:
    """What stands for all that the page showed and a deed rests on."""
    stands = [
        [
            batch.id,
            batch.state.value,
            batch.report,
            batch.checked_epoch,
            batch.pub_seq,
            None if batch.publish_at is None else batch.publish_at.isoformat(),
        ]
        for batch in members
    ]
    asked = None if request is None else request.id
    told = {"members": stands, "request": asked, "outdated": is_outdated, "needs": needs}
    return hashlib.sha256(trail_rules.canonical(told).encode()).hexdigest()[:20]
