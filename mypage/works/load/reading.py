"""Read a received file into its spool: all rows of a part, a large file in two processes, each of which reads a half.

A text is halved where the rows of another customer begin, and the rows before are counted, so both halves tell the rows
as Excel does. A statement whose rows stand apart, in both halves too, is put together where the spool is read.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from operator import itemgetter
from typing import Protocol

from mypage.adapters.reading.middle import Middle, can_be_halved, middle
from mypage.adapters.reading.received import EXCEL, Received
from mypage.adapters.reading.records import Records, records, records_behind
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import Kind
from mypage.domain.row_error import RowError
from mypage.works.load.second import Second
from mypage.works.load.spool import Spool
from mypage.works.load.task import Progress, Task


class Reader(Protocol):
    """The first step of a kind: all records into the spool."""

    def spool(self, task: Task, records: Records, first_row: int, to: Spool) -> Iterator[int]:
        """Yields how many rows were read, every now and then."""


@contextmanager
def read(
    task: Task, reader: Reader, received: Received, to: Spool, progress: Progress
) -> Iterator[Second | None]:
    """Read all rows; why a file breaks off is told as its error, and so is what was read of it.

    Within the block the second process lives where it can go on with its half by itself, which then is not in the spool.
    """
    with ExitStack() as stack:
        second = stack.enter_context(Second(task)) if _is_large(task, received) else None
        try:
            half = None if second is None else _middle(task, received)
            if second is None or half is None:
                _alone(task, reader, received, to, progress)
            else:
                _in_two(task, reader, received, half, to, progress, second)
        except Unreadable as error:
            task.report.tell(RowError(error.code, 0, "", "", "", error.facts))
        goes_on = second is not None and second.goes_on
        if not goes_on:
            stack.close()
        yield second if goes_on else None


def _is_large(task: Task, received: Received) -> bool:
    return (
        task.plan.kind is Kind.CHARGES
        and task.rules.processes > 1
        and received.size >= task.rules.large
        and can_be_halved(received)
    )


def _middle(task: Task, received: Received) -> Middle | None:
    number = itemgetter(task.plan.places["customer_number"])

    def of_one_customer(one: list[str], other: list[str]) -> bool:
        width = task.plan.width
        return len(one) == len(other) == width and number(one) == number(other)

    with records(received.path, received.codec) as rows:
        delimiter = rows.delimiter
    # So the rows of a statement that stand together stay together.
    return middle(received, delimiter, of_one_customer)


def _alone(task: Task, reader: Reader, received: Received, to: Spool, progress: Progress) -> None:
    passed = _Passed()
    whole = 0 if received.codec == EXCEL else received.size
    with records(received.path, received.codec, progress=passed.note) as rows:
        for row in reader.spool(task, rows, _after_headings(rows), to):
            progress("check", min(passed.bytes, whole), whole, row)


def _in_two(
    task: Task,
    reader: Reader,
    received: Received,
    half: Middle,
    to: Spool,
    progress: Progress,
    second: Second,
) -> None:
    passed = _Passed()
    row = 0
    with records(received.path, received.codec, progress=passed.note, until=half.offset) as rows:
        second.begin_to_read(received, half, rows.delimiter)
        for row in reader.spool(task, rows, _after_headings(rows), to):
            second.look()
            progress("check", passed.bytes + second.bytes, received.size, row + second.rows)
    while second.is_at_work():
        progress("check", passed.bytes + second.bytes, received.size, row + second.rows)
    if second.has_read(to):
        return
    # It was killed, as one is that takes too much memory: its half is still to be read.
    with records_behind(received.path, received.codec, half.offset, rows.delimiter) as behind:
        for row in reader.spool(task, behind, half.row, to):
            progress("check", passed.bytes, received.size, row)


class _Passed:
    """How many bytes were read."""

    def __init__(self) -> None:
        self.bytes = 0

    def note(self, read: int) -> None:
        self.bytes = read


def _after_headings(rows: Records) -> int:
    """Pass the headings by; the number, as Excel counts, of the row that follows."""
    for number, row in enumerate(rows, 1):
        if any(row):
            return number + 1
    return 1
