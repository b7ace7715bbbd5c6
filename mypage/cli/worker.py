"""``mypage worker``: delivers mail and cleans up."""

import signal
import sys
from types import FrameType

import click

from mypage.adapters.clock import Clock
from mypage.command import open_database, settings
from mypage.web import json_log
from mypage.worker import Worker


@click.command("worker")
@click.option("--once", is_flag=True, help="今あるものだけ処理して終わる / Do what is due now, then end")
def worker_command(once: bool) -> None:
    """メールを送り、期限切れのものを片付ける / Deliver mail and clean up."""
    found = settings()
    json_log.start()
    with open_database(found.database_url) as database:
        worker = Worker(found, database, Clock(found.clock_file))

        def end(_number: int, _frame: FrameType | None) -> None:
            worker.end()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        if not once:
            worker.run()
        elif not worker.run_once():
            click.echo(
                "メールサーバーにつながりません。メールは残っています。`mypage doctor` で確かめてください。",
                err=True,
            )
            sys.exit(1)
