"""The mail of a provisional registration once more, to the same or to a corrected address: the subscriber's own deed,
and staff's for them. The limits are the same for both.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain.activation import UNDELIVERED_LIFE
from mypage.domain.signup_mail import COOLDOWN, Limit
from mypage.domain.trail import Action
from mypage.services import signup_mail, stumbles, trail
from mypage.store import login_names, registrations
from mypage.words.causes import told_by

STEP: Final = "registration"


@dataclass(frozen=True)
class Registered:
    """Done; a mail with the link of ``serial`` waits to go out."""

    registration_id: str
    serial: int


@dataclass(frozen=True)
class TooSoon:
    """The cooldown of [メールを再送する] lasts until then."""

    until: datetime


def send_again(
    connection: Connection,
    found: RowMapping,
    corrected: str | None,
    *,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Registered | TooSoon | Limit:
    """A new mail with a new link for the pending registration ``found``, whose customer is locked; older links die.

    ``corrected`` is another address (read as good); None leaves it as it is.
    """
    email = found["email"] if corrected is None else corrected
    again = found["enqueued_at"] + COOLDOWN
    key, registration_id, serial = found["customer_key"], found["registration_id"], found["serial"] + 1
    # A corrected address is not made to wait: the mail before went to somebody else, or to nobody.
    if email == found["email"] and now < again:
        refused(connection, key, *told_by("resend_too_soon"), actor=actor, now=now)
        return TooSoon(again)
    wanted = signup_mail.wanted(email, settings=settings, replaces=False, now=now)
    reached = signup_mail.limit(connection, key, wanted)
    if reached is not None:
        refused(connection, key, *told_by(reached.code), actor=actor, now=now)
        return reached
    registrations.change(
        connection,
        registration_id,
        found["serial"],
        serial=serial,
        email=email,
        enqueued_at=now,
        handed_over_at=None,
        expires_at=None,
    )
    login_names.extend(
        connection,
        found["login_key"],
        claimed_by=login_names.claim_of(key),
        expires_at=now + UNDELIVERED_LIFE,
    )
    signup_mail.send(
        connection,
        wanted,
        customer_key=key,
        registration_id=registration_id,
        serial=serial,
        email=email,
        language=found["language"],
        by_phone=found["made_by"] is not None,
    )
    corrects = email != found["email"]
    trail.record(
        connection,
        Action.REGISTRATION_ADDRESS_CORRECTED if corrects else Action.REGISTRATION_RESENT,
        actor=actor,
        now=now,
        customer_key=key,
        detail={"email": email, "email_before": found["email"]} if corrects else None,
        registration_id=registration_id,
        serial=serial,
    )
    return Registered(registration_id, serial)


def refused(connection: Connection, customer_key: str, *causes: str, actor: str, now: datetime) -> None:
    """Leave in the trail why no mail goes out."""
    action = Action.REGISTRATION_REFUSED
    for cause in causes:
        stumbles.leave(connection, action, STEP, cause, customer_key=customer_key, actor=actor, now=now)
