"""The report of a check as a file for Excel and for machines: a row an error or warning, by the rows of the file.

Specification §6: 行番号（Excelの行）, 列名, お客様番号, 入力値, エラー内容, 直し方.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mypage.domain.row_error import RowError
from mypage.domain.spreadsheet import kept_text
from mypage.shown import excel_csv
from mypage.words.sentences import sentence

HEADINGS: Final = ("行番号（Excelの行）", "列名", "お客様番号", "入力値", "エラー内容", "直し方")
_ROWS_AT_ONCE: Final = 1000


def said(code: str, facts: Any, language: str = "ja") -> str:
    """The sentence of a finding, or of how to put it right (``CODE.fix``)."""
    return sentence(f"batch.{code}", language, **facts)


def as_json(error: RowError) -> dict[str, Any]:
    """An error with its code and its sentence."""
    return {
        "code": error.code,
        "warning": error.warning,
        "row": error.row,
        "column": error.column,
        "customer_number": error.customer_number,
        "value": error.value,
        "message": said(error.code, error.facts),
        "fix": said(f"{error.code}.fix", error.facts),
    }


def as_csv(errors: Iterable[RowError]) -> Iterator[bytes]:
    """The whole file in pieces: UTF-8 with the mark that Excel needs, CRLF, nothing that it would run."""
    return excel_csv.pieces(HEADINGS, map(_row, errors), rows_at_once=_ROWS_AT_ONCE)


def _row(error: RowError) -> list[str]:
    # A warning says so: the file is published all the same.
    message = f"（注意）{said(error.code, error.facts)}" if error.warning else said(error.code, error.facts)
    cells = (
        error.column,
        error.customer_number,
        error.value,
        message,
        said(f"{error.code}.fix", error.facts),
    )
    return [str(error.row) if error.row else "", *map(kept_text, cells)]
