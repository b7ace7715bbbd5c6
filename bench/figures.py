"""What a measurement says at the end."""

from collections.abc import Callable
from typing import NamedTuple


class Figure(NamedTuple):
    """A measured ratio and its goal. ``least``: the goal is to be reached, else not to be passed."""

    value: float
    goal: float
    least: bool

    @property
    def is_met(self) -> bool:
        """Whether the goal is met by what is printed."""
        return round(self.value, 3) >= self.goal if self.least else round(self.value, 3) <= self.goal

    @property
    def closeness(self) -> float:
        """1 where the goal is just met, less where it is not."""
        return self.value / self.goal if self.least else self.goal / self.value


Measurement = Callable[[bool, int | None], Figure]
"""Takes whether it shall be quick, and how many rounds (None: its own choice)."""


def line(name: str, figure: Figure) -> str:
    """The last line of a run."""
    sign = "≥" if figure.least else "≤"
    return f"{name}: {figure.value:.3f} (goal {sign} {figure.goal}) {'ok' if figure.is_met else 'short'}"
