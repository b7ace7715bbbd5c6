"""Publishing with a second person (specification §6): asked by one, approved by another for exactly what was checked.

A request is about a delivery, and holds a mark of what was checked: files, report, and the publication that it was held
against. Anything published in between, and any new check, makes it another one: it is asked again. The approval publishes
(or schedules) in its own transaction. All deeds here wait for the one row of the publication first.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from mypage.domain import api_token
from mypage.domain import trail as trail_rules
from mypage.domain.batch import PUBLISH_REQUEST, PUBLISHABLE, SecondPerson, State
from mypage.domain.staff import COMMAND_LINE, actor
from mypage.domain.trail import Action
from mypage.services import approvals, batch_notices, first_person, publication, schedule, trail
from mypage.services.approvals import AlreadyAsked, Settled, StaffRequest, Unfit
from mypage.services.batch_notices import Facts, What
from mypage.services.publication import Refusal, Refused, needs
from mypage.store import batches as store
from mypage.store.batches import Batch

# Of what a check counted, what the second person sees, also when the batch is another one by then.
_COUNTS = (
    "months",
    "statements",
    "customers",
    "lines",
    "total",
    "withdrawn",
    "hidden",
    "left_out",
    "carried",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Each delivery that needs a second person waits for one now: ``requests``, of these batches."""

    requests: tuple[StaffRequest, ...]
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Approved, and published by that; or 予約, where ``at`` is still to come."""

    request: StaffRequest
    batches: tuple[Batch, ...]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The delivery is not as it was when it was asked (``code`` of a sentence); the request has ended."""

    code: str


def ask(
    connection: Connection,
    batch_ids: Sequence[int],
    *,
    first: str,
    by: str,
    at: datetime | None = None,
    notices: bool = True,
    second_person: SecondPerson,
    life: timedelta,
    now: datetime,
) -> Asked | Refused:
    """Ask that batches be published, each with its delivery: at once when that is approved, or ``at`` a time.

    ``first`` is who asks (a staff id, or the command line), ``by`` the actor that does it for them. The same asked again
    is the request that waits; asked otherwise by the same person it takes the other's place.
    """
    in_force = store.locked_publication(connection)
    members = publication.publishable(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    if not needs(members, second_person):
        return Refused(Refusal.NO_SECOND_PERSON, members[0].id, members[0].state)
    requests = []
    for delivery in _deliveries(members):
        if not needs(delivery, second_person):
            continue
        for batch in delivery:
            if batch.checked_epoch != in_force.epoch:
                return Refused(Refusal.CHECK_AGAIN, batch.id, batch.state)
        requests.append(_asked(connection, delivery, first, by, at, notices, life, now))
    asked = {request.subject for request in requests}
    return Asked(tuple(requests), tuple(batch for batch in members if batch.delivery in asked))


def approve(
    connection: Connection, request_id: str, *, staff_id: str, second_person: SecondPerson, now: datetime
) -> Done | Overtaken | Unfit | Settled:
    """A second person agrees: it is published, or scheduled, by this transaction, if it is what was asked."""
    store.locked_publication(connection)
    found = find(connection, request_id, now=now)
    if found is None:
        return Settled(None)
    members = _locked(connection, found)
    request = approvals.open_for(
        connection, request_id, staff_id=staff_id, now=now, also=found.facts["handed_by"]
    )
    if not isinstance(request, StaffRequest):
        return request
    code = changed(connection, request, members)
    if code is not None:
        approvals.overtake(connection, request, staff_id=staff_id, reason=code, now=now)
        return Overtaken(code)
    approver, ids = actor(staff_id), [batch.id for batch in members]
    for batch in members:
        asked_by = request.facts["by"]
        store.change(
            connection,
            batch.id,
            publish_at=None,
            due_at=None,
            asked_by=asked_by,
            approved_by=approver,
            approved_report=batch.report,
            notices=request.facts["notices"],
        )
    approvals.approve(connection, request, staff_id=staff_id, now=now)
    for batch in members:
        trail.record(connection, Action.BATCH_APPROVED, actor=approver, now=now, batch_id=batch.id)
    at = wanted_at(request)
    done: publication.Published | tuple[Batch, ...] | Refused
    if at is not None and at > now:
        done = schedule.schedule(
            connection,
            ids,
            at=at,
            actor=approver,
            now=now,
            second_person=second_person,
            notices=request.facts["notices"],
            asked_by=request.facts["by"],
        )
    else:
        done = publication.publish(connection, ids, actor=approver, now=now, second_person=second_person)
    assert not isinstance(done, Refused)  # noqa: S101 - ``changed`` looked at the same rows
    if isinstance(done, publication.Published):
        return Done(request, done.batches, None)
    return Done(request, done, at)


def ask_again(
    connection: Connection,
    members: Sequence[Batch],
    *,
    life: timedelta,
    now: datetime,
) -> StaffRequest | None:
    """What was to be published and lacks an approval of this check is 確認済, and asked for again by itself.

    In the name of whoever asked before; None where they are not there any more, or the token is not with which they did,
    and somebody else must ask. All of that
    is told by mail. The members were checked a moment ago, and are locked.
    """
    wanted_by = members[0].asked_by or members[0].actor
    at, notices = members[0].publish_at, members[0].notices
    for batch in members:
        store.change(connection, batch.id, state=State.CHECKED.value, publish_at=None, due_at=None)
    first = first_person.of_actor(connection, wanted_by)
    if first_person.is_dead_token(connection, wanted_by, now=now) or not approvals.works(connection, first):
        facts = Facts(due=members[0].due_at)
        batch_notices.tell_everybody(connection, What.TO_ASK, members, facts, now=now)
        return None
    what = What.ASKED if members[0].approved_by is None else What.ASKED_AGAIN
    wanted = at if at is not None and at > now else None
    return _asked(connection, members, first, wanted_by, wanted, notices, life, now, what=what)


def settle(
    connection: Connection,
    batch_ids: Sequence[int],
    *,
    by: str,
    second_person: SecondPerson,
    life: timedelta,
    now: datetime,
) -> None:
    """After a check of a delivery: what somebody wants published, and may not be without a second person, is asked for.

    What cannot be published because of what was found is told to whoever waits for it.
    """
    members = publication.locked_members(connection, batch_ids)
    assert not isinstance(members, Refused)  # noqa: S101 - they were checked
    failed = [batch for batch in members if batch.failure is not None]
    if failed:
        schedule.tell_failed(connection, failed, reason=failed[0].failure or "", actor=by, now=now)
    elif any(batch.publish_at is not None for batch in members) and needs(members, second_person):
        ask_again(connection, members, life=life, now=now)


def find(connection: Connection, request_id: str, *, now: datetime) -> StaffRequest | None:
    """A request of this kind; None where there is none. Reads only."""
    found = approvals.find(connection, request_id, now=now)
    return found if found is not None and found.kind == PUBLISH_REQUEST else None


def of_delivery(connection: Connection, delivery: str, *, now: datetime) -> StaffRequest | None:
    """What waits for a second person of a delivery. Reads only."""
    return approvals.waiting_about(connection, PUBLISH_REQUEST, delivery, now=now)


def outdated(connection: Connection, *, now: datetime) -> list[str]:
    """What waits although something was published since it was asked: the ids. Reads only."""
    epoch = store.publication_now(connection).epoch
    waiting = [
        request for request in approvals.waiting(connection, now=now) if request.kind == PUBLISH_REQUEST
    ]
    return [
        request.id
        for request in waiting
        if any(batch.checked_epoch != epoch for batch in store.of_delivery(connection, request.subject))
    ]


def members_of(connection: Connection, request: StaffRequest) -> list[Batch]:
    """The batches of the delivery that a request is about, as they are now. Reads only."""
    return store.of_delivery(connection, request.subject)


def changed(connection: Connection, request: StaffRequest, members: Sequence[Batch]) -> str | None:
    """Why what was asked is not what would be published now, as the code of a sentence. Reads only."""
    if any(batch.checked_epoch != store.publication_now(connection).epoch for batch in members):
        return "batch_published_since_asked"
    if not members or any(batch.state not in PUBLISHABLE for batch in members):
        return "batch_changed_since_asked"
    return None if _mark(members) == request.mark else "batch_changed_since_asked"


def unfitness(connection: Connection, request: StaffRequest, *, staff_id: str, now: datetime) -> str | None:
    """Why somebody may not approve it: they asked, or handed one of the files over, or are not truly another person."""
    return approvals.unfitness(
        connection, request, staff_id=staff_id, now=now, also=request.facts["handed_by"]
    )


def wanted_at(request: StaffRequest) -> datetime | None:
    """For when it was asked; None: as soon as it is approved."""
    at: str | None = request.facts["at"]
    return None if at is None else datetime.fromisoformat(at)


def withdraw_from(
    connection: Connection, batch_id: int, *, first: str, by: str, now: datetime
) -> StaffRequest | Unfit | Settled:
    """Whoever asked takes it back, by the number of a batch: the command line, or a token, which see no page of it."""
    store.locked_publication(connection)
    batch = store.get(connection, batch_id)
    waits = None if batch is None else of_delivery(connection, batch.delivery, now=now)
    if waits is None:
        return Settled(None)
    return approvals.withdraw(connection, waits.id, staff_id=first, by=by, now=now)


def end_of_token(connection: Connection, token_id: str, *, by: str, now: datetime) -> int:
    """A token is revoked: nothing comes any more of what was asked or ordered with it. How many requests that ended.

    What nobody has to approve, or somebody did, waits for its time or for a check: it lapses, and people are told.
    """
    store.locked_publication(connection)
    ordered = store.wanted_by(connection, api_token.actor(token_id))
    store.lock_deliveries(connection, [batch.delivery for batch in ordered])
    with_it = [
        request
        for request in approvals.waiting(connection, now=now)
        if request.kind == PUBLISH_REQUEST and request.facts["by"] == api_token.actor(token_id)
    ]
    approvals.hold(connection, with_it)
    for request in with_it:
        approvals.overtake_waiting(
            connection, PUBLISH_REQUEST, request.subject, by=by, reason="batch_token_revoked", now=now
        )
    for delivery in dict.fromkeys(batch.delivery for batch in ordered):
        schedule.lapse(connection, delivery, reason="token_revoked", actor=by, now=now)
    return len(with_it)


def _asked(
    connection: Connection,
    delivery: Sequence[Batch],
    first: str,
    by: str,
    at: datetime | None,
    notices: bool,
    life: timedelta,
    now: datetime,
    *,
    what: What = What.ASKED,
) -> StaffRequest:
    facts = _facts(connection, delivery, by, at, notices)
    wanted: dict[str, Any] = {
        "kind": PUBLISH_REQUEST,
        "subject": delivery[0].delivery,
        "facts": facts,
        "mark": _mark(delivery),
        "staff_id": first,
        "through": by,
        "life": life,
        "now": now,
    }
    asked = approvals.ask(connection, **wanted)
    if isinstance(asked, AlreadyAsked):
        waits = asked.request
        if waits.mark == wanted["mark"] and (waits.asked_by != first or _same_wish(waits.facts, facts)):
            return waits
        approvals.overtake_waiting(
            connection, PUBLISH_REQUEST, waits.subject, by=by, reason="batch_asked_otherwise", now=now
        )
        asked = approvals.ask(connection, **wanted)
        assert isinstance(asked, StaffRequest)  # noqa: S101 - the publication's row is ours
    for batch in delivery:
        trail.record(
            connection,
            Action.BATCH_APPROVAL_ASKED,
            actor=by,
            now=now,
            batch_id=batch.id,
            request_id=asked.id,
        )
    told = [] if what is What.ASKED_AGAIN or first == COMMAND_LINE else [first]
    told_of = Facts(due=at, by=by, request_id=asked.id)
    batch_notices.tell_everybody(connection, what, delivery, told_of, but=told, now=now)
    return asked


def _facts(
    connection: Connection, delivery: Sequence[Batch], by: str, at: datetime | None, notices: bool
) -> Mapping[str, Any]:
    return {
        "by": by,
        "at": None if at is None else at.isoformat(),
        "notices": notices,
        "handed_by": first_person.who_handed_over(connection, delivery),
        "batches": [
            {
                "id": batch.id,
                "kind": batch.kind.value,
                "filename": batch.filename,
                "sha256": batch.sha256,
                "size": batch.size,
                "encoding": batch.encoding,
                "errors": batch.errors,
                "warnings": batch.warnings,
                "causes": [
                    {"code": cause["code"], "count": cause["count"]}
                    for cause in batch.counts.get("causes", ())
                    if cause["warning"]
                ],
                **{name: batch.counts[name] for name in _COUNTS if name in batch.counts},
            }
            for batch in delivery
        ],
    }


def _same_wish(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("at", "notices"))


def _mark(delivery: Iterable[Batch]) -> str:
    """What stands for exactly what was checked, and against what."""
    checked = [
        [batch.id, batch.sha256, dict(batch.options), batch.report, batch.checked_epoch]
        for batch in sorted(delivery, key=lambda batch: batch.id)
    ]
    return hashlib.sha256(trail_rules.canonical({"checked": checked}).encode()).hexdigest()


def _locked(connection: Connection, request: StaffRequest) -> list[Batch]:
    return store.lock_deliveries(connection, [request.subject])


def _deliveries(members: Iterable[Batch]) -> list[list[Batch]]:
    found: dict[str, list[Batch]] = {}
    for batch in members:
        found.setdefault(batch.delivery, []).append(batch)
    return list(found.values())
