"""What the server said is recorded, however the database, the disk and the journal fare."""

import resource
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from mypage.adapters.mail_journal import journal_folder
from mypage.store.engine import Database
from tests.mail import (
    Desk,
    enqueue_notice,
    mails_in,
    sign_up,
    the_registration,
)
from tests.postgres import Cluster
from tests.signing_up import trail
from tests.smtp_server import KeptMail, MailServer


def test_a_database_that_goes_away_before_the_record_costs_no_second_mail(
    desk: Desk, server: MailServer, postgres: Cluster
) -> None:
    sign_up(desk.database, desk.clock.now())
    sign_up(desk.database, desk.clock.now(), "2")

    def goes_away(_mail: KeptMail) -> None:
        server.manners.before_250 = None
        postgres.stop()

    server.manners.before_250 = goes_away
    try:
        with pytest.raises(DBAPIError):
            desk.delivery.round()
        with pytest.raises(DBAPIError):
            desk.delivery.round()
    finally:
        postgres.start()
    assert the_registration(desk.database)["handed_over_at"] is None
    desk.run()
    assert len(server.mails) == 2
    assert {mail["state"] for mail in mails_in(desk.database)} == {"handed_over"}
    assert the_registration(desk.database)["handed_over_at"] is not None


def test_many_answers_that_could_not_be_recorded_cost_no_second_mail(
    desk: Desk, server: MailServer, postgres: Cluster
) -> None:
    for number in range(8):
        enqueue_notice(desk.database, desk.clock.now(), recipient=f"a{number}@example.jp")

    def goes_away(mail: KeptMail) -> None:
        if mail.recipient == "a7@example.jp":
            postgres.stop()

    server.manners.before_250 = goes_away
    try:
        for _ in range(2):
            with pytest.raises(DBAPIError):
                desk.delivery.round()
    finally:
        postgres.start()
    assert {mail["state"] for mail in mails_in(desk.database)} == {"waiting"}
    desk.run()
    assert len(server.mails) == 8
    assert {mail["state"] for mail in mails_in(desk.database)} == {"handed_over"}
    assert len(trail(desk.database)) == 8


def test_answers_are_recorded_together_and_a_signup_s_at_once(desk: Desk, server: MailServer) -> None:
    seen: list[list[str]] = []

    def look(_mail: KeptMail) -> None:
        seen.append([mail["state"] for mail in mails_in(desk.database)])

    server.manners.before_250 = look
    sign_up(desk.database, desk.clock.now())
    for number in range(3):
        enqueue_notice(desk.database, desk.clock.now(), recipient=f"a{number}@example.jp")
    desk.run()
    assert seen[1:] == [["handed_over", "waiting", "waiting", "waiting"]] * 3
    assert {mail["state"] for mail in mails_in(desk.database)} == {"handed_over"}


def test_without_a_journal_every_answer_is_recorded_at_once(
    database: Database, server: MailServer, tmp_path: Path
) -> None:
    journal_folder(tmp_path, database.name).touch()
    with closing(Desk(database, server.url(), tmp_path)) as desk:
        _every_answer_is_recorded_at_once(desk, server)


def test_a_journal_that_cannot_be_written_costs_nothing_but_time(
    desk: Desk, server: MailServer, postgres: Cluster
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        _every_answer_is_recorded_at_once(desk, server)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert postgres.pid


def _every_answer_is_recorded_at_once(desk: Desk, server: MailServer) -> None:
    seen: list[int] = []

    def look(_mail: KeptMail) -> None:
        seen.append([mail["state"] for mail in mails_in(desk.database)].count("handed_over"))

    server.manners.before_250 = look
    for number in range(4):
        enqueue_notice(desk.database, desk.clock.now(), recipient=f"a{number}@example.jp")
    desk.delivery.round()
    assert seen == [0, 1, 2, 3]
    assert {mail["state"] for mail in mails_in(desk.database)} == {"handed_over"}
