"""Mailings deed by deed: whoever comes second writes nothing, and what is no longer to be told is told to nobody."""

import pytest
from sqlalchemy import insert

from mypage.domain.batch import SecondPerson
from mypage.domain.mail import Worth
from mypage.services import (
    deliveries,
    mailings,
    notice_choice,
    outbox,
    publication,
    schedule,
    statement_notices,
)
from mypage.services.mailings import Found
from mypage.services.outbox import MassMail
from mypage.services.publication import Published
from mypage.store import mailings as store
from mypage.store.engine import Database
from mypage.store.mailings import Mailing
from mypage.store.schema import statement_notice
from tests.bills import stage_bills
from tests.mail import mails_in
from tests.noticing import MONTH, NOON, Town, bills
from tests.signing_up import settings

KEYS = ["70001", "70002"]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database, *KEYS)


def waiting(town: Town) -> Mailing | None:
    with town.database.reading() as connection:
        return store.next_one(connection, (statement_notices.KIND,))


def find(town: Town, mailing: Mailing) -> Found:
    with town.database.reading() as connection:
        return statement_notices.find(
            connection, mailing, after=mailing.cursor, limit=9, settings=settings(), now=NOON
        )


def write(town: Town, mailing: Mailing, found: Found) -> int | None:
    with town.database.writing() as connection:
        return mailings.write(connection, mailing, found, statement_notices, now=NOON)


def test_whoever_comes_second_writes_nothing(town: Town) -> None:
    batch_id = town.publish(*bills(KEYS))
    mailing = waiting(town)
    assert mailing is not None
    found = find(town, mailing)
    assert write(town, mailing, found) == 2
    assert write(town, mailing, found) is None
    assert write(town, mailing, Found(None)) is None
    with town.database.writing() as connection:
        assert not mailings.give_up(connection, mailing, now=NOON)
    assert len(mails_in(town.database)) == 2
    further = waiting(town)
    assert further is not None
    assert write(town, further, find(town, further)) == 0
    assert waiting(town) is None
    with town.database.reading() as connection:
        (ended,) = store.of_batch(connection, batch_id)
    assert (ended.state, ended.mails, ended.ended_at, ended.facts) == ("expanded", 2, NOON, {"month": MONTH})


def test_whom_another_mailing_told_between_look_and_writing_gets_no_second_mail(town: Town) -> None:
    town.publish(*bills(KEYS))
    mailing = waiting(town)
    assert mailing is not None
    found = find(town, mailing)
    rows = [
        {
            "customer_key": key,
            "account_id": f"account-of-login-{key}",
            "billing_month": MONTH,
            "mailing_id": 9,
        }
        for key in KEYS
    ]
    with town.database.writing() as connection:
        connection.execute(insert(statement_notice), rows)
    assert write(town, mailing, found) == 0
    assert mails_in(town.database) == []


def test_a_month_before_the_operators_first_one_is_told_to_nobody(town: Town) -> None:
    town.publish(*bills(KEYS))
    mailing = waiting(town)
    assert mailing is not None
    with town.database.reading() as connection:
        facts = {"settings": settings(first_month="2026-12"), "now": NOON}
        assert statement_notices.is_pointless(connection, mailing, **facts)  # type: ignore[arg-type]
        assert not statement_notices.is_pointless(connection, mailing, settings=settings(), now=NOON)


@pytest.mark.parametrize("meanwhile", ["first month", "taken back"])
def test_mails_of_a_month_that_is_not_shown_are_not_sent(town: Town, meanwhile: str) -> None:
    batch_id = town.publish(*bills(KEYS))
    mailing = waiting(town)
    assert mailing is not None
    write(town, mailing, find(town, mailing))
    if meanwhile == "taken back":
        town.take_back(batch_id)
    with town.database.writing() as connection:
        mails = deliveries.take(connection, worker="w", now=NOON, limit=9)
    chosen = settings(first_month="2026-12") if meanwhile == "first month" else settings()
    with town.database.writing() as connection:
        dropped = deliveries.drop_all(
            connection, mails, Worth.POINTLESS, worker="w", settings=chosen, now=NOON
        )
    assert (dropped, town.states(), town.told()) == (2, {"void": 2}, [])


def test_a_mass_mail_carries_its_facts_and_no_link_that_is_signed(town: Town) -> None:
    mail = MassMail("a@example.jp", "ja", {}, "70001", "account-of-login-70001")
    with town.database.writing() as connection:
        with pytest.raises(ValueError, match="each of them is written alone"):
            outbox.enqueue_all(connection, "password_reset", [mail], now=NOON)
        with pytest.raises(ValueError, match="statement_ready carries"):
            outbox.enqueue_all(connection, "statement_ready", [mail], now=NOON)


def test_the_choice_of_an_account_that_is_gone(database: Database) -> None:
    with database.writing() as connection:
        assert not notice_choice.choose(connection, "nobody", wanted=False, now=NOON)


@pytest.mark.parametrize(("notices", "told"), [(True, 1), (False, 0)])
def test_whether_notices_go_out_is_kept_with_what_is_published_at_a_time(
    town: Town, notices: bool, told: int
) -> None:
    batch_id = stage_bills(town.database, *bills(KEYS))
    with town.database.writing() as connection:
        schedule.schedule(
            connection,
            [batch_id],
            second_person=SecondPerson.NUMBER_CHANGES,
            at=NOON,
            actor="cli",
            now=NOON,
            notices=notices,
        )
    with town.database.writing() as connection:
        assert isinstance(
            publication.publish(
                connection, [batch_id], second_person=SecondPerson.NUMBER_CHANGES, actor="worker", now=NOON
            ),
            Published,
        )
    assert len(town.mailings()) == told
