"""``mypage web``: the portal, served by granian."""

import sys
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from mypage.command import open_database, settings
from mypage.store import sample_mark

ROOT = Path(__file__).resolve().parents[2]
# A request waits for the database or for argon2, which both let another thread run; with four of them a sixth
# of the throughput went into taking turns (bench/RESULTS.md).
_THREADS = 2


@click.command("web")
def web_command() -> None:
    """ポータルを動かす / Serve the portal."""
    found = settings()
    with open_database(found.database_url) as database, database.reading() as connection:
        if sample_mark.is_sample(connection) and not found.demo:
            click.echo(
                "このデータベースには見本のデータが入っています。本番では、空のデータベースから始めてください。",
                err=True,
            )
            sys.exit(2)
    Granian(
        "wsgi:app",
        address=found.bind,
        port=found.port,
        interface=Interfaces.WSGI,
        workers=found.web_workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        working_dir=ROOT,
        websockets=False,
        log_enabled=False,
    ).serve()
