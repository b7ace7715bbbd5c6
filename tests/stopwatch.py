"""Whether kinds of requests can be told apart by how long their answers take.

    times = measured(web, {"unknown": unknown, "known": known}, samples=1600)
    figures = compared(times["unknown"], times["known"])
    assert not figures.differ, figures

Asked is in blocks: one request of each kind, in random order, over one connection that stays open. So whatever the
machine does beside falls on all kinds alike. Two things are looked at, and neither may show a difference:

* the ranks of all samples (Mann and Whitney's U): |z| below :data:`Z_LIMIT`, which chance alone exceeds in one
  comparison of two thousand;
* Crosby's box test: a box of low quantiles, where the noise is least, of one kind lies wholly below the other's.

``odds`` is what somebody outside would have of it: how often one answer of the second kind is the slower one.
"""

import gc
import http.client
import math
import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.serving import Answer, Web, send

Z_LIMIT: Final = 3.5
_BOX: Final = (0.02, 0.12)
WARM_UP: Final = 50

# Method, path, body and headers of the request of that number.
Request = tuple[str, str, bytes | None, Iterable[tuple[str, str]]]
Ask = Callable[[int], Request]


@dataclass(frozen=True)
class Figures:
    """Two kinds of requests compared; times in milliseconds."""

    samples: int
    medians: tuple[float, float]
    boxes: tuple[tuple[float, float], tuple[float, float]]
    z: float
    odds: float

    @property
    def differ(self) -> bool:
        """Whether the clock tells them apart."""
        (low, high), (other_low, other_high) = self.boxes
        return abs(self.z) > Z_LIMIT or high < other_low or other_high < low

    def __str__(self) -> str:
        one, other = self.medians
        boxes = " and ".join(f"{low:.3f}–{high:.3f}" for low, high in self.boxes)
        return (
            f"{self.samples} samples a side: medians {one:.3f} and {other:.3f} ms"
            f" (difference {(other - one) * 1000:+.0f} µs), boxes {boxes} ms,"
            f" z {self.z:+.2f}, odds {self.odds:.3f}"
        )


def measured(
    web: Web,
    kinds: Mapping[str, Ask],
    *,
    samples: int,
    check: Callable[[str, Answer], None],
    seed: int = 1,
) -> dict[str, list[float]]:
    """Milliseconds of so many answers of each kind; ``check`` sees each answer and its kind."""
    chance = random.Random(seed)  # noqa: S311 - the order of a test
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    gc.collect()
    gc.disable()
    try:
        for number in range(samples + WARM_UP):
            order = list(kinds)
            chance.shuffle(order)
            for kind in order:
                request = kinds[kind](number)
                begun = time.perf_counter()
                answer = send(connection, *request)
                took = time.perf_counter() - begun
                check(kind, answer)
                if number >= WARM_UP:
                    times[kind].append(took * 1000)
    finally:
        gc.enable()
        connection.close()
    return times


def compared(one: list[float], other: list[float]) -> Figures:
    """The figures of two kinds; they need not have the same number of samples."""
    ordered = sorted(one)
    # Of all pairs, those in which the second kind was the slower one; a tie is half a pair.
    slower = sum(bisect_left(ordered, each) + bisect_right(ordered, each) for each in other) / 2
    pairs = len(one) * len(other)
    spread = math.sqrt(pairs * (len(one) + len(other) + 1) / 12)
    return Figures(
        samples=len(one),
        medians=(median(one), median(other)),
        boxes=(_box(one), _box(other)),
        z=(slower - pairs / 2) / spread,
        odds=slower / pairs,
    )


def _box(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    low, high = (ordered[int(len(ordered) * quantile)] for quantile in _BOX)
    return low, high
