"""Sessions: opened, live, ended by logout, time, a rotated stamp, a suspension, or Web登録 不可."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from mypage.domain.opening import ClosedBy
from mypage.services import sessions, successions
from mypage.services.sessions import Lifetime, Session
from mypage.store.engine import Database
from mypage.store.publications import Publications
from mypage.store.schema import account, account_customer, audit_event, login_session
from mypage.store.successions import CustomerVersion
from tests.bills import STAMP, an_account
from tests.builders import a_customer, publish_customers, take_back

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


@pytest.fixture
def account_id(database: Database) -> str:
    publish_customers(database, a_customer(), a_customer("70012"))
    return an_account(database, "12345678")


def start(database: Database, account_id: str, now: datetime = NOON, replaces: str | None = None) -> str:
    with database.writing() as connection:
        return sessions.start(
            connection,
            account_id,
            stamp=STAMP,
            lifetime=LIFETIME,
            address="192.0.2.1",
            browser="B" * 500,
            replaces=replaces,
            now=now,
        )


def current(database: Database, secret: str, now: datetime = NOON) -> Session | None:
    return sessions.current(database.reader, secret, lifetime=LIFETIME, now=now)


def _stored(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(login_session.c.id_hash)).scalars())


def test_a_new_session_is_live_and_only_its_hash_is_kept(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    session = current(database, secret)
    assert session is not None
    assert (session.account_id, session.nickname) == (account_id, "タロウ")
    assert session.customers == (("12345678", "0012345678", ("12345678",)),)
    assert _stored(database) == [sessions.hashed(secret)]
    assert secret not in _stored(database)[0]
    assert current(database, "another") is None


def test_the_browser_s_former_session_ends_with_the_next_login(database: Database, account_id: str) -> None:
    first = start(database, account_id)
    second = start(database, account_id, replaces=first)
    assert first != second
    assert current(database, first) is None
    assert current(database, second) is not None


def test_it_ends_after_half_an_hour_without_a_request(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    assert current(database, secret, NOON + timedelta(minutes=30)) is not None
    assert current(database, secret, NOON + timedelta(minutes=30, seconds=1)) is None


def test_use_keeps_it_and_is_written_down_once_a_minute(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    soon = current(database, secret, NOON + timedelta(seconds=60))
    assert soon is not None
    assert not soon.is_to_touch
    later = NOON + timedelta(minutes=29)
    session = current(database, secret, later)
    assert session is not None
    assert session.is_to_touch
    with database.writing() as connection:
        sessions.touch(connection, session, later)
    assert current(database, secret, later + timedelta(minutes=30)) is not None


def test_it_ends_after_twelve_hours_whatever_is_done(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    session = current(database, secret)
    assert session is not None
    with database.writing() as connection:
        sessions.touch(connection, session, NOON + timedelta(hours=12))
    assert current(database, secret, NOON + timedelta(hours=12)) is not None
    assert current(database, secret, NOON + timedelta(hours=12, seconds=1)) is None


def test_a_clock_that_jumped_back_logs_nobody_out(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    assert current(database, secret, NOON - timedelta(hours=3)) is not None


def test_sessions_that_time_has_ended_are_forgotten_at_the_next_login(
    database: Database, account_id: str
) -> None:
    idle = start(database, account_id, NOON - timedelta(minutes=31))
    old = start(database, account_id, NOON - timedelta(hours=13))
    assert len(_stored(database)) == 2, "the older clock reading had nothing to forget"
    fresh = start(database, account_id)
    assert _stored(database) == [sessions.hashed(fresh)]
    assert {idle, old}.isdisjoint({fresh})


@pytest.mark.parametrize("changed", [{"stamp": "rotated"}, {"state": "suspended"}])
def test_a_rotated_stamp_or_a_suspension_ends_it(
    database: Database, account_id: str, changed: dict[str, str]
) -> None:
    secret = start(database, account_id)
    with database.writing() as connection:
        connection.execute(update(account).values(changed))
    assert current(database, secret) is None


def test_logging_out_ends_it_on_the_server_once(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    for _ in range(2):
        with database.writing() as connection:
            sessions.end(connection, secret, NOON)
    assert current(database, secret) is None
    with database.reading() as connection:
        trail = connection.execute(select(audit_event.c.action, audit_event.c.actor)).all()
    assert [tuple(row) for row in trail] == [("logout.done", f"account:{account_id}")]


def test_a_customer_kept_from_the_web_ends_the_session_until_it_is_taken_back(
    database: Database, account_id: str
) -> None:
    secret = start(database, account_id)
    kept = publish_customers(database, a_customer(web_registration=False))
    assert current(database, secret) is None
    take_back(database, kept)
    assert current(database, secret) is not None


def test_a_customer_kept_from_the_web_leaves_the_others(database: Database, account_id: str) -> None:
    both = an_account(database, "70012", "12345678-2", login_id="hanako-2026")
    publish_customers(database, a_customer(holder_no=2))
    secret = start(database, both)
    session = current(database, secret)
    assert session is not None
    assert [customer.key for customer in session.customers] == ["12345678-2", "70012"]
    publish_customers(database, a_customer("70012", web_registration=False))
    session = current(database, secret)
    assert session is not None
    assert [customer.key for customer in session.customers] == ["12345678-2"]


def test_who_left_the_master_may_still_read(database: Database, account_id: str) -> None:
    secret = start(database, account_id)
    publish_customers(database, a_customer(tombstone=True))
    assert current(database, secret) is not None
    publish_customers(database, a_customer(web_registration=False))
    publish_customers(database, a_customer(tombstone=True))
    assert current(database, secret) is None, "a tombstone lifts no protection"


def test_a_customer_of_whom_nothing_is_published_any_more_is_not_shown(
    database: Database, account_id: str
) -> None:
    mine = publish_customers(database, a_customer("70015"))
    secret = start(database, an_account(database, "70015", login_id="saburo-2026"))
    assert current(database, secret) is not None
    take_back(database, mine)
    assert current(database, secret) is None


def test_an_account_without_customers_is_not_logged_in(database: Database) -> None:
    assert current(database, start(database, an_account(database))) is None


@pytest.mark.parametrize("newest_comes_first", [False, True])
def test_the_version_published_last_is_the_one_that_is_seen(newest_comes_first: bool) -> None:
    publications = Publications(epoch=2, pub_seq={7: 1, 8: 2}, published_at={}, newest_month=None)
    versions = (
        CustomerVersion("70012", 7, False, True, "070012"),
        CustomerVersion("70012", 8, False, True, "70012"),
    )
    seen = successions.seen_versions(versions[::-1] if newest_comes_first else versions, publications)
    assert [version.shown_number for version in seen.values()] == ["70012"]


def test_a_login_that_waits_for_its_letter_is_live_and_shown_nobody(
    database: Database, account_id: str
) -> None:
    secret = start(database, account_id)
    with database.writing() as connection:
        connection.execute(update(account_customer).values(awaits_letter=True))
    session = current(database, secret)
    assert session is not None
    assert session.customers == ()
    assert session.closed == (("12345678", "0012345678", ClosedBy.LETTER, None),)
    # Where letters are not asked for (any more) nobody waits for one, and where they are again, they do again.
    session = sessions.current(database.reader, secret, lifetime=LIFETIME, now=NOON, asks_letter=False)
    assert session is not None
    assert session.customers == (("12345678", "0012345678", ("12345678",)),)
    publish_customers(database, a_customer(web_registration=False))
    assert current(database, secret) is None, "Web登録 不可 comes first"


def test_of_two_customers_only_the_one_is_closed(database: Database, account_id: str) -> None:
    both = an_account(database, "70012", "12345678-2", login_id="hanako-2026")
    publish_customers(database, a_customer(holder_no=2))
    with database.writing() as connection:
        mine = account_customer.c.account_id == both
        later = {"shown_from": NOON + timedelta(hours=1)}
        connection.execute(
            update(account_customer).where(mine, account_customer.c.customer_key == "70012").values(later)
        )
    secret = start(database, both)
    session = current(database, secret)
    assert session is not None
    assert [customer.key for customer in session.customers] == ["12345678-2"]
    assert [(customer.key, customer.why) for customer in session.closed] == [("70012", ClosedBy.RELEASE)]
    session = current(database, secret, NOON + timedelta(minutes=29))
    assert session is not None
    assert len(session.closed) == 1
