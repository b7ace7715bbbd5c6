"""A login and a change of the password in one browser, at the same moment: neither waits for the other for ever."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from mypage.services import login, password_change
from mypage.services.login import Browser, LoggedIn
from mypage.services.password_change import Attempt
from mypage.store.engine import Database
from mypage.store.schema import account
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS
from tests.services.test_login import LIFETIME, NOON
from tests.services.test_password_change import reserve, start
from tests.together import until_waiting


def _account_of(database: Database, account_id: str) -> tuple[str, str]:
    with database.reading() as connection:
        row = connection.execute(
            select(account.c.password_hash, account.c.stamp).where(account.c.id == account_id)
        ).one()
        return row.password_hash, row.stamp


def test_both_come_to_their_end(database: Database) -> None:
    """Found by reading: the one took the session before the account, the other the account before the session."""
    publish_customers(database, a_customer())
    account_id = an_account(database, "12345678", login_id="Tarou-2026")
    secret = start(database, account_id)
    change = reserve(database, secret)
    assert isinstance(change, Attempt)
    held = Browser("192.0.2.1", "A browser", secret)
    with database.writing() as connection:
        entry = login.reserve(
            connection, login_id="Tarou-2026", devices=(), address=held.address, secret=SECRET_KEYS, now=NOON
        )
    assert isinstance(entry, login.Attempt)

    def changes() -> object:
        with database.writing() as connection:
            return password_change.conclude(
                connection,
                change,
                is_right=True,
                new_hash="a new hash",
                browser=held,
                lifetime=LIFETIME,
                secret=SECRET_KEYS,
                now=NOON,
            )

    def enters() -> object:
        with database.writing() as connection:
            return login.conclude(
                connection,
                entry,
                is_right=True,
                renewed_hash="the old password, hashed anew",
                browser=held,
                lifetime=LIFETIME,
                secret=SECRET_KEYS,
                now=NOON,
            )

    changed, entered = _one_behind_the_other(database, account_id, [changes, enters])
    assert isinstance(changed, LoggedIn)
    assert isinstance(entered, LoggedIn)
    # The login came second, with what was proven before: it brings the old password back for nobody.
    assert _account_of(database, account_id) == ("a new hash", changed.stamp)


def _one_behind_the_other(
    database: Database, account_id: str, deeds: list[Callable[[], object]]
) -> list[object]:
    """Let the deeds queue for the account in their order, and then all go."""
    if database.is_sqlite:
        return [deed() for deed in deeds]  # one writer at a time
    free = threading.Event()

    def holds() -> None:
        with database.writing() as connection:
            connection.execute(select(account).where(account.c.id == account_id).with_for_update())
            taken.set()
            free.wait(30)

    taken = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        holding = pool.submit(holds)
        assert taken.wait(20)
        running = []
        for place, deed in enumerate(deeds, 1):
            running.append(pool.submit(deed))
            until_waiting(database, place)
        free.set()
        holding.result(30)
        return [each.result(30) for each in running]
