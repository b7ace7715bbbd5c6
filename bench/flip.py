"""``flip``: how long publishing and taking back a staged month takes, as far as anybody who reads can notice it."""

import contextlib
import time
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import update

from bench import batch, loaded, master
from bench.figures import Figure
from bench.month import BILLING_MONTH, FULL, QUICK, Month, month
from bench.postgres import postgres
from mypage.domain.batch import SecondPerson, State
from mypage.services import publication
from mypage.services.publication import Refused
from mypage.store import batches, publications, statements
from mypage.store.engine import Database
from mypage.store.schema import batch as batch_table

_GOAL: Final = 50.0
# Best of many against best of many: what is left is how the work differs, and it must not.
_GROWS: Final = 1.5
_ROUNDS: Final = 30
_SMALLER: Final = 20


def flip(quick: bool, rounds: int | None) -> Figure:
    """Milliseconds of the slower deed on the slower database; at a twentieth of the rows it must be as long."""
    large = month(QUICK if quick else FULL)
    small = month(large.statements // _SMALLER)
    figures = []
    with postgres(durable=True) as server:
        for name, make in (
            ("postgresql", lambda of: master.on_postgresql(server, of)),
            ("sqlite", master.on_sqlite),
        ):
            best = {of.statements: _best(name, make(of), of, rounds or _ROUNDS) for of in (small, large)}
            for deed in (0, 1):
                figures.append(Figure(best[large.statements][deed], _GOAL, least=False))
                grown = best[large.statements][deed] / best[small.statements][deed]
                figures.append(Figure(grown, _GROWS, least=False))
        master.done_on_postgresql(server)
    return min(figures, key=lambda figure: figure.closeness)


def _best(name: str, url: str, of: Month, rounds: int) -> tuple[float, float]:
    """The shortest milliseconds of publishing and of taking back."""
    ran = batch.check(url, of.charges)
    loaded.check(url, of, ran)
    published, taken_back = [], []
    with contextlib.closing(Database(url)) as database:
        for _ in range(rounds):
            _make_ready(database, ran.batch["id"])
            assert not _seen(database, of)
            published.append(_publish(database, ran.batch["id"]))
            assert _seen(database, of)
            taken_back.append(_take_back(database, ran.batch["id"]))
            assert not _seen(database, of)
    best = min(published), min(taken_back)
    print(
        f"{name}, {of.statements:,} statements: published in {best[0]:.2f} ms, taken back in {best[1]:.2f} ms"
        f" (slowest of {rounds}: {max(published):.2f} and {max(taken_back):.2f})",
        flush=True,
    )
    return best


def _make_ready(database: Database, batch_id: int) -> None:
    """As the check left it: a batch that was taken back would have to be checked anew."""
    with database.writing() as connection:
        epoch = batches.publication_now(connection).epoch
        values = {"state": State.CHECKED.value, "checked_epoch": epoch}
        connection.execute(update(batch_table).where(batch_table.c.id == batch_id).values(values))


def _publish(database: Database, batch_id: int) -> float:
    """Milliseconds from before the transaction begins until it is committed and on the disk."""
    now = datetime.now(UTC)
    begin = time.perf_counter()
    with database.writing() as connection:
        done = publication.publish(
            connection, [batch_id], actor="bench", now=now, second_person=SecondPerson.NUMBER_CHANGES
        )
    taken = time.perf_counter() - begin
    assert not isinstance(done, Refused), done
    return taken * 1e3


def _take_back(database: Database, batch_id: int) -> float:
    now = datetime.now(UTC)
    begin = time.perf_counter()
    with database.writing() as connection:
        done = publication.take_back(connection, batch_id, reason="bench", actor="bench", now=now)
    taken = time.perf_counter() - begin
    assert not isinstance(done, Refused), done
    return taken * 1e3


def _seen(database: Database, of: Month) -> bool:
    """Whether the customers of the sample are shown their bills: all of them or none."""
    with database.reading() as connection:
        seqs = publications.now_published(connection).pub_seq
        found = set()
        for name in list(of.sample)[::8]:
            number = name.partition("/")[0]
            keys = (number, f"{number}-2")
            rows = statements.versions(
                connection, keys, BILLING_MONTH, BILLING_MONTH, with_payments=False
            ).bills
            found.add(any(row.batch_id in seqs for row in rows))
    assert len(found) == 1, "some customers see their bills, others do not"
    return found.pop()
