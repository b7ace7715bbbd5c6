"""Who saw which statement of a batch: the list that the law asks for after a mistake, for Excel and for machines."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mypage.domain.billing_month import BillingMonth
from mypage.domain.spreadsheet import kept_text
from mypage.services.batch_seen import View
from mypage.shown import excel_csv
from mypage.shown.batch_json import instant
from mypage.words.filters import TOKYO

HEADINGS: Final = (
    "お客様番号",
    "アカウントID",
    "請求年月",
    "請求番号",
    "初めて見た日時",
    "窓口のスタッフ",
)
_ROWS_AT_ONCE: Final = 500


def as_json(view: View) -> dict[str, Any]:
    """A statement that somebody saw."""
    return {
        "customer": view.customer_key,
        "login_id": view.login_id,
        "staff": view.staff,
        "month": str(BillingMonth.from_int(view.month)),
        "number": view.number,
        "at": instant(view.at),
    }


def as_csv(views: Iterable[View]) -> Iterator[bytes]:
    """A file for Excel in pieces: UTF-8 with the mark that it needs, CRLF, nothing that it would run."""
    return excel_csv.pieces(HEADINGS, map(row, views), rows_at_once=_ROWS_AT_ONCE)


def row(view: View) -> list[object]:
    """The cells of a row of the file."""
    return [
        view.customer_key,
        kept_text(view.login_id or ""),
        str(BillingMonth.from_int(view.month)),
        view.number,
        f"{view.at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}",
        kept_text(view.staff or ""),
    ]
