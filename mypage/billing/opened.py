"""What the command line of the billing side stands on: settings and database, with a sentence where they fail."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError

from mypage.adapters.clock import Clock
from mypage.config.load import ConfigError, load
from mypage.config.settings import Settings
from mypage.store import migrate
from mypage.store.engine import Database
from mypage.works.load.task import LoadRules


class Opened:
    """Settings, clock and database of one command."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.clock = Clock(settings.clock_file)
        self.rules = LoadRules(number_pattern=settings.customer_number_pattern, fold_v=settings.fold_v)


@contextmanager
def opened() -> Iterator[Opened]:
    """Open what the settings name; a wrong setting or a silent database ends the command with status 2."""
    try:
        settings = load(os.environ)
    except ConfigError as error:
        for sentence in error.sentences:
            click.echo(sentence, err=True)
        sys.exit(2)
    database = Database(settings.database_url)
    try:
        if migrate.current(database) != migrate.head():
            click.echo(
                "データベースの表が古いか、まだありません。`mypage db upgrade` を実行してください。", err=True
            )
            sys.exit(2)
        yield Opened(settings, database)
    except OperationalError:
        click.echo(
            "データベースに接続できなくなりました。MYPAGE_DATABASE_URL と、データベースが動いているか、"
            "ディスクに空きがあるかを確かめて、もう一度実行してください。",
            err=True,
        )
        sys.exit(2)
    finally:
        database.close()
