"""Changing the password: the old one is asked, all other sessions end, the person is mailed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from mypage.adapters import passwords
from mypage.services import password_change, sessions
from mypage.services.login import Browser, LoggedIn
from mypage.services.password_change import Attempt, Refusal
from mypage.services.sessions import Lifetime, Session
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from mypage.store.schema import account, audit_event, outbox
from tests.bills import PASSWORD, STAMP, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
NEW = "Aki-8-no-sora"


@pytest.fixture
def account_id(database: Database) -> str:
    publish_customers(database, a_customer())
    return an_account(database, "12345678")


def start(database: Database, account_id: str) -> str:
    with database.writing() as connection:
        return sessions.start(
            connection,
            account_id,
            stamp=STAMP,
            lifetime=LIFETIME,
            address="",
            browser="",
            replaces=None,
            now=NOON,
        )


def live(database: Database, secret: str) -> Session | None:
    return sessions.current(database.reader, secret, lifetime=LIFETIME, now=NOON)


def reserve(database: Database, secret: str, now: datetime = NOON) -> Attempt | Waiting:
    session = live(database, secret)
    assert session is not None
    with database.writing() as connection:
        return password_change.reserve(connection, session, secret=SECRET_KEYS, now=now)


def change(
    database: Database, secret: str, old: str = PASSWORD, new_hash: str | None = "a new hash"
) -> LoggedIn | Refusal | Waiting:
    attempt = reserve(database, secret)
    return attempt if isinstance(attempt, Waiting) else conclude(database, attempt, secret, old, new_hash)


def conclude(
    database: Database,
    attempt: Attempt,
    secret: str,
    old: str = PASSWORD,
    new_hash: str | None = "a new hash",
) -> LoggedIn | Refusal:
    with database.writing() as connection:
        return password_change.conclude(
            connection,
            attempt,
            is_right=passwords.is_right(attempt.account.password_hash, old),
            new_hash=new_hash,
            browser=Browser("192.0.2.1", "A browser", secret),
            lifetime=LIFETIME,
            secret=SECRET_KEYS,
            now=NOON,
        )


def _causes(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        rows = connection.execute(
            select(audit_event.c.action, audit_event.c.facts).order_by(audit_event.c.seq)
        )
        return [tuple(row) for row in rows]


def test_all_sessions_end_but_a_new_one_here(database: Database, account_id: str) -> None:
    here, phone, tablet = (start(database, account_id) for _ in range(3))
    outcome = change(database, here)
    assert isinstance(outcome, LoggedIn)
    assert [live(database, each) for each in (here, phone, tablet)] == [None] * 3
    assert live(database, outcome.secret) is not None
    with database.reading() as connection:
        row = connection.execute(select(account)).one()
        mail = connection.execute(select(outbox)).one()
    assert (row.password_hash, row.password_changed_at) == ("a new hash", NOON)
    assert row.stamp == outcome.stamp != STAMP
    assert (mail.kind, mail.recipient, mail.account_id) == (
        "password_changed",
        "tarou@example.jp",
        account_id,
    )
    assert mail.facts == {"nickname": "タロウ", "at": NOON.isoformat()}
    assert _causes(database) == [("password.changed", '{"sessions_ended":2}')]


def test_a_wrong_old_password_changes_nothing_and_counts(database: Database, account_id: str) -> None:
    here = start(database, account_id)
    assert [change(database, here, old="wrong") for _ in range(4)] == [Refusal.WRONG] * 4
    assert isinstance(change(database, here), Waiting)
    assert live(database, here) is not None
    assert [facts for _, facts in _causes(database)] == ['{"cause":"D-01"}'] * 4 + ['{"cause":"D-02"}']
    for _ in range(10):
        assert isinstance(change(database, here), Waiting)
    assert len(_causes(database)) == 4 + 4, "who goes on during a wait does not fill the trail"
    with database.reading() as connection:
        assert connection.execute(select(outbox)).all() == []


def test_a_weak_new_password_changes_nothing_and_costs_no_try(database: Database, account_id: str) -> None:
    here = start(database, account_id)
    assert [change(database, here, new_hash=None) for _ in range(6)] == [Refusal.WEAK] * 6
    assert live(database, here) is not None
    assert _causes(database)[0] == ("password.change_refused", '{"cause":"B-02"}')


def test_of_two_changes_at_once_one_comes_too_late(database: Database, account_id: str) -> None:
    here = start(database, account_id)
    first, second = reserve(database, here), reserve(database, here)
    assert isinstance(first, Attempt)
    assert isinstance(second, Attempt)
    assert isinstance(conclude(database, first, here), LoggedIn)
    assert conclude(database, second, here, new_hash="another hash") is Refusal.OVERTAKEN
    with database.reading() as connection:
        assert connection.execute(select(account.c.password_hash)).scalar_one() == "a new hash"


def test_the_rules_know_the_person(database: Database, account_id: str) -> None:
    attempt = reserve(database, start(database, account_id))
    assert isinstance(attempt, Attempt)
    weak = {
        typed: password_change.weaknesses(attempt, typed, "operator")
        for typed in (NEW, "tarou-2026", "12345678", "0748-62-1234", "aikomu-tarou", "Xq-7")
    }
    assert weak[NEW] == ()
    assert "password_is_login_id" in weak["tarou-2026"]
    assert "password_is_customer_number" in weak["12345678"]
    assert "password_is_phone" in weak["0748-62-1234"]
    assert weak["Xq-7"] == ("password_under_8",)


def test_a_customer_that_left_the_master_meanwhile_is_no_obstacle(
    database: Database, account_id: str
) -> None:
    here = start(database, account_id)
    session = live(database, here)
    assert session is not None
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE batch SET pub_seq = NULL")
    with database.writing() as connection:
        attempt = password_change.reserve(connection, session, secret=SECRET_KEYS, now=NOON)
    assert isinstance(attempt, Attempt)
    assert password_change.weaknesses(attempt, NEW, "operator") == ()
    assert password_change.weaknesses(attempt, "Xq-7", "operator") == ("password_under_8",)


def test_an_account_that_is_gone_cannot_have_a_session(database: Database, account_id: str) -> None:
    session = live(database, start(database, account_id))
    assert session is not None
    with database.writing() as connection:
        connection.execute(delete(account))
    with pytest.raises(LookupError), database.writing() as connection:
        password_change.reserve(connection, session, secret=SECRET_KEYS, now=NOON)


def test_a_suspension_meanwhile_is_not_undone(database: Database, account_id: str) -> None:
    here = start(database, account_id)
    attempt = reserve(database, here)
    assert isinstance(attempt, Attempt)
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended", stamp="rotated"))
    assert conclude(database, attempt, here) is Refusal.OVERTAKEN
