"""Recovery of id and password: what the door keeps, what the worker writes, and what staff will see."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from mypage.services import recovery
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from mypage.store.schema import audit_detail, audit_event, outbox, recovery_request
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.recovering import (
    HOUR,
    MINUTE,
    NOON,
    Forgetful,
    answer_in,
    change_account,
    left_over,
    trail,
    written,
)
from tests.signing_up import at_once


@pytest.fixture
def account_id(database: Database) -> str:
    publish_customers(database, a_customer())
    return an_account(database, "12345678")


@pytest.fixture
def somebody(database: Database, account_id: str) -> Forgetful:
    return Forgetful(database)


def _facts(database: Database) -> list[object]:
    with database.reading() as connection:
        return list(connection.scalars(select(outbox.c.facts).order_by(outbox.c.id)))


def test_a_request_waits_until_the_worker_has_answered_and_is_gone_then(somebody: Forgetful) -> None:
    request_id = somebody.ask("login_id", "tarou@example.jp")
    somebody.ask("password", "nobody-1234")
    assert left_over(somebody.database) == (2, 0)
    assert somebody.be_answered() == 2
    assert left_over(somebody.database) == (0, 1)
    assert [(action, who) for action, who, _ in trail(somebody.database)] == [
        ("recovery.requested", None),
        ("recovery.requested", None),
        ("recovery.sent", "account-of-tarou-2026"),
        ("recovery.refused", None),
    ]
    assert json.loads(trail(somebody.database)[2][2]) == {"kind": "login_id", "request_id": request_id}
    assert json.loads(trail(somebody.database)[3][2])["reason"] == "unknown"
    assert json.loads(trail(somebody.database)[3][2])["cause"] == "D-03"


def test_a_request_that_another_worker_took_is_nothing_to_this_one(somebody: Forgetful) -> None:
    request_id = somebody.ask("password", "tarou-2026")
    assert isinstance(request_id, int)
    assert somebody.be_answered() == 1
    with somebody.database.writing() as connection:
        assert not recovery.answer(connection, request_id, settings=somebody.settings, now=NOON)
    assert len(written(somebody.database)) == 1


def test_nothing_that_was_typed_is_kept(somebody: Forgetful) -> None:
    somebody.ask("login_id", "somebody.else@example.jp")
    somebody.ask("password", "somebodys-own-id")
    somebody.be_answered()
    with somebody.database.reading() as connection:
        kept = [
            str(tuple(row))
            for table in (audit_event, audit_detail, outbox, recovery_request)
            for row in connection.execute(select(table))
        ]
    assert not [row for row in kept if "somebody" in row]


def test_accounts_at_one_address_are_listed_in_one_mail(somebody: Forgetful) -> None:
    database = somebody.database
    publish_customers(database, a_customer("100"), a_customer("101"))
    an_account(database, "100", login_id="hanako-2026", created_at=NOON)
    an_account(database, login_id="suspended", state="suspended")
    an_account(database, "101", login_id="elsewhere", email="hanako@example.jp")
    somebody.ask("login_id", "TAROU@example.jp")
    somebody.be_answered()
    assert written(database) == [("login_ids", "tarou@example.jp")]
    assert _facts(database) == [{"login_ids": ["tarou-2026", "hanako-2026"]}]
    said = {who: json.loads(facts).get("reason", "sent") for _, who, facts in trail(database)[1:]}
    assert said == {
        "account-of-tarou-2026": "sent",
        "account-of-hanako-2026": "sent",
        "account-of-suspended": "suspended",
    }


def test_a_mail_goes_to_the_address_as_it_was_registered(somebody: Forgetful) -> None:
    database = somebody.database
    publish_customers(database, a_customer("100"))
    an_account(database, "100", login_id="capital", email="Tarou@example.jp")
    somebody.ask("login_id", "tarou@EXAMPLE.jp")
    somebody.be_answered()
    assert sorted(written(database)) == [
        ("login_ids", "Tarou@example.jp"),
        ("login_ids", "tarou@example.jp"),
    ]


@pytest.mark.parametrize("asked", ["login_id", "password"])
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"state": "suspended"}, "suspended"),
        ({"mail_refused_at": NOON}, "bounced"),
        ({"state": "suspended", "mail_refused_at": NOON}, "suspended"),
    ],
)
def test_an_account_that_gets_none(
    somebody: Forgetful, asked: str, changed: dict[str, object], reason: str
) -> None:
    change_account(somebody.database, **changed)
    somebody.ask(asked, {"login_id": "tarou@example.jp", "password": "tarou-2026"}[asked])
    somebody.be_answered()
    assert written(somebody.database) == []
    _, who, facts = trail(somebody.database)[-1]
    assert who == "account-of-tarou-2026"
    assert json.loads(facts)["reason"] == reason


def test_a_customer_whom_the_master_keeps_from_the_web_gets_none(somebody: Forgetful) -> None:
    publish_customers(somebody.database, a_customer(web_registration=False))
    somebody.ask("password", "tarou-2026")
    somebody.be_answered()
    assert written(somebody.database) == []
    assert json.loads(trail(somebody.database)[-1][2])["reason"] == "kept_from_web"


def test_five_mails_in_24_hours_whatever_was_forgotten(somebody: Forgetful) -> None:
    database = somebody.database
    for number in range(7):
        at = NOON + number * HOUR
        asked, typed = (("login_id", "tarou@example.jp"), ("password", "tarou-2026"))[number % 2]
        Forgetful(database, address=f"192.0.2.{number}").ask(asked, typed, at)
        somebody.be_answered(at)
    assert [kind for kind, _ in written(database)] == ["login_ids", "password_reset"] * 2 + ["login_ids"]
    limited = [json.loads(facts) for action, _, facts in trail(database) if action == "recovery.refused"]
    assert [each["reason"] for each in limited] == ["limited", "limited"]
    assert [each["kind"] for each in limited] == ["password", "login_id"]
    after = NOON + timedelta(hours=24, seconds=1)
    somebody.ask("password", "tarou-2026", after)
    somebody.be_answered(after)
    assert len(written(database)) == 6


def test_five_mails_to_an_account_wherever_it_had_them_sent(somebody: Forgetful) -> None:
    database = somebody.database
    for number in range(6):
        change_account(database, email=f"tarou-{number}@example.jp")
        Forgetful(database, address=f"192.0.2.{number}").ask("password", "tarou-2026")
        somebody.be_answered()
    assert len(written(database)) == 5


def test_who_asks_again_and_again_waits_the_same_whether_or_not_there_is_an_account(
    somebody: Forgetful,
) -> None:
    for typed in ("tarou-2026", "nobody-1234"):
        for _ in range(4):
            assert isinstance(somebody.ask("password", typed), int)
        waiting = somebody.ask("password", typed)
        assert isinstance(waiting, Waiting)
        assert waiting.minutes == 1
        assert isinstance(somebody.ask("password", typed, NOON + MINUTE), int)
        assert somebody.ask("password", typed, NOON + MINUTE).minutes == 2  # type: ignore[attr-defined]
    assert trail(somebody.database)[-1][0] == "recovery.throttled"
    # What they forgot is counted apart, and so is another client: a stranger makes no owner wait.
    assert isinstance(somebody.ask("login_id", "tarou@example.jp"), int)
    assert isinstance(Forgetful(somebody.database, address="192.0.2.2").ask("password", "tarou-2026"), int)


def test_all_clients_together_and_one_client_for_all_are_limited_more_loosely(database: Database) -> None:
    for number in range(40):
        assert isinstance(Forgetful(database, address=f"10.0.0.{number}").ask("password", "wanted"), int)
        assert isinstance(Forgetful(database).ask("password", f"some-id-{number}"), int)
    of_target = Forgetful(database, address="10.0.0.99").ask("password", "wanted")
    assert isinstance(of_target, Waiting)
    assert of_target.scope == "recovery-target-all"
    of_client = Forgetful(database).ask("password", "another-id")
    assert isinstance(of_client, Waiting)
    assert of_client.scope == "recovery-address"


def test_a_request_that_waited_for_a_day_is_not_answered_any_more(somebody: Forgetful) -> None:
    somebody.ask("password", "tarou-2026")
    assert somebody.be_answered(NOON + timedelta(hours=24)) == 1
    assert written(somebody.database) == []
    assert json.loads(trail(somebody.database)[-1][2])["reason"] == "too_old"
    assert left_over(somebody.database) == (0, 0)


def test_several_workers_answer_each_request_once(somebody: Forgetful, engine_url: str) -> None:
    database = somebody.database
    for number in range(3):
        Forgetful(database, address=f"192.0.2.{number}").ask("password", "tarou-2026")
        Forgetful(database, address=f"192.0.2.{number}").ask("login_id", "tarou@example.jp")
    database.close()
    answered = at_once(answer_in, engine_url, range(4))
    assert sum(map(int, answered)) == 6
    assert len(written(database)) == 5
    assert left_over(database) == (0, 5)
