"""Rubbish from somebody who is logged in at the console: whatever is sent, no answer is a fault of ours."""

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.store.schema import staff
from tests.builders import a_customer, publish_customers
from tests.portal import portal
from tests.staffing import Member, a_member, at_desk
from tests.visitor import Visitor, form_values
from tests.web_rubbish import rubbish

ROOT = Path(__file__).resolve().parents[2]
# What stands in a path or a field where it is to mean something: half of the time.
REAL = {
    "key": "12345678",
    "word": "suspend",
    "month": "2026-10",
    "code": "a-03",
    "seq": "1",
    "role": "admin",
    "own_password": "Kisetsu-7-no-hana",
}


def _names() -> list[str]:
    """Every field of the console's forms."""
    found: set[str] = set()
    for template in (ROOT / "templates" / "staff").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        found.update(re.findall(r"form\.(\w+)", text), re.findall(r'name="(\w+)"', text))
    return sorted(found - {"csrf_token"} | {"next", "said", "session", "factor", "offer", "answer", "c"})


class Somebody:
    """A member of staff who sends one thing after the other, and logs in again where that ended the session."""

    def __init__(self, app: Flask, database: Database, member: Member) -> None:
        self.app, self.database, self.member = app, database, member
        self.come_in()

    def come_in(self) -> None:
        """Whatever became of them: a colleague's rubbish may have suspended them, their own changed the password."""
        with self.database.writing() as connection:
            found = update(staff).where(staff.c.id == self.member.id).values(state="active")
            stamp = connection.scalar(found.returning(staff.c.stamp))
        self.visitor = at_desk(self.app, self.database, self.member, stamp=stamp)
        self.token = form_values(self.visitor.get("/staff/me/password").form_with("変更する"))["csrf_token"]


@pytest.mark.parametrize("times", [300, pytest.param(20_000, marks=pytest.mark.long)])
def test_nothing_that_staff_send_makes_a_fault(database: Database, times: int) -> None:
    publish_customers(database, a_customer())
    app, chance = portal(database), random.Random(times)  # noqa: S311 - rubbish need not be secret
    victim = a_member(database, Role.AGENT, "victim")
    people = [Somebody(app, database, a_member(database, role)) for role in Role]
    people.append(Somebody(app, database, a_member(database, Role.ADMIN, "山本")))
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff/")]
    real, names, faults = {**REAL, "staff_id": victim.id}, _names(), []
    statuses: Counter[int] = Counter()
    for _ in range(times):
        somebody, rule = chance.choice(people), chance.choice(rules)

        def part(name: str) -> str:
            means = chance.random() < 0.5 and name in real
            return real[name] if means else rubbish(chance).replace("?", "").replace("#", "")

        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: part(found[1]), rule.rule)
        typed = {name: part(name) for name in chance.sample(names, k=chance.randint(0, 8))}
        method = chance.choice(sorted(rule.methods or ("GET",)))
        answer = _answer(somebody.visitor, method, path, {**typed, "csrf_token": somebody.token})
        statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            faults.append((answer.status_code, method, path, typed, somebody.member.role))
        if answer.headers.get("Location", "").startswith("/staff/login"):
            somebody.come_in()
    assert faults == []
    assert statuses[200] + statuses[400] > times / 4, f"most of it went astray: {statuses}"


def _answer(visitor: Visitor, method: str, path: str, typed: dict[str, str]) -> TestResponse:
    sent: dict[str, Any] = {"data": typed} if method == "POST" else {"query_string": typed}
    answer = visitor.client.open(path, method=method, base_url=visitor.base_url, **sent)
    answer.close()
    return answer
