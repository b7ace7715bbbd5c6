"""The reader of the hot pages: what becomes of it when the database goes away and comes back."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from mypage.store.engine import Database
from tests.postgres import Cluster

EPOCH = "SELECT epoch FROM publication"


def test_connections_are_kept_and_closed_with_the_database(database: Database) -> None:
    for _ in range(3):
        assert database.reader.rows(EPOCH, ()) == [(0,)]
    database.close()
    assert database.reader.rows(EPOCH, ()) == [(0,)], "after a fork it opens its own"


def test_a_query_that_is_wrong_keeps_no_connection(database: Database) -> None:
    database.reader.rows(EPOCH, ())
    with pytest.raises(Exception, match="nowhere"):
        database.reader.rows("SELECT 1 FROM nowhere", ())
    assert database.reader.rows(EPOCH, ()) == [(0,)]


def test_a_connection_that_broke_while_idle_is_replaced(database: Database, postgres: Cluster) -> None:
    database.reader.rows(EPOCH, ())
    with database.reading() as connection:
        ended = connection.exec_driver_sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert ended.scalar_one() >= 1
    assert database.reader.rows(EPOCH, ()) == [(0,)]


def test_a_database_that_is_away_is_told_as_everywhere(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}")
    with pytest.raises(OperationalError) as caught:
        away.reader.rows("SELECT ?", ("090-1234-5678",))
    assert "090" not in str(caught.value), "what was asked for stays out of logs"
    away.close()
