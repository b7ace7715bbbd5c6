"""The provisional registration (仮登録): made, its mail sent again, its address corrected.

One row a customer: registering again takes the place of the registration before, and each mail raises the serial,
so that only the newest link is good. What a customer's number and a destination may get in a day is limited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import email_address
from mypage.domain.activation import LinkState, RegistrationState, void_at
from mypage.domain.signup_mail import COOLDOWN, Limit
from mypage.services import (
    identity,
    mail_progress,
    provisional,
    signup,
    stumbles,
    successions,
    withdrawal,
)
from mypage.services.identity import AlreadyRegistered
from mypage.services.mail_progress import MailProgress
from mypage.services.provisional import Applicant, LoginIdTaken, facts_of
from mypage.services.registration_mail import STEP, Registered, TooSoon, refused, send_again
from mypage.services.signup import Draft
from mypage.store import drafts, registrations

__all__ = [
    "AlreadyRegistered",
    "DraftGone",
    "LoginIdTaken",
    "PasswordAsked",
    "Pending",
    "Registered",
    "TooSoon",
    "correct_address",
    "ended",
    "note_address",
    "pending",
    "register",
    "resend",
]


@dataclass(frozen=True)
class DraftGone:
    """There is nothing to register (any more): the person proves their identity anew."""


@dataclass(frozen=True)
class PasswordAsked:
    """The password was dropped by going back: screen 2 asks it again."""


@dataclass(frozen=True)
class Pending:
    """A registration that waits for its activation, as ``/signup/done`` tells it.

    ``good_until`` is None until the mail was handed over.
    """

    email: str
    mail: MailProgress
    good_until: datetime | None
    resend_from: datetime


def register(
    connection: Connection, *, browser_hash: str, settings: Settings, language: str, actor: str, now: datetime
) -> Registered | DraftGone | PasswordAsked | LoginIdTaken | AlreadyRegistered | Limit:
    """Turn the draft of a browser into a provisional registration and write its mail."""
    found = signup.draft(connection, browser_hash, now)
    if found is not None:
        registrations.lock(connection, found.customer_key)
        # Of two clicks the second waited here, and the first took the draft.
        found = signup.draft(connection, browser_hash, now)
    if found is None:
        return DraftGone()
    if found.password_hash is None:
        return PasswordAsked()
    key = found.customer_key
    if successions.owner_of(connection, key) is not None:
        drafts.remove(connection, browser_hash)
        refused(connection, key, "A-07", actor=actor, now=now)
        return AlreadyRegistered()
    if not identity.may_still_register(connection, key, settings, now):
        drafts.remove(connection, browser_hash)
        refused(connection, key, "A-06", actor=actor, now=now)
        return DraftGone()
    if not withdrawal.still_rests(connection, key, found.matched_batch_id):
        # What matched was taken back since, and the master says something else now.
        drafts.remove(connection, browser_hash)
        refused(connection, key, "A-03", actor=actor, now=now)
        return DraftGone()
    return _put(connection, found, settings, language, actor, now)


def _put(
    connection: Connection, draft: Draft, settings: Settings, language: str, actor: str, now: datetime
) -> Registered | LoginIdTaken | Limit:
    applicant = Applicant(
        customer_key=draft.customer_key,
        matched_batch_id=draft.matched_batch_id,
        changed_batch_id=draft.changed_batch_id,
        login_id=draft.login_id,
        email=draft.email,
        nickname=draft.nickname,
        language=language,
        terms_version=settings.terms_version,
        password_hash=draft.password_hash,
        browser_hash=draft.browser_hash,
    )
    outcome = provisional.put(connection, applicant, settings=settings, actor=actor, now=now)
    if isinstance(outcome, Registered):
        drafts.remove(connection, draft.browser_hash)
    elif isinstance(outcome, LoginIdTaken):
        drafts.change(connection, draft.browser_hash, now, password_hash=None)
    return outcome


def resend(
    connection: Connection, *, browser_hash: str, settings: Settings, actor: str, now: datetime
) -> Registered | DraftGone | TooSoon | Limit:
    """[メールを再送する]: a new mail with a new link; the link of the mail before is dead."""
    return _send_again(connection, browser_hash, None, settings, actor, now)


def correct_address(
    connection: Connection, *, browser_hash: str, email: str, settings: Settings, actor: str, now: datetime
) -> Registered | DraftGone | TooSoon | Limit:
    """[メールアドレスを訂正する]: the same registration, its mail to another address (already read as good)."""
    return _send_again(connection, browser_hash, email_address.read(email).address, settings, actor, now)


def note_address(
    connection: Connection,
    browser_hash: str,
    refused: Mapping[str, Sequence[str]],
    *,
    actor: str,
    now: datetime,
) -> None:
    """The form of [メールアドレスを訂正する] did not take an address: by cause, the codes of what is wrong with it."""
    found = _of_browser(connection, browser_hash, now)
    if found is not None:
        stumbles.note(connection, STEP, refused, customer_key=found["customer_key"], actor=actor, now=now)


def _send_again(
    connection: Connection,
    browser_hash: str,
    corrected: str | None,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Registered | DraftGone | TooSoon | Limit:
    found = _of_browser(connection, browser_hash, now)
    if found is not None:
        registrations.lock(connection, found["customer_key"])
        found = _of_browser(connection, browser_hash, now)
    if found is None:
        return DraftGone()
    return send_again(connection, found, corrected, settings=settings, actor=actor, now=now)


def pending(connection: Connection, browser_hash: str, now: datetime) -> Pending | None:
    """The registration that a browser made, while it waits for its activation; None afterwards."""
    row = _of_browser(connection, browser_hash, now)
    if row is None:
        return None
    return Pending(
        email=row["email"],
        mail=mail_progress.of_registration(connection, row, now),
        good_until=row["expires_at"],
        resend_from=row["enqueued_at"] + COOLDOWN,
    )


def ended(connection: Connection, browser_hash: str) -> LinkState | None:
    """How the registration ended that a browser made and that is not pending: used or expired; None without any."""
    row = registrations.of_browser(connection, browser_hash)
    if row is None:
        return None
    return LinkState.USED if row["state"] == RegistrationState.ACTIVATED else LinkState.EXPIRED


def _of_browser(connection: Connection, browser_hash: str, now: datetime) -> RowMapping | None:
    row = registrations.of_browser(connection, browser_hash)
    if row is None or row["state"] != RegistrationState.PENDING or now >= void_at(facts_of(row)):
        return None
    return row
