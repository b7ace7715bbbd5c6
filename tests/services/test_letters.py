"""The code of a letter: entered by its reader, tried too often, too old, asked for anew."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.domain.letter import NotYet, State
from mypage.services import letters
from mypage.services.letters import Asked, Dead, Proven, Shown, Wrong
from mypage.store.engine import Database
from mypage.store.schema import account_customer, letter, outbox
from tests.builders import a_customer, publish_customers
from tests.lettering import LETTER, post_letters, sign_up
from tests.portal import SECRET_KEYS
from tests.signing_up import NOON, mails, settings, trail
from tests.together import at_the_same_time

DAY = timedelta(days=1)
KEY, NUMBER = "12345678", "0012345678"
WRONG = "CCCCC-CCCCC"
NEWER_KEYS = f"{'n' * 40},{SECRET_KEYS}"


@pytest.fixture
def account_id(database: Database) -> str:
    """Tarou, who signed up under letter."""
    publish_customers(database, a_customer())
    return sign_up(database, NOON)


def enter(database: Database, account_id: str, typed: str, now: object = NOON, **changed: str) -> object:
    with database.writing() as connection:
        return letters.enter_code(
            connection,
            KEY,
            account_id,
            typed,
            settings=settings(**{**LETTER, **changed}),
            now=now,  # type: ignore[arg-type]
        )


def ask(database: Database, account_id: str, now: object = NOON) -> object:
    with database.writing() as connection:
        return letters.ask_again(connection, KEY, account_id, now=now)  # type: ignore[arg-type]


def look(database: Database, account_id: str, now: object = NOON) -> Shown:
    with database.reading() as connection:
        shown = letters.look(connection, KEY, account_id, now)  # type: ignore[arg-type]
    assert shown is not None
    return shown


def code(database: Database, folder: Path, now: object = NOON, **changed: str) -> str:
    return post_letters(database, folder, now, **changed)[NUMBER]["確認コード"]  # type: ignore[arg-type]


def _facts(database: Database, action: str) -> list[object]:
    return [json.loads(row[1]) for row in trail(database, "action", "facts") if row[0] == action]


def test_an_activation_writes_its_letter_and_says_so_by_mail(database: Database, account_id: str) -> None:
    with database.reading() as connection:
        row = connection.execute(select(letter)).mappings().one()
    assert (row["customer_key"], row["account_id"], row["serial"], row["with_code"]) == (
        KEY,
        account_id,
        1,
        True,
    )
    assert mails(database)[-1][0] == "registered_letter"
    assert look(database, account_id) == Shown(
        can_be_posted=True,
        state=State.WAITING,
        posted_at=None,
        expires_at=None,
        tries_left=5,
        not_yet=NotYet("letter_waiting", None),
    )


@pytest.mark.parametrize("proof", ["none", "key"])
def test_in_the_other_modes_it_is_a_notice_and_nothing_waits_for_it(database: Database, proof: str) -> None:
    publish_customers(database, a_customer(registration_key="AB12CD34"))
    sign_up(database, NOON, proof=proof, registration_key="AB12CD34")
    with database.reading() as connection:
        assert connection.execute(select(letter.c.with_code)).scalar_one() is False
        assert connection.execute(select(account_customer.c.awaits_letter)).scalar_one() is False
    assert mails(database)[-1][0] == "registered"


def test_the_right_code_opens_tells_the_account_and_stands_in_the_trail(
    database: Database, account_id: str, tmp_path: Path
) -> None:
    right = code(database, tmp_path)
    assert enter(database, account_id, right.lower().replace("-", "　")) == Proven()
    with database.reading() as connection:
        assert connection.execute(select(account_customer.c.awaits_letter)).scalar_one() is False
        mail = connection.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).mappings().one()
    assert (mail["kind"], mail["recipient"], mail["account_id"]) == (
        "letter_proven",
        "taro@example.jp",
        account_id,
    )
    assert mail["facts"] == {"nickname": "タロウ", "at": NOON.isoformat()}
    last = trail(database, "action", "actor", "customer_key", "account_id", "facts")[-1]
    assert last == ("letter.proven", f"account:{account_id}", KEY, account_id, '{"serial":1}')
    # Of two clicks the second is no error, and mails nobody.
    before = mails(database)
    assert enter(database, account_id, right) == enter(database, account_id, WRONG) == Proven()
    assert ask(database, account_id) == Proven()
    assert mails(database) == before


def test_no_code_rests_in_the_database(database: Database, account_id: str, tmp_path: Path) -> None:
    right = code(database, tmp_path)
    enter(database, account_id, WRONG)
    enter(database, account_id, right)
    with database.reading() as connection:
        tables = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if database.is_sqlite
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).all()
        for (table,) in tables:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):  # noqa: S608 - our own tables
                assert right.replace("-", "") not in str(row).replace("-", ""), table
                assert WRONG not in str(row), table


def test_five_tries_and_no_sixth(database: Database, account_id: str, tmp_path: Path) -> None:
    right = code(database, tmp_path)
    for left in (4, 3, 2, 1, 0):
        assert enter(database, account_id, WRONG) == Wrong(left)
    assert enter(database, account_id, right) == Dead(State.USED_UP)
    assert look(database, account_id).tries_left == 0
    assert _facts(database, "letter.refused") == [
        {"serial": 1, "tries_left": left} for left in (4, 3, 2, 1, 0)
    ]


def test_the_fifth_try_may_be_the_right_one(database: Database, account_id: str, tmp_path: Path) -> None:
    right = code(database, tmp_path)
    for _ in range(4):
        enter(database, account_id, WRONG)
    assert enter(database, account_id, right) == Proven()


def test_thirty_days_from_the_posting(database: Database, account_id: str, tmp_path: Path) -> None:
    right = code(database, tmp_path, NOON + 40 * DAY)
    assert enter(database, account_id, right, NOON + 70 * DAY) == Dead(State.EXPIRED)
    assert enter(database, account_id, right, NOON + 70 * DAY - timedelta(seconds=1)) == Proven()


def test_a_new_letter_has_a_new_code_and_the_one_before_is_dead(
    database: Database, account_id: str, tmp_path: Path
) -> None:
    first = code(database, tmp_path)
    assert ask(database, account_id, NOON + DAY) == NotYet("letter_on_its_way", NOON + 7 * DAY)
    assert ask(database, account_id, NOON + 7 * DAY) == Asked()
    assert _facts(database, "letter.asked") == [{"serial": 2}]
    assert ask(database, account_id, NOON + 7 * DAY) == NotYet("letter_waiting", None)
    second = code(database, tmp_path, NOON + 8 * DAY)
    assert second != first
    assert enter(database, account_id, first, NOON + 9 * DAY) == Wrong(4)
    assert enter(database, account_id, second, NOON + 9 * DAY) == Proven()


def test_three_letters_and_fifteen_tries_in_thirty_days(
    database: Database, account_id: str, tmp_path: Path
) -> None:
    for _ in range(2):
        code(database, tmp_path)
        for _ in range(5):
            enter(database, account_id, WRONG)
        assert ask(database, account_id) == Asked()
    for _ in range(5):
        enter(database, account_id, WRONG)
    assert ask(database, account_id, NOON + DAY) == NotYet("letter_limit", NOON + 30 * DAY)
    assert ask(database, account_id, NOON + 30 * DAY) == Asked()


def test_a_new_signing_key_leaves_printed_codes_good_and_prints_others(
    database: Database, account_id: str, tmp_path: Path
) -> None:
    printed = code(database, tmp_path)
    before = enter(database, account_id, printed, secret_keys="x" * 40)
    assert before == Wrong(4), "without the key nobody can tell"
    assert enter(database, account_id, printed, secret_keys=NEWER_KEYS) == Proven()


def test_a_code_under_the_newest_key_is_good_as_well(
    database: Database, account_id: str, tmp_path: Path
) -> None:
    newer = code(database, tmp_path, secret_keys=NEWER_KEYS)
    assert enter(database, account_id, newer, secret_keys=SECRET_KEYS) == Wrong(4)
    assert enter(database, account_id, newer, secret_keys=NEWER_KEYS) == Proven()


def test_a_customer_without_an_address_is_told(database: Database) -> None:
    publish_customers(database, a_customer(address=None))
    account_id = sign_up(database, NOON)
    assert not look(database, account_id).can_be_posted


def test_nothing_is_to_be_entered_for_a_customer_of_others(database: Database, account_id: str) -> None:
    with database.reading() as connection:
        assert letters.look(connection, KEY, "another", NOON) is None
    assert enter(database, "another", WRONG) == Proven()
    assert _facts(database, "letter.refused") == []


def test_eight_tries_at_once_are_five(database: Database, account_id: str) -> None:
    outcomes = at_the_same_time([partial(enter, database, account_id, WRONG)] * 8)
    assert sorted(map(str, outcomes)) == sorted(
        [str(Dead(State.USED_UP))] * 3 + [str(Wrong(left)) for left in range(5)]
    )
