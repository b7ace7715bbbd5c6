"""The link to who forgot the password: as careful as the signup's, and what a reset ends and lifts."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from mypage.domain.link import Link, LinkState
from mypage.domain.recovery import LinkFacts
from mypage.services import deliveries, password_reset, sessions
from mypage.services.login import Attempt as LoginAttempt
from mypage.services.login import KnownDevice, device_mark, reserve
from mypage.services.mailed_links import MailedLink, link_of
from mypage.services.outbox import OutboxMessage
from mypage.services.password_reset import Attempt, OtherId, Reset
from mypage.services.sessions import Lifetime
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from mypage.store.schema import account, login_session
from tests.bills import STAMP, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS
from tests.recovering import (
    HOUR,
    MINUTE,
    NOON,
    Forgetful,
    change_account,
    hand_over,
    reset_in,
    trail,
    written,
)
from tests.signing_up import at_once

SECOND = timedelta(seconds=1)


@pytest.fixture
def owner(database: Database) -> Forgetful:
    publish_customers(database, a_customer())
    an_account(database, "12345678", login_id="Tarou-2026", login_key="tarou-2026")
    return Forgetful(database)


def _password(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(select(account.c.password_hash)).scalar_one())


def _log_in(database: Database, now: datetime = NOON) -> str:
    with database.writing() as connection:
        return sessions.start(
            connection,
            "account-of-Tarou-2026",
            stamp=STAMP,
            lifetime=Lifetime(idle=MINUTE, absolute=HOUR),
            address="",
            browser="",
            replaces=None,
            now=now,
        )


def test_a_reset_ends_all_sessions_tells_the_owner_and_uses_the_link_up(owner: Forgetful) -> None:
    _log_in(owner.database)
    token = owner.asked_link()
    assert owner.state(token) == "good"
    outcome = owner.reset(token, login_id="TAROU-2026")
    assert isinstance(outcome, Reset)
    assert _password(owner.database) == "a new hash"
    with owner.database.reading() as connection:
        assert connection.execute(select(login_session)).all() == []
        assert connection.execute(select(account.c.stamp)).scalar_one() == outcome.stamp != STAMP
    assert written(owner.database) == [
        ("password_reset", "tarou@example.jp"),
        ("password_recovered", "tarou@example.jp"),
    ]
    action, who, facts = trail(owner.database)[-1]
    assert (action, who) == ("password.reset", "account-of-Tarou-2026")
    assert json.loads(facts) == {"sessions_ended": 1}
    assert owner.state(token) == "used"
    assert owner.reset(token) == Link(LinkState.USED)


def test_looking_changes_nothing_and_neither_does_a_wrong_id(owner: Forgetful) -> None:
    token = owner.asked_link()
    before = _password(owner.database)
    for _ in range(4):
        assert owner.state(token) == "good"
        assert isinstance(owner.reset(token, login_id="hanako"), OtherId)
    assert _password(owner.database) == before
    assert json.loads(trail(owner.database)[-1][2]) == {"reason": "login_id", "cause": "D-03"}
    waiting = owner.reset(token)
    assert isinstance(waiting, Waiting)
    assert json.loads(trail(owner.database)[-1][2]) == {"reason": "waits", "cause": "D-02"}
    # A scanner's guesses make nobody else wait, and a newer link begins anew.
    assert isinstance(Forgetful(owner.database, address="192.0.2.9").reserve(token), Attempt)
    newer = owner.asked_link(NOON + MINUTE)
    assert isinstance(owner.reset(newer, NOON + MINUTE), Reset)


def test_many_scanners_together_are_limited_more_loosely(owner: Forgetful) -> None:
    token = owner.asked_link()
    for number in range(40):
        scanner = Forgetful(owner.database, address=f"10.0.0.{number}")
        assert isinstance(scanner.reset(token, login_id=f"guess-{number}"), OtherId)
    assert isinstance(owner.reset(token), Waiting)
    assert isinstance(owner.reset(token, NOON + MINUTE), Reset)


def test_an_hour_from_the_hand_over(owner: Forgetful) -> None:
    token = owner.asked_link()
    hand_over(owner.database, NOON + 10 * HOUR)
    token = owner.link(signed_at=NOON + 10 * HOUR - SECOND)
    assert owner.state(token, NOON + 11 * HOUR - SECOND) == "good"
    assert owner.state(token, NOON + 11 * HOUR) == "expired"
    assert owner.reset(token, NOON + 11 * HOUR) == Link(LinkState.EXPIRED)


def test_a_mail_that_was_never_handed_over(owner: Forgetful) -> None:
    owner.asked_link()
    late = owner.link(signed_at=NOON + 72 * HOUR - MINUTE)
    assert owner.state(late, NOON + 72 * HOUR - SECOND) == "good"
    assert owner.state(late, NOON + 72 * HOUR) == "expired"


def test_a_newer_link_takes_its_place(owner: Forgetful) -> None:
    older = owner.asked_link()
    newer = owner.asked_link(NOON + MINUTE)
    hand_over(owner.database, NOON + 3 * MINUTE)
    with owner.database.reading() as connection:
        link = password_reset.look(connection, older, NOON + 4 * MINUTE)
    assert link == Link(LinkState.REPLACED, NOON + 3 * MINUTE)
    assert owner.reset(older, NOON + 4 * MINUTE) == link
    assert isinstance(owner.reset(newer, NOON + 4 * MINUTE), Reset)
    assert owner.state(older, NOON + 5 * MINUTE) == "used"


@pytest.mark.parametrize(
    "deed",
    [
        {"password_hash": "changed"},
        {"email": "hanako@example.jp"},
        {"stamp": "rotated"},
        {"state": "suspended"},
    ],
)
def test_the_link_dies_with_what_it_was_made_for(owner: Forgetful, deed: dict[str, object]) -> None:
    token = owner.asked_link()
    attempt = owner.reserve(token)
    assert isinstance(attempt, Attempt)
    change_account(owner.database, **deed)
    assert owner.state(token) == "expired"
    assert owner.reserve(token) == Link(LinkState.EXPIRED)
    # Also where it happens while the new password is being hashed.
    assert owner.conclude(attempt) == Link(LinkState.EXPIRED)
    assert _password(owner.database) != "a new hash"


def test_the_link_dies_with_its_account(owner: Forgetful) -> None:
    token = owner.asked_link()
    with owner.database.writing() as connection:
        connection.execute(delete(account))
    assert owner.state(token) == "expired"
    assert owner.reserve(token) == Link(LinkState.EXPIRED)


def test_what_was_proven_before_all_sessions_ended_replaces_nothing(owner: Forgetful) -> None:
    attempt = owner.reserve(owner.asked_link())
    assert isinstance(attempt, Attempt)
    stale = Attempt(attempt.token, attempt.account._replace(stamp="older"), attempt.masters, attempt.reserved)
    assert owner.conclude(stale) == Link(LinkState.EXPIRED)
    assert isinstance(owner.conclude(attempt), Reset)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        (lambda token: None, "broken"),
        (lambda token: LinkFacts(token.account_id, token.serial, "another", token.signed_at), "expired"),
        (lambda token: LinkFacts("nobody", token.serial, token.mark, token.signed_at), "expired"),
        # A database that was restored from a back-up has not heard of it.
        (
            lambda token: LinkFacts(token.account_id, token.serial + 9, token.mark, token.signed_at),
            "broken",
        ),
    ],
)
def test_other_links(owner: Forgetful, changed: Callable[[LinkFacts], LinkFacts | None], state: str) -> None:
    assert owner.state(changed(owner.asked_link())) == state


def test_a_weak_password_is_no_miss(owner: Forgetful) -> None:
    token = owner.asked_link()
    for weak, code in (
        ("short", "password_under_8"),
        ("tarou-2026", "password_is_login_id"),
        ("0012345678", "password_is_customer_number"),
        ("0748-62-1234", "password_is_phone"),
        ("aikomutarou", "password_is_name"),
    ):
        attempt = owner.reserve(token)
        assert isinstance(attempt, Attempt), attempt
        assert code in password_reset.weaknesses(attempt, weak, "operator")
        with owner.database.writing() as connection:
            password_reset.refuse_weak(connection, attempt, secret=SECRET_KEYS, actor="visitor", now=NOON)
    assert json.loads(trail(owner.database)[-1][2]) == {"reason": "password", "cause": "B-02"}
    assert isinstance(owner.reset(token), Reset)


def _try_login(database: Database, *devices: KnownDevice, now: datetime = NOON) -> LoginAttempt | Waiting:
    with database.writing() as connection:
        return reserve(
            connection,
            login_id="tarou-2026",
            devices=devices,
            address="192.0.2.77",
            secret=SECRET_KEYS,
            now=now,
        )


def test_the_waits_at_the_login_are_lifted_and_no_device_is_known_any_more(owner: Forgetful) -> None:
    known = KnownDevice("account-of-Tarou-2026", "device-1", device_mark(STAMP))
    for devices in ((), (known,)):
        for _ in range(4):
            assert isinstance(_try_login(owner.database, *devices), LoginAttempt)
        assert isinstance(_try_login(owner.database, *devices), Waiting)
    # Recovery is asked and done while both wait.
    outcome = owner.reset(owner.asked_link())
    assert isinstance(outcome, Reset)
    for devices in ((), (known,)):
        attempt = _try_login(owner.database, *devices)
        assert isinstance(attempt, LoginAttempt)
        assert attempt.reserved.counters[0][0].scope == "login-account"
    # The device on which it was reset is known: whoever goes on guessing elsewhere does not shut it out.
    for _ in range(2):
        assert isinstance(_try_login(owner.database), LoginAttempt)
    assert isinstance(_try_login(owner.database), Waiting)
    fresh = KnownDevice(outcome.account_id, "device-2", device_mark(outcome.stamp))
    assert isinstance(_try_login(owner.database, fresh), LoginAttempt)


def test_eight_simultaneous_posts_are_one_reset(owner: Forgetful, engine_url: str) -> None:
    token = owner.asked_link()
    owner.database.close()
    outcomes = at_once(reset_in, engine_url, [(token, f"192.0.2.{number}") for number in range(8)])
    assert outcomes == ["Link used"] * 7 + ["Reset"]
    assert [kind for kind, _ in written(owner.database)] == ["password_reset", "password_recovered"]


def _mail(owner: Forgetful) -> tuple[OutboxMessage, MailedLink]:
    with owner.database.writing() as connection:
        (mail,) = deliveries.take(connection, worker="w", now=NOON, limit=10)
    link = link_of(mail)
    assert link is not None
    return mail, link


def test_a_link_that_died_while_its_mail_waited_does_not_go_out(owner: Forgetful) -> None:
    owner.asked_link()
    mail, link = _mail(owner)
    with owner.database.reading() as connection:
        assert link.lives(connection, mail)
    for changed in ({"state": "suspended"}, {"state": "active", "stamp": "rotated"}):
        change_account(owner.database, **changed)
        with owner.database.reading() as connection:
            assert not link.lives(connection, mail)
    with owner.database.writing() as connection:
        connection.execute(delete(account))
        link.lock(connection, mail)
        assert not link.lives(connection, mail)


def test_what_became_of_an_older_mail_is_nothing_to_the_newer_link(owner: Forgetful) -> None:
    owner.asked_link()
    older, link = _mail(owner)
    owner.asked_link(NOON + MINUTE)
    with owner.database.writing() as connection:
        assert not link.lives(connection, older)
        link.handed_over(connection, older, now=NOON + 30 * MINUTE)
        link.given_up(connection, older, actor="worker", now=NOON + 30 * MINUTE)
    newer = owner.link(signed_at=NOON + MINUTE)
    assert owner.state(newer, NOON + 60 * MINUTE) == "good"
    assert owner.state(newer, NOON + 61 * MINUTE) == "expired"


def test_a_link_ends_with_a_mail_that_is_given_up(owner: Forgetful) -> None:
    token = owner.asked_link()
    mail, link = _mail(owner)
    with owner.database.writing() as connection:
        link.given_up(connection, mail, actor="worker", now=NOON)
    assert owner.state(token) == "expired"
