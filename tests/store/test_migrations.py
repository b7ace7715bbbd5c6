"""The schema that the migrations make is the schema of the models, forward and back, with rows in it."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import DBAPIError

from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import accounts, migrate
from mypage.store.engine import Database
from mypage.store.schema import contract_set, metadata
from tests.builders import a_customer, publish_customers

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def differences(connection: Connection) -> list[object]:
    return list(
        compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    )


def indexes(database: Database) -> dict[str, list[str]]:
    found = inspect(database.engine)
    return {
        str(index["name"]): [str(name) for name in index["column_names"]]
        for table in found.get_table_names()
        for index in found.get_indexes(table)
    }


def test_the_head_stands_in_its_file_and_there_is_one() -> None:
    script = ScriptDirectory(str(migrate.MIGRATIONS))
    assert script.get_heads() == [migrate.head()]
    numbers = sorted(revision.revision for revision in script.walk_revisions())
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_migrations_equal_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        found = differences(connection)
    # An index that one of the databases does not have is not a difference on it.
    ending = "" if database.is_sqlite else "_covering"
    others = {f"ix_{name}_list{ending}" for name in ("statement", "payment")}
    assert [each for each in found if getattr(each[1], "name", "") not in others] == []  # type: ignore[index]
    assert {index.name for table in metadata.tables.values() for index in table.indexes} - others == set(
        indexes(database)
    ) - {"uq_account_login_key", "uq_staff_login_key"}


def test_down_and_up_again_with_rows_in_the_tables(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO statement VALUES ('70012', 202610, 1, 1, :no, :no, 5000, 5000, NULL, NULL, NULL, '{}')"
            ),
            {"no": False},
        )
        trail.record(connection, Action.LOGIN_DONE, actor="visitor", now=NOW)
    migrate.downgrade(database, "base")
    assert migrate.current(database) is None
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.head()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT epoch, pub_seq FROM publication")).all() == [(0, 0)]


def test_accounts_from_before_are_found_by_their_address(database: Database) -> None:
    migrate.downgrade(database, "0001")
    with database.writing() as connection:
        for name, email in (("one", "Tarou@Example.jp"), ("two", "a..b.@docomo.ne.jp")):
            connection.execute(
                text(
                    "INSERT INTO account VALUES"
                    " (:name, :name, :name, 'hash', :at, 'stamp', 'active', 'x', :email, 'ja', 'v', :at, NULL)"
                ),
                {"name": name, "email": email, "at": "2026-11-01T00:00:00.000000Z"},
            )
    migrate.upgrade(database)
    with database.writing() as connection:
        for name, email in (("one", "TAROU@example.jp"), ("two", "A..B.@docomo.ne.jp")):
            assert [row["id"] for row in accounts.at_address(connection, email)] == [name]
        connection.execute(text("UPDATE account SET email = 'New@example.jp' WHERE id = 'one'"))
        assert accounts.at_address(connection, "tarou@example.jp") == []
        assert [row["id"] for row in accounts.at_address(connection, "new@example.jp")] == ["one"]


def test_customers_and_contracts_from_before_are_found(database: Database) -> None:
    publish_customers(database, *(a_customer(str(number)) for number in range(70_001, 72_103)))
    publish_customers(database, a_customer("70001", name_kana="ヤマダ　ハナコ", holder_no=2))
    with database.writing() as connection:
        connection.execute(
            insert(contract_set).values(
                customer_key="70001", batch_id=3, contracts=[{"contract_number": "ab-1"}]
            )
        )
    every = "SELECT term, customer_key, batch_id FROM search_term ORDER BY term, customer_key, batch_id"
    with database.reading() as connection:
        before = connection.execute(text(every)).all()
    migrate.downgrade(database, "0010")
    assert not inspect(database.engine).has_table("search_term")
    migrate.upgrade(database)
    with database.reading() as connection:
        assert connection.execute(text(every)).all() == sorted([*before, ("cAB1", "70001", 3)])
    assert not inspect(database.engine).has_table("search_term_unsorted")


@pytest.mark.parametrize("deed", ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"])
def test_the_trail_cannot_be_changed_even_by_the_owner(database: Database, deed: str) -> None:
    with database.writing() as connection:
        trail.record(connection, Action.LOGIN_DONE, actor="visitor", now=NOW)
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as connection:
        connection.execute(text(deed))


@pytest.mark.parametrize("name", ["statement", "payment"])
def test_what_the_list_reads_is_vacuumed_after_a_month_was_loaded(database: Database, name: str) -> None:
    if database.is_sqlite:
        return
    with database.reading() as connection:
        options = connection.execute(
            text("SELECT reloptions FROM pg_class WHERE relname = :name"), {"name": name}
        ).scalar_one()
    assert "autovacuum_vacuum_insert_threshold=100000" in options


def test_a_failed_migration_leaves_nothing_half_done(bare_url: str) -> None:
    database = Database(bare_url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE statement (x INTEGER)"))
    with pytest.raises(DBAPIError):
        migrate.upgrade(database)
    assert set(inspect(database.engine).get_table_names()) <= {"statement", "alembic_version"}
    database.close()
