"""Staging after a crash, and from two processes: nothing twice, nothing half, a repeat finishes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mypage.domain.batch import Kind, State
from mypage.services.publication import Published
from mypage.store import batches as store
from mypage.store import staging
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.load import ready
from mypage.works.load import stage as module
from mypage.works.load.delivery import HandedFile, Outcome, check
from mypage.works.load.hold import LoadedElsewhere
from mypage.works.load.left import give_up
from mypage.works.load.ready import Ready
from mypage.works.load.task import LoadRules
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.holds import lose_holds

# Rows a chunk in these tests: what counts are the ends of chunks, not how many rows lie between them.
CHUNK_ROWS = 100
STATEMENTS = CHUNK_ROWS * 3 + 7


class Crash(Exception):
    """The process ends here."""


@pytest.fixture
def delivering(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Delivering:
    """An operator with customers; chunks are short, and PostgreSQL stages in as many as SQLite."""
    monkeypatch.setattr(module, "_CHUNKS_ON_POSTGRESQL", 1)
    monkeypatch.setattr(ready, "CHUNK_ROWS", CHUNK_ROWS)
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(*(customer(str(10_000 + place)) for place in range(STATEMENTS))))
    return operator


def all_charges(amount: str = "500") -> bytes:
    """A statement for every customer."""
    rows = [charge(str(10_000 + place), amount=amount, total=amount) for place in range(STATEMENTS)]
    return charges(*rows)


def crash_after(delivering: Delivering, file: HandedFile, rows: int) -> None:
    """Check a file in a process that ends once so many rows are staged."""

    def progress(step: str, done: int, _whole: int, _rows: int) -> None:
        if step == "stage" and done >= rows:
            raise Crash

    with pytest.raises(Crash):
        check(
            delivering.database,
            [file],
            rules=delivering.rules,
            scratch=delivering.folder,
            actor="cli",
            clock=delivering.now,
            progress=progress,
        )


def staged(delivering: Delivering) -> int:
    """How many statements are staged or published."""
    return int(str(delivering.rows("SELECT count(*) FROM statement")[0][0]))


@pytest.mark.parametrize(("processes", "then"), [(1, 1), (1, 2), (2, 1)])
def test_a_repeat_goes_on_where_the_crash_was(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch, processes: int, then: int
) -> None:
    (file,) = delivering.files(charges=all_charges())
    delivering.rules = LoadRules(processes=processes, large=0)
    crash_after(delivering, file, 2 * CHUNK_ROWS)
    assert staged(delivering) == 2 * CHUNK_ROWS
    assert delivering.seen() == {}
    with delivering.database.reading() as connection:
        batch = store.latest(connection, 1)[0]
    assert batch.state is State.CHECKING
    assert batch.checkpoint is not None
    assert batch.checkpoint["rows"] == 2 * CHUNK_ROWS
    begun: list[int] = []
    chunks = Ready.chunks

    def noted(self: Ready, from_row: int, at_once: int) -> object:
        begun.append(from_row)
        return chunks(self, from_row, at_once)

    monkeypatch.setattr(Ready, "chunks", noted)
    delivering.rules = LoadRules(processes=then, large=0)
    outcome = delivering.hand(file)
    assert begun == [2 * CHUNK_ROWS]
    assert [each.id for each in outcome.batches] == [batch.id]
    assert isinstance(delivering.flip(*outcome.batches), Published)
    assert len(delivering.seen()) == STATEMENTS


def test_what_was_staged_for_another_state_of_the_master_is_staged_anew(delivering: Delivering) -> None:
    (file,) = delivering.files(charges=all_charges())
    crash_after(delivering, file, CHUNK_ROWS)
    # Meanwhile the first customer number gets another holder, to whom its bill now belongs.
    delivering.publish(customers=customers(customer("10000", "2", "2026-01-01")))
    outcome = delivering.hand(file)
    delivering.flip(*outcome.batches)
    assert staged(delivering) == STATEMENTS
    assert ("10000-2", 202610, 1) in delivering.seen()
    assert ("10000", 202610, 1) not in delivering.seen()


def test_what_a_crash_left_goes_when_the_file_is_then_refused(delivering: Delivering) -> None:
    (file,) = delivering.files(charges=all_charges())
    crash_after(delivering, file, CHUNK_ROWS)
    wrong = delivering.files(more=charges(charge("99999999")))
    outcome = delivering.hand(file, *wrong)
    assert {each.state for each in outcome.batches} == {State.REFUSED}
    assert staged(delivering) == 0
    with delivering.database.reading() as connection:
        assert [each.checkpoint for each in store.latest(connection, 2)] == [None, None]


def check_and_meanwhile(
    delivering: Delivering, file: HandedFile, meanwhile: Callable[[], None], at: str = "stage"
) -> Outcome:
    """Check a file; something else happens when the step ``at`` is told first."""
    waits = [meanwhile]

    def progress(step: str, _done: int, _whole: int, _rows: int) -> None:
        if step == at and waits:
            waits.pop()()

    return check(
        delivering.database,
        [file],
        rules=delivering.rules,
        scratch=delivering.folder,
        actor="cli",
        clock=delivering.now,
        progress=progress,
    )


def test_while_one_process_checks_a_file_no_other_begins(delivering: Delivering) -> None:
    (file,) = delivering.files(charges=all_charges())
    (changed,) = delivering.files(customers=customers(customer("10000", name="改姓　花子")))

    def hand_over_alone_and_with_others() -> None:
        before = (
            delivering.rows("SELECT * FROM batch ORDER BY id"),
            delivering.rows("SELECT * FROM audit_event"),
        )
        for handed in ([file], [changed, file]):
            with pytest.raises(LoadedElsewhere):
                delivering.hand(*handed)
        # They came too late to take anything in, and so to take it out of its delivery.
        assert before == (
            delivering.rows("SELECT * FROM batch ORDER BY id"),
            delivering.rows("SELECT * FROM audit_event"),
        )

    outcome = check_and_meanwhile(delivering, file, hand_over_alone_and_with_others)
    assert [each.state for each in outcome.batches] == [State.CHECKED]
    assert isinstance(delivering.flip(*outcome.batches), Published)
    assert len(delivering.seen()) == STATEMENTS
    assert delivering.hand(changed).is_well


def test_a_process_that_lost_its_hold_and_is_overtaken_stops_without_a_trace(delivering: Delivering) -> None:
    (file,) = delivering.files(charges=all_charges())

    def overtake() -> None:
        # Its connection broke, another process hands the same file over, and is faster.
        lose_holds(delivering.database)
        other = delivering.hand(file)
        assert [each.state for each in other.batches] == [State.CHECKED]

    with pytest.raises(LoadedElsewhere):
        check_and_meanwhile(delivering, file, overtake)
    assert staged(delivering) == STATEMENTS
    with delivering.database.reading() as connection:
        batch = store.latest(connection, 1)[0]
    assert batch.state is State.CHECKED
    assert isinstance(delivering.flip(batch), Published)
    assert len(delivering.seen()) == STATEMENTS


def test_one_that_is_overtaken_says_nothing_of_its_own(delivering: Delivering) -> None:
    (file,) = delivering.files(charges=charges(charge("99999999")))
    told: list[Batch] = []

    def overtake() -> None:
        lose_holds(delivering.database)
        told.extend(delivering.hand(file).batches)

    with pytest.raises(LoadedElsewhere):
        check_and_meanwhile(delivering, file, overtake, at="settle")
    with delivering.database.reading() as connection:
        assert store.latest(connection, 1) == told
    assert [each.state for each in told] == [State.REFUSED]
    assert delivering.rows("SELECT count(*) FROM audit_event WHERE action = 'batch.refused'") == [(1,)]


def test_ready_rows_come_back_in_chunks_from_any_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "CHUNK_ROWS", CHUNK_ROWS)
    rows_ready = Ready(tmp_path / "ready")
    lines = [f"{number:07}\n".encode() for number in range(2 * CHUNK_ROWS + 3)]
    for line in lines:
        rows_ready.write(line)
    rows_ready.close()
    assert (rows_ready.rows, list(rows_ready.lines())) == (len(lines), lines)
    for from_row in (0, CHUNK_ROWS, 2 * CHUNK_ROWS):
        for at_once in (1, 2, 25):
            found = [(rows, b"".join(blocks)) for rows, blocks in rows_ready.chunks(from_row, at_once)]
            assert b"".join(text for _, text in found) == b"".join(lines[from_row:])
            assert found[-1][0] == len(lines)


def test_what_was_checked_is_never_unstaged(delivering: Delivering) -> None:
    (file,) = delivering.files(customers=customers(*(customer(str(place)) for place in range(1, 20))))
    batch = delivering.hand(file).batches[0]
    with pytest.raises(LoadedElsewhere):
        module.unstage(delivering.database, Kind.CUSTOMERS, batch.id)
    rows = delivering.rows(f"SELECT count(*) FROM customer_version WHERE batch_id = {batch.id}")  # noqa: S608
    assert rows == [(19,)]


def test_unstaging_takes_the_rows_of_its_batch_only(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_ROWS_AT_ONCE", CHUNK_ROWS)
    delivering.publish(charges=charges(charge("10000")))
    (file,) = delivering.files(charges=all_charges())
    crash_after(delivering, file, 2 * CHUNK_ROWS)
    with delivering.database.reading() as connection:
        batch = store.latest(connection, 1)[0]
    module.unstage(delivering.database, Kind.CHARGES, batch.id)
    assert staged(delivering) == 1
    assert delivering.seen() == {("10000", 202610, 1): 500}
    # A second time there is nothing to do.
    module.unstage(delivering.database, Kind.CHARGES, batch.id)


@pytest.mark.parametrize("refused", [True, False])
def test_what_somebody_went_on_with_is_not_given_up(delivering: Delivering, refused: bool) -> None:
    (file,) = delivering.files(charges=all_charges())
    crash_after(delivering, file, CHUNK_ROWS)
    with delivering.database.reading() as connection:
        (before,) = store.left_checking(connection, delivering.now())
    wrong = delivering.files(more=charges(charge("99999999"))) if refused else []
    delivering.hand(file, *wrong)
    with pytest.raises(LoadedElsewhere):
        give_up(delivering.database, [before], actor="worker", now=delivering.now())
    with delivering.database.reading() as connection:
        after = store.get(connection, before.id)
    assert after is not None
    assert (after.state, staged(delivering)) == (
        (State.REFUSED, 0) if refused else (State.CHECKED, STATEMENTS)
    )
    assert delivering.codes(delivering.hand(file)) == []
