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
# So many distinct lines are counted before they are read.
_MOST: Final = 20_000


class TaxSums:
    """Add documents in their stored form, then ask for the sums."""

    def __init__(self) -> None:
        self._lines: Counter[bytes] = Counter()
        self._sums: dict[str, int | Decimal] = {}

    def add(self, document: bytes) -> None:
        """Take all lines of a document."""
        self._lines.update(document.split(_BETWEEN))
        if len(self._lines) > _MOST:
            self._read()

    def by_class(self) -> dict[str, int | Decimal]:
        """Tax class → yen, with decimals where a line has some."""
        self._read()
        return dict(self._sums)

    def _read(self) -> None:
        for line, times in self._lines.items():
            found = _AMOUNT_AND_TAX.search(line)
            if found is not None:
                amount, tax_class = found[1], found[2].decode()
                yen = Decimal(amount.decode()) if b"." in amount else int(amount)
                self._sums[tax_class] = self._sums.get(tax_class, 0) + yen * times
        self._lines.clear()
