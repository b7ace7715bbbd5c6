"""Write the ready rows of a checked file, a chunk and its checkpoint in one transaction each.

The rows of a file are the same in the same order at every check of the same epoch: a repeat after a crash finds
by the digest how far it came, and goes on from there.
"""

from collections.abc import Callable
from typing import Final

from mypage.domain.batch import Kind
from mypage.store import batches, staging
from mypage.store.engine import Database
from mypage.works.load.ready import CHUNK_ROWS, Ready

# On PostgreSQL nobody waits for a long transaction, and COPY likes long ones.
_CHUNKS_ON_POSTGRESQL: Final = 25


class LoadedElsewhere(Exception):
    """Another process stages the same batch."""


def stage(
    database: Database,
    kind: Kind,
    batch_id: int,
    ready: Ready,
    progress: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Stage all rows of a batch, or those that are missing. Raises :class:`LoadedElsewhere`."""
    with database.reading() as connection:
        batch = batches.get(connection, batch_id)
    checkpoint = None if batch is None else batch.checkpoint
    if checkpoint is None or checkpoint["digest"] != ready.digest:
        unstage(database, kind, batch_id)
        before, checkpoint = None, {"digest": ready.digest, "rows": 0}
        with database.writing() as connection:
            if not batches.advance_checkpoint(connection, batch_id, before, checkpoint):
                raise LoadedElsewhere
    done: int = checkpoint["rows"]
    if done >= ready.rows:
        return
    for rows, blocks in ready.chunks(done, 1 if database.is_sqlite else _CHUNKS_ON_POSTGRESQL):
        after = {"digest": ready.digest, "rows": rows}
        with database.writing() as connection:
            if not batches.advance_checkpoint(connection, batch_id, checkpoint, after):
                raise LoadedElsewhere
            staging.stage(connection, kind, blocks)
        checkpoint = after
        progress(rows)


def unstage(database: Database, kind: Kind, batch_id: int) -> None:
    """Remove all staged rows of a batch and its checkpoint, in short transactions."""
    with database.reading() as connection:
        batch = batches.get(connection, batch_id)
    if batch is None or batch.checkpoint is None:
        return
    while True:
        with database.writing() as connection:
            removed = staging.unstage(connection, kind, batch_id, CHUNK_ROWS)
            if removed < CHUNK_ROWS or not database.is_sqlite:
                batches.advance_checkpoint(connection, batch_id, batch.checkpoint, None)
                return
