"""Remove what has ended by time. Each kind in its own short transaction, so that nobody waits for another."""

from datetime import datetime, timedelta
from typing import Final

from mypage.config.settings import Settings
from mypage.domain.activation import UNDELIVERED_LIFE, RegistrationState
from mypage.domain.recovery import CONFIRMATION_LIFE, REQUEST_LIFE
from mypage.domain.support_act import FORMER_ADDRESS_KEPT
from mypage.domain.throttle import FORGOTTEN_AFTER
from mypage.services import (
    api_rates,
    identity_approvals,
    identity_waiting,
    lapse,
    staff_search,
    staff_sessions,
    support_codes,
)
from mypage.services.sessions import Lifetime
from mypage.store import (
    accounts,
    faults,
    former_addresses,
    leftovers,
    search,
    staff_looks,
    staff_requests,
    support_calls,
)
from mypage.store.engine import Database

# The limits of specification §7 count the mails of 24 hours.
_MAILS_COUNT_FOR: Final = timedelta(hours=24)
# Requests are gone when the worker has answered; one that it cannot answer is not kept for ever.
_REQUESTS_KEPT: Final = 2 * REQUEST_LIFE
# A link ends at the latest its life after the last moment at which its mail could go out.
_LINKS_KEPT: Final = UNDELIVERED_LIFE + CONFIRMATION_LIFE
_REGISTRATIONS_AT_ONCE: Final = 500
# Their bucket is full after a minute; one row more or less costs nothing until then.
_SENDERS_KEPT: Final = timedelta(hours=1)
# As long as staff's search terms (security).
_STUMBLES_KEPT: Final = timedelta(days=90)
# Nobody asks for them by then; the trail keeps who did what.
_CALLS_KEPT: Final = timedelta(days=30)

# They count within a day; the trail keeps who was told of too many.
_LOOKS_KEPT: Final = timedelta(days=7)
# As long as somebody may still call about the number on a page of ours.
_FAULTS_KEPT: Final = timedelta(days=90)


def clean_up(settings: Settings, database: Database, now: datetime) -> dict[str, int]:
    """Remove dead drafts, kept forms, sessions, links, counters of tries and of mails, end what has lapsed.

    How many of each.
    """
    removed = {"registrations": _end_lapsed_registrations(database, now)}
    removed["approvals"] = _end_overdue_approvals(database, now)
    with database.writing() as connection:
        removed["support_codes"] = support_codes.lapse(connection, actor="worker", now=now)
    with database.writing() as connection:
        removed["drafts"] = leftovers.remove_drafts(connection, now)
    with database.writing() as connection:
        removed["kept_forms"] = leftovers.remove_kept_forms(connection, now)
    with database.writing() as connection:
        removed["sessions"] = leftovers.remove_sessions(
            connection,
            touched_before=now - settings.session_idle,
            created_before=now - settings.session_absolute,
        )
    with database.writing() as connection:
        lifetime = Lifetime(idle=settings.session_idle, absolute=settings.session_absolute)
        removed["staff_sessions"] = staff_sessions.remove_dead(connection, lifetime=lifetime, now=now)
    with database.writing() as connection:
        removed["counters"] = leftovers.remove_counters(
            connection, now=now, updated_before=now - FORGOTTEN_AFTER
        )
    with database.writing() as connection:
        removed["api_senders"] = api_rates.forget(connection, before=now - _SENDERS_KEPT)
    with database.writing() as connection:
        removed["mail_counts"] = leftovers.remove_mail_counts(connection, before=now - _MAILS_COUNT_FOR)
    with database.writing() as connection:
        removed["stumbles"] = leftovers.remove_stumbles(connection, before=now - _STUMBLES_KEPT)
        removed["recovery_requests"] = leftovers.remove_recovery_requests(
            connection, before=now - _REQUESTS_KEPT
        )
    with database.writing() as connection:
        removed["recovery_mails"] = leftovers.remove_recovery_mails(connection, before=now - _LINKS_KEPT)
    with database.writing() as connection:
        staff_requests.expire(connection, now)
        removed["calls"] = support_calls.remove(connection, used_before=now - _CALLS_KEPT)
        removed["requests"] = staff_requests.remove(connection, asked_before=now - _CALLS_KEPT)
        removed["former_addresses"] = former_addresses.remove(
            connection, replaced_before=now - FORMER_ADDRESS_KEPT
        )
    with database.writing() as connection:
        removed["searches"] = search.remove(connection, before=now - staff_search.KEPT)
        removed["looks"] = staff_looks.remove(connection, before=(now - _LOOKS_KEPT).date())
        removed["faults"] = faults.remove(connection, before=now - _FAULTS_KEPT)
    return removed


def _end_lapsed_registrations(database: Database, now: datetime) -> int:
    with database.reading() as connection:
        customers = leftovers.lapsed_registrations(
            connection,
            state=RegistrationState.PENDING,
            expired_at=now,
            enqueued_before=now - UNDELIVERED_LIFE,
            limit=_REGISTRATIONS_AT_ONCE,
        )
    ended = 0
    for customer_key in customers:
        # One a transaction: each waits for its customer's lock, and must not hold the trail's meanwhile.
        with database.writing() as connection:
            ended += lapse.end_if_lapsed(connection, customer_key, actor="worker", now=now)
    return ended


def _end_overdue_approvals(database: Database, now: datetime) -> int:
    with database.reading() as connection:
        since = now - identity_waiting.LIFE
        overdue = accounts.overdue_approvals(connection, since, _REGISTRATIONS_AT_ONCE)
    ended = 0
    for link in overdue:
        with database.writing() as connection:
            ended += identity_approvals.end_if_overdue(connection, link["customer_key"], now=now)
    return ended
