"""Nobody learns from recovery who is registered: the same bytes, queries and hashes for known and unknown."""

from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from mypage.store.engine import Database
from mypage.store.schema import audit_event
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.listening import listen
from tests.portal import portal
from tests.visitor import Visitor, form_values

# All of one length, so that what is typed leaves its length in no answer: nobody has the first.
NAMES = ("nobody", "active", "absent", "closed", "silent")


@pytest.fixture
def sent(database: Database) -> list[str]:
    """What goes to the database."""
    return listen(database)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call of argon2."""
    called: list[str] = []

    def count(name: str) -> None:
        original = getattr(PasswordHasher, name)

        def counted(*arguments: Any) -> Any:
            called.append(name)
            return original(*arguments)

        monkeypatch.setattr(PasswordHasher, name, counted)

    count("hash")
    count("verify")
    return called


@pytest.fixture
def app(sent: list[str], database: Database) -> Flask:
    """The portal with an account in each of the states that recovery tells apart."""
    publish_customers(database, a_customer(), a_customer("100", web_registration=False), a_customer("101"))
    an_account(database, "12345678", login_id="active", email="active@example.jp")
    an_account(database, "100", login_id="absent", email="absent@example.jp")
    an_account(database, login_id="closed", email="closed@example.jp", state="suspended")
    now = datetime.now(UTC)
    an_account(database, "101", login_id="silent", email="silent@example.jp", mail_refused_at=now)
    return portal(database)


def ask(app: Flask, path: str, typed: dict[str, str]) -> list[object]:
    """All that can be seen of the answer to one form, and of where it leads."""
    visitor = Visitor(app)
    token = form_values(visitor.get(path).form_with("メールを送る"))["csrf_token"]
    typed = {"csrf_token": token, **typed}
    answer = visitor.client.post(path, base_url=visitor.base_url, data=typed)
    seen = _seen(answer, typed)
    if "Location" in answer.headers:
        seen += _seen(visitor.client.get(answer.headers["Location"], base_url=visitor.base_url), typed)
    return seen


def _seen(answer: TestResponse, typed: dict[str, str]) -> list[object]:
    body = answer.get_data(as_text=True)
    for name, text in typed.items():
        body = body.replace(text, name)
    return [answer.status_code, sorted(answer.headers.items()), body]


@pytest.mark.parametrize(
    ("path", "field", "ending"),
    [("/recover/id", "email", "@example.jp"), ("/recover/password", "login_id", "")],
)
def test_everybody_is_answered_alike(
    app: Flask, database: Database, sent: list[str], hashes: list[str], path: str, field: str, ending: str
) -> None:
    answers, queries = [], []
    for name in NAMES:
        sent.clear()
        # Four are free; the fifth is told to wait.
        answers.append([ask(app, path, {field: name + ending}) for _ in range(5)])
        queries.append([" ".join(statement.split())[:60] for statement in sent])
    assert [each[0] for each in answers[0]] == [303] * 4 + [429]
    assert len(queries[0]) > 20
    for answer, query in zip(answers, queries, strict=True):
        assert answer == answers[0]
        assert query == queries[0]
    assert hashes == []
    with database.reading() as connection:
        assert not any(connection.scalars(select(audit_event.c.account_id))), "the door looks for nobody"
