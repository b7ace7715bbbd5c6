"""What a person may change of their own registration."""

from datetime import UTC, datetime

import pytest

from mypage.services import profile
from mypage.services.profile import Registered
from mypage.store.engine import Database
from tests.bills import an_account
from tests.signing_up import trail

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def change(database: Database, account_id: str, typed: str) -> bool:
    with database.writing() as connection:
        return profile.change_nickname(connection, account_id, typed, now=NOON)


def test_a_nickname_is_kept_in_one_form_and_taken_once(database: Database) -> None:
    account_id = an_account(database, "12345678")
    assert change(database, account_id, " ﾊﾅｺ　ﾔﾏﾀﾞ")
    assert not change(database, account_id, "ハナコ ヤマダ")
    with database.reading() as connection:
        assert profile.of_account(connection, account_id) == Registered(
            "ハナコ ヤマダ", "tarou@example.jp", wants_notices=True, mail_refused=False
        )
    assert trail(database, "action", "at") == [("nickname.changed", "2026-11-24T03:00:00.000000Z")]


def test_an_account_that_is_gone(database: Database) -> None:
    assert not change(database, "nobody", "ハナコ")
    with database.reading() as connection, pytest.raises(LookupError):
        profile.of_account(connection, "nobody")
