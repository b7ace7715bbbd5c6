"""The files of a request as its second person reads them: exactly those that were checked, and what was found."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mypage.domain.billing_month import BillingMonth
from mypage.services.approvals import StaffRequest
from mypage.shown import batch_page
from mypage.shown.error_report import said
from mypage.words import batch_page as words
from mypage.words.batch import KINDS
from mypage.words.filters import month_ja, yen_ja

_COUNTS = (
    ("statements", "明細"),
    ("customers", "お客様"),
    ("lines", "行"),
    ("withdrawn", "取り消す明細"),
    ("hidden", "表示されない明細"),
    ("carried", "引き継ぐお客様"),
    ("left_out", "エラーのため除いたもの"),
)


class AskedFile(NamedTuple):
    """A file. ``figures`` are its counts and its sum; ``told`` is how often what was warned of."""

    id: int
    kind: str
    filename: str
    size: str
    encoding: str
    sha256: str
    months: str
    figures: tuple[tuple[str, str], ...]
    warnings: int
    told: tuple[tuple[str, int], ...]


def files(request: StaffRequest) -> tuple[AskedFile, ...]:
    """In the order in which they are published."""
    return tuple(map(_file, request.facts["batches"]))


def _file(facts: Mapping[str, Any]) -> AskedFile:
    months = [month_ja(BillingMonth.from_int(month)) for month in facts.get("months", ())]
    return AskedFile(
        facts["id"],
        KINDS[facts["kind"]],
        facts["filename"],
        batch_page.size(facts["size"]),
        facts["encoding"] or "",
        facts["sha256"],
        "・".join(months),
        tuple(_figures(facts)),
        facts["warnings"],
        tuple(
            (words.title(each["code"]) or said(each["code"], {}), each["count"]) for each in facts["causes"]
        ),
    )


def _figures(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, label in _COUNTS:
        if facts.get(name):
            yield label, f"{facts[name]:,}件"
    if "total" in facts:
        yield "金額の合計", yen_ja(facts["total"])
