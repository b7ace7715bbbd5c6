"""Bring a database to the schema of this release, or back."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from mypage.store.engine import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def head() -> str:
    """The newest revision; it stands in a file of its own, so that two branches collide where it is seen."""
    return (MIGRATIONS / "head").read_text(encoding="ascii").strip()


def current(database: Database) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations forward up to ``revision``, in one transaction."""
    _run(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Run the migrations back down to ``revision`` (``base`` leaves nothing)."""
    _run(database, lambda config: command.downgrade(config, revision))


def _run(database: Database, deed: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        deed(config)
