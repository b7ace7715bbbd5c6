"""The activation link: what its registration makes of the rules of :mod:`mypage.domain.link`.

``decisions.md`` "Activation token": good for 24 hours; a registration whose mail was never handed over is void
72 hours after it was enqueued.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from mypage.domain import link
from mypage.domain.link import UNDELIVERED_LIFE, LinkState, NewestLink, ShownLink

__all__ = [
    "LINK_LIFE",
    "UNDELIVERED_LIFE",
    "LinkState",
    "RegistrationFacts",
    "RegistrationState",
    "TokenFacts",
    "link_state",
    "void_at",
]
LINK_LIFE: Final = timedelta(hours=24)


class RegistrationState(StrEnum):
    """A provisional registration is pending until it is activated or void."""

    PENDING = "pending"
    ACTIVATED = "activated"
    VOID = "void"


_ENDED: Final = {RegistrationState.ACTIVATED: LinkState.USED, RegistrationState.VOID: LinkState.EXPIRED}


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


def void_at(registration: RegistrationFacts) -> datetime:
    """When a pending registration ends: 24 h after the hand-over, 72 h after enqueueing where there was none."""
    return _newest(registration).ends_at


def link_state(registration: RegistrationFacts | None, token: TokenFacts | None, now: datetime) -> LinkState:
    """What the link is worth at ``now``.

    ``token`` is None where the signature is wrong or the link was cut; ``registration`` is None where it has been
    purged or cancelled since.
    """
    if registration is None or token is None:
        return link.state(None, None if token is None else ShownLink(token.serial, token.signed_at), now)
    is_of_it = token.registration_id == registration.registration_id
    return link.state(_newest(registration), ShownLink(token.serial, token.signed_at, is_of_it), now)


def _newest(registration: RegistrationFacts) -> NewestLink:
    return NewestLink(
        serial=registration.serial,
        life=LINK_LIFE,
        enqueued_at=registration.enqueued_at,
        handed_over_at=registration.handed_over_at,
        ended=_ENDED.get(registration.state),
    )
