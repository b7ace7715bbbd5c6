"""What is asked of the trail, and what it answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

# The kinds of somebody who can be asked for as a whole.
ACTOR_KINDS: Final = ("staff", "account", "visitor", "worker", "cli", "token")
_SOMEBODY: Final = re.compile(r"(?:staff|account|token):\w[\w-]{0,63}")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKYO: Final = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows. ``until`` is the first instant that is not asked for; ``actor`` is ``kind`` or ``kind:id``.

    ``customer_keys`` are all those of one customer.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    customer_keys: tuple[str, ...] = ()
    account_id: str | None = None
    batch_id: int | None = None

    @property
    def filters(self) -> str:
        """What was asked for, as a fact of the trail: the customer stands in a column of the row."""
        said = {
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "actor": self.actor,
            "action": self.action,
            "account": self.account_id,
            "batch": self.batch_id,
            "customer": "yes" if self.customer_keys else None,
        }
        return " ".join(f"{name}={value}" for name, value in said.items() if value is not None)

    @property
    def is_narrow(self) -> bool:
        """Whether few rows can be meant: those of a customer, an account or a batch."""
        return bool(self.customer_keys) or self.account_id is not None or self.batch_id is not None

    @property
    def is_of_one(self) -> bool:
        """Whether one person is asked for."""
        return self.actor is not None and ":" in self.actor

    def only_staff(self) -> "Asked":
        """The same of what members of staff did, and nobody else."""
        is_of_staff = self.actor is not None and self.actor.partition(":")[0] == "staff"
        return self if is_of_staff else replace(self, actor="staff")


@dataclass(frozen=True, slots=True)
class TrailRow:
    """A row of the trail. ``detail``: whether one was written, and whether it is still there."""

    seq: int
    at: datetime
    action: str
    actor: str
    customer_key: str | None
    account_id: str | None
    batch_id: int | None
    facts: Mapping[str, Any]
    has_detail: bool
    keeps_detail: bool
    hash: str

    @property
    def staff_id(self) -> str | None:
        """The member of staff who did it, None where it was somebody else."""
        kind, _, who = self.actor.partition(":")
        return who if kind == "staff" else None


def is_actor(text: str) -> bool:
    """Whether that can be somebody in the trail: a kind, or a kind and an id. What else is typed is kept nowhere."""
    return text in ACTOR_KINDS or _SOMEBODY.fullmatch(text) is not None


def is_account(text: str) -> bool:
    """Whether that can be an account's number."""
    return _ACCOUNT.fullmatch(text) is not None


def instant(day: str, time: str, *, ends: bool = False) -> datetime | None:
    """The instant of a day and perhaps a time in Japan, as forms give them; None where they are none.

    ``ends``: the instant after it, for the end of a range that holds the day, or the minute.
    """
    try:
        begin = datetime.fromisoformat(f"{day.strip()}T{time.strip() or '00:00'}")
    except ValueError:
        return None
    if begin.tzinfo is not None or not 2000 <= begin.year < 3000:
        return None
    length = timedelta(minutes=1) if time.strip() else timedelta(days=1)
    return (begin + length if ends else begin).replace(tzinfo=_TOKYO)
