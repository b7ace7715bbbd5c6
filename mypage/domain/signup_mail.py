"""How many mails a signup may ask for, so that nobody uses them as a carrier or floods somebody's mailbox.

Specification §7: per customer number and per destination in 24 hours 5 mails, 3 addresses, 3 replacements; §2:
[メールを再送する] has a cooldown that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(hours=24)
COOLDOWN: Final = timedelta(minutes=1)
MOST_MAILS: Final = 5
MOST_ADDRESSES: Final = 3
MOST_REPLACEMENTS: Final = 3
TOO_MANY_MAILS: Final = "signup_mails"


@dataclass(frozen=True, slots=True)
class AskedMail:
    """A mail that was asked for in the window. ``destination`` is any stand-in for the address."""

    at: datetime
    destination: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """Why no mail goes out before ``until``: ``signup_mails``, ``signup_addresses`` or ``signup_replacements``."""

    code: str
    until: datetime


def full_until(asked: Sequence[datetime], most: int) -> datetime | None:
    """Until when ``most`` mails or more of the last 24 hours leave no room for another; None where there is room."""
    return sorted(asked)[-most] + WINDOW if len(asked) >= most else None


def limit(
    wanted: AskedMail,
    of_customer: Sequence[AskedMail],
    to_destination: Sequence[datetime],
    replacing_there: Sequence[datetime] = (),
) -> Limit | None:
    """The limit that ``wanted`` would break, None if it may go out. All others are of the last 24 hours.

    ``to_destination`` are all mails to its destination, ``replacing_there`` those of them that replaced a
    registration, whosever it was.
    """
    # An address counts from the last mail to it: only then it falls out of the window.
    addresses = {asked.destination: asked.at for asked in sorted(of_customer, key=lambda each: each.at)}
    is_new = wanted.destination not in addresses
    replaced = [asked.at for asked in of_customer if asked.replaces]
    counted = (
        (TOO_MANY_MAILS, [asked.at for asked in of_customer], MOST_MAILS),
        (TOO_MANY_MAILS, list(to_destination), MOST_MAILS),
        ("signup_addresses", list(addresses.values()) if is_new else [], MOST_ADDRESSES),
        ("signup_replacements", replaced if wanted.replaces else [], MOST_REPLACEMENTS),
        ("signup_replacements", list(replacing_there) if wanted.replaces else [], MOST_REPLACEMENTS),
    )
    reached = [
        Limit(code, until)
        for code, moments, most in counted
        if (until := full_until(moments, most)) is not None
    ]
    return max(reached, key=lambda each: each.until, default=None)
