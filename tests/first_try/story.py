"""What the tests of the first try share: a portal with its mail server and its worker, and what staff will see.

    story = Story(database, tmp_path, server)
    page = story.sign_up()                  # screens 1 to 3, as Tarou
    story.deliver()                         # a round of the worker, to a real mail server
    page = story.visitor().get(story.link())
    story.entry("activation.done")          # the line in the customer's timeline

Tarou is customer 12345678 of the master.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from mypage.domain.timeline import Kind
from mypage.services import timeline
from mypage.services.timeline import Entry
from mypage.store.engine import Database
from mypage.store.schema import audit_event, stumble
from mypage.words.filters import filters
from tests.builders import TAROU, a_customer, publish_customers
from tests.mail import Desk
from tests.portal import portal
from tests.smtp_server import MailServer
from tests.visitor import Page, Visitor

TAROU_KEY = "12345678"
HANAKO = {"customer_number": "0000000777", "phone": "03-1234-5678", "name_kana": "サトウ　ハナコ"}
PASSWORD = "Himitsu12"
PROFILE = {"login_id": "tarou", "password": PASSWORD, "email": "taro@example.jp", "nickname": "タロウ"}
SUPPORT = "0120-000-000"
_CODE = re.compile(r"[A-F]-\d\d")


class Story:
    """A portal with Tarou and Hanako in its master; ``settings`` by their outside names."""

    def __init__(self, database: Database, folder: Path, server: MailServer, **settings: str) -> None:
        self.database = database
        self.server = server
        self.desk = Desk(database, server.url(), folder)
        self.app: Flask = portal(database, self.desk.clock_file, smtp_url=server.url(), **settings)
        publish_customers(
            database, a_customer(), a_customer("777", phone="0312345678", name_kana="サトウ　ハナコ")
        )

    def visitor(self, **headers: str) -> Visitor:
        """Somebody with a browser of their own."""
        return Visitor(self.app, headers=headers)

    def signup(self) -> Page:
        """Screen 1 in a new browser."""
        return self.visitor().get("/signup")

    def sign_up(self, page: Page | None = None, /, **typed: str) -> Page:
        """Screens 1 to 3; ``typed`` goes to the field of its name."""
        proof = {name: typed.pop(name, value) for name, value in TAROU.items()}
        page = (page or self.signup()).submit("認証", **proof)
        page = page.submit("確認する", **{**PROFILE, **typed}).submit("仮登録する")
        assert page.path == "/signup/done", page.text
        return page

    def deliver(self) -> None:
        """Rounds of a worker until nothing is due or the mail server is away."""
        while self.desk.delivery.round().more:
            pass

    def link(self, place: int = -1) -> str:
        """The path of the link in a mail that has arrived: in the newest that carries one."""
        links = [mail.link for mail in self.server.mails if "/signup/activate/" in mail.body]
        return urlsplit(links[place]).path

    def registered(self, **typed: str) -> str:
        """Somebody signs up and the mail arrives; the path of its link."""
        self.sign_up(**typed)
        self.deliver()
        return self.link()

    def wait(self, **by: float) -> datetime:
        """Let time pass for portal and worker; the instant afterwards."""
        return self.desk.wait(timedelta(**by))

    def wait_for_full_minute(self) -> datetime:
        """Let time pass until a minute has just begun, so that what follows falls into one; the instant then."""
        return self.wait(seconds=61 - self.desk.clock.now().second)

    def timeline(self, customer_key: str = TAROU_KEY) -> list[Entry]:
        """What staff see of a customer, but for what the billing side brought."""
        with self.database.reading() as connection:
            told = timeline.of_customer(connection, customer_key, now=self.desk.clock.now())
        return [entry for entry in told if entry.kind is not Kind.BATCH]

    def entry(self, what: str, customer_key: str = TAROU_KEY) -> Entry:
        """The newest line of that kind in a customer's timeline."""
        entries = self.timeline(customer_key)
        found = [entry for entry in entries if entry.what == what]
        assert found, f"no {what} among {[entry.what for entry in entries]}"
        return found[-1]

    def rows(self) -> list[tuple[str, str | None, str]]:
        """Every row of the trail: action, customer, facts."""
        columns = audit_event.c.action, audit_event.c.customer_key, audit_event.c.facts
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(audit_event.c.seq))]

    def stumbles(self) -> dict[tuple[str, str, str], int]:
        """What was counted of people whom nobody knows: step, cause, rule."""
        nobody = select(stumble).where(stumble.c.customer_key == "")
        with self.database.reading() as connection:
            rows = connection.execute(nobody).mappings()
            return {(row["step"], row["cause"], row["rule"]): row["times"] for row in rows}


def causes(page: Page) -> list[str]:
    """The codes that stand in small print on a page."""
    prints = [each for each in page.root.all("p") if each.attributes.get("class") == "cause"]
    return [code for each in prints for code in _CODE.findall(each.text())]


def summary(page: Page) -> str:
    """The words of the summary of errors at the top."""
    box = page.root.by_id("errors")
    assert box is not None, f"no summary on {page.path}: {page.text[:300]}"
    return box.text()


def typed_in(page: Page, name: str) -> str:
    """What stands in a field of the page."""
    (field,) = [each for each in page.root.all("input") if each.attributes.get("name") == name]
    return field.attributes.get("value") or ""


def moment(instant: datetime) -> str:
    """An instant as pages say it."""
    return str(filters("ja")["moment"](instant))
