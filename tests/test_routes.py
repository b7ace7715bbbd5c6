"""Who gets what: every route of the portal, with every method, as every kind of identity (``tests/routes.csv``).

The table is kept by hand: it says what is meant, and a route that is not in it fails here with the line that is
missing, as the portal behaves now. Read that line before you add it. A cell is one of:

    page     the page                           moved        on to another page (a deed done, an old address)
    login    to the subscriber's login          staff-login  to staff's login
    factor   to staff's second factor           refused      403: not for this role
    absent   404                                wrong        400: an empty form is not taken, with a sentence
    bearer   401: a token of the API is asked for
"""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import Client, TestResponse

from mypage.domain.staff import Role, StaffState
from mypage.services import sessions, staff_sessions
from mypage.store.engine import Database
from mypage.store.schema import staff
from tests.bills import STAMP, a_bill, an_account, publish_bills
from tests.builders import a_customer, publish_customers
from tests.portal import ADDRESS, portal
from tests.programme import a_token
from tests.staffing import LIFETIME, Member, a_member, now_of
from tests.visitor import Visitor, form_values

TABLE: Final = Path(__file__).with_name("routes.csv")
STAFF: Final = ("agent", "billing", "admin", "auditor", "suspended", "halfway")
IDENTITIES: Final = ("nobody", "subscriber", *STAFF, "token")
HEADINGS: Final = ("method", "route", *IDENTITIES)
# Everything that HTTP clients send; what a route does not take is 405 to everybody.
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WORDS: Final = {200: "page", 401: "bearer", 403: "refused", 404: "absent", 400: "wrong"}
# What stands in a path where the route has a part that changes; anything else is "x", which nothing is called,
# or the number 1.
_PARTS: Final = {
    "key": "12345678",
    "word": "suspend",
    "which": "waiting",
    "month": "2026-10",
    "code": "a-03",
    "refusal": "not_found",
    "filename": "mypage.css",
    "seq": "1",
}

Line = tuple[str, str]


def _listed() -> dict[Line, tuple[str, ...]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HEADINGS
    lines = [(row["method"], row["route"]) for row in rows]
    assert sorted(lines, key=lambda line: (line[1], line[0])) == lines, (
        "tests/routes.csv: lines in the order of their routes"
    )
    assert len(set(lines)) == len(lines), "tests/routes.csv: a line twice"
    return {line: tuple(row[who] for who in IDENTITIES) for line, row in zip(lines, rows, strict=True)}


class House:
    """The portal with somebody of every kind in it; each request is made in a session of its own."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        publish_customers(database, a_customer())
        publish_bills(database, a_bill(202610))
        self.account = an_account(database, "12345678")
        self.members: dict[str, Member] = {
            who: a_member(database, Role.named(who) if who in _ROLES else Role.AGENT, who) for who in STAFF
        }
        self.victim = a_member(database, Role.AGENT, "victim")
        with database.writing() as connection:
            gone = update(staff).where(staff.c.id == self.members["suspended"].id)
            connection.execute(gone.values(state=StaffState.SUSPENDED.value))
        self.parts = {**_PARTS, "staff_id": self.victim.id}
        self.token_text = a_token(database)
        self.bearer: dict[str, str] = {}
        self.client: Client = Visitor(app).client
        page = Visitor(app)
        self.token = form_values(page.get("/login").form_with("ログイン"))["csrf_token"]
        cookie = page.client.get_cookie("form", "127.0.0.1")
        assert cookie is not None
        self.form_cookie = cookie.value

    def rules(self) -> Iterator[tuple[Rule, str]]:
        """Every route with every method of its own; HEAD and OPTIONS come with the others."""
        for rule in self.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method

    def path(self, rule: Rule) -> str:
        """An address of that route."""
        parts = {
            name: self.parts.get(name, "1" if isinstance(rule._converters[name], IntegerConverter) else "x")
            for name in rule.arguments
        }
        built = rule.build(parts)
        assert built is not None, (
            f"no address for {rule.rule} with {parts}: add the part to tests/test_routes.py"
        )
        return built[1]

    def get_in(self, who: str) -> None:
        """Open a session for ``who`` in the browser; a programme shows its token with each request."""
        self.bearer = {"Authorization": f"Bearer {self.token_text}"} if who == "token" else {}
        self.client = Client(self.app)
        self.client.set_cookie("form", self.form_cookie, domain="127.0.0.1")
        at = now_of(self.app)
        if who == "subscriber":
            with self.database.writing() as connection:
                secret = sessions.start(
                    connection,
                    self.account,
                    stamp=STAMP,
                    lifetime=LIFETIME,
                    address="127.0.0.1",
                    browser="a test",
                    replaces=None,
                    now=at,
                )
            self.client.set_cookie("session", secret, domain="127.0.0.1")
        elif who in self.members:
            with self.database.writing() as connection:
                secret = staff_sessions.start(
                    connection,
                    self.members[who].id,
                    stamp="stamp-of-birth",
                    lifetime=LIFETIME,
                    address="127.0.0.1",
                    browser="a test",
                    replaces=None,
                    is_whole=who != "halfway",
                    now=at,
                )
            self.client.set_cookie("staff-session", secret, domain="127.0.0.1")

    def asked(self, method: str, path: str) -> TestResponse:
        """The answer to a request; a form is sent with its token and otherwise empty."""
        return self.client.open(
            path,
            method=method,
            base_url=ADDRESS,
            headers=self.bearer,
            data={"csrf_token": self.token} if method not in ("GET", "HEAD", "OPTIONS") else None,
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )

    def answer(self, method: str, path: str) -> str:
        """The answer as the table's word."""
        answer = self.asked(method, path)
        answer.close()
        if answer.status_code in (301, 302, 303, 308):
            return _led_to(answer.headers["Location"])
        return _WORDS.get(answer.status_code, str(answer.status_code))


_ROLES: Final = {role.word for role in Role}


def _led_to(location: str) -> str:
    path = location.partition("?")[0]
    if path in ("/login", "/staff/login"):
        # A log-out leads there too; that is a deed done.
        return "moved" if location.endswith("?out=1") else {"/login": "login"}.get(path, "staff-login")
    return "factor" if path == "/staff/factor" else "moved"


@pytest.fixture(scope="module")
def house(_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite only: which database it is changes nothing of who may what."""
    file = tmp_path_factory.mktemp("routes") / "mypage.sqlite"
    shutil.copy(_migrated, file)
    database = Database(f"sqlite:///{file}")
    # As the demo, which has a route or two more.
    mailbox = file.parent / "mail"
    mailbox.mkdir()
    yield House(
        portal(database, demo="true", mailbox=str(mailbox), api_strangers_a_minute="100000"), database
    )
    database.close()


def test_every_route_is_in_the_table_and_behaves_as_it_says(house: House) -> None:
    listed, wrong, seen = _listed(), [], set()
    missing: list[tuple[str, ...]] = []
    for rule, method in house.rules():
        line, path = (method, rule.rule), house.path(rule)
        seen.add(line)
        found = []
        for who in IDENTITIES:
            house.get_in(who)
            if method == "GET":
                # HEAD first, so that it is no less closed, and changes no more.
                head = house.answer("HEAD", path)
                found.append(house.answer("GET", path))
                assert head == found[-1], f"HEAD {path} as {who}: {head}, GET: {found[-1]}"
            else:
                found.append(house.answer(method, path))
        if line not in listed:
            missing.append((*line, *found))
        elif listed[line] != tuple(found):
            wrong += [
                f"{method} {rule.rule} as {who}: {now}, and the table says {meant}"
                for who, now, meant in zip(IDENTITIES, found, listed[line], strict=True)
                if now != meant
            ]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
    lines = "\n".join(",".join(cells) for cells in sorted(missing, key=lambda cells: (cells[1], cells[0])))
    if missing:
        pytest.fail(
            f"tests/routes.csv lacks these lines ({','.join(HEADINGS)}); this is how they behave now:\n{lines}",
            pytrace=False,
        )
    assert not listed.keys() - seen, f"tests/routes.csv has lines of no route: {sorted(listed.keys() - seen)}"


def test_a_method_that_a_route_does_not_take_is_refused(house: House) -> None:
    for path, taken in _taken(house).items():
        for method in METHODS:
            if method not in taken:
                house.get_in("nobody")
                answer = house.asked(method, path)
                answer.close()
                assert answer.status_code == 405, f"{method} {path}: {answer.status_code}"


def _taken(house: House) -> dict[str, set[str]]:
    """The methods that are taken at each path, over all routes that stand there."""
    taken: dict[str, set[str]] = {}
    for rule in house.app.url_map.iter_rules():
        taken.setdefault(house.path(rule), set()).update(rule.methods or ())
    return taken


def test_no_page_of_the_console_is_open_by_accident() -> None:
    """What the table itself must never say, whoever edits it."""
    for (method, route), cells in _listed().items():
        got = dict(zip(IDENTITIES, cells, strict=True))
        if route.startswith("/staff/") and got["nobody"] != "staff-login":
            assert route in _WAY_IN, f"{method} {route} is open to everybody"
        if route.startswith("/staff/") and route not in _WAY_IN and not route.startswith("/staff/factor"):
            assert got["subscriber"] == got["suspended"] == "staff-login", f"{method} {route}"
            assert got["halfway"] == "factor", f"{method} {route}"
            if method == "POST" and not route.startswith("/staff/me"):
                assert got["auditor"] == "refused" or route.startswith("/staff/trail"), (
                    f"{method} {route}: the auditor changes nothing"
                )
        if not route.startswith("/staff/"):
            assert got["nobody"] == got["agent"] == got["admin"] == got["suspended"], (
                f"{method} {route}: staff's login opens nothing of subscribers'"
            )
        if route.startswith("/api/") and route not in _OPEN_TO_PROGRAMMES:
            assert got["nobody"] == got["subscriber"] == "bearer", f"{method} {route} asks for no token"
        if not route.startswith("/api/"):
            assert got["token"] == got["nobody"], f"{method} {route}: a token opens a page for people"


# What the API says of itself.
_OPEN_TO_PROGRAMMES: Final = ("/api/v1/openapi.json", "/api/v1/problems/<refusal>")
_WAY_IN: Final = ("/staff/login", "/staff/logout", "/staff/invitation/<token>")
