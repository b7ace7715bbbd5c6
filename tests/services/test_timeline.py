"""The story of a customer in order, as staff will see it."""

from datetime import datetime, timedelta

from mypage.domain.trail import Action
from mypage.services import timeline, trail
from mypage.services.timeline import Entry
from mypage.store.engine import Database
from mypage.store.schema import account_customer, outbox
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.mail import enqueue_notice, enqueue_signup, mails_in
from tests.signing_up import NOON, Person

MINUTE = timedelta(minutes=1)


def _of(database: Database, customer_key: str = "12345678", now: datetime = NOON) -> list[Entry]:
    with database.reading() as connection:
        return timeline.of_customer(connection, customer_key, now=now)


def _log_in(database: Database, account_id: str, at: datetime) -> None:
    with database.writing() as connection:
        trail.record(
            connection,
            Action.LOGIN_DONE,
            actor=f"account:{account_id}",
            account_id=account_id,
            now=at,
            detail={"address": "203.0.113.9"},
        )


def test_tries_deeds_logins_and_mails_stand_in_order(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("777"))
    person = Person(database)
    person.prove(NOON, phone="0311112222")
    person.sign_up(NOON + MINUTE)
    activated = person.activate(now=NOON + 2 * MINUTE)
    account_id = activated.account_id  # type: ignore[attr-defined]
    _log_in(database, account_id, NOON + 3 * MINUTE)
    Person(database, browser="other").prove(NOON + 3 * MINUTE, customer_number="777")
    assert [(entry.what, entry.causes) for entry in _of(database, now=NOON + 2 * MINUTE)] == [
        ("identity.missed", ("A-03",)),
        ("identity.matched", ()),
        ("registration.made", ()),
        ("mail.waiting", ()),
        ("activation.done", ("C-07",)),
        ("mail.waiting", ()),
        ("login.done", ()),
    ]
    told = str(_of(database))
    for personal in ("0311112222", "taro@example.jp", "タロウ", "203.0.113.9"):
        assert personal not in told
    assert _of(database, "70012") == []


def test_a_released_account_keeps_its_part_of_the_story_and_no_other_customer_s(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("777"))
    person = Person(database)
    person.sign_up()
    account_id = person.activate().account_id  # type: ignore[attr-defined]
    shared = an_account(database, "12345678_", login_id="other")
    with database.writing() as connection:
        connection.execute(account_customer.delete())
        connection.execute(
            account_customer.insert().values(
                customer_key="12345678", account_id=shared, role="owner", since=NOON
            )
        )
        trail.record(
            connection,
            Action.IDENTITY_ALREADY_REGISTERED,
            actor="visitor",
            now=NOON,
            customer_key="777",
            account_id=shared,
            cause="A-07",
        )
    for each in (account_id, shared):
        _log_in(database, each, NOON + MINUTE)
    enqueue_notice(database, NOON + 2 * MINUTE, account_id=shared)
    enqueue_notice(database, NOON + 2 * MINUTE, account_id=shared, customer_key="777")
    found = [(entry.what, entry.actor) for entry in _of(database) if entry.at > NOON]
    assert found == [
        ("login.done", f"account:{account_id}"),
        ("login.done", f"account:{shared}"),
        ("mail.waiting", "worker"),
    ]


def test_a_cause_of_a_row_that_is_no_code_is_no_cause(database: Database) -> None:
    account_id = an_account(database, "12345678")
    with database.writing() as connection:
        trail.record(
            connection,
            Action.LOGIN_REFUSED,
            actor="visitor",
            account_id=account_id,
            now=NOON,
            cause="suspended",
        )
    (entry,) = _of(database)
    assert (entry.causes, entry.facts) == ((), {"cause": "suspended"})


def test_a_mail_is_told_once_with_its_state_and_why_it_waits(database: Database) -> None:
    publish_customers(database, a_customer("70012"))
    enqueue_signup(database, NOON)
    (entry,) = _of(database, "70012")
    assert (entry.at, entry.what, entry.actor, entry.causes) == (NOON, "mail.waiting", "worker", ())
    (late,) = _of(database, "70012", NOON + 2 * MINUTE)
    assert late.causes == ("F-01",)
    (mail,) = mails_in(database)
    states: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
        "waiting": ({"attempts": 1}, ("C-03",)),
        "refused": ({}, ("C-02",)),
        "given_up": ({}, ("F-01",)),
        "void": ({}, ()),
        "handed_over": ({"handed_over_at": NOON + MINUTE, "server": "mail:25", "attempts": 0}, ()),
    }
    for state, (facts, causes) in states.items():
        with database.writing() as connection:
            connection.execute(outbox.update().values(state=state, **facts))
        (entry,) = _of(database, "70012", NOON + 2 * MINUTE)
        assert (entry.what, entry.causes) == (f"mail.{state}", causes)
    assert entry.facts == {
        "kind": "provisional_registration",
        "message_id": mail["message_id"],
        "serial": 1,
        "attempts": 0,
        "handed_over_at": NOON + MINUTE,
        "server": "mail:25",
        "next_try_at": NOON,
    }


def test_the_rows_of_a_mail_that_is_there_are_not_told_twice(database: Database) -> None:
    enqueue_signup(database, NOON)
    (mail,) = mails_in(database)
    for message_id in (mail["message_id"], "of a mail that was purged"):
        with database.writing() as connection:
            trail.record(
                connection,
                Action.MAIL_HANDED_OVER,
                actor="worker",
                now=NOON + MINUTE,
                customer_key="70012",
                kind="provisional_registration",
                message_id=message_id,
            )
    found = [(entry.what, entry.facts["message_id"]) for entry in _of(database, "70012")]
    assert found == [
        ("mail.waiting", mail["message_id"]),
        ("mail.handed_over", "of a mail that was purged"),
    ]
