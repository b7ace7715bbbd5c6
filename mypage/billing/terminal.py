"""How batches and their errors look on a terminal, and how a step tells how far it is."""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

import click

from mypage.domain.billing_month import BillingMonth
from mypage.domain.row_error import RowError
from mypage.services.publication import Refused
from mypage.shown.error_report import said
from mypage.store.batches import Batch, LeftOut
from mypage.words.batch import STEPS
from mypage.words.sentences import sentence
from mypage.works.load.delivery import FileRefused

_TOKYO: Final = ZoneInfo("Asia/Tokyo")
_PLAIN_SECONDS: Final = 10.0
_BAR_SECONDS: Final = 0.2
_BAR_WIDTH: Final = 24
_ROWS_TOLD: Final = 5


class ProgressOnTerminal:
    """A bar with rows a second and the time left on a terminal, a plain line every ten seconds elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._is_bar = out, out.isatty()
        self._step, self._began, self._told = "", 0.0, 0.0
        self._drawn = False

    def __call__(self, step: str, done: int, whole: int, rows: int) -> None:
        """Draw or tell, unless that was done a moment ago."""
        now = time.monotonic()
        if step != self._step:
            self.end()
            self._step, self._began = step, now
            self._told = now
        if now - self._told < (_BAR_SECONDS if self._is_bar else _PLAIN_SECONDS):
            return
        self._told = now
        text = self._text(done, whole, rows, now - self._began)
        if self._is_bar:
            self._out.write(f"\r\x1b[K{text}")
            self._out.flush()
            self._drawn = True
        elif rows:
            self._out.write(text + "\n")

    def end(self) -> None:
        """Leave the line of the bar."""
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()
        self._drawn = False

    def _text(self, done: int, whole: int, rows: int, seconds: float) -> str:
        parts = [STEPS[self._step]]
        if whole:
            share = min(done / whole, 1.0)
            filled = round(share * _BAR_WIDTH)
            if self._is_bar:
                parts.append(f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}]")
            parts.append(f"{share:4.0%}")
        if rows:
            parts.append(f"{rows:,}行")
            if seconds > 1:
                parts.append(f"{rows / seconds:,.0f}行/秒")
                if whole and done:
                    parts.append(f"残り約{max(whole - done, 0) / done * seconds:,.0f}秒")
        return " ".join(parts)


def print_json(batches: Sequence[dict[str, Any]]) -> None:
    """Batches for machines, as one document."""
    click.echo(json.dumps({"batches": list(batches)}, ensure_ascii=False, indent=2))


def left_out_lines(left_out: Iterable[LeftOut]) -> Iterable[str]:
    """What was left out, a line each, for people."""
    for place, each in enumerate(left_out):
        if not place:
            yield "  除いた請求（直して、あらためて取り込んでください。訂正にはなりません）"
        month = "" if each.month is None else f" {BillingMonth.from_int(each.month)}"
        number = "" if each.number is None else f" 請求番号{each.number}"
        column = f"［{each.column}］" if each.column else ""
        yield f"      {each.row}行目 {each.customer_number}{month}{number} {column}{said(each.code, each.facts)}"


def batch_lines(batch: Batch, errors: Sequence[RowError]) -> Iterable[str]:
    """A batch for people: one line, and its errors and warnings grouped by cause."""
    yield batch_line(batch)
    for cause in batch.counts.get("causes", ()):
        several = [each for each in errors if each.code == cause["code"] and each.column == cause["column"]]
        yield from _cause_lines(cause, several)


def batch_line(batch: Batch) -> str:
    """A batch in one line."""
    counts = batch.counts
    parts = [
        f"{batch.id:>6}",
        sentence(f"batch.state.{batch.state.value}", "ja"),
        sentence(f"batch.kind.{batch.kind.value}", "ja"),
        batch.filename,
    ]
    if counts.get("months"):
        parts.append("・".join(str(BillingMonth.from_int(month)) for month in counts["months"]))
    if "statements" in counts:
        parts.append(f"明細{counts['statements']:,}件")
    if "customers" in counts:
        parts.append(f"お客様{counts['customers']:,}件")
    if "total" in counts:
        parts.append(f"{counts['total']:,}円")
    if "unchanged" in counts:
        parts.append(f"変更なし{counts['unchanged']:,}件")
    if "carried" in counts:
        parts.append(f"引き継ぎ{counts['carried']:,}件")
    if counts.get("left_out"):
        parts.append(f"除外{counts['left_out']:,}件")
    if counts.get("hidden"):
        parts.append(f"非表示{counts['hidden']:,}件")
    if batch.encoding:
        parts.append(batch.encoding)
    if batch.errors or batch.warnings:
        parts.append(f"誤り{batch.errors:,}件・注意{batch.warnings:,}件")
    parts.append(_tokyo(batch.publish_at or batch.published_at or batch.checked_at or batch.received_at))
    return "  ".join(parts)


def refused_lines(refused: FileRefused) -> Iterable[str]:
    """A file that became no batch, for people."""
    error = refused.error
    yield f"{refused.filename}: {said(error.code, error.facts)} {said(f'{error.code}.fix', error.facts)}"


def deed_sentence(code: str, **facts: object) -> str:
    """Why nothing was done with a batch."""
    return sentence(f"batch.deed.{code}", "ja", **facts)


def refuse(refused: Refused) -> None:
    """Say why nothing was changed."""
    state = sentence(f"batch.state.{refused.state.value}", "ja") if refused.state else ""
    click.echo(deed_sentence(refused.why.value, id=refused.batch_id, state=state), err=True)


def progress() -> ProgressOnTerminal:
    """Progress on stderr, so that stdout holds the answer only."""
    return ProgressOnTerminal(sys.stderr)


def _cause_lines(cause: dict[str, Any], errors: Sequence[RowError]) -> Iterable[str]:
    what = "注意" if cause["warning"] else "誤り"
    column = f"［{cause['column']}］" if cause["column"] else ""
    text = said(cause["code"], errors[0].facts) if errors else cause["code"]
    yield f"  {what} {cause['count']:,}件 {column}{text}"
    for error in errors[:_ROWS_TOLD]:
        if error.row:
            number = f" {error.customer_number}" if error.customer_number else ""
            value = f"「{error.value}」" if error.value else ""
            detail = said(error.code, error.facts) if len(errors) > 1 and error.facts else ""
            yield f"      {error.row}行目{number} {value}{detail}".rstrip()
    if cause["count"] > min(len(errors), _ROWS_TOLD):
        yield f"      ほか{cause['count'] - min(len(errors), _ROWS_TOLD):,}件"
    if errors:
        yield f"      → {said(cause['code'] + '.fix', errors[0].facts)}"


def _tokyo(moment: datetime) -> str:
    return moment.astimezone(_TOKYO).strftime("%Y-%m-%d %H:%M")
