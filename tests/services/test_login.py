"""Login: reserved before it is verified, the same for unknown and known ids, and nobody shuts an owner out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from mypage.adapters import passwords
from mypage.services import login
from mypage.services.login import Attempt, Browser, KnownDevice, LoggedIn, Refused, device_mark
from mypage.services.sessions import Lifetime, current
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from mypage.store.schema import account, audit_event, login_session
from tests.bills import PASSWORD, STAMP, an_account, password_hash
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
BROWSER = Browser("192.0.2.1", "A browser", None)


@pytest.fixture
def account_id(database: Database) -> str:
    publish_customers(database, a_customer())
    return an_account(database, "12345678", login_id="Tarou-2026")


def reserve(
    database: Database,
    login_id: str,
    *,
    devices: Sequence[KnownDevice] = (),
    address: str = "192.0.2.1",
    now: datetime = NOON,
) -> Attempt | Waiting:
    with database.writing() as connection:
        return login.reserve(
            connection, login_id=login_id, devices=devices, address=address, secret=SECRET_KEYS, now=now
        )


def conclude(
    database: Database, attempt: Attempt, *, is_right: bool, renewed: str | None = None
) -> LoggedIn | Refused:
    with database.writing() as connection:
        return login.conclude(
            connection,
            attempt,
            is_right=is_right,
            renewed_hash=renewed,
            browser=BROWSER,
            lifetime=LIFETIME,
            secret=SECRET_KEYS,
            now=NOON,
        )


def try_(database: Database, login_id: str, password: str, **how: Any) -> LoggedIn | Refused | Waiting:
    attempt = reserve(database, login_id, **how)
    if isinstance(attempt, Waiting):
        return attempt
    return conclude(database, attempt, is_right=passwords.is_right(attempt.password_hash, password))


def _trail(database: Database) -> list[tuple[str, str, str | None, str]]:
    columns = (audit_event.c.action, audit_event.c.actor, audit_event.c.account_id, audit_event.c.facts)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(audit_event.c.seq))]


def test_the_right_password_opens_a_session(database: Database, account_id: str) -> None:
    outcome = try_(database, "Tarou-2026", PASSWORD)
    assert isinstance(outcome, LoggedIn)
    session = current(database.reader, outcome.secret, lifetime=LIFETIME, now=NOON)
    assert session is not None
    assert session.account_id == account_id
    assert _trail(database) == [("login.done", f"account:{account_id}", account_id, "{}")]
    with database.reading() as connection:
        row = connection.execute(select(account)).one()
        stored = connection.execute(select(login_session)).one()
    assert row.last_login_at == NOON
    assert row.password_hash == password_hash()
    assert (stored.address, stored.browser) == ("192.0.2.1", "A browser")


@pytest.mark.parametrize("typed", ["tarou-2026", "ＴＡＲＯＵ－２０２６", " Tarou-2026\u200b"])
def test_the_id_is_taken_however_it_is_written(database: Database, account_id: str, typed: str) -> None:
    assert isinstance(try_(database, typed, PASSWORD), LoggedIn)


@pytest.mark.parametrize("typed", ["nobody-here", "x\x00y", "", "長" * 5000, "\ud800"])
def test_what_is_no_id_is_refused_like_a_wrong_password(
    database: Database, account_id: str, typed: str
) -> None:
    assert try_(database, typed, PASSWORD) == Refused(1)
    assert try_(database, "tarou-2026", "wrong") == Refused(1)
    assert _trail(database) == [
        ("login.refused", "visitor", None, '{"cause":"D-01"}'),
        ("login.refused", "visitor", account_id, '{"cause":"D-01"}'),
    ]


@contextmanager
def _queries(database: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    yield sent
    event.remove(database.engine, "before_cursor_execute", listen)


def test_an_unknown_id_costs_the_same_work_as_a_known_one(
    database: Database, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[bool] = []
    real = passwords._HASHER.verify

    class Counting:
        def verify(self, *arguments: Any) -> bool:
            verified.append(True)
            return real(*arguments)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    work = []
    try_(database, "somebody", "wrong")  # what is published is asked once a flip and process
    for typed in ("tarou-2026", "nobody-here"):
        verified.clear()
        with _queries(database) as sent:
            assert isinstance(try_(database, typed, "wrong"), Refused)
        work.append((list(sent), len(verified)))
    assert work[0] == work[1]
    assert work[0][1] == 1


def test_after_four_misses_one_waits_whoever_one_is(database: Database, account_id: str) -> None:
    for typed in ("tarou-2026", "nobody-here"):
        assert [try_(database, typed, "wrong") for _ in range(4)] == [Refused(n) for n in range(1, 5)]
        waiting = try_(database, typed, PASSWORD)
        assert isinstance(waiting, Waiting)
        assert waiting.minutes == 1
    assert [row[0] for row in _trail(database)].count("login.throttled") == 2
    assert isinstance(try_(database, "tarou-2026", PASSWORD, now=NOON + timedelta(minutes=1)), LoggedIn)


def test_who_goes_on_during_a_wait_does_not_fill_the_trail(database: Database, account_id: str) -> None:
    for _ in range(4):
        try_(database, "tarou-2026", "wrong")
    before = len(_trail(database))
    for number in range(20):
        assert isinstance(try_(database, "tarou-2026", "wrong", address=f"192.0.2.{number}"), Waiting)
    assert len(_trail(database)) == before + 4


def test_a_right_password_costs_no_try(database: Database, account_id: str) -> None:
    for _ in range(6):
        assert isinstance(try_(database, "tarou-2026", PASSWORD), LoggedIn)
    assert try_(database, "tarou-2026", "wrong") == Refused(1)


def test_one_address_that_tries_many_ids_waits_too(database: Database, account_id: str) -> None:
    for number in range(40):
        assert isinstance(try_(database, f"guess-{number}", "wrong"), Refused)
    assert isinstance(try_(database, "tarou-2026", PASSWORD), Waiting)
    assert isinstance(try_(database, "tarou-2026", PASSWORD, address="192.0.2.2"), LoggedIn)


def test_a_guesser_does_not_shut_the_owner_out_of_a_known_device(database: Database, account_id: str) -> None:
    while not isinstance(try_(database, "tarou-2026", "guess", address="203.0.113.9"), Waiting):
        pass
    assert isinstance(try_(database, "tarou-2026", PASSWORD), Waiting)
    other = KnownDevice("account-of-another", "their-device", device_mark(STAMP))
    mine = KnownDevice(account_id, "my-device", device_mark(STAMP))
    assert isinstance(try_(database, "tarou-2026", PASSWORD, devices=[other]), Waiting)
    assert isinstance(try_(database, "tarou-2026", PASSWORD, devices=[other, mine]), LoggedIn)
    # The device has a counter of its own, not none.
    for _ in range(4):
        assert isinstance(try_(database, "tarou-2026", "wrong", devices=[mine]), Refused)
    assert isinstance(try_(database, "tarou-2026", PASSWORD, devices=[mine]), Waiting)


def test_neighbours_at_the_same_address_do_not_shut_a_known_device_out(
    database: Database, account_id: str
) -> None:
    for number in range(40):
        assert isinstance(try_(database, f"guess-{number}", "wrong"), Refused)
    mine = KnownDevice(account_id, "my-device", device_mark(STAMP))
    assert isinstance(try_(database, "tarou-2026", PASSWORD, devices=[mine]), LoggedIn)
    # At another's account the device is as unknown as any.
    assert isinstance(try_(database, "guess-0", "wrong", devices=[mine]), Waiting)


def test_a_rotated_stamp_makes_every_device_unknown(database: Database, account_id: str) -> None:
    mine = KnownDevice(account_id, "my-device", device_mark(STAMP))
    while not isinstance(try_(database, "tarou-2026", "guess"), Waiting):
        pass
    with database.writing() as connection:
        connection.execute(update(account).values(stamp="rotated"))
    assert isinstance(try_(database, "tarou-2026", PASSWORD, devices=[mine]), Waiting)


def test_a_suspended_account_is_refused_with_the_same_answer(database: Database, account_id: str) -> None:
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended"))
    assert try_(database, "tarou-2026", PASSWORD) == Refused(1)
    assert _trail(database)[-1] == ("login.refused", "visitor", account_id, '{"cause":"suspended"}')


def test_a_customer_kept_from_the_web_is_refused_with_the_same_answer(
    database: Database, account_id: str
) -> None:
    publish_customers(database, a_customer(web_registration=False))
    assert try_(database, "tarou-2026", PASSWORD) == Refused(1)
    assert _trail(database)[-1] == ("login.refused", "visitor", account_id, '{"cause":"kept_from_web"}')


def test_a_hash_of_a_lower_cost_is_made_anew(database: Database, account_id: str) -> None:
    attempt = reserve(database, "tarou-2026")
    assert isinstance(attempt, Attempt)
    assert isinstance(conclude(database, attempt, is_right=True, renewed="a newer hash"), LoggedIn)
    with database.reading() as connection:
        assert connection.execute(select(account.c.password_hash)).scalar_one() == "a newer hash"


def test_whoever_has_just_proven_the_password_enters_without_typing_it_again(
    database: Database, account_id: str
) -> None:
    with database.writing() as connection:
        entered = login.enter(connection, account_id, browser=BROWSER, lifetime=LIFETIME, now=NOON)
        nobody = login.enter(connection, "no-account", browser=BROWSER, lifetime=LIFETIME, now=NOON)
    assert nobody is None
    assert entered is not None
    assert current(database.reader, entered.secret, lifetime=LIFETIME, now=NOON) is not None
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended"))
        assert login.enter(connection, account_id, browser=BROWSER, lifetime=LIFETIME, now=NOON) is None


def test_of_parallel_guesses_each_costs_a_try(database: Database, account_id: str) -> None:
    attempts = [reserve(database, "tarou-2026") for _ in range(6)]
    assert [isinstance(attempt, Attempt) for attempt in attempts] == [True] * 4 + [False] * 2


def test_where_nobody_has_an_account_yet_a_try_is_refused_as_any_other(database: Database) -> None:
    attempt = reserve(database, "Tarou-2026")
    assert isinstance(attempt, Attempt)
    assert attempt.account is None
    assert isinstance(conclude(database, attempt, is_right=False), Refused)
