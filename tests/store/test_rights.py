"""On PostgreSQL the application's role adds to the trail, purges under its eyes, and does nothing else to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mypage.config.load import load
from mypage.services import trail
from mypage.store import rights
from mypage.store.engine import Database
from mypage.works.doctor_trail import examine
from mypage.works.finding import Level
from mypage.works.trail_purge import purge
from tests.portal import environment
from tests.tampering import NOW, record

_ROLE = "mypage_app_of_rights"


@contextmanager
def application(owner: Database) -> Iterator[Database]:
    """Connected as a role of its own, which is gone at the end."""
    with owner.writing() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {_ROLE}"))
        connection.execute(text(f"CREATE ROLE {_ROLE} LOGIN"))
    url = owner.url.set(username=_ROLE).render_as_string(hide_password=False)
    rights.grant(owner, url)
    made = Database(url)
    try:
        yield made
    finally:
        made.close()
        with owner.writing() as connection:
            connection.execute(text(f"DROP OWNED BY {_ROLE}"))
            connection.execute(text(f"DROP ROLE {_ROLE}"))


def doctor(owner: Database, app: Database) -> tuple[Level, str]:
    url, owner_url = (each.url.render_as_string(hide_password=False) for each in (app, owner))
    finding = next(examine(load(environment(url, database_owner_url=owner_url)), app, NOW))
    return finding.level, finding.sentence


def test_what_the_role_may_and_what_not(database: Database) -> None:
    if database.is_sqlite:
        rights.grant(database, "sqlite:///x")  # has no roles
        assert not rights.may_change_trail(database)
        return
    with application(database) as app:
        record(app, 3, now=NOW - timedelta(days=2000))
        for deed in (
            "UPDATE audit_event SET actor = 'x'",
            "UPDATE audit_event SET hash = 'x' WHERE seq = 1",
            "DELETE FROM audit_event",
            "TRUNCATE audit_event",
            "UPDATE audit_detail SET detail = '{}'",
            "TRUNCATE audit_detail",
            "DROP TRIGGER audit_event_follows ON audit_event",
            "ALTER TABLE audit_event DISABLE TRIGGER ALL",
            "CREATE TRIGGER quiet BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_follows()",
            "SET session_replication_role = replica",
        ):
            refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
            with refused, app.writing() as connection:
                connection.exec_driver_sql(deed)
        # A table of the same name before ours does not stand in for it.
        forged = "INSERT INTO public.audit_event SELECT * FROM public.audit_event WHERE seq = 3"
        with app.writing() as connection:
            connection.exec_driver_sql("CREATE TEMP TABLE audit_event (chain text, seq bigint, hash text)")
            with pytest.raises(DBAPIError, match="follows the last one"), connection.begin_nested():
                connection.exec_driver_sql(forged)
            connection.exec_driver_sql("DROP TABLE pg_temp.audit_event")
        with pytest.raises(DBAPIError, match="purged only under"), app.writing() as connection:
            connection.exec_driver_sql("DELETE FROM audit_detail")
        assert purge(load(environment("sqlite:///unused")), app, NOW) == 3
        with app.reading() as connection:
            assert trail.broken_at(connection) is None
        assert doctor(database, app) == (Level.WELL, "")


@pytest.mark.parametrize(
    "too_much",
    [
        f"GRANT UPDATE ON audit_event TO {_ROLE}",
        f"GRANT UPDATE (actor) ON audit_event TO {_ROLE}",
        f"GRANT ALL ON audit_detail TO {_ROLE}",
        "GRANT DELETE ON audit_event TO PUBLIC",
    ],
)
def test_a_right_too_many_is_told_and_taken_away(database: Database, too_much: str) -> None:
    if database.is_sqlite:
        return
    with application(database) as app:
        assert not rights.may_change_trail(app)
        with database.writing() as connection:
            connection.exec_driver_sql(too_much)
        level, sentence = doctor(database, app)
        assert level is Level.WRONG
        assert f"アプリの利用者 {_ROLE} が、履歴を変えたり消したりできます" in sentence
        rights.grant(database, app.url.render_as_string(hide_password=False))
        assert doctor(database, app) == (Level.WELL, "")


def test_a_member_of_the_owners_role_is_as_good_as_the_owner(database: Database) -> None:
    if database.is_sqlite:
        return
    with application(database) as app:
        with database.writing() as connection:
            connection.exec_driver_sql(f"GRANT postgres TO {_ROLE}")
        assert rights.may_change_trail(app)
        with database.writing() as connection:
            connection.exec_driver_sql(f"REVOKE postgres FROM {_ROLE}")
        # The owner themselves, with and without being named.
        assert doctor(database, database)[0] is Level.NOTE
        assert rights.may_change_trail(database)
