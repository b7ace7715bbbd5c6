"""What every part of a check works with."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mypage.config.settings import Settings
from mypage.domain.columns import Plan
from mypage.store.engine import Database
from mypage.works.load.ready import Ready
from mypage.works.load.report import Report

Fold = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class LoadRules:
    """The operator's settings that a check depends on."""

    number_pattern: re.Pattern[str] | None = None
    fold_v: bool = False
    # A snapshot that ends more than this share of all customers must be confirmed.
    largest_share_ended: float = 0.05
    # A month whose total differs by more than this share from the month before looks wrong.
    largest_share_total_differs: float = 0.3
    months_shown: int = 15

    @classmethod
    def of(cls, settings: Settings) -> "LoadRules":
        """Those of an operator."""
        return cls(
            number_pattern=settings.customer_number_pattern,
            fold_v=settings.fold_v,
            months_shown=settings.months_shown,
        )


# Told the step, how far it is (``done`` of ``whole``, 0 where nobody knows), and the rows so far.
Progress = Callable[[str, int, int, int], None]


def no_progress(step: str, done: int, whole: int, rows: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Task:
    """One file of a delivery being checked. ``overlays`` are the customers of the same delivery."""

    database: Database
    batch_id: int
    plan: Plan
    folder: Path
    rules: LoadRules
    fold: Fold
    now: datetime
    overlays: Sequence[Ready] = ()
    snapshot: bool = False
    confirmed: bool = False
    counts: dict[str, Any] = field(default_factory=dict)
    newest_month: int | None = None
    # Holders after whom this file brings a new one (customers only).
    former_holders: list[str] = field(default_factory=list)
    report: Report = field(init=False)

    def __post_init__(self) -> None:
        self.report = Report(self.folder / "report")

    def ready(self) -> Ready:
        """A new file for the rows that this task makes."""
        return Ready(self.folder / "ready")


def line(*fields: str | None) -> bytes:
    """A line of fields as ``COPY`` reads it."""
    return ("\t".join(["\\N" if text is None else text for text in fields]) + "\n").encode()
