"""Step 5: a good link and the password of step 2 make an account, once; everything else changes nothing."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mypage.domain.activation import LinkState, TokenFacts
from mypage.services import activation
from mypage.services.activation import Activated, AlreadyRegistered, Attempt, Link, LoginIdTaken, UnderWay
from mypage.services.signup import hashed
from mypage.services.throttle import Waiting
from mypage.store import accounts as stored
from mypage.store import login_names
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, login_name, throttle
from mypage.store.schema import registration as table
from tests.builders import a_customer, publish_customers
from tests.signing_up import NOON, Person, accounts, hand_over, mails, trail

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def person(database: Database) -> Person:
    """Somebody who has registered provisionally."""
    publish_customers(database, a_customer())
    somebody = Person(database)
    somebody.sign_up()
    return somebody


def _look(person: Person, token: TokenFacts | None, now: datetime = NOON) -> Link:
    with person.database.reading() as connection:
        return activation.look(connection, token, now)


def _reserved(person: Person, now: datetime = NOON) -> Attempt:
    attempt = person.reserve(person.token(), now)
    assert isinstance(attempt, Attempt)
    return attempt


def _refuse(person: Person, attempt: Attempt) -> None:
    with person.database.writing() as connection:
        activation.refuse(connection, attempt, settings=person.settings, actor="visitor", now=NOON)


def test_an_account_is_born_with_what_was_registered(person: Person) -> None:
    outcome = person.activate(now=NOON + HOUR)
    assert isinstance(outcome, Activated)
    with person.database.reading() as connection:
        born = connection.execute(select(account)).mappings().one()
        owned = connection.execute(select(account_customer)).mappings().one()
        name = connection.execute(select(login_name)).mappings().one()
        left = connection.execute(select(table)).mappings().one()
    assert born["id"] == owned["account_id"] == outcome.account_id
    assert (born["login_id"], born["login_key"], born["nickname"]) == ("tarou", "tarou", "タロウ")
    assert (born["email"], born["language"], born["state"]) == ("taro@example.jp", "ja", "active")
    assert (born["password_hash"], born["last_login_at"]) == ("a hash", None)
    assert (born["created_at"], born["password_changed_at"]) == (NOON + HOUR, NOON)
    assert (owned["customer_key"], owned["role"]) == ("12345678", "owner")
    assert (name["claimed_by"], name["expires_at"]) == (f"account:{outcome.account_id}", None)
    assert (left["state"], left["password_hash"], left["ended_at"]) == ("activated", None, NOON + HOUR)
    assert mails(person.database)[-1] == ("registered", "taro@example.jp", None)
    assert trail(person.database, "action", "account_id")[-1] == ("activation.done", outcome.account_id)


def test_a_link_is_good_for_a_day_from_the_hand_over(person: Person) -> None:
    hand_over(person.database, NOON + HOUR)
    token = person.token()
    assert _look(person, token, NOON + 25 * HOUR - MINUTE).state is LinkState.GOOD
    expired = _look(person, token, NOON + 25 * HOUR)
    assert (expired.state, expired.cause) == (LinkState.EXPIRED, "C-05")
    assert person.activate(token, NOON + 25 * HOUR) == Link(LinkState.EXPIRED)
    assert accounts(person.database) == (0, 0)


def test_a_link_of_a_mail_that_was_never_handed_over_ends_after_three_days(person: Person) -> None:
    signed = person.token(signed_at=NOON + 71 * HOUR)
    assert _look(person, signed, NOON + 72 * HOUR - MINUTE).state is LinkState.GOOD
    assert _look(person, signed, NOON + 72 * HOUR).state is LinkState.EXPIRED


def test_four_ways_to_be_dead(person: Person) -> None:
    older = person.token()
    assert (_look(person, None).state, _look(person, None).cause) == (LinkState.BROKEN, "C-04")
    unknown = TokenFacts("nobody", 1, NOON)
    assert _look(person, unknown).state is LinkState.EXPIRED
    assert person.activate(unknown) == Link(LinkState.EXPIRED)
    person.resend(NOON + MINUTE)
    replaced = _look(person, older, NOON + MINUTE)
    assert (replaced.state, replaced.newer_at, replaced.cause) == (LinkState.REPLACED, NOON + MINUTE, "C-06")
    hand_over(person.database, NOON + 2 * MINUTE)
    assert _look(person, older, NOON + HOUR).newer_at == NOON + 2 * MINUTE
    person.activate(now=NOON + HOUR)
    used = _look(person, person.token(), NOON + HOUR)
    assert (used.state, used.cause) == (LinkState.USED, "C-07")


def test_looking_changes_nothing(person: Person) -> None:
    before = trail(person.database, "seq"), mails(person.database)
    for _ in range(20):
        _look(person, person.token())
    assert (trail(person.database, "seq"), mails(person.database)) == before
    assert isinstance(person.activate(), Activated)


def test_wrong_passwords_are_counted_and_waits_grow(person: Person) -> None:
    for _ in range(4):
        _refuse(person, _reserved(person))
    waiting = person.reserve(person.token())
    assert isinstance(waiting, Waiting)
    assert waiting.until == NOON + MINUTE
    facts = json.loads(trail(person.database, "facts")[-1][0])
    assert facts == {"cause": "C-10", "registration_id": person.token().registration_id}
    assert isinstance(person.activate(now=NOON + MINUTE), Activated)


def test_a_scanner_that_guesses_does_not_shut_the_owner_out(person: Person) -> None:
    scanner = Person(person.database, address="203.0.113.9")
    tries = 0
    while isinstance(attempt := scanner.reserve(scanner.token()), Attempt):
        _refuse(scanner, attempt)
        tries += 1
    assert tries == 4
    assert isinstance(person.activate(), Activated)


def _guess(person: Person, addresses: Iterable[str], **how: Any) -> Counter[str]:
    """One wrong password from each of the addresses; how they were answered."""
    with person.database.writing() as connection:
        answers: Counter[str] = Counter()
        for address in addresses:
            attempt = activation.reserve(
                connection, person.token(), address=address, settings=person.settings, now=NOON, **how
            )
            if isinstance(attempt, Attempt):
                activation.refuse(connection, attempt, settings=person.settings, actor="visitor", now=NOON)
            answers[type(attempt).__name__] += 1
    return answers


def _farm(addresses: int) -> list[str]:
    return [f"203.0.{number // 250}.{number % 250}" for number in range(addresses)]


def test_a_farm_of_scanners_does_not_shut_the_owner_out(person: Person) -> None:
    for _ in range(10):
        _guess(person, _farm(100))
    elsewhere = Person(person.database, address="198.51.100.1")
    assert isinstance(elsewhere.activate(person.token()), Activated)


def test_what_cannot_be_a_password_counts_apart_from_guesses(person: Person) -> None:
    answers = [_guess(person, _farm(100), could_be_right=False) for _ in range(5)]
    assert answers == [Counter(Attempt=100)] * 4 + [Counter(Waiting=100)]
    # So the tries of others are all free, at the same address too.
    for _ in range(4):
        assert _guess(person, _farm(1)) == Counter(Attempt=1)
    assert isinstance(Person(person.database, address="198.51.100.2").activate(person.token()), Activated)


def test_guessers_from_many_addresses_come_to_an_end(person: Person) -> None:
    farm = _farm(500)
    assert _guess(person, farm) == Counter(Attempt=400, Waiting=100)
    # Their second guesses are far fewer: as many as an address has elsewhere.
    assert _guess(person, farm[:400]) == Counter(Attempt=40, Waiting=360)
    told = Person(person.database, address="198.51.100.1").reserve(person.token())
    assert told == Waiting("activation.first", NOON + MINUTE, 1)
    # The browser that registered has its own tries, and a newer mail begins anew.
    assert isinstance(person.reserve(person.token(), browser_hash=person.browser_hash), Attempt)
    person.resend(NOON + MINUTE)
    assert isinstance(Person(person.database, address="198.51.100.1").activate(person.token()), Activated)


def test_the_browser_that_registered_has_tries_of_its_own_and_no_more(person: Person) -> None:
    mine = {"browser_hash": person.browser_hash}
    assert _guess(person, _farm(6), **mine) == Counter(Attempt=4, Waiting=2)
    assert _guess(person, _farm(1), browser_hash=hashed("another")) == Counter(Attempt=1)
    assert isinstance(person.reserve(person.token(), NOON + MINUTE, **mine), Attempt)


def test_a_try_under_way_is_told_as_long_as_it_is_not_over(person: Person) -> None:
    attempts = [_reserved(person) for _ in range(4)]
    assert person.reserve(person.token()) == UnderWay()
    # One that was cut off with its process is not waited for for ever.
    assert isinstance(person.reserve(person.token(), NOON + timedelta(seconds=15)), Waiting)
    for attempt in attempts[:3]:
        _refuse(person, attempt)
        assert person.reserve(person.token()) == UnderWay()
    assert isinstance(person.conclude(attempts[3]), Activated)
    used = person.reserve(person.token())
    assert isinstance(used, Attempt)
    assert isinstance(person.conclude(used), Activated)


def test_wrong_tries_that_are_over_are_a_wait_at_once(person: Person) -> None:
    attempts = [_reserved(person) for _ in range(4)]
    for attempt in attempts:
        assert person.reserve(person.token()) == UnderWay()
        _refuse(person, attempt)
    assert isinstance(person.reserve(person.token()), Waiting)


def test_a_link_that_was_used_meanwhile_is_told_instead_of_a_wait(person: Person) -> None:
    attempts = [_reserved(person) for _ in range(4)]
    for attempt in attempts[:3]:
        _refuse(person, attempt)
    owner = Person(person.database, address="198.51.100.1")
    assert isinstance(owner.activate(person.token()), Activated)
    for _ in range(4):
        told = person.reserve(person.token())
        if isinstance(told, Attempt):
            _refuse(person, told)
    assert person.reserve(person.token()) == Link(LinkState.USED)


def test_the_right_password_leaves_no_count(person: Person) -> None:
    person.activate()
    with person.database.reading() as connection:
        counted = select(throttle.c.misses).where(throttle.c.scope.like("activation%"))
        assert connection.execute(counted).all() == []


def test_a_second_click_gets_the_same_answer(person: Person) -> None:
    first, second = _reserved(person), _reserved(person)
    born = person.conclude(first)
    assert isinstance(born, Activated)
    assert person.conclude(second) == born
    assert person.activate(now=NOON + 29 * MINUTE) == born
    assert accounts(person.database) == (1, 1)
    assert len([kind for kind, *_ in mails(person.database) if kind == "registered"]) == 1


def test_after_half_an_hour_a_used_link_is_used(person: Person) -> None:
    person.activate()
    assert person.activate(now=NOON + 30 * MINUTE) == Link(LinkState.USED)


def test_after_the_first_login_a_used_link_is_used(person: Person) -> None:
    person.activate()
    with person.database.writing() as connection:
        connection.execute(update(account).values(last_login_at=NOON))
    assert person.activate() == Link(LinkState.USED)


def test_a_used_link_of_a_released_account_is_used(person: Person) -> None:
    person.activate()
    with person.database.writing() as connection:
        connection.execute(account_customer.delete())
    assert person.activate() == Link(LinkState.USED)


def test_a_link_that_was_replaced_while_the_password_was_verified(person: Person) -> None:
    attempt = _reserved(person)
    person.resend(NOON + MINUTE)
    assert person.conclude(attempt, NOON + MINUTE) == Link(LinkState.REPLACED, NOON + MINUTE)
    assert accounts(person.database) == (0, 0)


def test_a_registration_that_was_purged_while_the_password_was_verified(person: Person) -> None:
    attempt = _reserved(person)
    with person.database.writing() as connection:
        connection.execute(table.delete())
    assert person.conclude(attempt) == Link(LinkState.EXPIRED)


def test_a_customer_whom_the_master_closed_meanwhile_is_not_activated(person: Person) -> None:
    publish_customers(person.database, a_customer(web_registration=False))
    assert person.activate() == Link(LinkState.EXPIRED)
    assert accounts(person.database) == (0, 0)
    assert trail(person.database)[-1] == ("registration.voided",)
    publish_customers(person.database, a_customer())
    assert person.activate() == Link(LinkState.EXPIRED)


def test_a_login_id_that_somebody_else_took_over_is_not_handed_out_twice(person: Person) -> None:
    with person.database.writing() as connection:
        login_names.release(connection, "tarou", claimed_by="customer:12345678")
        login_names.claim(connection, "tarou", claimed_by="account:other", expires_at=None, now=NOON)
    assert person.activate() == LoginIdTaken()
    assert accounts(person.database) == (0, 0)
    assert trail(person.database)[-1] == ("registration.voided",)


def test_an_expired_claim_that_nobody_took_is_renewed(person: Person) -> None:
    with person.database.writing() as connection:
        connection.execute(update(login_name).values(expires_at=NOON))
    assert isinstance(person.activate(now=NOON + HOUR), Activated)


def test_a_customer_who_has_an_owner_gets_no_second_one(person: Person) -> None:
    with person.database.writing() as connection:
        assert stored.become_owner(
            connection, customer_key="12345678", account_id="other", since=NOON, matched_batch_id=None
        )
    assert person.activate() == AlreadyRegistered()
    assert accounts(person.database) == (0, 1)
    with person.database.reading() as connection:
        assert login_names.is_free(connection, "tarou", claimed_by="account:x", now=NOON)


def test_the_ticket_opens_for_half_an_hour_and_the_first_login_only(person: Person) -> None:
    def may(account_id: str, now: datetime = NOON) -> bool:
        with person.database.reading() as connection:
            return activation.may_enter(connection, account_id, now)

    assert not may("nobody")
    born = person.activate()
    assert isinstance(born, Activated)
    assert may(born.account_id)
    assert may(born.account_id, NOON + 29 * MINUTE)
    assert not may(born.account_id, NOON + 30 * MINUTE)
    with person.database.writing() as connection:
        connection.execute(update(account).values(last_login_at=NOON))
    assert not may(born.account_id)
