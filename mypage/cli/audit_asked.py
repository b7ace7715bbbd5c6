"""What the commands that ask the trail share."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NoReturn

import click
from sqlalchemy import Connection

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.domain import customer_number
from mypage.domain.trail_search import TrailRow
from mypage.services import trail_search
from mypage.shown import trail as shown

# Who asks on the command line, as the trail says.
ACTOR: Final = "cli"
json_option: Final = click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")


def as_line(found: TrailRow, names: Mapping[str, str]) -> str:
    row = shown.row(found, names)
    parts = [f"{row.seq:>8}", row.at, row.who, row.title]
    if row.line:
        parts.append(f"（{row.line}）")
    if row.customer_key:
        parts.append(f"お客様番号 {row.customer_key}")
    if row.batch_id:
        parts.append(f"取込 {row.batch_id}")
    return "  ".join(parts)


def keys_of(connection: Connection, found: Settings, typed: str | None) -> tuple[str, ...]:
    if typed is None:
        return ()
    try:
        customer_number.split_key(typed)
        key: str | None = typed
    except ValueError:
        key = customer_number.fold(typed, found.customer_number_pattern)
    if key is None:
        fail(f"「{typed}」はお客様番号ではありません。")
    return trail_search.keys_of(connection, key)


def now_of(found: Settings) -> datetime:
    return Clock(found.clock_file).now()


def as_instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def print_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def fail(said: str) -> NoReturn:
    click.echo(said, err=True)
    sys.exit(2)
