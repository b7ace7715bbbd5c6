"""``mypage identity``: whether what was typed is the same as what the master holds, pair by pair."""

import csv
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from mypage.config import values
from mypage.config.load import ConfigError, rows
from mypage.domain.identity_table import FIELDS, UnknownField, compare_pairs
from mypage.domain.spreadsheet import as_text

_COLUMNS = ("field", "master", "typed")
_ANSWER = ("field", "master", "typed", "same", "master_key", "typed_key")


@click.command("identity")
@click.argument("file", metavar="FILE.csv", type=click.Path(dir_okay=False, path_type=Path))
def identity_command(file: Path) -> None:
    """お客様番号・電話番号・カナの組が、登録時に同じとみなされるかを調べます。

    Says for each row (columns field, master, typed) whether both are the same to MyPage, and the keys compared.
    """
    pattern, fold_v = _settings()
    try:
        pairs = compare_pairs(_rows(_text(file)), pattern=pattern, fold_v=fold_v)
        answer = [
            (pair.field, pair.master, pair.typed, int(pair.same), pair.master_key, pair.typed_key)
            for pair in pairs
        ]
    except UnknownField as unknown:
        _refuse(
            f"{unknown.row}件目の field「{unknown.field}」は比べられません。"
            f"次のどれかにしてください: {', '.join(FIELDS)}"
        )
    except csv.Error as error:
        _refuse(f"「{file}」をCSVとして読めません（{error}）。CSV形式で保存し直してください。")
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_ANSWER)
    writer.writerows([as_text(str(cell)) for cell in row] for row in answer)
    click.echo(written.getvalue().encode("utf-8", "replace"), nl=False)


def _settings() -> tuple[re.Pattern[str] | None, bool]:
    """The two settings that decide what is the same. The others need not be right (or there) to compare a file."""
    try:
        found = {row.name: row.value for row in rows(os.environ)}
        return (
            values.pattern(found["MYPAGE_CUSTOMER_NUMBER_PATTERN"]),
            values.yes_no(found["MYPAGE_FOLD_V"]),
        )
    except ConfigError as error:
        _refuse("\n".join(error.sentences))
    except ValueError as error:
        _refuse(f"MYPAGE_CUSTOMER_NUMBER_PATTERN か MYPAGE_FOLD_V の値を直してください。{error}。")


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        _refuse(f"「{file}」を開けません（{error.strerror}）。ファイルの場所を確かめてください。")
    except UnicodeDecodeError:
        _refuse(f"「{file}」はUTF-8ではありません。UTF-8のCSVとして保存し直してください。")


def _rows(text: str) -> Iterator[tuple[str, str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    headings = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in _COLUMNS if column not in headings]
    if missing:
        _refuse(
            f"見出しに {', '.join(missing)} の列がありません。1行目は {','.join(_COLUMNS)} としてください。"
        )
    places = [headings.index(column) for column in _COLUMNS]
    for cells in reader:
        if cells:
            field, master, typed = (cells[place] if place < len(cells) else "" for place in places)
            yield field, master, typed


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)
