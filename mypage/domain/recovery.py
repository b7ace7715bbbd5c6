"""Recovery of login id and password, and of an address that mails did not reach (specification §4, "security").

Links die with use, with a newer one, by time, and with the fact that :func:`mark` stands for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

# A request that waited longer than this is of no use: whoever asked has gone on.
REQUEST_LIFE: Final = timedelta(hours=24)
RESET_LIFE: Final = timedelta(hours=1)
# Nothing opens with it but a page of the account that is logged in, and some read their mail once a day.
CONFIRMATION_LIFE: Final = timedelta(hours=24)
_MARK_LENGTH: Final = 16


class Asked(StrEnum):
    """What somebody forgot."""

    LOGIN_ID = "login_id"
    PASSWORD = "password"  # noqa: S105 - what was forgotten, not a password


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What a link to an account says whose signature is right."""

    account_id: str
    serial: int
    mark: str
    signed_at: datetime


def mark(purpose: str, *, password_hash: str, email: str, stamp: str) -> str:
    """What stands for an account as it is: another one once its password, address or stamp has changed."""
    facts = "\n".join((purpose, password_hash, email, stamp))
    return sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LENGTH]
