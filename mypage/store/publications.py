"""What is published: which batches, in which order, up to which month. Kept in memory for one epoch.

Every flip bumps the epoch, and every request reads the epoch with its session: so what is kept here is asked
from the database once a flip and process, and never older than the request.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from mypage.store.raw import RawQuery, Source, instant


class Publications(NamedTuple):
    """The published batches at one epoch. ``newest_month`` is yyyymm, None while no charges are published.

    ``kinds`` are those of which there is any: what nobody published need not be asked for. ``unsettled`` are batches
    that were taken back while more registrations may rest on them than were looked at yet.
    """

    epoch: int
    pub_seq: Mapping[int, int]
    published_at: Mapping[int, datetime]
    newest_month: int | None
    kinds: frozenset[str] = frozenset()
    unsettled: frozenset[int] = frozenset()


_kept: Final[WeakKeyDictionary[Engine, Publications]] = WeakKeyDictionary()

# The epoch comes with the batches in one statement: between two, somebody could publish.
_PUBLISHED = RawQuery(
    """
    SELECT p.epoch, b.id, b.pub_seq, b.published_at, b.kind, b.newest_month, u.batch_id
    FROM publication p
    LEFT JOIN batch b ON b.pub_seq IS NOT NULL OR b.id IN (SELECT batch_id FROM unsettled_batch)
    LEFT JOIN unsettled_batch u ON u.batch_id = b.id
    WHERE p.id = 1
    """
)
_EPOCH = RawQuery("SELECT epoch FROM publication WHERE id = ?")


def now_published(source: Source) -> Publications:
    """What is published at this instant (for whoever has not read the epoch yet)."""
    return at_epoch(source, _EPOCH.rows(source, (1,))[0][0])


def at_epoch(source: Source, epoch: int) -> Publications:
    """What is published at ``epoch``, or at a later one where a flip came in between."""
    kept = _kept.get(source.engine)
    if kept is not None and kept.epoch == epoch:
        return kept
    read = _read(source)
    _kept[source.engine] = read
    return read


def _read(source: Source) -> Publications:
    rows = _PUBLISHED.rows(source, ())
    batches = [row for row in rows if row[2] is not None]
    return Publications(
        epoch=rows[0][0],
        pub_seq={row[1]: row[2] for row in batches},
        published_at={row[1]: instant(row[3]) for row in batches},
        newest_month=max((row[5] for row in batches if row[4] == "charges" and row[5]), default=None),
        kinds=frozenset(row[4] for row in batches),
        unsettled=frozenset(row[6] for row in rows if row[6] is not None),
    )
