"""A portal, its worker and a mail server over one database and one clock: what a person at home deals with.

with office(database, tmp_path) as office:
    page = Visitor(office.app).get("/recover/id").submit("メールを送る", email="tarou@example.jp")
    office.work()
    office.mail.body
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask

from mypage.adapters.clock import Clock
from mypage.store.engine import Database
from mypage.worker import Worker
from tests.mail import mail_settings
from tests.portal import ADDRESS, move_clock, portal
from tests.smtp_server import KeptMail, MailServer
from tests.visitor import Visitor


@dataclass
class Office:
    """See above."""

    app: Flask
    server: MailServer
    database: Database
    clock_file: Path

    def work(self) -> bool:
        """One turn of a worker process: requests, mails, clean-up. False when the mail server was away."""
        settings = mail_settings(self.database, self.server.url(), clock_file=str(self.clock_file))
        return Worker(settings, self.database, Clock(self.clock_file)).run_once()

    @property
    def mail(self) -> KeptMail:
        """The newest mail that arrived."""
        return self.server.mails[-1]

    @property
    def link(self) -> str:
        """The path of the link in it."""
        return self.mail.link.removeprefix(ADDRESS)

    def visitor(self, address: str = "127.0.0.1") -> Visitor:
        """A browser at that address."""
        return Visitor(self.app, headers={"X-Forwarded-For": address})

    def wait(self, by: timedelta) -> None:
        """Let the clock of everybody be that much ahead."""
        move_clock(self.clock_file, by)


@contextmanager
def office(database: Database, folder: Path) -> Iterator[Office]:
    """Open for the time of a test."""
    clock_file = folder / "clock"
    move_clock(clock_file, timedelta())
    with MailServer() as server:
        app = portal(database, clock_file, trusted_proxies="127.0.0.1/32")
        yield Office(app, server, database, clock_file)
