"""The row of a provisional registration with its first mail: of a signup on the web, or by staff on the telephone.

One row a customer: registering again, whichever way, takes the place of the registration before, and the older link
dies. Whoever calls holds the customer's lock, and knows that the customer may register and has no account.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import login_id as login_ids
from mypage.domain.activation import (
    UNDELIVERED_LIFE,
    RegistrationFacts,
    RegistrationState,
    void_at,
)
from mypage.domain.signup_mail import Limit
from mypage.domain.trail import Action
from mypage.services import signup_mail, trail
from mypage.services.registration_mail import Registered, refused
from mypage.store import login_names, registrations
from mypage.words.causes import told_by


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Who registers, with everything as it is kept.

    ``made_by``: the member of staff who signs them up on the telephone; then there is no ``password_hash``, and
    ``letter_for_approval`` says that a letter's code stands for the second person.
    """

    customer_key: str
    matched_batch_id: int
    changed_batch_id: int | None
    login_id: str
    email: str
    nickname: str
    language: str
    terms_version: str
    password_hash: str | None = None
    browser_hash: str | None = None
    made_by: str | None = None
    letter_for_approval: bool = False


@dataclass(frozen=True)
class LoginIdTaken:
    """Somebody else got the login id first."""


def put(
    connection: Connection, applicant: Applicant, *, settings: Settings, actor: str, now: datetime
) -> Registered | LoginIdTaken | Limit:
    """Write the registration and its mail."""
    key, claimed_by = applicant.customer_key, login_names.claim_of(applicant.customer_key)
    former = registrations.of_customer(connection, key)
    pending = former is not None and former["state"] == RegistrationState.PENDING
    replaces = takes_place(former, now)
    registration_id = former["registration_id"] if former is not None and pending else secrets.token_hex(16)
    serial = former["serial"] + 1 if former is not None and pending else 1
    wanted = signup_mail.wanted(applicant.email, settings=settings, replaces=replaces, now=now)
    reached = signup_mail.limit(connection, key, wanted)
    if reached is not None:
        refused(connection, key, *told_by(reached.code), actor=actor, now=now)
        return reached
    login_key = login_ids.key(applicant.login_id)
    if not login_names.claim(
        connection, login_key, claimed_by=claimed_by, expires_at=now + UNDELIVERED_LIFE, now=now
    ):
        refused(connection, key, "B-01", actor=actor, now=now)
        return LoginIdTaken()
    if former is not None and former["login_key"] != login_key:
        login_names.release(connection, former["login_key"], claimed_by=claimed_by)
    registrations.put(
        connection,
        {
            "customer_key": key,
            "registration_id": registration_id,
            "serial": serial,
            "state": RegistrationState.PENDING.value,
            "login_id": applicant.login_id,
            "login_key": login_key,
            "password_hash": applicant.password_hash,
            "email": applicant.email,
            "nickname": applicant.nickname,
            "language": applicant.language,
            "terms_version": applicant.terms_version,
            "matched_batch_id": applicant.matched_batch_id,
            "changed_batch_id": applicant.changed_batch_id,
            "taken_back_batch_id": None,
            "browser_hash": applicant.browser_hash,
            "created_at": now,
            "enqueued_at": now,
            "handed_over_at": None,
            "expires_at": None,
            "ended_at": None,
            "made_by": applicant.made_by,
            "letter_for_approval": applicant.letter_for_approval,
        },
    )
    signup_mail.send(
        connection,
        wanted,
        customer_key=key,
        registration_id=registration_id,
        serial=serial,
        email=applicant.email,
        language=applicant.language,
        by_phone=applicant.made_by is not None,
    )
    trail.record(
        connection,
        Action.REGISTRATION_REPLACED if replaces else Action.REGISTRATION_MADE,
        actor=actor,
        now=now,
        customer_key=key,
        detail={"login_id": applicant.login_id, "email": applicant.email},
        registration_id=registration_id,
        serial=serial,
    )
    return Registered(registration_id, serial)


def takes_place(former: RowMapping | None, now: datetime) -> bool:
    """Whether a new registration would take the place of one that is still good."""
    return (
        former is not None
        and former["state"] == RegistrationState.PENDING
        and now < void_at(facts_of(former))
    )


def facts_of(row: RowMapping) -> RegistrationFacts:
    """A registration as the rules of ``domain.activation`` see it."""
    return RegistrationFacts(
        registration_id=row["registration_id"],
        serial=row["serial"],
        state=RegistrationState(row["state"]),
        enqueued_at=row["enqueued_at"],
        handed_over_at=row["handed_over_at"],
    )
