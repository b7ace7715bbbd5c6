"""Holds of checks that are lost while their process lives."""

from pathlib import Path

from sqlalchemy import text

from mypage.store.engine import Database


def lose_holds(database: Database) -> None:
    """What an operator can do to a hold: end its session, remove its file."""
    if database.is_sqlite:
        for file in Path(database.name).parent.glob("*-checking-*"):
            file.unlink()
    else:
        with database.writing() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
                )
            )
