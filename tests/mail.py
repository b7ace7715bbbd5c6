"""What tests of mail share: a provisional registration with its mail, and a worker's delivery."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, select

from mypage.adapters.clock import Clock
from mypage.adapters.smtp import Conversation
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.config.values import SmtpServer
from mypage.domain.activation import UNDELIVERED_LIFE
from mypage.services import outbox
from mypage.store import login_names, registrations
from mypage.store.engine import Database
from mypage.store.schema import outbox as outbox_table
from mypage.store.schema import registration
from mypage.works.deliver import Delivery
from tests.portal import environment


def register(
    database: Database, now: datetime, *, customer: str = "70012", serial: int = 1, **changed: Any
) -> str:
    """A provisional registration as signup writes it, with its claim of a login id; its id."""
    row = {
        "customer_key": customer,
        "registration_id": f"registration-of-{customer}",
        "serial": serial,
        "state": "pending",
        "login_id": f"tarou{customer}",
        "login_key": f"tarou{customer}",
        "password_hash": "$argon2id$x",
        "email": "tarou@docomo.ne.jp",
        "nickname": "たろう",
        "language": "ja",
        "terms_version": "2026-04-01",
        "matched_batch_id": 1,
        "browser_hash": None,
        "created_at": now,
        "enqueued_at": now,
        "handed_over_at": None,
        "expires_at": None,
        "ended_at": None,
        **changed,
    }
    with database.writing() as connection:
        registrations.put(connection, row)
        login_names.claim(
            connection,
            row["login_key"],
            claimed_by=login_names.claim_of(customer),
            expires_at=now + UNDELIVERED_LIFE,
            now=now,
        )
    return str(row["registration_id"])


def enqueue_signup(
    database: Database,
    now: datetime,
    *,
    customer: str = "70012",
    serial: int = 1,
    recipient: str = "tarou@docomo.ne.jp",
    **changed: Any,
) -> int:
    """The mail of that registration."""
    with database.writing() as connection:
        return outbox.enqueue(
            connection,
            "provisional_registration",
            **{
                "recipient": recipient,
                "language": "ja",
                "facts": {},
                "now": now,
                "customer_key": customer,
                "registration_id": f"registration-of-{customer}",
                "serial": serial,
                **changed,
            },
        )


def sign_up(database: Database, now: datetime, customer: str = "70012", **changed: Any) -> int:
    """Both; the mail's id."""
    register(database, now, customer=customer)
    return enqueue_signup(database, now, customer=customer, **changed)


def enqueue_notice(
    database: Database, now: datetime, *, recipient: str = "hanako@example.jp", **changed: Any
) -> int:
    """A mail to an account."""
    with database.writing() as connection:
        return outbox.enqueue(
            connection,
            "registered",
            **{
                "recipient": recipient,
                "language": "en",
                "facts": {"nickname": "はなこ"},
                "now": now,
                "account_id": "acc",
                **changed,
            },
        )


def mails_in(database: Database) -> list[RowMapping]:
    """The outbox, in the order of writing."""
    with database.reading() as connection:
        return list(connection.execute(select(outbox_table).order_by(outbox_table.c.id)).mappings())


def the_mail(database: Database) -> RowMapping:
    """The only mail."""
    (mail,) = mails_in(database)
    return mail


def the_registration(database: Database, customer: str = "70012") -> RowMapping:
    """The registration of a customer."""
    with database.reading() as connection:
        return (
            connection.execute(select(registration).where(registration.c.customer_key == customer))
            .mappings()
            .one()
        )


def mail_settings(database: Database, smtp_url: str, **settings: str) -> Settings:
    """The settings of a portal that sends to ``smtp_url``."""
    url = database.url.render_as_string(hide_password=False)
    return load(environment(url, smtp_url=smtp_url, **settings))


class Desk:
    """A worker's delivery whose clock a test moves."""

    def __init__(
        self,
        database: Database,
        smtp_url: str,
        folder: Path,
        worker: str = "w1",
        converse: Callable[[SmtpServer], Conversation] = Conversation,
        **settings: str,
    ) -> None:
        self.database = database
        self.clock_file = folder / "clock"
        self.clock = Clock(self.clock_file)
        self.settings = mail_settings(database, smtp_url, scratch=str(folder), **settings)
        self.delivery = Delivery(self.settings, database, self.clock, worker, converse)

    def run(self) -> None:
        """Rounds until nothing is due."""
        while self.delivery.round().more:
            pass

    def close(self) -> None:
        """End, as a worker does that is asked to."""
        self.delivery.close()

    def wait(self, by: timedelta) -> datetime:
        """Let time pass; the instant afterwards."""
        before = float(self.clock_file.read_text()) if self.clock_file.exists() else 0.0
        self.clock_file.write_text(str(before + by.total_seconds()))
        return self.clock.now()


@contextmanager
def database_of_its_own(database: Database) -> Iterator[Database]:
    """The same database as another process would open it."""
    opened = Database(database.url.render_as_string(hide_password=False))
    yield opened
    opened.close()
