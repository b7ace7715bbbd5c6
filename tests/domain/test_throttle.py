"""Waits after wrong tries."""

from datetime import timedelta

import pytest

from mypage.domain.throttle import FORGOTTEN_AFTER, LOOSER_PER_ADDRESS, minutes_to_tell, wait_after


@pytest.mark.parametrize(
    ("misses", "minutes"),
    [(0, 0), (1, 0), (2, 0), (3, 0), (4, 1), (5, 2), (6, 4), (7, 8), (8, 16), (9, 30), (10, 30), (10**6, 30)],
)
def test_the_schedule(misses: int, minutes: int) -> None:
    assert wait_after(misses) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("misses", "minutes"), [(39, 0), (40, 1), (49, 1), (50, 2), (90, 30), (1000, 30)])
def test_ten_times_looser_for_an_address(misses: int, minutes: int) -> None:
    assert wait_after(misses, LOOSER_PER_ADDRESS) == timedelta(minutes=minutes)


def test_waits_never_shrink() -> None:
    assert all(wait_after(misses) <= wait_after(misses + 1) for misses in range(100))


def test_forgetting_pays_nobody() -> None:
    # A guesser who never pauses has more tries in the time of forgetting than the free ones that it brings.
    assert timedelta(hours=24) == FORGOTTEN_AFTER
    tries, clock = 4, timedelta()
    while clock < FORGOTTEN_AFTER:
        clock += wait_after(tries)
        tries += 1
    assert tries - 4 > 40


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (1800, 30)])
def test_minutes_are_rounded_up(seconds: int, minutes: int) -> None:
    assert minutes_to_tell(timedelta(seconds=seconds)) == minutes
