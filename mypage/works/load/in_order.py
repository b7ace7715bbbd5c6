"""Ask the master for one number after the other, in rising order, in few queries.

A file of a whole month names every customer, a correction a few of a million: the page that is read at once
grows while its rows are used and shrinks while they are not.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Generic, Protocol, TypeVar

_SMALLEST: Final = 100
_LARGEST: Final = 10_000


class _Keyed(Protocol):
    @property
    def customer_key(self) -> str: ...


Row = TypeVar("Row", bound=_Keyed)
# Rows from a number on, at most so many of them.
Fetch = Callable[[str, int], Sequence[Row]]


def number_of(key: str) -> str:
    """The customer number of a key: without the holder."""
    return key.partition("-")[0]


class InOrder(Generic[Row]):
    """Rows by customer number; the numbers asked for must rise."""

    def __init__(self, fetch: Fetch[Row]) -> None:
        self._fetch = fetch
        self._page: dict[str, list[Row]] = {}
        self._until: str | None = ""  # complete up to here; None: to the end
        self._size, self._used = _SMALLEST, 0

    def of(self, number: str) -> Sequence[Row]:
        """All rows of a number, none where the master does not have it."""
        if self._until is not None and number > self._until:
            self._resize()
            self._read(number)
        found = self._page.get(number)
        if found is None:
            return ()
        self._used += len(found)
        return found

    def every(self, start: str = "", until: str | None = None) -> Iterator[tuple[str, Sequence[Row]]]:
        """All numbers from ``start`` on and before ``until``, with their rows, in order."""
        self._size = _LARGEST
        while True:
            self._read(start)
            for number, rows in self._page.items():
                if until is not None and number >= until:
                    return
                yield number, rows
            if self._until is None:
                return
            start = self._until + "."  # the character after "-": beyond every holder of that number

    def _resize(self) -> None:
        if self._used * 4 >= self._size:
            self._size = min(self._size * 4, _LARGEST)
        elif self._used * 32 < self._size:
            self._size = max(self._size // 4, _SMALLEST)
        self._used = 0

    def _read(self, number: str) -> None:
        size = self._size
        while True:
            rows = self._fetch(number, size)
            page = _by_number(rows)
            if len(rows) < size:
                self._page, self._until = page, None
                return
            if len(page) > 1:
                # The last number may go on beyond the page.
                page.popitem()
                self._page, self._until = page, next(reversed(page))
                return
            size *= 4


def _by_number(rows: Iterable[Row]) -> dict[str, list[Row]]:
    page: dict[str, list[Row]] = {}
    for row in rows:
        key = row.customer_key
        number = number_of(key) if "-" in key else key
        if number in page:
            page[number].append(row)
        else:
            page[number] = [row]
    return page
