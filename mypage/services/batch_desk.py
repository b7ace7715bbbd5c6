"""What the billing operator looks at: what is in force, what waits, one batch with its delivery and its history. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain import timeline
from mypage.domain.api_token import actor as actor_of_token
from mypage.domain.api_token import token_id_of
from mypage.domain.batch import Kind, SecondPerson, State, needs_second_person
from mypage.domain.row_error import RowError
from mypage.domain.trail_search import TrailRow
from mypage.services import batch_requests, trail
from mypage.services.trail_search import names_in
from mypage.store import api_tokens, batch_history, staff
from mypage.store import batches as store
from mypage.store.batches import Batch, LeftOut

# More wait at once nowhere; the list below has all of them.
_MOST_AT_ONCE: Final = 50
_IN_FORCE: Final = 5
_HISTORY: Final = 100
_LEFT_OUT: Final = 20
_OTHERS: Final = 20
# As many as a check keeps at hand, with its examples of each cause.
_ERRORS: Final = 3_000
# Looks at customers and at the trail itself change nothing of a batch.
_NO_DEEDS: Final = frozenset(
    (*timeline.words(timeline.Kind.LOOK), *(action.word for action in timeline.AUDITS))
)


class Desk(NamedTuple):
    """What is under way: ``running`` is taken in or checked, ``waiting`` for somebody or for its time."""

    running: tuple[Batch, ...]
    waiting: tuple[Batch, ...]
    in_force: tuple[Batch, ...]


class Whole(NamedTuple):
    """One batch. ``delivery``: the other files handed over with it; ``errors`` are the first and some of each cause.

    ``names`` are those of the members of staff whom the batch and its history name; ``others`` are the newest of its
    kind, to be compared with.
    """

    batch: Batch
    delivery: tuple[Batch, ...]
    errors: tuple[RowError, ...]
    left_out: tuple[LeftOut, ...]
    history: tuple[TrailRow, ...]
    others: tuple[Batch, ...]
    names: Mapping[str, str]


class Wait(NamedTuple):
    """For what a checked batch waits. ``asked_by``: the member of staff whose request a second person is to decide.

    ``is_outdated``: something was published since its check, which is done again first.
    """

    needs_second: bool
    asked_by: str | None
    is_outdated: bool


def waits(
    connection: Connection, batches: Iterable[Batch], *, second_person: SecondPerson, now: datetime
) -> dict[int, Wait]:
    """By their ids for what these wait that are checked."""
    epoch = store.publication_now(connection).epoch
    found: dict[int, Wait] = {}
    for batch in batches:
        delivery = store.of_delivery(connection, batch.delivery)
        request = batch_requests.of_delivery(connection, batch.delivery, now=now)
        found[batch.id] = Wait(
            any(needs_second_person(each.kind, second_person) for each in delivery),
            None if request is None else request.asked_by,
            batch.checked_epoch != epoch,
        )
    return found


def desk(connection: Connection) -> Desk:
    """What is under way at this moment, the newest first."""
    running = store.in_states(connection, (State.RECEIVED, State.CHECKING), _MOST_AT_ONCE)
    waiting = store.in_states(connection, (State.CHECKED, State.APPROVED, State.SCHEDULED), _MOST_AT_ONCE)
    return Desk(tuple(running), tuple(waiting), tuple(store.newest_published(connection, _IN_FORCE)))


def page(
    connection: Connection, kind: Kind | None, state: State | None, *, limit: int, offset: int
) -> Sequence[Batch]:
    """The newest batches first, of one kind and in one state where these are asked for."""
    return store.page(connection, kind=kind, state=state, limit=limit, offset=offset)


def one(connection: Connection, batch_id: int) -> Batch | None:
    """A batch by its number."""
    return store.get(connection, batch_id)


def names_of(connection: Connection, batches: Iterable[Batch], also: Iterable[str] = ()) -> Mapping[str, str]:
    """The names of the members of staff and, by their actors, of the tokens that handed these over; and of ``also``."""
    actors = {each.actor for each in batches}
    ids = {*also} | {who for kind, _, who in (each.partition(":") for each in actors) if kind == "staff"}
    tokens = {token_id for each in actors if (token_id := token_id_of(each))}
    named = api_tokens.names(connection, tokens) if tokens else {}
    return {**staff.names(connection, ids), **{actor_of_token(each): name for each, name in named.items()}}


def whole(connection: Connection, batch_id: int) -> Whole | None:
    """All that the page of a batch tells; None where there is none of that number."""
    batch = store.get(connection, batch_id)
    if batch is None:
        return None
    rows = batch_history.deeds(connection, trail.CHAIN, batch_id, without=_NO_DEEDS, limit=_HISTORY)
    left_out = store.left_out_of(connection, batch_id)
    delivery = store.of_delivery(connection, batch.delivery)
    others = store.page(connection, kind=batch.kind, state=None, limit=_OTHERS + 1, offset=0)
    return Whole(
        batch,
        tuple(each for each in delivery if each.id != batch_id),
        tuple(store.errors_of(connection, batch_id, _ERRORS)),
        tuple(each for each, _ in zip(left_out, range(_LEFT_OUT), strict=False)),
        tuple(rows),
        tuple(each for each in others if each.id != batch_id)[:_OTHERS],
        {**names_in(connection, rows), **names_of(connection, (batch,))},
    )
