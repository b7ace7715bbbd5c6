"""Bring a database to the schema of this release, or back.

Alembic is loaded when it migrates: every command asks for the revision, and it would double their start.
"""

from pathlib import Path
from typing import Literal

from sqlalchemy import inspect, text

from mypage.store.engine import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def head() -> str:
    """The newest revision; it stands in a file of its own, so that two branches collide where it is seen."""
    return (MIGRATIONS / "head").read_text(encoding="ascii").strip()


def current(database: Database) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations forward up to ``revision``, in one transaction."""
    _run(database, "upgrade", revision)


def downgrade(database: Database, revision: str) -> None:
    """Run the migrations back down to ``revision`` (``base`` leaves nothing)."""
    _run(database, "downgrade", revision)


def _run(database: Database, way: Literal["upgrade", "downgrade"], revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if way == "upgrade" else command.downgrade)(config, revision)
