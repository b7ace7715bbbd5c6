"""Who may register: matched by number, telephone and name; a miss tells nothing and costs the same, whatever missed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from mypage.services.identity import AlreadyRegistered, Matched, Missed, may_still_register
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from tests.builders import TAROU, a_customer, publish_customers, take_back
from tests.signing_up import NOON, Person, mails, settings, trail

WRONG = {"name_kana": "ベツノ　ナマエ"}


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def _facts(database: Database) -> list[tuple[str, str | None, dict[str, object]]]:
    return [(*row[:2], json.loads(row[2])) for row in trail(database, "action", "customer_key", "facts")]


def test_a_match_names_the_customer_and_the_version_on_which_it_rests(database: Database) -> None:
    publish_customers(database, a_customer())
    newer = publish_customers(database, a_customer(address="大津市"))
    assert Person(database).prove() == Matched("12345678", newer)
    assert _facts(database) == [("identity.matched", "12345678", {})]


@pytest.mark.parametrize(
    ("typed", "missed"),
    [
        (WRONG, ["name_kana"]),
        ({"phone": "0748621235"}, ["phone"]),
        ({"phone": "0748621235", **WRONG}, ["phone", "name_kana"]),
    ],
)
def test_what_missed_stands_in_the_trail_and_what_was_typed_nowhere(
    database: Database, typed: dict[str, str], missed: list[str]
) -> None:
    publish_customers(database, a_customer())
    assert Person(database).prove(**typed) == Missed(1)
    assert _facts(database) == [
        ("identity.missed", "12345678", {"cause": "A-03", "missed": missed}),
    ]
    rows = str(trail(database, "facts", "actor", "detail_digest"))
    assert not any(text in rows for text in typed.values())
    assert mails(database) == []


def test_an_unknown_number_is_known_to_staff_as_that(database: Database) -> None:
    assert Person(database).prove(customer_number="99999999") == Missed(1)
    assert _facts(database) == [
        ("identity.missed", None, {"cause": "A-03", "missed": ["customer_number"]}),
    ]


def test_every_miss_makes_the_same_queries_as_an_unknown_number(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("777", web_registration=False))
    Person(database).prove(customer_number="4711")  # warms the statement cache
    costs = []
    for typed in (
        {"customer_number": "99999999"},
        WRONG,
        {"customer_number": "777"},
        {"phone": "0748621235"},
    ):
        with _statements(database) as seen:
            assert isinstance(Person(database, address=str(typed)).prove(**typed), Missed)
        costs.append(seen)
    assert all(cost == costs[0] for cost in costs)


def test_each_holder_of_a_number_matches_by_its_own_name(database: Database) -> None:
    batch_id = publish_customers(
        database,
        a_customer(),
        a_customer(holder_no=2, name_kana="サトウ　ハナコ", phone="090-1111-2222"),
    )
    newer = {"name_kana": "サトウ　ハナコ", "phone": "09011112222"}
    assert Person(database).prove(**newer) == Matched("12345678-2", batch_id)
    assert Person(database).prove() == Matched("12345678", batch_id)
    mixed = Person(database).prove(name_kana="サトウ　ハナコ")
    assert mixed == Missed(1)


def test_second_reading_and_second_number_identify_too(database: Database) -> None:
    publish_customers(database, a_customer(name_kana2="キュウセイ　タロウ", phone2="080-9999-8888"))
    assert isinstance(Person(database).prove(name_kana="キュウセイタロウ", phone="08099998888"), Matched)


@pytest.mark.parametrize(
    ("facts", "cause", "missed"),
    [
        ({"contracted_on": date(2026, 11, 25)}, "A-06", "not_yet_contracted"),
        ({"status": "ended", "ended_on": date(2026, 8, 23)}, "A-06", "ended_too_long_ago"),
        ({"status": "ended"}, "A-06", "ended_too_long_ago"),
        ({"web_registration": False}, "A-03", "web_registration_off"),
        ({"name_kana": "愛込　太郎"}, "A-03", "name_kana"),
        ({"tombstone": True}, "A-03", "phone"),
    ],
)
def test_who_may_not_register_gets_the_same_answer(
    database: Database, facts: dict[str, object], cause: str, missed: str
) -> None:
    publish_customers(database, a_customer(**facts))
    assert Person(database).prove() == Missed(1)
    [(_, key, told)] = _facts(database)
    assert key == "12345678"
    assert told["cause"] == cause
    assert missed in str(told["missed"])


@pytest.mark.parametrize(
    "facts",
    [
        {"contracted_on": date(2026, 11, 24)},
        {"status": "suspended"},
        {"status": "ended", "ended_on": date(2026, 8, 24)},
        {"contracted_on": None},
    ],
)
def test_who_may_register(database: Database, facts: dict[str, object]) -> None:
    publish_customers(database, a_customer(**facts))
    assert isinstance(Person(database).prove(), Matched)


def test_the_day_is_japan_s(database: Database) -> None:
    publish_customers(database, a_customer(contracted_on=date(2026, 11, 25)))
    before_midnight = datetime(2026, 11, 24, 14, 59, 59, tzinfo=UTC)
    assert Person(database).prove(before_midnight) == Missed(1)
    assert isinstance(Person(database).prove(before_midnight + timedelta(seconds=1)), Matched)


def test_a_name_key_of_another_rule_is_made_anew(database: Database) -> None:
    publish_customers(database, a_customer(name_kana="ヴァイオリン　タロウ"))
    typed = {"name_kana": "バイオリン　タロウ"}
    assert isinstance(Person(database).prove(**typed), Missed)
    folding = Person(database, chosen=settings(fold_v="true"))
    assert isinstance(folding.prove(**typed), Matched)


def test_a_customer_of_a_batch_that_was_taken_back_is_unknown(database: Database) -> None:
    batch_id = publish_customers(database, a_customer())
    take_back(database, batch_id)
    assert Person(database).prove() == Missed(1)


def test_misses_are_counted_by_number_and_after_the_fourth_a_wait_is_told(database: Database) -> None:
    publish_customers(database, a_customer())
    for misses in (1, 2, 3, 4):
        assert Person(database, address=f"192.0.2.{misses}").prove(phone=f"07486200{misses:02}") == Missed(
            misses
        )
    waiting = Person(database).prove()
    assert waiting == Waiting("identity.number", NOON + timedelta(minutes=1), 1)
    assert _facts(database)[-1] == (
        "identity.throttled",
        "12345678",
        {"cause": "A-04", "scope": "identity.number"},
    )
    assert isinstance(Person(database).prove(NOON + timedelta(minutes=1)), Matched)


def test_who_goes_on_during_a_wait_does_not_fill_the_trail(database: Database) -> None:
    for _ in range(4):
        Person(database).prove(**WRONG)
    before = len(trail(database))
    for number in range(20):
        person = Person(database, address=f"192.0.2.{number}")
        assert isinstance(person.prove(**WRONG), Waiting)
    assert len(trail(database)) == before + 4


def test_an_unknown_number_waits_like_a_known_one(database: Database) -> None:
    for misses in (1, 2, 3, 4):
        assert Person(database).prove(customer_number="99", phone=f"07486200{misses:02}") == Missed(misses)
    waiting = Person(database).prove(customer_number="99")
    assert waiting == Waiting("identity.number", NOON + timedelta(minutes=1), 1)
    assert _facts(database)[-1][1] is None


def test_one_telephone_number_is_not_tried_over_many_customer_numbers(database: Database) -> None:
    for number in range(1001, 1005):
        assert isinstance(Person(database).prove(customer_number=str(number)), Missed)
    waiting = Person(database).prove(customer_number="1005")
    assert isinstance(waiting, Waiting)
    assert waiting.scope == "identity.phone"


def test_misses_of_several_numbers_by_one_person_are_counted_by_the_telephone(database: Database) -> None:
    assert [Person(database).prove(customer_number=str(number)) for number in (1001, 1002, 1003)] == [
        Missed(1),
        Missed(2),
        Missed(3),
    ]


def test_one_address_tries_forty_times(database: Database) -> None:
    for number in range(1001, 1041):
        outcome = Person(database).prove(customer_number=str(number), phone=f"074862{number}")
        assert isinstance(outcome, Missed)
    waiting = Person(database).prove(customer_number="2000", phone="0748629999")
    assert isinstance(waiting, Waiting)
    assert waiting.scope == "identity.address"
    elsewhere = Person(database, address="198.51.100.7")
    assert isinstance(elsewhere.prove(customer_number="2000", phone="0748629999"), Missed)


def test_a_match_clears_the_number_and_counts_for_nobody(database: Database) -> None:
    publish_customers(database, a_customer())
    for _ in range(3):
        Person(database).prove(**WRONG)
    assert isinstance(Person(database).prove(), Matched)
    for _ in range(60):
        assert isinstance(Person(database).prove(), Matched)
    assert Person(database).prove(**WRONG) == Missed(1)


def test_the_registration_key_where_it_is_asked(database: Database) -> None:
    publish_customers(
        database, a_customer(registration_key="AB12-CD34"), a_customer("777", phone="0312345678")
    )
    asks = settings(signup_proof="key")
    person = Person(database, chosen=asks)
    assert person.prove(registration_key="ab12cd35") == Missed(1)
    assert _facts(database)[-1][2] == {"cause": "A-03", "missed": ["registration_key"]}
    assert isinstance(person.prove(registration_key="　ａｂ１２ cd34"), Matched)
    assert isinstance(Person(database).prove(), Matched)
    # A customer without a key cannot register where one is asked.
    typed = {"customer_number": "777", "phone": "0312345678", "registration_key": ""}
    assert person.prove(**typed) == Missed(1)


def test_a_right_key_ends_the_wait_that_others_caused(database: Database) -> None:
    publish_customers(database, a_customer(registration_key="AB12CD34"))
    asks = settings(signup_proof="key")
    for _ in range(4):
        Person(database, chosen=asks).prove(registration_key="WRONG")
    assert isinstance(Person(database, chosen=asks).prove(registration_key="WRONG2"), Waiting)
    assert isinstance(Person(database, chosen=asks).prove(registration_key="AB12CD34"), Matched)
    assert Person(database, chosen=asks).prove(registration_key="WRONG") == Missed(1)


def test_guesses_of_the_key_during_a_wait_come_to_an_end(database: Database) -> None:
    publish_customers(database, a_customer(registration_key="AB12CD34"))
    asks = settings(signup_proof="key")
    for guess in range(44):
        person = Person(database, chosen=asks, address=f"192.0.2.{guess}")
        assert isinstance(person.prove(registration_key=f"W{guess}"), Missed | Waiting)
    late = Person(database, chosen=asks, address="198.51.100.7")
    assert isinstance(late.prove(registration_key="AB12CD34"), Waiting)


def test_a_registered_number_is_told_after_a_match_only_and_its_owner_is_mailed_once_a_day(
    database: Database,
) -> None:
    publish_customers(database, a_customer())
    owner = Person(database)
    owner.sign_up()
    owner.activate()
    before = mails(database)
    stranger = Person(database, browser="other")
    assert isinstance(stranger.prove(**WRONG), Missed)
    assert mails(database) == before
    for hours in (1, 2, 24):
        assert stranger.prove(NOON + timedelta(hours=hours)) == AlreadyRegistered()
    assert mails(database)[len(before) :] == [("already_registered", "taro@example.jp", None)]
    assert stranger.prove(NOON + timedelta(hours=25, seconds=1)) == AlreadyRegistered()
    assert len(mails(database)) == len(before) + 2
    assert _facts(database)[-1] == ("identity.already_registered", "12345678", {"cause": "A-07"})


def test_the_master_may_change_its_mind_after_the_match(database: Database) -> None:
    def may(key: str) -> bool:
        with database.reading() as connection:
            return may_still_register(connection, key, settings(), NOON)

    assert not may("12345678")
    publish_customers(database, a_customer())
    assert may("12345678")
    publish_customers(database, a_customer(web_registration=False))
    assert not may("12345678")


def test_typed_values_of_any_kind_are_only_misses(database: Database) -> None:
    publish_customers(database, a_customer())
    for strange in ("\ud800", "\x00", "' OR 1=1 --", "あ" * 3000):
        outcome = Person(database, address=strange[:9]).prove(**dict.fromkeys(TAROU, strange))
        assert isinstance(outcome, Missed | Waiting)
