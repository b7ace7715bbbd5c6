"""``mypage batch list`` and ``show``: batches for people and for machines."""

import sys
from itertools import chain

import click

from mypage.billing import checks, preview, second_person, terminal
from mypage.billing.opened import opened
from mypage.shown import batch_json, error_report
from mypage.store import batches as store
from mypage.works.load.checks import checks as all_checks


@click.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True, help="件数 / how many")
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def list_command(limit: int, as_json: bool) -> None:
    """取込の一覧、新しいものから / The newest batches first."""
    with opened() as tools:
        with tools.database.reading() as connection:
            batches = store.latest(connection, limit)
        checking = all_checks(tools.database, batches)
        turns = checks.turns(tools, batches)
    if as_json:
        terminal.print_json([batch_json.as_json(batch, checking.get(batch.id)) for batch in batches])
        return
    for batch in batches:
        for line in (
            terminal.batch_line(batch),
            *checks.lines(batch, checking.get(batch.id), turns.get(batch.id)),
        ):
            click.echo(line)
    if not batches:
        click.echo("取込はまだありません。")


@click.command("show")
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def show_command(batch_id: int, as_json: bool) -> None:
    """1つの取込と、その誤りと注意、除いた請求 / One batch with its errors and warnings, and what was left out."""
    with opened() as tools:
        with tools.database.reading() as connection:
            batch = store.get(connection, batch_id)
            errors = store.errors_of(connection, batch_id)
        if batch is None:
            click.echo(terminal.deed_sentence("no_such_batch", id=batch_id), err=True)
            sys.exit(1)
        check = all_checks(tools.database, [batch]).get(batch_id)
        with tools.database.reading() as connection:
            left_out = store.left_out_of(connection, batch_id)
            if as_json:
                more = {
                    "request": second_person.of_batches(tools, [batch]).get(batch_id),
                    "report": [error_report.as_json(error) for error in errors],
                    "left_out_statements": [batch_json.left_out_as_json(each) for each in left_out],
                }
                terminal.print_json([{**batch_json.as_json(batch, check), **more}])
                return
            told = chain(
                terminal.batch_lines(batch, errors),
                checks.lines(batch, check, checks.turns(tools, [batch]).get(batch.id)),
                terminal.left_out_lines(left_out),
            )
            for line in told:
                click.echo(line)
        for line in preview.lines(tools, batch):
            click.echo(line)
