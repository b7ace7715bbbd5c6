"""The activation link: good, or one of four ways to be dead.

``decisions.md`` "Activation token": a link is good until 24 hours after the later of its signing and the mail's
hand-over, so that a crash after the server accepted leaves a working link; a registration whose mail was never
handed over is void 72 hours after it was enqueued. First-try C-04 … C-07 are the four pages.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LINK_LIFE: Final = timedelta(hours=24)
UNDELIVERED_LIFE: Final = timedelta(hours=72)


class RegistrationState(StrEnum):
    """A provisional registration is pending until it is activated or void."""

    PENDING = "pending"
    ACTIVATED = "activated"
    VOID = "void"


class LinkState(StrEnum):
    """What a link is worth; each but the first is a page of its own with its one next step."""

    GOOD = "good"
    EXPIRED = "expired"
    USED = "used"
    REPLACED = "replaced"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a link says whose signature is right."""

    registration_id: str
    serial: int
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """The registration that now stands for the customer whom the link was made for."""

    registration_id: str
    serial: int
    state: RegistrationState
    enqueued_at: datetime
    handed_over_at: datetime | None = None
    expires_at: datetime | None = None


def void_at(registration: RegistrationFacts) -> datetime:
    """When a pending registration ends: 24 h after the hand-over, 72 h after enqueueing where there was none."""
    if registration.expires_at is not None:
        return registration.expires_at
    if registration.handed_over_at is not None:
        return registration.handed_over_at + LINK_LIFE
    return registration.enqueued_at + UNDELIVERED_LIFE


def link_state(registration: RegistrationFacts | None, token: TokenFacts | None, now: datetime) -> LinkState:
    """What the link is worth at ``now``.

    ``token`` is None where the signature is wrong or the link was cut; ``registration`` is None where it has been
    purged or cancelled since. A link of an older mail leads to the same page as the newer one where that has been
    used or has expired: its reader is served by no other advice.
    """
    if token is None:
        return LinkState.BROKEN
    if registration is None:
        return LinkState.EXPIRED
    if registration.state == RegistrationState.ACTIVATED:
        return LinkState.USED
    if registration.state == RegistrationState.VOID:
        return LinkState.EXPIRED
    same = token.registration_id == registration.registration_id
    if same and token.serial > registration.serial:
        # No mail of this serial was ever sent: the database is older than the link (restored from a back-up).
        return LinkState.BROKEN
    current = same and token.serial == registration.serial
    if now >= (_good_until(registration, token) if current else void_at(registration)):
        return LinkState.EXPIRED
    return LinkState.GOOD if current else LinkState.REPLACED


def _good_until(registration: RegistrationFacts, token: TokenFacts) -> datetime:
    if registration.handed_over_at is None:
        return min(token.signed_at + LINK_LIFE, registration.enqueued_at + UNDELIVERED_LIFE)
    return max(token.signed_at, registration.handed_over_at) + LINK_LIFE
