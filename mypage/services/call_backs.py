"""The call-back to the master's telephone, or the posted code: without one, staff hand no account to anybody.

Specification §5. The numbers are the master's, never one that the caller gives; which of the two was called, who was
reached and when stands in the trail. A number that came with a recent file is told as such: an insider with one line in
a file could have put theirs there ("security").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import identity_change, masking, phone
from mypage.domain import letter as letter_rules
from mypage.domain.customer_state import CustomerState
from mypage.domain.letter import State
from mypage.domain.staff import actor
from mypage.domain.support_call import Caller
from mypage.domain.trail import Action
from mypage.services import calls, letters, trail
from mypage.services.calls import Call
from mypage.store import customers, registrations, support_calls
from mypage.store import letters as stored_letters

_COLUMNS: Final = {1: "phone", 2: "phone2"}


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone of the master: the first or the second. ``since``: when a file brought it, if that is not long ago."""

    place: int
    written: str
    since: datetime | None

    @property
    def masked(self) -> str | None:
        """Its last four digits."""
        return masking.phone(self.written)


@dataclass(frozen=True, slots=True)
class Wrong:
    """The code is not the letter's."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class NoLetter:
    """No letter with a code is good now."""


def numbers(connection: Connection, state: CustomerState, *, now: datetime) -> list[Number]:
    """The telephones that may be called back. Reads only."""
    versions = customers.published_versions(connection, state.current_key)
    if not versions:
        return []
    newest = versions[0]
    written = [(place, newest[column] or "") for place, column in _COLUMNS.items()]
    written = [(place, each) for place, each in written if phone.fold(each) is not None]
    return [Number(place, each, _since(each, versions, now)) for place, each in written]


def show_number(connection: Connection, call: Call, place: int, *, now: datetime) -> None:
    """A number is shown whole, to be dialled."""
    calls.use(connection, call, now=now)
    trail.record(
        connection,
        Action.CALL_NUMBER_SHOWN,
        actor=actor(call.staff_id),
        now=now,
        customer_key=call.customer_key,
        call_id=call.id,
        number=place,
    )


def reach(connection: Connection, call: Call, number: Number, reached: Caller, *, now: datetime) -> None:
    """Somebody was reached at the master's number."""
    support_calls.change_open(
        connection,
        call.customer_key,
        call.staff_id,
        call.id,
        used_at=now,
        reached_number=number.place,
        reached=reached.word,
        reached_at=now,
    )
    trail.record(
        connection,
        Action.CALL_BACK_MADE,
        actor=actor(call.staff_id),
        now=now,
        customer_key=call.customer_key,
        detail={"last_four": masking.last_four(number.written) or ""},
        call_id=call.id,
        number=number.place,
        reached=reached.word,
    )


def has_letter(connection: Connection, state: CustomerState, *, now: datetime) -> bool:
    """Whether a letter with a code is good now. Reads only."""
    return _letter(connection, state, now) is not None


def prove(
    connection: Connection,
    call: Call,
    state: CustomerState,
    typed: str,
    *,
    settings: Settings,
    now: datetime,
) -> Wrong | NoLetter | None:
    """Try the code that the caller reads from the letter; None where it is right. A try counts as on the letter's page."""
    registrations.lock(connection, state.account_key or "")
    row = _letter(connection, state, now)
    if row is None:
        return NoLetter()
    outcome: Wrong | None = None
    whose = (row["customer_key"], row["account_id"])
    stored_letters.count_try(connection, *whose, row["serial"])
    facts: dict[str, Any] = {"call_id": call.id}
    if letter_rules.opens(typed, letters.codes(settings, *whose, row["serial"])):
        support_calls.change_open(
            connection, call.customer_key, call.staff_id, call.id, used_at=now, code_proven_at=now
        )
        action = Action.CALL_CODE_PROVEN
    else:
        outcome = Wrong(letter_rules.MOST_TRIES - row["tries"] - 1)
        action, facts["tries_left"] = Action.CALL_CODE_REFUSED, outcome.tries_left
    trail.record(
        connection,
        action,
        actor=actor(call.staff_id),
        now=now,
        customer_key=call.customer_key,
        account_id=row["account_id"],
        **facts,
    )
    return outcome


def _letter(connection: Connection, state: CustomerState, now: datetime) -> RowMapping | None:
    """The newest letter of the account, if it has a code that is good now."""
    rows = stored_letters.of_account(connection, state.account_key or "", state.account_id or "")
    newest = rows[-1] if rows else None
    is_good = (
        newest is not None
        and newest["with_code"]
        and letter_rules.state(letters.letter_of(newest), now) is State.POSTED
    )
    return newest if is_good else None


def _since(written: str, versions: Sequence[RowMapping], now: datetime) -> datetime | None:
    """When a file brought this number, if that is news: what a registration would wait for, too."""
    key = phone.fold(written)
    came = identity_change.brought_by(versions, lambda version: key in version["phone_keys"], now)
    return None if came is None else came["published_at"]
