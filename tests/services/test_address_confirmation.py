"""An address that mails do not reach: known from the server's refusal, confirmed anew by its owner only."""

import json
from datetime import datetime, timedelta

import pytest

from mypage.domain.link import Link, LinkState
from mypage.domain.recovery import LinkFacts
from mypage.domain.signup_mail import Limit
from mypage.services import address_confirmation, deliveries
from mypage.services.account_link import ADDRESS_CONFIRMATION, PASSWORD_RESET
from mypage.services.address_confirmation import Address, Sent
from mypage.services.outbox import OutboxMessage
from mypage.store import accounts
from mypage.store import outbox as mails
from mypage.store.engine import Database
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.mail import enqueue_notice, enqueue_signup
from tests.portal import SECRET_KEYS
from tests.recovering import (
    HOUR,
    MINUTE,
    NOON,
    Forgetful,
    change_account,
    trail,
    written,
)

GONE = "550 5.1.1 no such user"


@pytest.fixture
def account_id(database: Database) -> str:
    publish_customers(database, a_customer())
    return an_account(database, "12345678")


def _taken(database: Database) -> OutboxMessage:
    with database.writing() as connection:
        (mail,) = deliveries.take(connection, worker="w", now=NOON, limit=10)
    return mail


def _refuse(database: Database, reply: str = GONE, *, of_recipient: bool = True) -> None:
    mail = _taken(database)
    with database.writing() as connection:
        assert deliveries.refuse(
            connection, mail, server="s", reply=reply, now=NOON, of_recipient=of_recipient
        )


def _is_refused(database: Database, account_id: str) -> bool:
    assert address_confirmation.is_refused(database.reader, account_id) == (
        _address(database, account_id).refused_at is not None
    )
    return address_confirmation.is_refused(database.reader, account_id)


def _address(database: Database, account_id: str) -> Address:
    with database.reading() as connection:
        return address_confirmation.address(connection, account_id, NOON + HOUR)


def _ask(database: Database, account_id: str, now: datetime = NOON) -> object:
    with database.writing() as connection:
        return address_confirmation.ask(
            connection,
            account_id,
            secret=SECRET_KEYS,
            now=now,
        )


def _confirm(database: Database, account_id: str, token: LinkFacts | None) -> Link | None:
    with database.writing() as connection:
        return address_confirmation.confirm(connection, account_id, token, now=NOON)


def test_a_refusal_for_good_marks_every_account_at_exactly_that_address(
    database: Database, account_id: str
) -> None:
    family = an_account(database, login_id="hanako-2026")
    other_case = an_account(database, login_id="capital", email="Tarou@example.jp")
    elsewhere = an_account(database, login_id="elsewhere", email="hanako@example.jp")
    enqueue_notice(database, NOON, recipient="tarou@example.jp", account_id=account_id)
    _refuse(database)
    assert [_is_refused(database, each) for each in (account_id, family, other_case, elsewhere)] == [
        True,
        True,
        False,
        False,
    ]
    assert [action for action, *_ in trail(database)] == ["address.bounced"] * 2 + ["mail.refused"]


@pytest.mark.parametrize(
    ("reply", "of_recipient"),
    [(GONE, False), ("550 5.7.1 relay access denied", True), ("554 5.6.0 not this text", False)],
)
def test_a_refusal_of_text_or_sender_says_nothing_about_the_address(
    database: Database, account_id: str, reply: str, of_recipient: bool
) -> None:
    enqueue_notice(database, NOON, recipient="tarou@example.jp", account_id=account_id)
    _refuse(database, reply, of_recipient=of_recipient)
    assert not _is_refused(database, account_id)


def test_a_refused_signup_or_a_mail_to_a_former_address_marks_nobody(
    database: Database, account_id: str
) -> None:
    enqueue_signup(database, NOON, recipient="tarou@example.jp")
    _refuse(database)
    assert not _is_refused(database, account_id)
    enqueue_notice(database, NOON, recipient="former@example.jp", account_id=account_id)
    _refuse(database)
    assert not _is_refused(database, account_id)


def test_a_refused_mail_with_a_link_marks_too(database: Database, account_id: str) -> None:
    forgetful = Forgetful(database)
    forgetful.ask("password", "tarou-2026")
    forgetful.be_answered()
    _refuse(database)
    assert _is_refused(database, account_id)


def test_it_is_confirmed_once_by_its_own_account(database: Database, account_id: str) -> None:
    change_account(database, mail_refused_at=NOON)
    stranger = an_account(database, login_id="stranger", mail_refused_at=NOON)
    assert isinstance(_ask(database, account_id), Sent)
    assert written(database) == [("address_confirmation", "tarou@example.jp")]
    token = Forgetful(database).link(ADDRESS_CONFIRMATION)
    with database.reading() as connection:
        mine = address_confirmation.look(connection, account_id, token, NOON)
        theirs = address_confirmation.look(connection, stranger, token, NOON)
    assert (mine, theirs) == (Link(LinkState.GOOD), None)
    assert _confirm(database, stranger, token) is None
    assert _is_refused(database, account_id), "looking changes nothing"
    assert _confirm(database, account_id, token) == Link(LinkState.GOOD)
    assert not _is_refused(database, account_id)
    assert _is_refused(database, stranger), "whoever shares the address confirms it too"
    assert _confirm(database, account_id, token) == Link(LinkState.USED)
    assert _confirm(database, account_id, None) == Link(LinkState.BROKEN)
    actions = [action for action, *_ in trail(database)]
    assert actions == ["address.confirmation_sent", "address.confirmed"]


def test_its_link_lives_for_a_day_and_dies_with_the_address(database: Database, account_id: str) -> None:
    change_account(database, mail_refused_at=NOON)
    _ask(database, account_id)
    token = Forgetful(database).link(ADDRESS_CONFIRMATION)
    with database.reading() as connection:
        states = [
            ADDRESS_CONFIRMATION.look(connection, token, NOON + late).state.value
            for late in (timedelta(hours=23), timedelta(hours=24))
        ]
        # For another purpose it is nothing.
        assert PASSWORD_RESET.look(connection, token, NOON).state is LinkState.EXPIRED
    assert states == ["good", "expired"]
    change_account(database, email="new@example.jp")
    assert _confirm(database, account_id, token) == Link(LinkState.EXPIRED)
    assert _is_refused(database, account_id)


def test_five_mails_a_day(database: Database, account_id: str) -> None:
    for number in range(5):
        assert isinstance(_ask(database, account_id, NOON + number * MINUTE), Sent)
    assert _ask(database, account_id, NOON + HOUR) == Limit("signup_mails", NOON + timedelta(hours=24))
    action, _, facts = trail(database)[-1]
    assert (action, json.loads(facts)) == ("address.confirmation_refused", {"reason": "limited"})
    assert isinstance(_ask(database, account_id, NOON + timedelta(hours=24)), Sent)


def test_what_its_page_tells(database: Database, account_id: str) -> None:
    assert _address(database, account_id) == Address("tarou@example.jp", None, None, None, refused=False)
    change_account(database, mail_refused_at=NOON)
    _ask(database, account_id)
    assert _address(database, account_id).asked_at == NOON
    mail = _taken(database)
    with database.writing() as connection:
        deliveries.hand_over(connection, mail, server="s", reply="250", now=NOON + MINUTE)
    assert _address(database, account_id).handed_over_at == NOON + MINUTE
    _ask(database, account_id)
    mail = _taken(database)
    with database.writing() as connection:
        mails.settle(connection, mail.id, state=mails.REFUSED)
    assert _address(database, account_id).refused


def test_an_account_that_is_gone_is_a_fault_of_ours(database: Database) -> None:
    with database.writing() as connection:
        assert accounts.lock(connection, "nobody") is None
    with pytest.raises(LookupError):
        _ask(database, "nobody")
    with pytest.raises(LookupError):
        _address(database, "nobody")
