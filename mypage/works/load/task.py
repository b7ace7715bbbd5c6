"""What every part of a check works with."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP
from pathlib import Path
from typing import Any, Final, NamedTuple

from mypage.config.settings import Settings
from mypage.domain.batch import Kind, SecondPerson
from mypage.domain.columns import Plan
from mypage.domain.row_error import LONGEST_NUMBER, RowError
from mypage.store.engine import Database
from mypage.store.staging import NOTHING, escaped
from mypage.works.load.ready import Ready, Written
from mypage.works.load.report import Report

TAX_ROUNDINGS: Final = {"down": ROUND_DOWN, "half_up": ROUND_HALF_UP, "up": ROUND_UP}
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
    # How a tax is rounded that the file does not tell: a key of TAX_ROUNDINGS.
    tax_rounding: str = "down"
    # How many processes read a large file (1 or 2), and from how many bytes on one is large.
    processes: int = 1
    large: int = 32 << 20
    # Of which files publishing needs a second person, and how long the request for it waits.
    second_person: SecondPerson = SecondPerson.NUMBER_CHANGES
    request_life: timedelta = timedelta(hours=24)

    @classmethod
    def of(cls, settings: Settings) -> "LoadRules":
        """Those of an operator."""
        return cls(
            number_pattern=settings.customer_number_pattern,
            fold_v=settings.fold_v,
            largest_share_ended=settings.snapshot_percent / 100,
            months_shown=settings.months_shown,
            tax_rounding=settings.tax_rounding,
            processes=min(settings.load_processes, os.cpu_count() or 1),
            second_person=SecondPerson(settings.second_person),
            request_life=settings.staff_request_life,
        )


# Told the step, how far it is (``done`` of ``whole``, 0 where nobody knows), and the rows so far.
Progress = Callable[[str, int, int, int], None]


def no_progress(step: str, done: int, whole: int, rows: int) -> None:
    """Tell nobody."""


class Delivered(NamedTuple):
    """The rows of a file of the same delivery that was checked before; ``months`` are those of its statements."""

    ready: Written
    months: frozenset[int]


@dataclass(slots=True)
class Task:
    """One file of a delivery being checked.

    ``delivered`` are the rows of the files that come before it in the same delivery, by their kind. ``left_out`` takes
    what is published without, where the operator chose so.
    """

    database: Database
    batch_id: int
    plan: Plan
    folder: Path
    rules: LoadRules
    fold: Fold
    now: datetime
    delivered: Mapping[Kind, Sequence[Delivered]] = field(default_factory=dict)
    left_out: Ready | None = None
    snapshot: bool = False
    confirmed: bool = False
    counts: dict[str, Any] = field(default_factory=dict)
    newest_month: int | None = None
    # Holders after whom this file brings a new one (customers only).
    former_holders: list[str] = field(default_factory=list)
    # False where rows stand under another number than the file has them, because the customer's number changed.
    is_in_order: bool = True
    report: Report = field(init=False)

    def __post_init__(self) -> None:
        self.report = Report(self.folder / "report")

    def ready(self, name: str = "ready") -> Ready:
        """A new file for the rows that this task makes."""
        return Ready(self.folder / name)

    @property
    def blocking(self) -> int:
        """The errors that keep the file from being published: all, or those that are not left out."""
        return self.report.errors if self.left_out is None else self.report.of_the_file

    def closed(self, *ready: Ready) -> tuple[Ready, ...]:
        """All that this task makes, nothing more of which comes."""
        made = ready if self.left_out is None else (*ready, self.left_out)
        for each in made:
            each.close()
        return made

    def of_delivery(self, kind: Kind) -> Sequence[Delivered]:
        """The files of a kind in the same delivery that come before this one."""
        return self.delivered.get(kind, ())

    def leave_out_too(self, left_out: Written) -> None:
        """Note what another task of the same file left out, of other rows."""
        assert self.left_out is not None  # noqa: S101 - both were told to leave out
        for text in left_out.lines():
            batch_id, _, rest = text.split(b"\t", 2)
            self.left_out.write(b"%b\t%d\t%b" % (batch_id, self.left_out.rows_written + 1, rest))

    def leave_out(self, error: RowError, month: int | None = None, number: int | None = None) -> None:
        """Note what is not published because of ``error``: a statement, or a row that does not name one.

        Nothing happens where nothing is left out: then the error keeps the whole file from being published.
        """
        if self.left_out is None:
            return
        facts = json.dumps(dict(error.facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        fields = (
            str(self.batch_id),
            str(self.left_out.rows_written + 1),
            str(error.row),
            _printable(error.customer_number),
            None if month is None else str(month),
            None if number is None else str(number),
            error.code,
            _printable(error.column),
            escaped(facts),
        )
        self.left_out.write(line(*fields))


def line(*fields: str | None) -> bytes:
    """A line of fields as ``COPY`` reads it."""
    return ("\t".join([NOTHING if text is None else text for text in fields]) + "\n").encode()


def _printable(text: str) -> str:
    """A text of the file in which nothing ends a field or a line."""
    return escaped("".join([mark if mark.isprintable() else " " for mark in text[:LONGEST_NUMBER]]))
