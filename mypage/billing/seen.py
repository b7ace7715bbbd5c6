"""``mypage batch seen``: who saw which statement of a batch (the list that the law asks for after a mistake)."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened, opened
from mypage.domain.billing_month import BillingMonth
from mypage.domain.spreadsheet import kept_text
from mypage.shown import batch_json
from mypage.store import batches as store
from mypage.store import statement_views
from mypage.store.statement_views import View

_TOKYO = ZoneInfo("Asia/Tokyo")
_HEADINGS = ("お客様番号", "アカウントID", "請求年月", "請求番号", "初めて見た日時", "窓口のスタッフ")


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
            seen = [_as_json(view) for view in _views(tools, batch_id)]
            rows = [{**batch_json.as_json(batch), "seen": seen}]
            click.echo(json.dumps({"batches": rows}, ensure_ascii=False, indent=2))
            return
        out = csv.writer(sys.stdout)
        out.writerow(_HEADINGS)
        for view in _views(tools, batch_id):
            out.writerow(_row(view))


def _views(tools: Opened, batch_id: int) -> Iterator[View]:
    with tools.database.reading() as connection:
        yield from statement_views.of_batch(connection, batch_id)


def _row(view: View) -> list[object]:
    at = view.at.astimezone(_TOKYO).strftime("%Y-%m-%d %H:%M:%S")
    month = str(BillingMonth.from_int(view.month))
    return [
        view.customer_key,
        kept_text(view.login_id or ""),
        month,
        view.number,
        at,
        kept_text(view.staff or ""),
    ]


def _as_json(view: View) -> dict[str, object]:
    return {
        "customer": view.customer_key,
        "login_id": view.login_id,
        "staff": view.staff,
        "month": str(BillingMonth.from_int(view.month)),
        "number": view.number,
        "at": view.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
