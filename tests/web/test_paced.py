"""A body that comes too slowly is given up, and a slow but honest line is not, however large the file."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from werkzeug.exceptions import RequestTimeout

from mypage.web.paced import Paced
from tests.slow_line import SlowLine

NOON = datetime(2026, 11, 1, 3, tzinfo=UTC)
MEGABIT = 125_000
HUNDRED_MB = 100 << 20


class Watch:
    """A clock that goes on while a line is read."""

    def __init__(self) -> None:
        self.at = NOON

    def set(self, seconds: float) -> None:
        self.at = NOON + timedelta(seconds=seconds)

    @property
    def waited(self) -> float:
        return (self.at - NOON).total_seconds()


def _pieces(paced: Paced) -> Iterator[bytes]:
    return iter(lambda: paced.read(1 << 15), b"")


@pytest.mark.parametrize("speed", [MEGABIT, MEGABIT // 3])
def test_a_hundred_megabytes_come_on_a_slow_line(speed: int) -> None:
    watch = Watch()
    paced = Paced(SlowLine(bytes(HUNDRED_MB), speed, watch.set), lambda: watch.at)
    assert sum(len(piece) for piece in _pieces(paced)) == HUNDRED_MB
    assert watch.waited > HUNDRED_MB / speed - 1


def test_a_few_bytes_at_a_time_hold_nothing_for_long() -> None:
    watch = Watch()
    line = SlowLine(bytes(HUNDRED_MB), 1, watch.set)
    with pytest.raises(RequestTimeout):
        list(_pieces(Paced(line, lambda: watch.at)))
    assert watch.waited < 600
    # Nor does one that was fast at first.
    watch, line = Watch(), SlowLine(bytes(HUNDRED_MB), MEGABIT, lambda seconds: watch.set(seconds))
    paced = Paced(line, lambda: watch.at)
    while line.tell() < 1 << 20:
        paced.read(1 << 15)
    line.speed = 10
    with pytest.raises(RequestTimeout):
        list(_pieces(paced))
    assert watch.waited < 1_000


def test_a_small_form_is_read_as_it_is_and_a_clock_that_is_set_back_counts_as_nothing() -> None:
    times = cycle((NOON, NOON - timedelta(hours=1)))
    paced = Paced(io.BytesIO(b"a=1&b=2"), lambda: next(times))
    assert paced.readable()
    assert paced.read() == b"a=1&b=2"
