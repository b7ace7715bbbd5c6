"""A mail server that falls silent at any step, or is away for an hour: every mail comes, most of them once."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from mypage.adapters.smtp import Conversation
from mypage.domain.mail import Priority
from mypage.services import outages
from mypage.store.engine import Database
from mypage.works.deliver import Round
from tests.mail import Desk, enqueue_notice, mails_in, sign_up, the_mail
from tests.signing_up import trail
from tests.smtp_server import MailServer, silent_server

HOUR = timedelta(hours=1)
# Long enough for a server that speaks, on a machine that is busy.
IMPATIENT = partial(Conversation, patience=1, patience_at_end=1.2)


@pytest.fixture
def desk(database: Database, server: MailServer, tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(database, server.url(), tmp_path, converse=IMPATIENT)) as made:
        yield made


def _is_away(desk: Desk) -> bool:
    with desk.database.reading() as connection:
        return outages.away_since(connection, desk.clock.now()) is not None


@pytest.mark.parametrize(
    ("step", "away", "times"),
    [
        ("greeting", True, 1),
        ("ehlo", True, 1),
        ("mail", True, 1),
        ("rcpt", False, 1),
        ("data", False, 1),
        ("text", False, 1),
        # It kept the mail and never said so.
        ("kept", False, 2),
    ],
)
def test_silence_at_a_step_costs_no_mail(
    desk: Desk, server: MailServer, step: str, away: bool, times: int
) -> None:
    sign_up(desk.database, desk.clock.now())
    server.manners.hangs = step
    # Silence before anything was said about the mail is the server's, and told as its outage; later it is the mail's.
    assert desk.delivery.round() == (Round(unreachable=True) if away else Round(settled=1, more=True))
    assert _is_away(desk) is away
    assert the_mail(desk.database)["attempts"] == (0 if away else 1)
    server.manners.hangs = None
    desk.wait(HOUR)
    desk.run()
    assert len(server.mails) == times
    assert the_mail(desk.database)["state"] == "handed_over"
    assert not _is_away(desk)


@pytest.mark.parametrize("step", ["rset", "quit"])
def test_silence_after_a_mail_holds_up_no_other(desk: Desk, server: MailServer, step: str) -> None:
    enqueue_notice(desk.database, desk.clock.now(), recipient="nobody@example.jp")
    enqueue_notice(desk.database, desk.clock.now(), recipient="somebody@example.jp")
    server.manners.by_recipient = lambda to: "550 5.1.1 no" if to.startswith("nobody") else None
    server.manners.hangs = step
    desk.run()
    assert [mail.recipient for mail in server.mails] == ["somebody@example.jp"]
    assert [mail["state"] for mail in mails_in(desk.database)] == ["refused", "handed_over"]


def test_a_port_that_takes_connections_and_says_nothing(database: Database, tmp_path: Path) -> None:
    with (
        silent_server() as port,
        closing(Desk(database, f"smtp://127.0.0.1:{port}", tmp_path, converse=IMPATIENT)) as desk,
    ):
        sign_up(database, desk.clock.now())
        assert desk.delivery.round() == Round(unreachable=True)
        assert _is_away(desk)


def test_an_hour_without_a_mail_server(desk: Desk, server: MailServer) -> None:
    server.stop()
    began = desk.clock.now()
    sign_up(desk.database, began, "1", recipient="first@example.jp")
    for number in range(40):
        enqueue_notice(desk.database, began, recipient=f"m{number}@example.jp", priority=Priority.MASS)
    for minutes in range(0, 60, 2):
        assert desk.delivery.round() == Round(unreachable=True)
        # Known to everyone from the first failure on, for as long as it lasts.
        with desk.database.reading() as connection:
            since = outages.away_since(connection, desk.clock.now())
        assert since is not None
        assert since - began < timedelta(seconds=30)
        if minutes == 30:
            sign_up(desk.database, desk.clock.now(), "2", recipient="second@example.jp")
        desk.wait(timedelta(minutes=2))
    server.start()
    desk.run()
    assert [mail.recipient for mail in server.mails][:2] == ["first@example.jp", "second@example.jp"]
    assert len(server.mails) == 42
    assert {mail["state"] for mail in mails_in(desk.database)} == {"handed_over"}
    assert {mail["attempts"] for mail in mails_in(desk.database)} == {0}
    assert not _is_away(desk)
    told = [action for (action,) in trail(desk.database) if action.startswith("mail.server")]
    assert told == ["mail.server_lost", "mail.server_back"]
