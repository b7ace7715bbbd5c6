"""Something in the trail is not as it was written: the auditors are mailed, once a day, and the trail says so itself."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mypage.domain.mail import MailKind
from mypage.domain.trail import Action
from mypage.domain.trail_search import Asked
from mypage.services import outbox, trail
from mypage.store import staff_looks, trail_search

_AGAIN_AFTER: Final = timedelta(days=1)


def raise_alarm(connection: Connection, *, seq: int, fault: str, actor: str, now: datetime) -> bool:
    """Tell every auditor (where there is none, every administrator) of a fault at row ``seq``; False where that was
    done within a day.
    """
    asked = Asked(action=Action.TRAIL_DOUBTED.word)
    last = trail_search.page(connection, trail.CHAIN, asked, before=None, limit=1)
    if last and now - last[0].at < _AGAIN_AFTER:
        return False
    told = staff_looks.who_is_told(connection)
    for _, recipient in told:
        outbox.enqueue(
            connection,
            MailKind.TRAIL_DOUBTED.word,
            recipient=recipient,
            language="ja",
            facts={"seq": seq, "at": now.isoformat()},
            now=now,
        )
    trail.record(
        connection,
        Action.TRAIL_DOUBTED,
        actor=actor,
        now=now,
        seq=seq,
        fault=fault,
        told=[each for each, _ in told],
    )
    return True
