"""Write the ready rows of a checked file, a chunk and its checkpoint in one transaction each.

The rows of a file are the same in the same order at every check of the same epoch: a repeat after a crash finds
by the digest how far it came, and goes on from there. What a batch holds in several tables is written one after
the other, and counted through.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from mypage.domain.batch import Kind, State
from mypage.store import batches, staging
from mypage.store.engine import Database
from mypage.store.schema import search_term
from mypage.works.load.hold import LoadedElsewhere
from mypage.works.load.ready import Ready

# On PostgreSQL nobody waits for a long transaction, and COPY likes long ones.
_CHUNKS_ON_POSTGRESQL: Final = 50
# Short rows that come in the order of their table are written as quickly as fewer others.
_CHUNKS_ON_SQLITE: Final = {search_term: 5}
# SQLite has no queue for its write lock: who waits looks again from time to time, and must find it free.
_PAUSE_ON_SQLITE: Final = 0.02


Checkpoint = Mapping[str, Any]
REMOVING: Final[Checkpoint] = {"digest": "", "rows": 0}


def stage(
    database: Database,
    kind: Kind,
    batch_id: int,
    ready: Sequence[Ready],
    progress: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Stage all rows of a batch, or those that are missing; ``ready`` goes into the tables of its kind.

    Raises :class:`LoadedElsewhere`: the checkpoint is a second lock, for whoever lost the hold with its connection.
    """
    checkpoint, digest = _checkpoint(database, batch_id), whole(ready)["digest"]
    if checkpoint is None or checkpoint["digest"] != digest:
        unstage(database, kind, batch_id)
        checkpoint = _moved(database, batch_id, None, {"digest": digest, "rows": 0})
    before, begun = 0, False
    for table, part in zip(staging.TABLES[kind], ready, strict=False):
        done = max(checkpoint["rows"] - before, 0)
        if done < part.rows:
            at_once = _CHUNKS_ON_SQLITE.get(table, 1) if database.is_sqlite else _CHUNKS_ON_POSTGRESQL
            for rows, blocks in part.chunks(done, at_once):
                if begun and database.is_sqlite:
                    time.sleep(_PAUSE_ON_SQLITE)
                begun, after = True, {"digest": digest, "rows": before + rows}
                with database.writing() as connection:
                    if not batches.advance_checkpoint(connection, batch_id, checkpoint, after):
                        raise LoadedElsewhere
                    staging.stage(connection, table, blocks)
                checkpoint = after
                progress(before + rows)
        before += part.rows


def unstage(database: Database, kind: Kind, batch_id: int, state: State = State.CHECKING) -> None:
    """Remove all staged rows of a batch and its checkpoint, in short transactions. Raises :class:`LoadedElsewhere`.

    ``state``: in which the batch is and stays meanwhile.
    """
    checkpoint = _checkpoint(database, batch_id)
    if checkpoint is None:
        return
    # First of all nobody may take what is left for whole.
    _moved(database, batch_id, checkpoint, REMOVING, state)
    for table in staging.TABLES[kind]:
        place: staging.Place | None = None
        while True:
            with database.writing() as connection:
                if not batches.advance_checkpoint(connection, batch_id, REMOVING, REMOVING, state=state):
                    raise LoadedElsewhere
                place = staging.unstage(connection, table, batch_id, place)
            if place is None:
                break
            time.sleep(_PAUSE_ON_SQLITE)
    _moved(database, batch_id, REMOVING, None, state)


def whole(ready: Sequence[Ready]) -> Checkpoint:
    """The checkpoint of a batch of which everything is staged."""
    return {"digest": "-".join(part.digest for part in ready), "rows": sum(part.rows for part in ready)}


def _checkpoint(database: Database, batch_id: int) -> Checkpoint | None:
    with database.reading() as connection:
        batch = batches.get(connection, batch_id)
    return None if batch is None else batch.checkpoint


def _moved(
    database: Database,
    batch_id: int,
    before: Checkpoint | None,
    after: Checkpoint | None,
    state: State = State.CHECKING,
) -> Checkpoint:
    with database.writing() as connection:
        if not batches.advance_checkpoint(connection, batch_id, before, after, state=state):
            raise LoadedElsewhere
    return after or {}
