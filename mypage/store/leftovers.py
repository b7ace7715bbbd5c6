"""Rows that are of no use any more: removed from time to time, whoever they belong to."""

from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select

from mypage.store.schema import (
    kept_form,
    login_session,
    recovery_mail,
    recovery_request,
    registration,
    signup_draft,
    signup_mail,
    stumble,
    throttle,
)


def remove_drafts(connection: Connection, now: datetime) -> int:
    """What people typed who did not go on; how many drafts there were."""
    return connection.execute(delete(signup_draft).where(signup_draft.c.expires_at <= now)).rowcount


def remove_kept_forms(connection: Connection, now: datetime) -> int:
    """Forms whose owner did not come back."""
    return connection.execute(delete(kept_form).where(kept_form.c.expires_at <= now)).rowcount


def remove_sessions(connection: Connection, *, touched_before: datetime, created_before: datetime) -> int:
    """Sessions that have ended by time."""
    ended = or_(login_session.c.touched_at < touched_before, login_session.c.created_at < created_before)
    return connection.execute(delete(login_session).where(ended)).rowcount


def remove_counters(connection: Connection, *, now: datetime, updated_before: datetime) -> int:
    """Counters of tries that count for nothing and let nobody wait."""
    over = or_(throttle.c.waits_until.is_(None), throttle.c.waits_until <= now)
    return connection.execute(delete(throttle).where(throttle.c.updated_at < updated_before, over)).rowcount


def remove_mail_counts(connection: Connection, *, before: datetime) -> int:
    """Mails asked for that no limit counts any more."""
    return connection.execute(delete(signup_mail).where(signup_mail.c.at < before)).rowcount


def remove_stumbles(connection: Connection, *, before: datetime) -> int:
    """Counts of refusals that no shift looks at any more."""
    return connection.execute(delete(stumble).where(stumble.c.minute < before)).rowcount


def remove_recovery_requests(connection: Connection, *, before: datetime) -> int:
    """Requests that could not be answered, with what was typed."""
    return connection.execute(
        delete(recovery_request).where(recovery_request.c.requested_at < before)
    ).rowcount


def remove_recovery_mails(connection: Connection, *, before: datetime) -> int:
    """Mails of recovery whose links are long dead and that no limit counts any more."""
    return connection.execute(delete(recovery_mail).where(recovery_mail.c.enqueued_at < before)).rowcount


def lapsed_registrations(
    connection: Connection, *, state: str, expired_at: datetime, enqueued_before: datetime, limit: int
) -> list[str]:
    """Customers whose registration in ``state`` is over by time: after its hand-over, or for want of one."""
    over = or_(
        registration.c.expires_at <= expired_at,
        and_(registration.c.expires_at.is_(None), registration.c.enqueued_at <= enqueued_before),
    )
    query = select(registration.c.customer_key).where(registration.c.state == state, over).limit(limit)
    return list(connection.scalars(query))
