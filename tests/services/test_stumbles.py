"""Refusals that no throttle bounds: counted, and in the trail once a minute."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from mypage.domain.activation import TokenFacts
from mypage.services import activation, registration, stumbles
from mypage.services.registration import TooSoon
from mypage.store.engine import Database
from mypage.store.schema import stumble
from mypage.works.clean_up import clean_up
from tests.builders import a_customer, publish_customers
from tests.signing_up import Person, settings, trail

NOON = datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _note(database: Database, now: datetime, customer: str = "70012", **refused: list[str]) -> None:
    by_cause = {cause.replace("_", "-"): rules for cause, rules in refused.items()}
    with database.writing() as connection:
        stumbles.note(connection, "profile", by_cause, customer_key=customer, actor="visitor", now=now)


def _rows(database: Database) -> list[tuple[str, str, dict[str, object]]]:
    found = trail(database, "action", "customer_key", "facts")
    return [(action, customer, json.loads(facts)) for action, customer, facts in found]


def _counts(database: Database) -> dict[tuple[str, str, str, str], int]:
    with database.reading() as connection:
        rows = connection.execute(select(stumble).order_by(stumble.c.minute)).mappings()
        return {(row["customer_key"], row["step"], row["cause"], row["rule"]): row["times"] for row in rows}


def test_a_row_a_minute_for_each_rule_and_customer(database: Database) -> None:
    for _ in range(50):
        _note(database, NOON, B_02=["password_under_8"])
    _note(database, NOON + 29 * SECOND, B_02=["password_under_8", "password_common"])
    _note(database, NOON, "777", B_02=["password_under_8"])
    first = {"step": "profile", "cause": "B-02", "rules": ["password_under_8"]}
    assert _rows(database) == [
        ("signup.stumbled", "70012", first),
        ("signup.stumbled", "70012", {**first, "rules": ["password_common"]}),
        ("signup.stumbled", "777", first),
    ]
    assert _counts(database) == {
        ("70012", "profile", "B-02", "password_under_8"): 51,
        ("70012", "profile", "B-02", "password_common"): 1,
        ("777", "profile", "B-02", "password_under_8"): 1,
    }
    _note(database, NOON + 30 * SECOND, B_02=["password_under_8"])
    assert _rows(database)[3:] == [("signup.stumbled", "70012", first)]


def test_a_row_for_each_cause_in_one_order(database: Database) -> None:
    _note(database, NOON, B_02=["password_common", "password_one_kind"], A_09=["nickname_empty"])
    assert [(facts["cause"], facts["rules"]) for *_, facts in _rows(database)] == [
        ("A-09", ["nickname_empty"]),
        ("B-02", ["password_common", "password_one_kind"]),
    ]


def test_what_concerns_nobody_is_a_count_only(database: Database) -> None:
    with database.writing() as connection:
        assert stumbles.count(connection, "proof", "A-05", now=NOON, times=3)
        assert not stumbles.count(connection, "proof", "A-05", now=NOON, times=3)
        assert stumbles.count(connection, "proof", "A-05", now=NOON + 30 * SECOND)
    assert _rows(database) == []
    with database.reading() as connection:
        assert list(connection.scalars(select(stumble.c.times).order_by(stumble.c.minute))) == [6, 1]


def test_a_dead_link_leaves_one_row_a_minute_and_none_where_nobody_is_known(database: Database) -> None:
    publish_customers(database, a_customer())
    person = Person(database)
    person.sign_up(NOON)
    before = len(_rows(database))
    for token in (person.token(), TokenFacts("of a registration that is gone", 1, NOON)):
        for _ in range(3):
            with database.writing() as connection:
                activation.note_refusal(connection, token, "C-05", actor="visitor", now=NOON)
                activation.note_pasted(connection, token, actor="visitor", now=NOON)
    assert [(action, facts["cause"]) for action, _, facts in _rows(database)[before:]] == [
        ("activation.refused", "C-05"),
        ("activation.link_pasted", "C-04"),
    ]
    assert _counts(database) == {
        (customer, "link", cause, rule): 3
        for customer in ("12345678", "")
        for cause, rule in (("C-05", "activation.refused"), ("C-04", "activation.link_pasted"))
    }


def test_a_resend_that_is_too_soon_leaves_one_row_a_minute(database: Database) -> None:
    publish_customers(database, a_customer())
    person = Person(database)
    person.sign_up(NOON)
    for _ in range(3):
        assert isinstance(person.resend(NOON + SECOND), TooSoon)
    assert [facts for action, _, facts in _rows(database) if action == "registration.refused"] == [
        {"cause": "C-01"}
    ]


def test_an_address_that_is_no_registration_s_to_correct_leaves_nothing(database: Database) -> None:
    publish_customers(database, a_customer())
    person = Person(database)
    person.sign_up(NOON)
    before = len(_rows(database))
    for browser_hash in ("of nobody", person.browser_hash):
        with database.writing() as connection:
            refused = {"B-03": ["email_no_at"]}
            registration.note_address(connection, browser_hash, refused, actor="visitor", now=NOON)
    assert _rows(database)[before:] == [
        (
            "signup.stumbled",
            "12345678",
            {"step": "registration", "cause": "B-03", "rules": ["email_no_at"]},
        )
    ]


def test_counts_go_after_ninety_days(database: Database) -> None:
    with database.writing() as connection:
        stumbles.count(connection, "proof", "A-05", now=NOON)
        stumbles.count(connection, "proof", "A-05", now=NOON + timedelta(minutes=1))
    kept_until = NOON.replace(second=0) + timedelta(days=90)
    assert clean_up(settings(), database, kept_until)["stumbles"] == 0
    assert clean_up(settings(), database, kept_until + SECOND)["stumbles"] == 1
    assert len(_counts(database)) == 1
