"""How a customer stands with the portal, as staff must know it before they act (specification §5).

One value holds all that an act rests on. Its :attr:`CustomerState.mark` stands hidden in each form of the console, so
that a form from a page of an hour ago is answered with the new state, and of two members of staff who press the same
button the second is told what the first has done.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final

from mypage.domain.identity import MissedItem
from mypage.domain.opening import ClosedBy

_MARK_LENGTH: Final = 16


class Standing(StrEnum):
    """未登録, 仮登録中, 本登録済, 一時停止中."""

    NOT_REGISTERED = "not_registered"
    PROVISIONAL = "provisional"
    REGISTERED = "registered"
    SUSPENDED = "suspended"


class WaitFor(StrEnum):
    """What somebody who waits cannot do meanwhile."""

    SIGNUP = "signup"
    ID_CHECK = "id_check"
    ACTIVATION = "activation"
    LOGIN = "login"
    PASSWORD_CHANGE = "password_change"  # noqa: S105 - what is waited for, not a password
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Wait:
    """No try before ``until``."""

    what: WaitFor
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerState:
    """The customer of ``customer_key``, who is known as ``current_key`` today and had all of ``keys``.

    ``account_id`` and what follows it is of the account that owns the customer; ``registration_id`` and what follows
    it of a provisional registration that is still good: ``provisional_until`` is when its link ends, None until its mail
    was handed over. ``lapsed_at``: when the newest registration ended without an account, None where it did not.

    ``closed_by``: why the account is shown nothing of this customer yet; ``shown_from`` when the 72 hours after a
    release end. ``is_released``: staff released the registration, and nobody has registered since. ``objected``:
    somebody objects to that, before or after the next account. ``bars``: why the master lets nobody register.
    ``mail_refused``: mails to the account are refused for good. ``devices``: how many are logged in.
    """

    customer_key: str
    current_key: str
    keys: tuple[str, ...]
    standing: Standing
    account_id: str | None = None
    account_key: str | None = None
    mail_refused: bool = False
    devices: int = 0
    registration_id: str | None = None
    registration_key: str | None = None
    serial: int | None = None
    provisional_until: datetime | None = None
    mail_handed_over: bool = False
    # Staff signed the person up on the telephone: the link needs no password that only its registrant knows.
    by_phone: bool = False
    lapsed_at: datetime | None = None
    closed_by: ClosedBy | None = None
    awaits_letter: bool = False
    # The registration rests on what a file has just changed, and staff are to look at it.
    awaits_approval: bool = False
    # Suspended because the batch on which the registration rested was taken back.
    withdrawn: bool = False
    shown_from: datetime | None = None
    objected: bool = False
    is_released: bool = False
    # Staff corrected the account's address, and the one before can still be put back.
    former_address: bool = False
    # Whether the account has a second factor, which staff can remove for whoever lost it.
    second_factor: bool = False
    web_registration: bool = True
    bars: tuple[MissedItem, ...] = ()
    waits: tuple[Wait, ...] = ()
    # What is not told but changes with what an act rests on: the account's stamp and address, the newest staff act.
    versions: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What stands for this state in a form: another one once anything has changed that an act rests on.

        What the customer's own tries change by themselves (waits, devices) does not count: whoever tries and tries
        while they telephone must not make the agent's button useless.
        """
        counted = (field.name for field in fields(self) if field.name not in _NOT_MARKED)
        return _digest([str(getattr(self, name)) for name in counted])


_NOT_MARKED: Final = frozenset(("customer_key", "devices", "waits", "provisional_until", "mail_handed_over"))


def _digest(facts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LENGTH]


def standing(*, has_account: bool, is_suspended: bool, is_provisional: bool) -> Standing:
    """The account counts before a registration: whoever has one can make no other."""
    if has_account:
        return Standing.SUSPENDED if is_suspended else Standing.REGISTERED
    return Standing.PROVISIONAL if is_provisional else Standing.NOT_REGISTERED
