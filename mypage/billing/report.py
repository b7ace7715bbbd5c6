"""``mypage batch report``: everything that a check told, however long, for people, for Excel and for machines."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened, opened
from mypage.domain.row_error import RowError
from mypage.shown import batch_json, error_report
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.works.load.report import whole


@click.command("report")
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option(
    "--csv",
    "csv_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Excelで開けるCSVをFILEに書く / write a CSV for Excel",
)
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def report_command(batch_id: int, csv_file: Path | None, as_json: bool) -> None:
    """1つの取込の、すべての誤りと注意 / All errors and warnings of one batch."""
    if csv_file is not None and as_json:
        raise click.UsageError("--csv と --json は一緒に指定できません。どちらかだけを指定してください。")
    with opened() as tools:
        with tools.database.reading() as connection:
            batch = store.get(connection, batch_id)
            errors = store.errors_of(connection, batch_id)
        if batch is None:
            click.echo(terminal.deed_sentence("no_such_batch", id=batch_id), err=True)
            sys.exit(1)
        if as_json:
            for piece in batch_json.report_pieces(batch_json.as_json(batch), _whole(tools, batch)):
                click.echo(piece, nl=False)
        elif csv_file is not None:
            _write_csv(tools, batch, csv_file)
        else:
            for line in terminal.batch_lines(batch, errors):
                click.echo(line)


def _write_csv(tools: Opened, batch: Batch, file: Path) -> None:
    try:
        with file.open("wb") as out:
            out.writelines(error_report.as_csv(_whole(tools, batch)))
    except OSError as error:
        click.echo(
            f"{file} に書き込めません（{error.strerror}）。場所と空き容量を確かめてください。", err=True
        )
        sys.exit(1)
    click.echo(f"誤り{batch.errors:,}件・注意{batch.warnings:,}件を {file} に書きました。")


def _whole(tools: Opened, batch: Batch) -> Iterator[RowError]:
    return whole(tools.database, batch)
