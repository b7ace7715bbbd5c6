"""``mypage letters``: the letters that go to be posted, a notice or a code for each activation."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from mypage.adapters.clock import Clock
from mypage.command import open_database, settings
from mypage.store import letter_exports as store
from mypage.store.letter_exports import Export
from mypage.words.filters import TOKYO
from mypage.works.letters import Letters, Refused, Why, Written

_ACTOR = "cli"
_NAMED = 10
_REFUSED = {
    Why.RUNNING: "手紙の書き出しが、ほかで実行中です。終わってから、もう一度実行してください。",
    Why.FILE_IS_THERE: "「{file}」はすでにあります。上書きはしません。新しい名前を指定してください。",
    Why.UNKNOWN: "書き出し {id} 番はありません。`mypage letters list` で番号を確かめてください。",
    Why.UNFINISHED: "書き出し {id} 番は途中です。--again を付けずに実行すると、続きから書き出します。",
}
_json_option = click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")


@click.group("letters")
def letters_command() -> None:
    """郵送する手紙（登録のお知らせと確認コード） / Letters to be posted."""


@letters_command.command("export")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--again",
    "again",
    metavar="ID",
    multiple=True,
    type=click.IntRange(1, 2**31 - 1),
    help="前に書き出したものを、もう一度（いくつでも） / an earlier export once more (any number of them)",
)
@_json_option
def export_command(file: Path, again: tuple[int, ...], as_json: bool) -> None:
    """前回からの登録を FILE（CSV）に書き出す / Write the activations since the last export into FILE (CSV).

    FILE は、まだない名前にします。途中で止まったときは、同じように実行すると続きから書き出します。
    """
    found = settings()
    with open_database(found.database_url) as database:
        letters = Letters(found, database, actor=_ACTOR, now=Clock(found.clock_file).now())
        try:
            outcome = letters.export_again(file, again) if again else letters.export(file)
        except OSError as error:
            _fail(
                f"「{file}」に書き込めません（{error.strerror}）。場所と空き容量を確かめて、もう一度実行してください。"
            )
    if isinstance(outcome, Refused):
        _fail(_REFUSED[outcome.why].format(file=file, id=outcome.export_id))
    if as_json:
        _print_json(outcome.exports, waiting=outcome.waiting, without_address=outcome.without_address)
    else:
        for line in _told(outcome, file):
            click.echo(line)


@letters_command.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True, help="件数 / how many")
@_json_option
def list_command(limit: int, as_json: bool) -> None:
    """書き出しの一覧、新しいものから / The newest exports first."""
    found = settings()
    with open_database(found.database_url) as database, database.reading() as connection:
        exports, waiting = store.latest(connection, limit), store.count_waiting(connection)
    if as_json:
        _print_json(exports, waiting=waiting)
        return
    for export in exports:
        click.echo(_line(export))
    if not exports:
        click.echo("書き出しはまだありません。")
    click.echo(_waits(waiting))


def _told(outcome: Written, file: Path) -> Sequence[str]:
    lines = [_line(export) for export in outcome.exports]
    if not outcome.exports:
        lines.append(f"前回からの登録はありません。「{file}」は見出しだけです。")
    if outcome.resumed is not None:
        lines.append(f"書き出し {outcome.resumed} 番は、前に途中で止まっていたものです。")
    if outcome.without_address:
        named, more = outcome.without_address[:_NAMED], len(outcome.without_address) - _NAMED
        lines.append(
            f"住所がないため、お送りできないお客様番号: {'、'.join(named)}"
            f"{f' ほか{more:,}件' if more > 0 else ''}。契約者ファイルに住所を入れてください。"
        )
    if outcome.waiting:
        lines.append(_waits(outcome.waiting))
    return lines


def _waits(waiting: int) -> str:
    return f"まだ書き出していない手紙: {waiting:,}通"


def _line(export: Export) -> str:
    at = (export.written_at or export.begun_at).astimezone(TOKYO)
    state = "" if export.written_at else "  （途中で止まっています。もう一度実行してください）"
    return (
        f"{export.id:>6}  {at:%Y-%m-%d %H:%M}  {export.letters:,}通"
        f"（うち確認コード {export.codes:,}通）  {export.file}{state}"
    )


def _print_json(exports: Sequence[Export], *, waiting: int, **more: Sequence[str]) -> None:
    facts = {"exports": [_facts(export) for export in exports], "waiting": waiting, **more}
    click.echo(json.dumps(facts, ensure_ascii=False, indent=2))


def _facts(export: Export) -> dict[str, Any]:
    return {
        "id": export.id,
        "state": "written" if export.written_at else "unfinished",
        "letters": export.letters,
        "codes": export.codes,
        "file": export.file,
        "begun_at": _instant(export.begun_at),
        "written_at": None if export.written_at is None else _instant(export.written_at),
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fail(said: str) -> NoReturn:
    click.echo(said, err=True)
    sys.exit(1)
