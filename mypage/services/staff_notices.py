"""Mails to staff about what only they, or nobody at all, should have done (ASVS 5.0, 6.3.7)."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.services import outbox


def notify(connection: Connection, member: RowMapping, what: str, now: datetime) -> None:
    """Tell a member of staff; ``what`` is a word of ``templates/mail/staff_notice.txt``."""
    outbox.enqueue(
        connection,
        "staff_notice",
        recipient=member["email"],
        language="ja",
        facts={"name": member["name"], "what": what, "at": now.isoformat()},
        now=now,
    )
