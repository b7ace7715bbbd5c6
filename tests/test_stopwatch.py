"""The comparison of times finds what is there, and nothing where nothing is."""

import random

import pytest

from tests.stopwatch import compared

SAMPLES = 1600


def _times(chance: random.Random, slower: float = 0.0) -> list[float]:
    """As a server answers: some milliseconds with a long tail."""
    return [2.0 + slower + chance.lognormvariate(-1.5, 0.8) for _ in range(SAMPLES)]


@pytest.mark.parametrize("seed", range(20))
def test_the_same_work_shows_no_difference(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - noise
    figures = compared(_times(chance), _times(chance))
    assert not figures.differ, figures
    assert 0.45 < figures.odds < 0.55


@pytest.mark.parametrize("microseconds", [40, -40, 200])
def test_so_little_more_work_shows(microseconds: int) -> None:
    chance = random.Random(1)  # noqa: S311 - noise
    figures = compared(_times(chance), _times(chance, microseconds / 1000))
    assert figures.differ, figures
    assert (figures.z > 0) is (microseconds > 0)


def test_a_difference_that_noise_hides_from_the_ranks_shows_in_the_box() -> None:
    chance = random.Random(2)  # noqa: S311 - noise
    noisy = [
        [2.0 + slower + abs(chance.gauss(0, 5)) * (n % 5 > 0) for n in range(60)] for slower in (0, 0.01)
    ]
    figures = compared(*noisy)
    assert abs(figures.z) < 3.5
    assert figures.differ


def test_ties_are_no_difference() -> None:
    figures = compared([1.0, 2.0, 2.0], [1.0, 2.0, 2.0])
    assert (figures.z, figures.odds) == (0, 0.5)
