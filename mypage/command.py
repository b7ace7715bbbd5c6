"""What all commands share: the settings and the database, with a sentence where one of them fails.

SQLAlchemy is half of a command's start; those that need no database do without it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mypage.config.load import ConfigError, load
from mypage.config.settings import Settings

if TYPE_CHECKING:
    from mypage.store.engine import Database


def settings() -> Settings:
    """The checked settings; a wrong one ends the command with a sentence each and exit status 2."""
    try:
        return load(os.environ)
    except ConfigError as error:
        for sentence in error.sentences:
            click.echo(sentence, err=True)
        sys.exit(2)


@contextmanager
def open_database(url: str, *, migrated: bool = True) -> Iterator["Database"]:
    """The database, closed at the end; one that does not answer or is at another revision ends the command."""
    from sqlalchemy.exc import OperationalError

    from mypage.store import migrate
    from mypage.store.engine import Database

    database = Database(url)
    try:
        revision = migrate.current(database)
        if migrated and revision != migrate.head():
            click.echo(
                "データベースの表が古いか、まだありません。`mypage db upgrade` を実行してください。", err=True
            )
            sys.exit(2)
        yield database
    except OperationalError:
        click.echo(
            "データベースに接続できません。MYPAGE_DATABASE_URL と、データベースが動いているか、"
            "ディスクに空きがあるかを確かめて、もう一度実行してください。",
            err=True,
        )
        sys.exit(2)
    finally:
        database.close()
