"""The way of a mail from the outbox to a real mail server, in good days and bad, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from mypage.adapters.tokens import Signed, Tokens
from mypage.domain.activation import LINK_LIFE, LinkState, RegistrationState, TokenFacts, link_state
from mypage.services.provisional import facts_of
from mypage.store.engine import Database
from mypage.store.schema import audit_event, metadata
from mypage.store.schema import outbox as outbox_table
from mypage.works.deliver import Round
from tests.mail import (
    Desk,
    enqueue_notice,
    enqueue_signup,
    mails_in,
    register,
    sign_up,
    the_mail,
    the_registration,
)
from tests.portal import ADDRESS, SECRET_KEYS
from tests.smtp_server import KeptMail, MailServer

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
AWAY = Round(unreachable=True)


def _signed(mail: KeptMail, now: datetime) -> Signed:
    token = mail.link.removeprefix(f"{ADDRESS}/signup/activate/")
    read = Tokens([SECRET_KEYS]).read("activation", token, now)
    assert isinstance(read, Signed), read
    return read


def _link_state(desk: Desk, mail: KeptMail, now: datetime) -> LinkState:
    read = _signed(mail, now)
    facts = TokenFacts(read.payload["r"], read.payload["s"], read.signed_at)
    return link_state(facts_of(the_registration(desk.database)), facts, now)


def _actions(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(audit_event.c.action).order_by(audit_event.c.seq)))


def test_the_link_is_good_for_24_hours_from_the_servers_250(desk: Desk, server: MailServer) -> None:
    sign_up(desk.database, desk.clock.now())
    before = desk.wait(5 * HOUR)
    assert desk.delivery.round() == Round(settled=1, more=True)
    after = desk.clock.now()
    (mail,) = server.mails
    assert (mail.sender, mail.recipient) == ("mypage@example.jp", "tarou@docomo.ne.jp")
    assert _signed(mail, after).payload == {"r": "registration-of-70012", "s": 1}
    found = the_registration(desk.database)
    assert before <= found["handed_over_at"] <= after
    assert found["expires_at"] == found["handed_over_at"] + LINK_LIFE
    assert _link_state(desk, mail, found["expires_at"] - SECOND) is LinkState.GOOD
    assert _link_state(desk, mail, found["expires_at"]) is LinkState.EXPIRED
    assert _actions(desk.database) == ["mail.handed_over"]
    assert desk.delivery.round() == Round()


def test_the_24_hours_begin_when_the_server_answers_and_not_when_it_is_asked(
    desk: Desk, server: MailServer
) -> None:
    def dawdle(_mail: KeptMail) -> None:
        desk.wait(2 * HOUR)

    server.manners.before_250 = dawdle
    sign_up(desk.database, desk.clock.now())
    asked = desk.clock.now()
    desk.delivery.round()
    assert the_registration(desk.database)["handed_over_at"] - asked >= 2 * HOUR


def test_the_token_is_nowhere_in_the_database(desk: Desk, server: MailServer) -> None:
    sign_up(desk.database, desk.clock.now())
    server.manners.text = "451 4.3.0 come again"
    desk.delivery.round()
    server.manners.text = None
    desk.wait(HOUR)
    desk.delivery.round()
    token = server.mails[0].link.rpartition("/")[2]
    with desk.database.reading() as connection:
        rows = [
            str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        ]
    assert any("registration-of-70012" in row for row in rows)
    for part in token.split("."):
        assert not any(part in row for row in rows)


def test_an_outage_costs_none_of_the_24_hours(desk: Desk, server: MailServer) -> None:
    server.stop()
    sign_up(desk.database, desk.clock.now())
    for _ in range(5):
        assert desk.delivery.round() == AWAY
        desk.wait(5 * HOUR)
    mail = the_mail(desk.database)
    # The server was away: that is no fault of this mail, which goes out as soon as it is back.
    assert (mail["state"], mail["attempts"], mail["leased_by"]) == ("waiting", 0, None)
    assert the_registration(desk.database)["expires_at"] is None
    server.start()
    back = desk.clock.now()
    assert desk.delivery.round().settled == 1
    found = the_registration(desk.database)
    assert found["expires_at"] - LINK_LIFE >= back
    assert _link_state(desk, server.mails[0], back + 23.9 * HOUR) is LinkState.GOOD


def test_after_72_hours_of_outage_the_registration_ends(desk: Desk, server: MailServer) -> None:
    sign_up(desk.database, desk.clock.now())
    desk.wait(72 * HOUR)
    desk.delivery.round()
    assert server.mails == []
    assert the_mail(desk.database)["state"] == "given_up"
    assert the_registration(desk.database)["state"] == RegistrationState.VOID
    assert _actions(desk.database) == ["mail.given_up", "registration.voided"]


def test_a_mail_that_is_not_taken_now_comes_again_ever_later(desk: Desk, server: MailServer) -> None:
    sign_up(desk.database, desk.clock.now())
    server.manners.rcpt = "450 4.2.1 greylisted"
    waits = []
    for attempt in range(1, 4):
        begun = desk.clock.now()
        assert desk.delivery.round().settled == 1
        assert desk.delivery.round() == Round()
        mail = the_mail(desk.database)
        assert (mail["state"], mail["attempts"], mail["reply"]) == (
            "waiting",
            attempt,
            "450 4.2.1 greylisted",
        )
        waits.append(mail["next_try_at"] - begun)
        desk.wait(mail["next_try_at"] - desk.clock.now() + SECOND)
    assert 7 * SECOND < waits[0] < waits[1] < waits[2] < 62 * SECOND
    server.manners.rcpt = None
    desk.delivery.round()
    assert the_mail(desk.database)["state"] == "handed_over"
    assert _actions(desk.database) == ["mail.handed_over"]


def test_a_refused_mail_is_not_tried_again_and_stops_no_other(desk: Desk, server: MailServer) -> None:
    now = desk.clock.now()
    sign_up(desk.database, now, "1", recipient="nobody@docomo.ne.jp")
    sign_up(desk.database, now, "2")
    server.manners.by_recipient = lambda to: "550 5.1.1 no such user" if to.startswith("nobody") else None
    desk.run()
    assert [mail["state"] for mail in mails_in(desk.database)] == ["refused", "handed_over"]
    assert the_registration(desk.database, "1")["state"] == RegistrationState.PENDING
    assert the_registration(desk.database, "1")["expires_at"] is None
    desk.wait(HOUR)
    assert desk.delivery.round() == Round()
    assert sorted(_actions(desk.database)) == ["mail.handed_over", "mail.refused"]


@pytest.mark.parametrize("where", ["rcpt", "data", "lost"])
def test_what_broke_off_before_the_server_took_it_is_sent_once(
    desk: Desk, server: MailServer, where: str
) -> None:
    sign_up(desk.database, desk.clock.now())
    server.manners.breaks_off = where
    desk.run()
    server.manners.breaks_off = None
    desk.wait(HOUR)
    desk.run()
    assert len(server.mails) == 1
    assert the_mail(desk.database)["state"] == "handed_over"


def test_what_broke_off_after_the_server_took_it_is_sent_twice_and_both_links_work(
    desk: Desk, server: MailServer
) -> None:
    sign_up(desk.database, desk.clock.now())
    server.manners.breaks_off = "kept"
    desk.run()
    assert _link_state(desk, server.mails[0], desk.clock.now()) is LinkState.GOOD
    server.manners.breaks_off = None
    desk.wait(HOUR)
    desk.run()
    first, second = server.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.link != second.link
    for mail in (first, second):
        assert _link_state(desk, mail, desk.clock.now() + 23 * HOUR) is LinkState.GOOD
    desk.wait(HOUR)
    assert desk.delivery.round() == Round()


def test_a_mail_whose_registration_was_replaced_meanwhile_is_not_sent(desk: Desk, server: MailServer) -> None:
    now = desk.clock.now()
    sign_up(desk.database, now, "1", recipient="first@example.jp")
    sign_up(desk.database, now, "2", recipient="second@example.jp")

    def registers_again(_mail: KeptMail) -> None:
        server.manners.before_250 = None
        register(desk.database, now, customer="2", serial=2)
        enqueue_signup(desk.database, now, customer="2", serial=2, recipient="corrected@example.jp")

    server.manners.before_250 = registers_again
    desk.run()
    assert [mail.recipient for mail in server.mails] == ["first@example.jp", "corrected@example.jp"]
    assert [mail["state"] for mail in mails_in(desk.database)] == ["handed_over", "void", "handed_over"]


def test_a_mail_that_was_replaced_while_the_server_took_it_begins_no_24_hours(
    desk: Desk, server: MailServer
) -> None:
    now = desk.clock.now()
    sign_up(desk.database, now)

    def registers_again(_mail: KeptMail) -> None:
        register(desk.database, now, serial=2)

    server.manners.before_250 = registers_again
    desk.run()
    assert the_registration(desk.database)["expires_at"] is None
    assert _link_state(desk, server.mails[0], desk.clock.now()) is LinkState.REPLACED


def test_addresses_that_only_carriers_issue(desk: Desk, server: MailServer) -> None:
    sign_up(desk.database, desk.clock.now(), recipient="a..b.@docomo.ne.jp")
    desk.run()
    assert server.mails[0].recipient == "a..b.@docomo.ne.jp"
    assert the_mail(desk.database)["state"] == "handed_over"


def test_a_mail_that_cannot_be_composed_stops_no_other(desk: Desk, server: MailServer) -> None:
    now = desk.clock.now()
    broken = enqueue_notice(desk.database, now)
    enqueue_notice(desk.database, now, recipient="after@example.jp")
    with desk.database.writing() as connection:
        connection.execute(update(outbox_table).where(outbox_table.c.id == broken).values(facts={}))
    desk.run()
    assert [mail.recipient for mail in server.mails] == ["after@example.jp"]
    assert [(mail["state"], mail["attempts"]) for mail in mails_in(desk.database)] == [
        ("waiting", 1),
        ("handed_over", 0),
    ]
