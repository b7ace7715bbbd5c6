"""Details of the trail go after their time, with an entry in the trail that says so; the chain stays whole.

Specification "security" (*time*): search terms are purged after 90 days, other personal details after the setting's.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.trail import Action, PurgeKind
from mypage.domain.trail_purge import AT_ONCE, Keeping
from mypage.services import trail
from mypage.store import trail_details as store
from mypage.store.schema.metadata import instant_text


def due(connection: Connection, kind: PurgeKind, keeping: Keeping, *, now: datetime) -> list[int]:
    """The numbers of rows whose details are to go now, so many as go at once. Reads only."""
    before = instant_text(keeping.before(kind, now))
    return store.due(connection, trail.CHAIN, kind, before=before, limit=AT_ONCE)


def purge(
    connection: Connection,
    kind: PurgeKind,
    seqs: Sequence[int],
    keeping: Keeping,
    *,
    actor: str,
    now: datetime,
) -> int:
    """Purge details that were found :func:`due`; how many were still there.

    The entry comes first: without it the database lets no detail go.
    """
    trail.hold(connection)
    there = store.still_there(connection, trail.CHAIN, seqs)
    if there:
        trail.record(
            connection,
            Action.TRAIL_DETAILS_PURGED,
            actor=actor,
            now=now,
            kind=kind.value,
            before=instant_text(keeping.before(kind, now)),
            count=len(there),
            through=there[-1],
        )
        store.purge(connection, trail.CHAIN, there)
    return len(there)
