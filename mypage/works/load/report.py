"""What a check found: counted by cause, the first ones kept, in flat memory however many there are."""

import heapq
from collections import Counter
from typing import Any, Final

from mypage.domain.row_error import RowError, is_of_one_statement

KEPT: Final = 1000
# Of every cause some are kept, so that none is told without an example.
_EXAMPLES: Final = 5
_CAUSES_WITH_EXAMPLES: Final = 200
_Entry = tuple[int, int, RowError]


class Report:
    """Tell it errors and warnings in any order of rows. ``of_the_file`` are those errors that are not of one statement."""

    def __init__(self) -> None:
        self.errors = 0
        self.of_the_file = 0
        self.warnings = 0
        self._grouped: Counter[tuple[bool, str, str]] = Counter()
        self._kept: dict[bool, list[_Entry]] = {False: [], True: []}
        self._examples: dict[int, _Entry] = {}

    def tell(self, error: RowError) -> None:
        """Take an error or a warning."""
        if error.warning:
            self.warnings += 1
        else:
            self.errors += 1
            self.of_the_file += not is_of_one_statement(error)
        cause = (error.warning, error.code, error.column)
        self._grouped[cause] += 1
        number = self.errors + self.warnings
        # The heap's first entry is the highest row kept: it makes room for a lower one.
        entry = (-error.row, -number, error)
        kept = self._kept[error.warning]
        if len(kept) < KEPT:
            heapq.heappush(kept, entry)
        elif entry > kept[0]:
            heapq.heapreplace(kept, entry)
        if self._grouped[cause] <= _EXAMPLES and len(self._examples) < _EXAMPLES * _CAUSES_WITH_EXAMPLES:
            self._examples[number] = entry

    def first(self) -> list[RowError]:
        """The first errors, as many warnings as there is room for, and some of every cause, by row."""
        errors = self._kept[False]
        warnings = sorted(self._kept[True], reverse=True)[: KEPT - len(errors)]
        entries = {-entry[1]: entry for entry in (*errors, *warnings)} | self._examples
        return [entry[2] for entry in sorted(entries.values(), reverse=True)]

    def grouped(self) -> list[dict[str, Any]]:
        """How many of each cause, the most frequent first, errors before warnings."""
        ordered = sorted(self._grouped.items(), key=lambda item: (item[0][0], -item[1], item[0]))
        return [
            {"code": code, "column": column, "warning": warning, "count": count}
            for (warning, code, column), count in ordered
        ]
