"""The provisional registration: one a customer, the newest mail alone is good, and mails have their limits."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from mypage.domain.activation import LinkState, TokenFacts
from mypage.domain.mail_progress import Stage
from mypage.domain.signup_mail import Limit
from mypage.services import registration, signup
from mypage.services.activation import Activated, Link
from mypage.services.identity import AlreadyRegistered
from mypage.services.mail_progress import MailProgress
from mypage.services.registration import DraftGone, LoginIdTaken, PasswordAsked, Registered, TooSoon
from mypage.store import login_names
from mypage.store import outbox as stored_mails
from mypage.store.engine import Database
from mypage.store.schema import account, login_name, outbox, signup_mail
from mypage.store.schema import registration as table
from tests.builders import a_customer, publish_customers
from tests.signing_up import NOON, Person, accounts, hand_over, mails, settings, trail

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HANAKO = {"customer_number": "777", "phone": "0312345678", "name_kana": "サトウ　ハナコ"}


@pytest.fixture
def person(database: Database) -> Person:
    """Tarou; Hanako is a customer too."""
    publish_customers(
        database,
        a_customer(),
        a_customer("777", phone="0312345678", name_kana="サトウ　ハナコ"),
    )
    return Person(database)


def _link(person: Person, token: TokenFacts, now: datetime = NOON) -> LinkState:
    outcome = person.activate(token, now)
    assert isinstance(outcome, Link)
    return outcome.state


def test_a_registration_writes_its_mail_and_its_row_of_the_trail_in_the_same_transaction(
    person: Person,
) -> None:
    outcome = person.sign_up()
    assert isinstance(outcome, Registered)
    assert outcome.serial == 1
    assert mails(person.database) == [("provisional_registration", "taro@example.jp", 1)]
    assert trail(person.database) == [("identity.matched",), ("registration.made",)]
    assert accounts(person.database) == (0, 0)
    with person.database.reading() as connection:
        row = connection.execute(select(table)).mappings().one()
        facts = connection.execute(select(outbox.c.facts)).scalar_one()
    assert row["terms_version"] == settings().terms_version
    assert row["password_hash"] == "a hash"
    assert facts == {}
    assert person.register() == DraftGone()
    assert len(mails(person.database)) == 1


def test_the_password_is_asked_where_it_was_dropped(person: Person) -> None:
    person.prove()
    assert person.register() == PasswordAsked()
    person.fill()
    with person.database.writing() as connection:
        signup.go_back(connection, person.browser_hash, NOON)
    assert person.register() == PasswordAsked()
    assert mails(person.database) == []


def test_without_a_draft_there_is_nothing_to_register(person: Person) -> None:
    assert person.register() == DraftGone()
    person.prove()
    person.fill()
    assert person.register(NOON + 31 * MINUTE) == DraftGone()


def test_registering_again_replaces_and_the_older_link_dies(person: Person) -> None:
    person.sign_up()
    older = person.token()
    person.sign_up(NOON + HOUR, login_id="tarou2", email="new@example.jp")
    newer = person.token()
    assert (newer.registration_id, newer.serial) == (older.registration_id, 2)
    outcome = person.activate(older, NOON + HOUR)
    assert outcome == Link(LinkState.REPLACED, NOON + HOUR)
    assert isinstance(person.activate(newer, NOON + HOUR), Activated)
    assert trail(person.database)[-2:] == [("registration.replaced",), ("activation.done",)]
    with person.database.reading() as connection:
        names = connection.execute(select(login_name.c.login_key)).scalars().all()
    # The id of the registration that was replaced is free again.
    assert names == ["tarou2"]


def test_registering_after_the_link_has_expired_replaces_nothing(person: Person) -> None:
    person.sign_up()
    for days in (4, 8, 12, 16):
        assert isinstance(person.sign_up(NOON + timedelta(days=days)), Registered)
    assert trail(person.database)[-1] == ("registration.made",)


def test_an_id_that_somebody_else_holds_is_refused_and_the_password_dropped(person: Person) -> None:
    person.sign_up()
    hanako = Person(person.database, browser="hanako")
    assert hanako.sign_up(login_id="TAROU", **HANAKO) == LoginIdTaken()
    draft = hanako.draft()
    assert draft.password_hash is None
    assert draft.nickname == "タロウ"
    assert trail(person.database)[-1] == ("registration.refused",)
    hanako.fill(login_id="hanako")
    assert isinstance(hanako.register(), Registered)


def test_an_id_whose_registration_has_ended_is_taken_over(person: Person) -> None:
    person.sign_up()
    token = person.token()
    hanako = Person(person.database, browser="hanako")
    later = NOON + timedelta(hours=72)
    assert isinstance(hanako.sign_up(later, **HANAKO), Registered)
    assert _link(person, token, later) is LinkState.EXPIRED
    assert isinstance(hanako.activate(hanako.token("777", signed_at=later), later), Activated)


def test_a_customer_who_was_activated_meanwhile_is_told_so(person: Person) -> None:
    late = Person(person.database, browser="late")
    late.prove()
    late.fill()
    person.sign_up()
    person.activate()
    assert late.register() == AlreadyRegistered()
    assert late.register() == DraftGone()
    assert accounts(person.database) == (1, 1)


def test_a_customer_whom_the_master_closed_meanwhile_begins_anew(person: Person) -> None:
    person.prove()
    person.fill()
    publish_customers(person.database, a_customer(web_registration=False))
    assert person.register() == DraftGone()
    assert trail(person.database)[-1] == ("registration.refused",)
    assert mails(person.database) == []


def test_a_released_customer_gets_a_registration_of_its_own(person: Person) -> None:
    person.sign_up()
    before = person.token()
    person.activate()
    with person.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM account_customer")
        connection.execute(account.delete())
        connection.execute(login_name.delete())
    newcomer = Person(person.database, browser="newcomer")
    newcomer.sign_up(NOON + HOUR)
    after = newcomer.token()
    assert after.registration_id != before.registration_id
    assert after.serial == 1
    assert _link(person, before, NOON + HOUR) is LinkState.EXPIRED


def test_what_done_tells_while_the_mail_waits_and_when_it_has_gone(person: Person) -> None:
    person.sign_up()
    waiting = person.pending()
    assert waiting is not None
    assert (waiting.email, waiting.mail, waiting.good_until) == (
        "taro@example.jp",
        MailProgress(Stage.QUEUED),
        None,
    )
    assert waiting.resend_from == NOON + MINUTE
    hand_over(person.database, NOON + 5 * MINUTE)
    gone = person.pending(NOON + HOUR)
    assert gone is not None
    assert (gone.mail.stage, gone.mail.at) == (Stage.HANDED_OVER, NOON + 5 * MINUTE)
    assert gone.good_until == NOON + 5 * MINUTE + timedelta(hours=24)
    assert person.pending(NOON + 5 * MINUTE + timedelta(hours=24)) is None


def test_only_the_browser_that_registered_sees_the_address(person: Person) -> None:
    person.sign_up()
    former_partner = Person(person.database, browser="former partner")
    former_partner.prove()
    assert former_partner.pending() is None
    former_partner.sign_up(email="other@example.jp", login_id="other")
    # The first browser's registration was replaced: it no longer sees anything, and can do nothing to the new one.
    assert person.pending() is None
    assert person.resend(NOON + HOUR) == DraftGone()
    assert person.correct("evil@example.jp", NOON + HOUR) == DraftGone()


def test_a_refusal_by_the_mail_server_is_told(person: Person) -> None:
    person.sign_up()
    with person.database.writing() as connection:
        connection.execute(outbox.update().values(state=stored_mails.REFUSED))
    told = person.pending()
    assert told is not None
    assert told.mail.stage is Stage.REFUSED
    person.correct("right@example.jp", NOON)
    corrected = person.pending()
    assert corrected is not None
    assert corrected.mail.stage is Stage.QUEUED


def test_a_resend_has_a_cooldown_and_kills_the_link_before(person: Person) -> None:
    person.sign_up()
    hand_over(person.database, NOON)
    older = person.token()
    assert person.resend(NOON + 59 * timedelta(seconds=1)) == TooSoon(NOON + MINUTE)
    outcome = person.resend(NOON + MINUTE)
    assert outcome == Registered(older.registration_id, 2)
    told = person.pending(NOON + MINUTE)
    assert told is not None
    assert told.good_until is None
    assert _link(person, older, NOON + MINUTE) is LinkState.REPLACED
    assert isinstance(person.activate(person.token(), NOON + HOUR), Activated)
    assert person.resend(NOON + HOUR) == DraftGone()


def test_a_resend_keeps_the_login_id_for_as_long_as_the_new_link(person: Person) -> None:
    person.sign_up()
    hand_over(person.database, NOON)
    person.resend(NOON + 23 * HOUR)
    with person.database.reading() as connection:
        free = login_names.is_free(connection, "tarou", claimed_by="customer:777", now=NOON + 90 * HOUR)
    assert not free


def test_a_corrected_address_gets_a_new_mail_at_once(person: Person) -> None:
    person.sign_up()
    older = person.token()
    assert person.correct("ｔａｒｏ@ｅｘａｍｐｌｅ．ｎｅ．ｊｐ", NOON) == Registered(older.registration_id, 2)
    assert mails(person.database)[-1] == ("provisional_registration", "taro@example.ne.jp", 2)
    assert trail(person.database)[-1] == ("registration.address_corrected",)
    assert _link(person, older) is LinkState.REPLACED
    # The same address again is a resend, with its cooldown.
    assert person.correct("taro@example.ne.jp", NOON) == TooSoon(NOON + MINUTE)
    person.correct("taro@example.ne.jp", NOON + MINUTE)
    assert trail(person.database)[-1] == ("registration.resent",)


def test_nothing_is_sent_again_once_the_registration_has_ended(person: Person) -> None:
    assert person.resend(NOON) == DraftGone()
    person.sign_up()
    hand_over(person.database, NOON)
    assert person.resend(NOON + 24 * HOUR) == DraftGone()


def test_five_mails_a_day_for_a_customer(person: Person) -> None:
    person.sign_up()
    for minutes in range(1, 5):
        assert isinstance(person.resend(NOON + minutes * MINUTE), Registered)
    limit = person.resend(NOON + HOUR)
    assert limit == Limit("signup_mails", NOON + 24 * HOUR)
    # Registering anew is no way around it.
    assert person.sign_up(NOON + HOUR) == limit
    assert isinstance(person.resend(NOON + 24 * HOUR), Registered)
    with person.database.reading() as connection:
        assert len(connection.execute(select(signup_mail)).all()) == 5


def test_five_mails_a_day_to_an_address_however_it_is_written(person: Person) -> None:
    hanako = Person(person.database, browser="hanako")
    hanako.sign_up(login_id="hanako", email="Taro@Example.jp", **HANAKO)
    for minutes in (1, 2, 3):
        assert isinstance(hanako.resend(NOON + minutes * MINUTE), Registered)
    assert isinstance(person.sign_up(NOON + 4 * MINUTE), Registered)
    assert isinstance(person.resend(NOON + HOUR), Limit)
    assert isinstance(person.correct("other@example.jp", NOON + HOUR), Registered)


def test_three_addresses_a_day(person: Person) -> None:
    person.sign_up()
    person.correct("b@example.jp", NOON)
    person.correct("c@example.jp", NOON)
    limit = person.correct("d@example.jp", NOON)
    assert limit == Limit("signup_addresses", NOON + 24 * HOUR)
    told = person.pending()
    assert told is not None
    assert told.email == "c@example.jp"


def test_three_replacements_a_day(person: Person) -> None:
    for minutes in range(4):
        assert isinstance(person.sign_up(NOON + minutes * MINUTE), Registered)
    limit = person.sign_up(NOON + 5 * MINUTE)
    assert limit == Limit("signup_replacements", NOON + MINUTE + 24 * HOUR)


def test_a_browser_knows_how_its_registration_ended(person: Person) -> None:
    def ended() -> LinkState | None:
        with person.database.reading() as connection:
            return registration.ended(connection, person.browser_hash)

    assert ended() is None
    person.sign_up()
    assert ended() is LinkState.EXPIRED
    person.activate()
    assert ended() is LinkState.USED
    assert person.pending() is None
