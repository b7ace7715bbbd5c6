"""Batches: their kinds, the states that they live through, and the rule that says which version is seen.

Sources: specification §6 and "decisions", *One version rule for all files*.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar


class Kind(StrEnum):
    """What a file of the core billing system holds."""

    CUSTOMERS = "customers"
    CONTRACTS = "contracts"
    CHARGES = "charges"
    PAYMENTS = "payments"
    NUMBER_CHANGES = "number_changes"


# In this order a delivery is checked: what a later kind is checked against comes first.
LOADING_ORDER: Final = (
    Kind.CUSTOMERS,
    Kind.NUMBER_CHANGES,
    Kind.CONTRACTS,
    Kind.CHARGES,
    Kind.PAYMENTS,
)
# Of these kinds the operator may publish what is right and leave out the rest ([エラーの請求を除いて公開]).
LEAVES_OUT: Final = frozenset((Kind.CHARGES, Kind.PAYMENTS))
# How a batch of which that is so is marked among its options.
WITHOUT_ERRORS: Final = "without_errors"
# Publishing these always needs a second person (specification "formats", number_changes.csv).
_ALWAYS_NEED_SECOND_PERSON: Final = frozenset((Kind.NUMBER_CHANGES,))
# The kind of the request for that (``services.batch_requests``); its subject is a delivery.
PUBLISH_REQUEST: Final = "batch-publish"
# The worker looks every two seconds; whoever is kept waiting longer than this is told.
MISSED_AFTER: Final = timedelta(minutes=1)


class SecondPerson(StrEnum):
    """Of which files publishing needs a second person: the operator's setting."""

    NUMBER_CHANGES = "number_changes"
    ALL = "all"


def needs_second_person(kind: Kind, rule: SecondPerson) -> bool:
    """Whether a file of that kind is published only after a second person approved it."""
    return rule is SecondPerson.ALL or kind in _ALWAYS_NEED_SECOND_PERSON


def lateness(due_at: datetime | None, taken_up: datetime) -> int | None:
    """By how many whole seconds the time of publishing was missed before anybody took it up; None where it was not."""
    late = timedelta() if due_at is None else taken_up - due_at
    return int(late.total_seconds()) if late >= MISSED_AFTER else None


class State(StrEnum):
    """受付・検査中・確認済・承認済・予約・公開中・公開取消・却下."""

    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    TAKEN_BACK = "taken_back"
    REFUSED = "refused"


# Checking may begin again from wherever nothing of the batch is seen: after a crash, a refusal, a take-back, or
# because something else was published since. 受付 once more: the worker is to do it.
_ANEW: Final = (State.RECEIVED, State.CHECKING)
_TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.RECEIVED: frozenset((*_ANEW, State.REFUSED)),
    State.CHECKING: frozenset((*_ANEW, State.CHECKED, State.REFUSED)),
    State.CHECKED: frozenset((*_ANEW, State.APPROVED, State.SCHEDULED, State.PUBLISHED, State.REFUSED)),
    State.APPROVED: frozenset((*_ANEW, State.SCHEDULED, State.PUBLISHED, State.REFUSED)),
    State.SCHEDULED: frozenset((*_ANEW, State.CHECKED, State.PUBLISHED, State.REFUSED)),
    State.PUBLISHED: frozenset((State.TAKEN_BACK,)),
    State.TAKEN_BACK: frozenset(_ANEW),
    State.REFUSED: frozenset(_ANEW),
}

PUBLISHABLE: Final = frozenset(
    state for state, following in _TRANSITIONS.items() if State.PUBLISHED in following
)


def may_become(state: State, following: State) -> bool:
    """Whether a batch in ``state`` may go over to ``following``."""
    return following in _TRANSITIONS[state]


class _Version(Protocol):
    @property
    def batch_id(self) -> int: ...


Version = TypeVar("Version", bound=_Version)


def seen(versions: Iterable[Version], pub_seq: Mapping[int, int]) -> Version | None:
    """The version of one key that is seen: the one whose batch was published last.

    ``pub_seq`` holds the published batches only, so that publishing or taking back any batch, in any order, is
    one entry more or less; None where no version's batch is among them.
    """
    published = [version for version in versions if version.batch_id in pub_seq]
    return max(published, key=lambda version: pub_seq[version.batch_id], default=None)


def is_corrected(versions: Iterable[Version], pub_seq: Mapping[int, int]) -> bool:
    """訂正: a lower visible version of the same key exists."""
    return sum(version.batch_id in pub_seq for version in versions) > 1
