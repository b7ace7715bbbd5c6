"""Mail scanners and previews open the link and submit its form, as often and from wherever they like: it works for
its owner all the same, at the first try, before, after and while they do so (C-09)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from mypage.store.engine import Database
from mypage.store.schema import audit_event, throttle
from tests.crowd import Order, activate_in_turn, crowd
from tests.portal import portal
from tests.signing_up import accounts, mails, sign_up_all, trail
from tests.visitor import Visitor

PASSWORD = "Himitsu12"
# What form fillers and vulnerability scanners type; the first two could be somebody's password.
GARBAGE = ["Scan-Probe-9", "Zap1proxy", "test", "password", "Passw0rd", "' OR '1'='1", "x" * 500, " ", ""]
FARM = [f"203.0.113.{number}" for number in range(44)]


@pytest.fixture
def links(database: Database) -> list[str]:
    """The links of ten people who have registered provisionally; verifying their passwords takes no time."""
    quick = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
    return sign_up_all(database, range(4711, 4721), password_hash=quick, now=datetime.now(UTC))


@pytest.fixture
def app(database: Database, links: list[str]) -> Flask:
    """The portal behind a proxy that tells the addresses of its visitors."""
    return portal(database, trusted_proxies="127.0.0.1")


def scan(app: Flask, link: str, address: str) -> None:
    """Everything that a scanner does with a link."""
    browser, headers = Client(app), {"X-Forwarded-For": address}

    def send(method: str, **typed: str) -> TestResponse:
        answer = browser.open(
            link, method=method, data=typed, headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"}
        )
        assert answer.status_code in ((200,) if method != "POST" else (200, 303, 400, 429))
        return answer

    seen = [send(method).get_data(as_text=True) for method in ("GET", "HEAD", "OPTIONS", "GET")]
    found = re.search(r'name="csrf_token" value="([^"]+)"', seen[0])
    token = found[1] if found else "none"
    for password in GARBAGE:
        send("POST", csrf_token=token, password=password)
    send("POST", csrf_token=token)
    assert send("POST", password=PASSWORD).status_code in (303, 400), "no form of ours"


def at_home(app: Flask) -> Visitor:
    """The owner, in the browser that registered, behind the address of one of the scanners."""
    owner = Visitor(app, headers={"X-Forwarded-For": FARM[0]})
    owner.client.set_cookie("signup", "browser 4711", domain="127.0.0.1")
    return owner


def elsewhere(app: Flask) -> Visitor:
    """The owner, who opens the mail on the telephone."""
    return Visitor(app, headers={"X-Forwarded-For": "198.51.100.1"})


@pytest.mark.parametrize("owner", [at_home, elsewhere])
def test_before_and_after_the_owner(
    app: Flask, database: Database, links: list[str], owner: Callable[[Flask], Visitor]
) -> None:
    before = mails(database)
    for address in FARM:
        scan(app, links[0], address)
    assert accounts(database) == (0, 0)
    assert mails(database) == before
    with database.reading() as connection:
        told = select(throttle.c.misses).where(throttle.c.scope == "activation.again")
        assert connection.scalar(told) == 40, "together they have used up the further guesses of all"
    done = owner(app).get(links[0]).submit("本登録する", password=PASSWORD)
    assert done.path == "/signup/complete"
    assert accounts(database) == (1, 1)
    for address in FARM[:5]:
        scan(app, links[0], address)
    assert accounts(database) == (1, 1)
    # The way in that the owner was given is still there, and nobody else's.
    assert done.submit("そのままログイン").path == "/"


def test_what_only_looks_and_submits_nothing_leaves_no_trace(
    app: Flask, database: Database, links: list[str]
) -> None:
    before = trail(database, "seq")
    for address in FARM[:5]:
        scanner = Visitor(app, headers={"X-Forwarded-For": address})
        page = scanner.get(links[0])
        for _ in range(10):
            scanner.client.head(links[0], base_url=scanner.base_url, headers=scanner.headers)
            page.submit("本登録する", password="")
    assert trail(database, "seq") == before
    with database.reading() as connection:
        counted = select(func.count()).where(throttle.c.scope.like("activation%"))
        assert connection.scalar(counted) == 0


def test_what_is_guessed_is_limited_and_told_to_staff(
    app: Flask, database: Database, links: list[str]
) -> None:
    for address in FARM[:5]:
        scan(app, links[0], address)
        scan(app, links[0], address)
    with database.reading() as connection:
        refused = select(func.count()).where(
            audit_event.c.action == "activation.refused",
            audit_event.c.customer_key == "4711",
            audit_event.c.facts.contains('"cause":"C-10"'),
        )
        # Each four guesses, and four times what cannot be a password.
        assert connection.scalar(refused) == 5 * (4 + 4)


def test_while_the_owner_does(database: Database, engine_url: str, links: list[str]) -> None:
    database.close()

    def scanner(number: int) -> list[Order]:
        return [
            Order(link, GARBAGE[(number + place) % len(GARBAGE)] or "x", FARM[number])
            for place, link in enumerate(links)
        ]

    owner = [Order(link, PASSWORD, "198.51.100.1") for link in links]
    with crowd(8, engine_url, trusted_proxies="127.0.0.1") as people:
        activated, *scanned = people.do(activate_in_turn, [owner, *(scanner(number) for number in range(7))])
    assert activated == ["/signup/complete"] * len(links)
    assert not any("/signup/complete" in answers for answers in scanned)
    assert accounts(database) == (len(links), len(links))
