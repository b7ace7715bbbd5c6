"""A batch in words for the console: what it holds, how it stands, what comes next, who did what with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mypage.domain.batch import WITHOUT_ERRORS, Kind, State
from mypage.domain.billing_month import BillingMonth
from mypage.domain.kept_file import kept_id
from mypage.services.batch_desk import Wait
from mypage.services.batches import Batch
from mypage.shown import trail
from mypage.words import batch_page as words
from mypage.words.batch import KINDS, STATES
from mypage.words.filters import moment_ja, month_ja, yen_ja
from mypage.words.sentences import sentence

_KILO: Final = 1024
# What the counts of a check are called, in their order; the kinds for which a count says something else.
COUNTS: Final = (
    ("statements", "明細"),
    ("customers", "お客様"),
    ("lines", "行"),
    ("new", "新しいお客様"),
    ("changed", "内容が変わるお客様"),
    ("ended", "ファイルになく、解約済になるお客様"),
    ("unchanged", "公開中と同じ"),
    ("carried", "ログインと明細を引き継ぐお客様"),
    ("withdrawn", "取り消す明細"),
    ("hidden", "契約者が決まらず、表示されない明細"),
    ("left_out", "エラーのため除いたもの"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A batch as a line of a list. ``when`` says what happened at ``at``."""

    id: int
    kind: str
    state: str
    state_words: str
    filename: str
    months: str
    holds: str
    errors: int
    warnings: int
    who: str
    when: str
    at: datetime


def line(batch: Batch, names: Mapping[str, str]) -> Line:
    """The line; ``names`` of members of staff by their ids."""
    when, at = _when(batch)
    return Line(
        batch.id,
        KINDS[batch.kind],
        batch.state.value,
        STATES[batch.state],
        batch.filename,
        months(batch),
        holds(batch),
        batch.errors,
        batch.warnings,
        trail.who(batch.actor, names),
        when,
        at,
    )


def months(batch: Batch) -> str:
    """``2026年10月``, or the first and the last of several."""
    listed = sorted(batch.counts.get("months", ()))
    if not listed:
        return ""
    first, last = (month_ja(BillingMonth.from_int(month)) for month in (listed[0], listed[-1]))
    return first if first == last else f"{first}〜{last}（{len(listed)}か月）"


def holds(batch: Batch) -> str:
    """The most telling counts: ``明細1,000件・5,500,000円``."""
    counts = batch.counts
    if batch.kind is Kind.CHARGES and "statements" in counts:
        return f"明細{counts['statements']:,}件・{yen_ja(counts.get('total', 0))}"
    if batch.kind is Kind.PAYMENTS and "statements" in counts:
        return f"入金{counts['statements']:,}件"
    return f"お客様{counts['customers']:,}件" if "customers" in counts else ""


def counts(batch: Batch) -> Iterator[tuple[str, str]]:
    """All counts of the last check that say something, with their names."""
    for name, label in COUNTS:
        value = batch.counts.get(name)
        if value or (name == "customers" and value is not None):
            yield label, f"{value:,}件"
    if "total" in batch.counts:
        label = "入金額の合計" if batch.kind is Kind.PAYMENTS else "ご請求額の合計"
        yield label, yen_ja(batch.counts["total"])
    for state, count in batch.counts.get("states", {}).items():
        yield f"支払状態「{sentence(f'payment_{state}', 'ja')}」", f"{count:,}件"


def comes_next(batch: Batch) -> str:
    """What the state of the batch means, and what comes next."""
    at = batch.publish_at or batch.taken_back_at or batch.published_at
    if batch.state is State.PUBLISHED:
        at = batch.published_at
    return words.NEXT[_case(batch)].format(at=moment_ja(at) if at else "")


def waits_for(batch: Batch, wait: Wait, names: Mapping[str, str], me: str) -> str:
    """For what a checked batch waits, and for whom."""
    if wait.asked_by is not None:
        asker = "あなた" if wait.asked_by == me else names.get(wait.asked_by, "スタッフ")
        return f"別の担当者の承認（依頼：{asker}）"
    if batch.state is State.SCHEDULED:
        return "予約の日時"
    first = "別の取込が公開されたため、検査し直してから、" if wait.is_outdated else ""
    if wait.needs_second and batch.state is State.CHECKED:
        return f"{first}承認の依頼"
    return f"{first}公開の操作"


def options(batch: Batch) -> str:
    """What whoever handed it over chose, in words."""
    said = []
    if batch.options.get("snapshot"):
        said.append("全件のファイル")
    if batch.options.get(WITHOUT_ERRORS):
        said.append("エラーの請求を除く")
    if "kind" in batch.options:
        said.append("種類を指定")
    if "encoding" in batch.options:
        said.append(f"文字コードを指定（{batch.options['encoding']}）")
    return "・".join(said)


def size(count: int) -> str:
    """``1.2 MB``."""
    amount, unit = float(count), "バイト"
    for each in ("KB", "MB", "GB"):
        if amount < _KILO:
            break
        amount, unit = amount / _KILO, each
    return f"{count:,}バイト" if unit == "バイト" else f"{amount:,.1f} {unit}"


def _case(batch: Batch) -> str:
    match batch.state:
        case State.CHECKING if not kept_id(batch.source):
            return "checking_elsewhere"
        case State.CHECKED if batch.options.get(WITHOUT_ERRORS):
            return "checked_left_out"
        case State.REFUSED if batch.counts.get("can_leave_out"):
            return "refused_can_leave_out"
        case State.REFUSED if not batch.errors:
            return "refused_by_other"
        case _:
            return batch.state.value


def _when(batch: Batch) -> tuple[str, datetime]:
    if batch.state is State.TAKEN_BACK and batch.taken_back_at:
        return "取消", batch.taken_back_at
    if batch.state is State.PUBLISHED and batch.published_at:
        return "公開", batch.published_at
    if batch.publish_at:
        return "公開の予定", batch.publish_at
    if batch.checked_at and batch.state not in (State.RECEIVED, State.CHECKING):
        return "検査", batch.checked_at
    return "受付", batch.received_at
