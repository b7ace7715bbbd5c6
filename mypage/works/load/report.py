"""What a check found: counted by cause, all of it in the order of the rows, in flat memory however much it is.

Everything told goes into a spool on disk, which gives it back by row; the first ones and some of every cause are
kept at hand for whoever only looks.
"""

import heapq
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from mypage.domain.row_error import RowError, is_of_one_statement
from mypage.store import batch_reports
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.load.spool import Run, Spool

KEPT: Final = 1000
# Of every cause some are kept, so that none is told without an example.
_EXAMPLES: Final = 5
_CAUSES_WITH_EXAMPLES: Final = 200
# So many entries a part: some 40 kB of it are written at once.
_ENTRIES_A_PART: Final = 5_000
_KEY_LENGTH: Final = 20
_Entry = tuple[int, int, RowError]


class Report:
    """Tell it errors and warnings in any order of rows. ``folder`` is its own.

    ``of_the_file`` counts those errors that are not of one statement. ``after``: how much another report was told of
    the same rows before this one.
    """

    def __init__(self, folder: Path, after: int = 0) -> None:
        self._after = after
        self._spool = Spool(folder)
        self._encode = json.JSONEncoder(
            ensure_ascii=False, check_circular=False, separators=(",", ":")
        ).encode
        self.errors = 0
        self.of_the_file = 0
        self.warnings = 0
        self._grouped: Counter[tuple[bool, str, str]] = Counter()
        self._kept: dict[bool, list[_Entry]] = {False: [], True: []}
        self._examples: list[_Entry] = []

    def tell(self, error: RowError) -> None:
        """Take an error or a warning."""
        if error.warning:
            self.warnings += 1
        else:
            self.errors += 1
            self.of_the_file += not is_of_one_statement(error)
        cause = (error.warning, error.code, error.column)
        self._grouped[cause] += 1
        number = self._after + self.errors + self.warnings
        # Ten digits each: the order of the bytes is that of the rows, and within a row that of the telling.
        self._spool.add(
            f"{error.row:010}{number:010}{self._encode(error)}\n".encode("utf-8", "surrogatepass")
        )
        entry = (-error.row, -number, error)
        self._keep(entry)
        if self._grouped[cause] <= _EXAMPLES and len(self._examples) < _EXAMPLES * _CAUSES_WITH_EXAMPLES:
            self._examples.append(entry)

    def _keep(self, entry: _Entry) -> None:
        # The heap's first entry is the highest row kept: it makes room for a lower one.
        kept = self._kept[entry[2].warning]
        if len(kept) < KEPT:
            heapq.heappush(kept, entry)
        elif entry > kept[0]:
            heapq.heapreplace(kept, entry)

    def first(self) -> list[RowError]:
        """The first errors, as many warnings as there is room for, and some of every cause, by row."""
        errors = self._kept[False]
        warnings = sorted(self._kept[True], reverse=True)[: KEPT - len(errors)]
        entries = {entry[:2]: entry for entry in (*errors, *warnings, *self._examples)}
        return [entry[2] for _, entry in sorted(entries.items(), reverse=True)]

    def parts(self) -> Iterator[tuple[int, bytes]]:
        """Everything by row, in packed parts: how many entries, and the bytes that :func:`whole` reads."""
        lines = self._spool.in_order()
        while several := [line[_KEY_LENGTH:] for line in islice(lines, _ENTRIES_A_PART)]:
            yield len(several), _packed(several)

    def as_json(self) -> dict[str, Any]:
        """What another process takes over by :meth:`absorb`; the spool's files stay where they are."""
        return {
            "counts": [self.errors, self.of_the_file, self.warnings],
            "grouped": [[*cause, count] for cause, count in self._grouped.items()],
            "kept": [*self._kept[False], *self._kept[True]],
            "examples": self._examples,
            "runs": [run.as_json() for run in self._spool.runs()],
        }

    def absorb(self, told: Mapping[str, Any]) -> None:
        """Take over what another report of the same file was told, of other rows, in the form of :meth:`as_json`."""
        errors, of_the_file, warnings = told["counts"]
        self.errors += errors
        self.of_the_file += of_the_file
        self.warnings += warnings
        for row, number, error in told["kept"]:
            self._keep((row, number, RowError(*error)))
        shown = self._grouped.copy()
        for row, number, error in told["examples"]:
            example = RowError(*error)
            cause = (example.warning, example.code, example.column)
            shown[cause] += 1
            if shown[cause] <= _EXAMPLES and len(self._examples) < _EXAMPLES * _CAUSES_WITH_EXAMPLES:
                self._examples.append((row, number, example))
        self._grouped.update(
            {(warning, code, column): count for warning, code, column, count in told["grouped"]}
        )
        self._spool.adopt(Run.of(each) for each in told["runs"])

    def grouped(self) -> list[dict[str, Any]]:
        """How many of each cause, the most frequent first, errors before warnings."""
        ordered = sorted(self._grouped.items(), key=lambda item: (item[0][0], -item[1], item[0]))
        return [
            {"code": code, "column": column, "warning": warning, "count": count}
            for (warning, code, column), count in ordered
        ]


def packed(error: RowError) -> bytes:
    """One error as the only part of a report."""
    return _packed([f"{json.dumps(error, ensure_ascii=False)}\n".encode()])


def _packed(lines: Sequence[bytes]) -> bytes:
    return zlib.compress(b"".join(lines), level=1)


def whole(database: Database, batch: Batch) -> Iterator[RowError]:
    """All that the last check of a batch told, by row, a part in memory at a time."""
    number = 0
    while batch.report is not None:
        with database.reading() as connection:
            packed = batch_reports.part(connection, batch.id, batch.report, number)
        if packed is None:
            return
        for line in zlib.decompress(packed).splitlines():
            yield RowError(*json.loads(line))
        number += 1
