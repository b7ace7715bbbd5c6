"""``mypage audit search`` and ``staff``: rows of the trail, and what a member of staff did.

Whoever asks here stands in the trail as ``cli``. No details are shown.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import click
from sqlalchemy import Connection

from mypage.cli.audit_asked import ACTOR, as_line, fail, json_option, keys_of, now_of
from mypage.command import open_database, settings
from mypage.domain.trail_search import Asked, TrailRow, instant, is_actor
from mypage.services import staff_directory, trail_search
from mypage.shown import trail as shown
from mypage.words import trail as words

_since = click.option("--since", metavar="DAY", help="この日から（2026-11-01、日本時間） / from this day on")
_until = click.option("--until", metavar="DAY", help="この日まで / to this day, which is included")


@click.command("search")
@_since
@_until
@click.option("--actor", help="だれが（staff、staff:ID、account、visitor、worker、cli） / who")
@click.option("--action", help="したこと（login.done など） / what, as its word")
@click.option("--customer", metavar="NUMBER", help="お客様番号 / of this customer")
@click.option("--batch", type=click.IntRange(1, 2**31 - 1), help="取込の番号 / of this batch")
@click.option("--csv", "as_csv", is_flag=True, help="Excel用のCSV / as a file for Excel")
@json_option
def search_command(
    since: str | None,
    until: str | None,
    actor: str | None,
    action: str | None,
    customer: str | None,
    batch: int | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """操作履歴を検索して書き出す / Rows of the trail, oldest first."""
    if action is not None and action not in words.ACTIONS:
        fail(f"「{action}」という操作はありません。例: {', '.join(list(words.ACTIONS)[:5])}")
    if actor is not None and not is_actor(actor):
        fail(
            f"「{actor}」は、staff、staff:ID、account、account:番号、visitor、worker、cli のどれでもありません。"
        )
    found = settings()
    with open_database(found.database_url) as database:
        with database.writing() as connection:
            asked = Asked(
                since=_day(since),
                until=_day(until, ends=True),
                actor=actor,
                action=action,
                customer_keys=keys_of(connection, found, customer),
                batch_id=batch,
            )
            last = trail_search.begin_export(connection, asked, actor=ACTOR, now=now_of(found))
        with database.reading() as connection:
            _print(trail_search.exported(connection, asked, last), as_csv=as_csv, as_json=as_json)


@click.command("staff")
@click.argument("login_id", metavar="LOGIN")
@_since
@_until
@json_option
def staff_command(login_id: str, since: str | None, until: str | None, as_json: bool) -> None:
    """LOGIN のスタッフがしたこと / What a member of staff did."""
    found = settings()
    with open_database(found.database_url) as database:
        with database.writing() as connection:
            asked = Asked(
                since=_day(since),
                until=_day(until, ends=True),
                actor=f"staff:{_member(connection, login_id)}",
            )
            summary = trail_search.summary(connection, asked)
            last = trail_search.begin_export(connection, asked, actor=ACTOR, now=now_of(found))
        if not as_json:
            click.echo(f"{summary.rows:,}件、お客様 {summary.customers:,}人")
            for word, times in summary.counts:
                click.echo(f"  {times:>8,}件  {words.title(word)}")
        with database.reading() as connection:
            _print(trail_search.exported(connection, asked, last), as_csv=False, as_json=as_json)


def _print(rows: Iterable[tuple[TrailRow, Mapping[str, str]]], *, as_csv: bool, as_json: bool) -> None:
    if as_csv:
        for piece in shown.as_csv(rows):
            click.echo(piece, nl=False)
        return
    for row, names in rows:
        # A line each, also for machines: there may be millions.
        click.echo(
            json.dumps(shown.as_json(row, names), ensure_ascii=False) if as_json else as_line(row, names)
        )


def _member(connection: Connection, login_id: str) -> str:
    wanted = login_id.casefold()
    everybody = staff_directory.everybody(connection)
    ids = [each.id for each in everybody if wanted == (each.login_id or "").casefold() or login_id == each.id]
    if not ids:
        fail(f"「{login_id}」というスタッフはいません。/staff/people でアカウントIDを確かめてください。")
    return ids[0]


def _day(text: str | None, *, ends: bool = False) -> datetime | None:
    if text is None:
        return None
    day, _, time = text.replace("T", " ").partition(" ")
    found = instant(day, time, ends=ends)
    if found is None:
        fail(f"「{text}」は日付として読めません。2026-11-01 か 2026-11-01T09:00 のように入れてください。")
    return found
