"""Which keys lie on a circle, where each leads to one other at most: on disk, however many there are.

A hop leads from a key to the one some steps ahead. Two hops joined are a hop of twice as many steps, so after a few
rounds only those are left that lead on for ever. In a file of real changes none is left after the first.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from mypage.works.load.spool import Spool


class _Hops:
    """Hops of one length, to be read once by their starts and once by their ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.count = 0
        self._by_start, self._by_end = Spool(folder / "by-start"), Spool(folder / "by-end")

    def add(self, start: bytes, end: bytes) -> None:
        self.count += 1
        self._by_start.add(b"%b\t%b\n" % (start, end))
        self._by_end.add(b"%b\t%b\n" % (end, start))

    def by_end(self) -> Iterator[tuple[bytes, bytes]]:
        """Ends in order, each with a start."""
        return map(_pair, self._by_end.in_order())

    def joined(self) -> Iterator[tuple[bytes, bytes]]:
        """Starts and ends of the hops that are twice as long."""
        onward = map(_pair, self._by_start.in_order())
        at, end = next(onward, (b"", b""))
        for middle, start in self.by_end():
            while at and at < middle:
                at, end = next(onward, (b"", b""))
            if at == middle:
                yield start, end


def in_circles(steps: Iterable[tuple[str, str]], folder: Path) -> Iterator[str]:
    """In their order the keys on circles. ``steps`` lead from each key to another; ``folder`` is for this alone."""
    hops, length = _Hops(folder / "1"), 1
    for key, other in steps:
        hops.add(key.encode(), other.encode())
    while hops.count:
        before, length = hops, length * 2
        hops = _Hops(folder / str(length))
        for start, end in before.joined():
            hops.add(start, end)
        # Where none came to an end, none will; and a way into a circle is shorter than there are keys.
        if hops.count == before.count and length >= hops.count:
            yield from (key.decode() for key, _ in groupby(end for end, _ in hops.by_end()))
            return


def _pair(line: bytes) -> tuple[bytes, bytes]:
    one, _, other = line.rstrip(b"\n").partition(b"\t")
    return one, other
