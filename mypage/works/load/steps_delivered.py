"""The numbers that change in the same delivery, looked up by key in their sorted file, in flat memory."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from mypage.domain.succession import CARRYING, Follows
from mypage.works.load.in_order import number_of
from mypage.works.load.ready import Written

_LINES_A_BLOCK: Final = 1_000


class StepsDelivered:
    """Ready rows of one file of number changes, of which those count that carry."""

    def __init__(self, ready: Written) -> None:
        self._path = ready.path
        # The first number of each block, and where it begins; all lines of a number lie in one block.
        self._first: list[str] = []
        self._begins: list[int] = []
        self._read = -1
        self._others: dict[str, list[str]] = {}
        self._numbers: set[str] = set()
        place, lines = 0, _LINES_A_BLOCK
        for number, group in groupby(ready.lines(), key=_number):
            if lines >= _LINES_A_BLOCK:
                self._first.append(number)
                self._begins.append(place)
                lines = 0
            for line in group:
                place += len(line)
                lines += 1

    def concerns(self, number: str) -> bool:
        """Whether a number changes, or is one that another changes into."""
        self._look(number)
        return number in self._numbers

    def others(self, key: str) -> Sequence[str]:
        """The key under which a customer goes on, and those that were carried to this one."""
        self._look(number_of(key))
        return self._others.get(key, ())

    def _look(self, number: str) -> None:
        block = bisect_right(self._first, number) - 1
        if block < 0 or block == self._read:
            return
        end = self._begins[block + 1] if block + 1 < len(self._begins) else -1
        with self._path.open("rb") as file:
            file.seek(self._begins[block])
            lines = file.read(end - self._begins[block] if end >= 0 else -1).decode().splitlines()
        self._read, self._others = block, {}
        for line in lines:
            key, _, other_key, kind, *_ = line.split("\t")
            if kind in CARRYING or kind == Follows.CARRIED_FROM:
                self._others.setdefault(key, []).append(other_key)
        self._numbers = {number_of(key) for key in self._others}


def _number(line: bytes) -> str:
    return number_of(line.split(b"\t", 1)[0].decode())
