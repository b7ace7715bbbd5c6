"""What the command line of the billing side stands on."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from mypage import command
from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.store import sample_mark
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.task import LoadRules


class Opened:
    """Settings, clock and database of one command, and the actor under whose name it stands in the trail."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.clock = Clock(settings.clock_file)
        self.keeper = Keeper(settings, database)
        self.rules = LoadRules.of(settings)
        self.actor = sample_mark.ACTOR if settings.demo else "cli"


@contextmanager
def opened() -> Iterator[Opened]:
    """Open what the settings name; a wrong setting or a silent database ends the command with status 2."""
    settings = command.settings()
    with command.open_database(settings.database_url) as database:
        try:
            yield Opened(settings, database)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            click.echo(
                "作業用フォルダーのディスクがいっぱいです。空きを作るか、MYPAGE_SCRATCH で別の場所を指定して、"
                "もう一度実行してください。公開の状態は変わっていません。",
                err=True,
            )
            sys.exit(2)
