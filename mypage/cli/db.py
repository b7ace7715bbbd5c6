"""``mypage db``: bring the database to this release's tables, or back."""

from datetime import datetime

import click
from sqlalchemy.exc import DBAPIError

from mypage.adapters.clock import Clock
from mypage.command import open_database, settings
from mypage.config.settings import Settings
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import migrate, rights, trail_guards
from mypage.store.engine import Database


def _owner_url(found: Settings) -> str:
    return found.database_owner_url or found.database_url


@click.group("db")
def db_command() -> None:
    """データベースの表を作る・戻す / Make or take back the tables."""


@db_command.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """この版の表にする / Bring the tables to this release (or to REVISION)."""
    found = settings()
    with open_database(_owner_url(found), migrated=False) as database:
        before = migrate.current(database)
        migrate.upgrade(database, revision)
        if migrate.current(database) == migrate.head():
            _put_up_guards(database, Clock(found.clock_file).now())
        if found.database_owner_url:
            rights.grant(database, found.database_url)
        click.echo(f"{before or '（空）'} → {migrate.current(database)}")


def _put_up_guards(database: Database, now: datetime) -> None:
    """What guards the trail stands again after somebody took it away, and the trail says so."""
    with database.writing() as connection:
        gone = trail_guards.put_up(connection)
        if gone:
            trail.record(connection, Action.TRAIL_GUARDED, actor="cli", now=now, guards=gone)
    for name in gone:
        click.echo(f"操作履歴を守るトリガー {name} がなかったため、作り直しました。")


@db_command.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """前の版の表に戻す / Take the tables back to REVISION (`base` leaves none)."""
    found = settings()
    with open_database(_owner_url(found), migrated=False) as database:
        before = migrate.current(database)
        try:
            migrate.downgrade(database, revision)
        except DBAPIError:
            raise click.ClickException(
                "戻せませんでした。表に触っている人がいないか確かめてください。"
            ) from None
        click.echo(f"{before or '（空）'} → {migrate.current(database) or '（空）'}")
