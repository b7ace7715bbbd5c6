"""``mypage batch seen``: who saw which statement of a batch (the list that the law asks for after a mistake)."""

import csv
import json
import sys
from collections.abc import Iterator

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened, opened
from mypage.shown import batch_json, batch_seen
from mypage.store import batches as store
from mypage.store import statement_views
from mypage.store.statement_views import View


@click.command("seen")
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def seen_command(batch_id: int, as_json: bool) -> None:
    """1つの取込の明細を誰がいつ見たか、CSVで / Who saw which statement of a batch, and when first."""
    with opened() as tools:
        with tools.database.reading() as connection:
            batch = store.get(connection, batch_id)
        if batch is None:
            click.echo(terminal.deed_sentence("no_such_batch", id=batch_id), err=True)
            sys.exit(1)
        if as_json:
            seen = [batch_seen.as_json(view) for view in _views(tools, batch_id)]
            rows = [{**batch_json.as_json(batch), "seen": seen}]
            click.echo(json.dumps({"batches": rows}, ensure_ascii=False, indent=2))
            return
        out = csv.writer(sys.stdout)
        out.writerow(batch_seen.HEADINGS)
        for view in _views(tools, batch_id):
            out.writerow(batch_seen.row(view))


def _views(tools: Opened, batch_id: int) -> Iterator[View]:
    with tools.database.reading() as connection:
        yield from statement_views.of_batch(connection, batch_id)
