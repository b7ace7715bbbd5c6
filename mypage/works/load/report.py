"""What a check found: counted by cause, the first ones kept, in flat memory however many there are."""

import heapq
from collections import Counter
from typing import Any, Final

from mypage.domain.row_error import RowError

KEPT: Final = 1000


class Report:
    """Tell it errors and warnings in any order of rows."""

    def __init__(self) -> None:
        self.errors = 0
        self.warnings = 0
        self._grouped: Counter[tuple[bool, str, str]] = Counter()
        self._kept: dict[bool, list[tuple[int, int, RowError]]] = {False: [], True: []}

    def tell(self, error: RowError) -> None:
        """Take an error or a warning."""
        if error.warning:
            self.warnings += 1
        else:
            self.errors += 1
        self._grouped[error.warning, error.code, error.column] += 1
        kept = self._kept[error.warning]
        # The heap's first entry is the highest row kept: it makes room for a lower one.
        entry = (-error.row, -self.errors - self.warnings, error)
        if len(kept) < KEPT:
            heapq.heappush(kept, entry)
        elif entry > kept[0]:
            heapq.heapreplace(kept, entry)

    def first(self) -> list[RowError]:
        """The first errors, and as many warnings as there is room for, by row."""
        errors = self._kept[False]
        warnings = sorted(self._kept[True], reverse=True)[: KEPT - len(errors)]
        return [entry[2] for entry in sorted([*errors, *warnings], reverse=True)]

    def grouped(self) -> list[dict[str, Any]]:
        """How many of each cause, the most frequent first, errors before warnings."""
        ordered = sorted(self._grouped.items(), key=lambda item: (item[0][0], -item[1], item[0]))
        return [
            {"code": code, "column": column, "warning": warning, "count": count}
            for (warning, code, column), count in ordered
        ]
