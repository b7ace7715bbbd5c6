"""``mypage sample``: the files of an invented operator, as its core billing system would hand them over."""

import json
import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from mypage.adapters.clock import Clock
from mypage.config.load import rows
from mypage.domain.billing_month import BillingMonth
from mypage.works.sample.files import ENCODINGS, SampleRefused, Written, write_sample

_TOKYO = ZoneInfo("Asia/Tokyo")
_BAR_FROM = 2_000


class _Month(click.ParamType[BillingMonth]):
    """A billing month as ``2026-10``."""

    name = "YYYY-MM"

    def convert(
        self, value: str | BillingMonth, param: click.Parameter | None, ctx: click.Context | None
    ) -> BillingMonth:
        month = value if isinstance(value, BillingMonth) else BillingMonth.parse(value)
        if month is None:
            self.fail(f"「{value}」は年月として読めません。2026-10 のように入力してください。", param, ctx)
        return month


@click.command("sample")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--customers",
    type=click.IntRange(1, 50_000_000),
    default=300,
    show_default=True,
    help="お客様の数 / number of customers",
)
@click.option(
    "--months",
    type=click.IntRange(1, 120),
    default=16,
    show_default=True,
    help="請求月の数 / number of billing months",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63),
    default=1,
    show_default=True,
    help="同じ値なら同じ内容 / the same seed, the same files",
)
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS),
    default="utf-8",
    show_default=True,
    help="文字コード（cp932 は改行も CRLF） / encoding; cp932 comes with CRLF",
)
@click.option(
    "--until", type=_Month(), help="最後の請求年月（省略時は今月） / last month (default: this one)"
)
@click.option("--json", "as_json", is_flag=True, help="機械のための形 / for machines")
def sample_command(
    folder: Path,
    customers: int,
    months: int,
    seed: int,
    encoding: str,
    until: BillingMonth | None,
    as_json: bool,
) -> None:
    """見本の契約者・契約・請求ファイルを DIR に作ります / Write a sample operator's files into DIR."""
    last = until or _this_month()
    try:
        with click.progressbar(
            length=customers,
            label="お客様",
            file=sys.stderr,
            hidden=as_json or customers < _BAR_FROM or not sys.stderr.isatty(),
        ) as bar:
            written = write_sample(
                folder,
                customers=customers,
                months=months,
                seed=seed,
                until=(last.year, last.month),
                encoding=encoding,
                told=bar.update,
            )
    except SampleRefused:
        click.echo(
            f"フォルダー {folder} には見本ではないファイルがあります。"
            "空のフォルダーか新しい名前を指定してください。",
            err=True,
        )
        sys.exit(2)
    except OSError as error:
        place = error.filename or folder
        click.echo(
            f"{place} に書き込めません（{error.strerror}）。場所と空き容量を確かめてください。", err=True
        )
        sys.exit(1)
    click.echo(json.dumps(_facts(written), ensure_ascii=False) if as_json else _shown(written))


def _this_month() -> BillingMonth:
    # Not the checked settings: a sample can be made before there is a secret key.
    moved_by = next(row.value for row in rows(os.environ) if row.name == "MYPAGE_CLOCK_FILE")
    today = Clock(Path(moved_by) if moved_by else None).now().astimezone(_TOKYO)
    return BillingMonth(today.year, today.month)


def _facts(written: Written) -> dict[str, object]:
    return {
        "customers": written.customers,
        "statements": written.statements,
        "lines": written.lines,
        "deliveries": [[str(path) for path in delivery] for delivery in written.deliveries],
        "identities": [identity._asdict() for identity in written.identities],
    }


def _shown(written: Written) -> str:
    lines = [
        f"お客様 {written.customers:,}件、請求 {written.statements:,}件、明細 {written.lines:,}行を作成しました。"
    ]
    for delivery in written.deliveries:
        lines.append("mypage batch publish --no-notices " + " ".join(str(path) for path in delivery))
    lines.append("会員登録を試せる方（お客様番号、電話番号、お名前(カナ)）:")
    lines += [f"  {one.customer_number}  {one.phone}  {one.name_kana}" for one in written.identities]
    return "\n".join(lines)
