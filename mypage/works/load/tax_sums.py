"""Yen by tax class over the documents of many statements.

The same line stands on thousands of bills: so it is counted first how often each stands there, and read once.
"""

import re
from collections import Counter
from decimal import Decimal
from typing import Final

# Between two lines of a stored document. A text that holds it is cut in two, of which only the second ends as a line does.
_BETWEEN: Final = b'"],['
# The end of a line, without what stands between it and the next: amount, kind, tax class.
_AMOUNT_AND_TAX: Final = re.compile(rb',"(-?[0-9.]+)","[a-z_]+","([a-z0-9_]+)(?:"\]\]\}\n?)?$')
# So many bytes of nearly any line hold that.
_END: Final = 64
# So many lines are counted at once, and so many distinct ones before they are read.
_AT_ONCE: Final = 5_000
_MOST: Final = 20_000


class TaxSums:
    """Add documents in their stored form, then ask for the sums."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._lines: Counter[bytes] = Counter()
        self._sums: dict[bytes, int | Decimal] = {}

    def add(self, document: bytes) -> None:
        """Take all lines of a document."""
        self._waiting += document.split(_BETWEEN)
        if len(self._waiting) > _AT_ONCE:
            self._count()

    def by_class(self) -> dict[str, int | Decimal]:
        """Tax class → yen, with decimals where a line has some."""
        self._count()
        self._read()
        return {tax_class.decode(): yen for tax_class, yen in self._sums.items()}

    def _count(self) -> None:
        self._lines.update(self._waiting)
        self._waiting.clear()
        if len(self._lines) > _MOST:
            self._read()

    def _read(self) -> None:
        sums = self._sums
        for line, times in self._lines.items():
            found = _AMOUNT_AND_TAX.search(line[-_END:]) or _AMOUNT_AND_TAX.search(line)
            if found is not None:
                amount, tax_class = found.groups()
                yen = Decimal(amount.decode()) if b"." in amount else int(amount)
                sums[tax_class] = sums.get(tax_class, 0) + yen * times
        self._lines.clear()
