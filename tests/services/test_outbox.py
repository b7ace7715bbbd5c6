"""The outbox: written with what it tells of, leased by one worker at a time, and each fate recorded once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mypage.domain.activation import LINK_LIFE, UNDELIVERED_LIFE
from mypage.domain.mail import Priority, Worth
from mypage.services import deliveries, outbox, trail
from mypage.services.outbox import OutboxMessage
from mypage.store.engine import Database
from mypage.store.schema import audit_detail, audit_event, login_name
from mypage.store.schema import outbox as outbox_table
from tests import mail as written
from tests.mail import the_mail, the_registration

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CUSTOMER, REGISTRATION = "70012", "a1b2c3d4" * 4


def register(database: Database, serial: int = 1, **changed: Any) -> None:
    """A provisional registration of CUSTOMER."""
    written.register(
        database, NOW, customer=CUSTOMER, **{"registration_id": REGISTRATION, "serial": serial, **changed}
    )


def enqueue_signup(database: Database, serial: int = 1, **changed: Any) -> int:
    """Its mail."""
    now = changed.pop("now", NOW)
    return written.enqueue_signup(
        database, now, customer=CUSTOMER, **{"registration_id": REGISTRATION, "serial": serial, **changed}
    )


def enqueue_notice(database: Database, now: datetime = NOW, **changed: Any) -> int:
    """A mail to an account."""
    return written.enqueue_notice(database, now, **changed)


def take(database: Database, worker: str = "w1", now: datetime = NOW, limit: int = 10) -> list[OutboxMessage]:
    """What a worker takes."""
    with database.writing() as connection:
        return deliveries.take(connection, worker=worker, now=now, limit=limit)


def actions(database: Database) -> list[str]:
    """The trail, which must be whole."""
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
        return list(connection.scalars(select(audit_event.c.action).order_by(audit_event.c.seq)))


# Written


def test_a_mail_waits_as_it_was_written(database: Database) -> None:
    register(database)
    mail_id = enqueue_signup(database)
    row = the_mail(database)
    assert (row["id"], row["state"], row["attempts"]) == (mail_id, "waiting", 0)
    assert (row["recipient"], row["registration_id"], row["serial"]) == (
        "tarou@docomo.ne.jp",
        REGISTRATION,
        1,
    )
    assert row["priority"] == Priority.AWAITED
    assert row["enqueued_at"] == row["next_try_at"] == NOW
    assert len(row["message_id"]) == 32


def test_a_mail_is_gone_with_the_transaction_that_it_tells_of(database: Database) -> None:
    def deed_that_fails() -> None:
        with database.writing() as connection:
            outbox.enqueue(
                connection, "registered", recipient="a@b.jp", language="ja", facts={"nickname": "x"}, now=NOW
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed_that_fails()
    assert take(database) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"facts": {"nickname": "x"}},
        {"registration_id": None},
        {"serial": None},
    ],
)
def test_a_mail_that_cannot_be_written_is_refused_at_once(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="provisional_registration carries"):
        enqueue_signup(database, **wrong)


def test_a_priority_can_be_chosen(database: Database) -> None:
    enqueue_notice(database, priority=Priority.MASS)
    assert the_mail(database)["priority"] == 90


def test_once_a_day(database: Database) -> None:
    def tell(now: datetime, account_id: str = "acc") -> int | None:
        with database.writing() as connection:
            return outbox.enqueue_once_a_day(
                connection,
                "already_registered",
                account_id=account_id,
                customer_key=CUSTOMER,
                recipient="hanako@example.jp",
                language="ja",
                facts={"nickname": "はなこ", "at": now.isoformat()},
                now=now,
            )

    assert tell(NOW) is not None
    assert tell(NOW + timedelta(hours=23, minutes=59)) is None
    assert tell(NOW, account_id="another") is not None
    enqueue_notice(database, now=NOW + timedelta(hours=23))
    assert tell(NOW + timedelta(hours=24)) is not None


# Taken


def test_the_most_urgent_goes_first_and_then_the_oldest(database: Database) -> None:
    mass = enqueue_notice(database, priority=Priority.MASS)
    late = enqueue_notice(database, now=NOW + MINUTE)
    early = enqueue_notice(database)
    register(database)
    signup = enqueue_signup(database, now=NOW + 2 * MINUTE)
    assert [mail.id for mail in take(database, now=NOW + 3 * MINUTE, limit=3)] == [signup, early, late]
    assert [mail.id for mail in take(database, "w2", now=NOW + 3 * MINUTE)] == [mass]


def test_what_one_worker_took_no_other_gets_until_the_lease_ends(database: Database) -> None:
    enqueue_notice(database)
    assert len(take(database, "w1")) == 1
    assert take(database, "w2", now=NOW + deliveries.LEASE - timedelta(seconds=1)) == []
    assert len(take(database, "w2", now=NOW + deliveries.LEASE)) == 1


def test_a_worker_finds_again_what_it_dropped(database: Database) -> None:
    enqueue_notice(database)
    assert len(take(database, "w1")) == 1
    assert len(take(database, "w1", now=NOW + timedelta(seconds=1))) == 1


def test_what_is_given_back_is_free_at_once(database: Database) -> None:
    enqueue_notice(database)
    mails = take(database, "w1")
    with database.writing() as connection:
        deliveries.give_back(connection, mails, worker="w2")
    assert take(database, "w2") == []
    with database.writing() as connection:
        deliveries.give_back(connection, mails, worker="w1")
    assert len(take(database, "w2")) == 1


def test_whether_something_is_due(database: Database) -> None:
    def due(now: datetime = NOW, worker: str = "w1") -> bool:
        with database.reading() as connection:
            return deliveries.is_due(connection, worker=worker, now=now)

    def due_before(priority: int) -> bool:
        with database.reading() as connection:
            return deliveries.is_due_before(connection, priority, now=NOW + MINUTE)

    assert not due()
    enqueue_notice(database, now=NOW + MINUTE)
    assert not due()
    assert due(NOW + MINUTE)
    assert not due_before(Priority.NOTICE)
    assert due_before(Priority.MASS)
    take(database, "w2", now=NOW + MINUTE)
    assert not due(NOW + MINUTE)
    # What somebody has in hand waits for nobody else; it is their own to take again.
    assert not due_before(Priority.MASS)
    assert due(NOW + MINUTE, "w2")


def test_a_kind_that_only_a_newer_release_knows_waits_for_it(database: Database) -> None:
    enqueue_notice(database)
    with database.writing() as connection:
        connection.execute(update(outbox_table).values(kind="from_the_future"))
    assert take(database) == []


# What it is worth at the moment of sending


def _worth(database: Database, mail: OutboxMessage, now: datetime = NOW) -> Worth | None:
    with database.reading() as connection:
        return deliveries.worth_now(connection, mail, worker="w1", now=now)


def test_a_mail_in_hand_is_worth_sending(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database)
    assert _worth(database, mail) is Worth.SEND


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"serial": 2},
        {"state": "activated"},
        {"state": "void"},
        {"registration_id": "another"},
    ],
)
def test_a_link_that_would_be_dead_is_not_sent(database: Database, meanwhile: dict[str, Any]) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database)
    register(database, **meanwhile)
    assert _worth(database, mail) is Worth.POINTLESS
    with database.writing() as connection:
        assert deliveries.drop(connection, mail, Worth.POINTLESS, now=NOW)
        assert not deliveries.drop(connection, mail, Worth.POINTLESS, now=NOW)
    assert the_mail(database)["state"] == "void"
    assert actions(database) == ["mail.voided"]
    assert the_registration(database)["state"] == meanwhile.get("state", "pending")


def test_a_mail_that_another_worker_has_is_not_sent(database: Database) -> None:
    enqueue_notice(database)
    (mail,) = take(database, "w1")
    take(database, "w2", now=NOW + deliveries.LEASE)
    assert _worth(database, mail, NOW + deliveries.LEASE) is None


def test_a_mail_whose_lease_has_ended_is_not_sent(database: Database) -> None:
    enqueue_notice(database)
    (mail,) = take(database, "w1")
    assert _worth(database, mail, NOW + deliveries.LEASE) is None


# Handed over


def _hand_over(database: Database, mail: OutboxMessage, now: datetime) -> bool:
    with database.writing() as connection:
        return deliveries.hand_over(connection, mail, server="mail:25", reply="250 OK", now=now)


def test_the_24_hours_begin_with_the_servers_250(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database)
    at = NOW + timedelta(hours=5)
    assert _hand_over(database, mail, at)
    row, found = the_mail(database), the_registration(database)
    assert (row["state"], row["handed_over_at"], row["server"], row["reply"]) == (
        "handed_over",
        at,
        "mail:25",
        "250 OK",
    )
    assert row["leased_by"] is row["lease_until"] is None
    assert (found["handed_over_at"], found["expires_at"]) == (at, at + LINK_LIFE)
    with database.reading() as connection:
        claim = connection.execute(select(login_name)).mappings().one()
    assert claim["expires_at"] == at + LINK_LIFE
    assert actions(database) == ["mail.handed_over"]
    assert not _hand_over(database, mail, at + MINUTE)
    assert the_registration(database)["handed_over_at"] == at
    assert actions(database) == ["mail.handed_over"]


def test_an_older_mail_begins_nobodys_24_hours(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database)
    register(database, serial=2)
    assert _hand_over(database, mail, NOW + MINUTE)
    assert the_registration(database)["expires_at"] is None


def test_what_went_out_went_out_whoever_has_the_lease(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database, "w1")
    take(database, "w2", now=NOW + deliveries.LEASE)
    assert _hand_over(database, mail, NOW + deliveries.LEASE)
    assert the_mail(database)["state"] == "handed_over"
    assert the_registration(database)["expires_at"] is not None


def test_a_mail_without_registration_touches_none(database: Database) -> None:
    register(database)
    enqueue_notice(database)
    (mail,) = take(database)
    assert _hand_over(database, mail, NOW)
    assert the_registration(database)["handed_over_at"] is None


# Refused, put off, given up


def test_a_refusal_is_for_good_and_leaves_the_registration(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database)
    reply = "550 5.1.1 <tarou@docomo.ne.jp> unknown"
    with database.writing() as connection:
        assert deliveries.refuse(connection, mail, server="mail:25", reply=reply, now=NOW)
        assert not deliveries.refuse(connection, mail, server="mail:25", reply=reply, now=NOW)
    assert the_mail(database)["state"] == "refused"
    assert the_registration(database)["state"] == "pending"
    assert actions(database) == ["mail.refused"]
    with database.reading() as connection:
        facts = connection.scalars(select(audit_event.c.facts)).one()
        detail = connection.scalars(select(audit_detail.c.detail)).one()
    assert '"reply":"550 5.1.1"' in facts
    assert "tarou" not in facts
    assert "tarou@docomo.ne.jp" in detail


def test_a_refusal_without_a_code(database: Database) -> None:
    enqueue_notice(database)
    (mail,) = take(database)
    with database.writing() as connection:
        assert deliveries.refuse(connection, mail, server="mail:25", reply="cannot be sent", now=NOW)
        assert '"reply":"none"' in connection.scalars(select(audit_event.c.facts)).one()


def test_a_mail_that_failed_comes_again_ever_later(database: Database) -> None:
    enqueue_notice(database)
    now, waits = NOW, []
    for attempt in range(1, 8):
        (mail,) = take(database, now=now)
        assert mail.attempts == attempt - 1
        with database.writing() as connection:
            until = deliveries.put_off(connection, mail, worker="w1", reply="450 later", now=now)
        assert until is not None
        assert take(database, now=until - timedelta(seconds=1)) == []
        waits.append((until - now).total_seconds())
        now = until
    assert the_mail(database)["attempts"] == 7
    assert the_mail(database)["reply"] == "450 later"
    # Doubling from 15 s to 10 min, less up to a half so that they do not all come at once.
    for wait, whole in zip(waits, (15, 30, 60, 120, 240, 480, 600), strict=True):
        assert whole / 2 <= wait <= whole
    assert actions(database) == []


def test_a_mail_that_another_worker_has_is_not_put_off(database: Database) -> None:
    enqueue_notice(database)
    (mail,) = take(database, "w1")
    take(database, "w2", now=NOW + deliveries.LEASE)
    with database.writing() as connection:
        assert deliveries.put_off(connection, mail, worker="w1", reply="450 later", now=NOW) is None
    assert the_mail(database)["leased_by"] == "w2"


def test_after_72_hours_the_mail_and_its_registration_are_given_up(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database, now=NOW + UNDELIVERED_LIFE - timedelta(seconds=1))
    assert _worth(database, mail, NOW + UNDELIVERED_LIFE - timedelta(seconds=1)) is Worth.SEND
    at = NOW + UNDELIVERED_LIFE
    assert _worth(database, mail, at) is Worth.TOO_OLD
    with database.writing() as connection:
        assert deliveries.drop(connection, mail, Worth.TOO_OLD, now=at)
    assert the_mail(database)["state"] == "given_up"
    found = the_registration(database)
    assert (found["state"], found["ended_at"], found["password_hash"]) == ("void", at, None)
    with database.reading() as connection:
        assert connection.execute(select(login_name)).first() is None
    assert actions(database) == ["mail.given_up", "registration.voided"]


def test_a_notice_of_which_nothing_hangs_is_given_up_alone(database: Database) -> None:
    enqueue_notice(database)
    (mail,) = take(database)
    with database.writing() as connection:
        assert deliveries.drop(connection, mail, Worth.TOO_OLD, now=NOW)
    assert the_mail(database)["state"] == "given_up"
    assert actions(database) == ["mail.given_up"]


def test_a_notice_that_is_too_old_is_given_up_alone(database: Database) -> None:
    register(database)
    enqueue_notice(database)
    (mail,) = take(database)
    with database.writing() as connection:
        assert deliveries.drop(connection, mail, Worth.TOO_OLD, now=NOW + UNDELIVERED_LIFE)
    assert actions(database) == ["mail.given_up"]
    assert the_registration(database)["state"] == "pending"


def test_giving_up_a_mail_ends_no_newer_registration(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    (mail,) = take(database)
    register(database, serial=2)
    with database.writing() as connection:
        assert deliveries.drop(connection, mail, Worth.TOO_OLD, now=NOW)
    assert the_registration(database)["state"] == "pending"
    assert actions(database) == ["mail.given_up"]


def test_a_link_whose_customer_is_not_named_is_guarded_by_the_row_alone(database: Database) -> None:
    register(database)
    enqueue_signup(database, customer_key=None)
    (mail,) = take(database)
    assert _hand_over(database, mail, NOW)
    assert the_registration(database)["handed_over_at"] == NOW


def test_a_mail_that_names_no_registration_any_more(database: Database) -> None:
    register(database)
    enqueue_signup(database)
    with database.writing() as connection:
        connection.execute(update(outbox_table).values(registration_id=None))
    (mail,) = take(database)
    assert _worth(database, mail) is Worth.POINTLESS
