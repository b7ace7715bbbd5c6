"""What somebody outside learns of an answer, and what it cost inside: to compare cases that nobody may tell apart.

    onlooker = Onlooker(database, portal(database, trusted_proxies="127.0.0.1"), monkeypatch)
    seen = {}
    for case, typed in CASES.items():
        guest = onlooker.arrives("/signup")          # each from an address of their own
        seen[case] = [onlooker.sees(guest, "/signup", typed) for _ in range(5)]
    all_alike(seen)

Compared are status, headers and their order, every byte but the tokens and what was typed, the statements that were
sent to the database, the passwords that were verified, and the rows that were written. No two answers come in the
same second, so what tells one second from another is never told by chance. ``tests/stopwatch.py`` compares the time.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import pytest
from flask import Flask
from sqlalchemy import func, select

from mypage.adapters import passwords
from mypage.adapters.clock import Clock
from mypage.store.engine import Database
from mypage.store.schema import metadata
from tests.listening import listen
from tests.visitor import Visitor, form_values

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b")
_TOKEN = re.compile(r'(name="csrf_token" value=")[^"]*')
# Whose a form is stays; when its page was made, which is signed with it, does not.
_MADE_AT = re.compile(r'(name="whose" value="[^".]*)[^"]*')
_WRITTEN: Final = ("audit_event", "audit_detail", "throttle", "outbox", "signup_draft", "login_session")


@dataclass(frozen=True)
class Seen:
    """One answer, without what differs at each visit anyway."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    statements: tuple[str, ...]
    verified: int
    rows: Mapping[str, int]


@dataclass
class Guest:
    """Somebody with a browser and an address of their own."""

    visitor: Visitor
    token: str


class Onlooker:
    """Looks at the answers of ``app``, whose proxy (127.0.0.1) tells the addresses of guests."""

    def __init__(self, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self._database, self._app = database, app
        self._answers = 0
        self._let_seconds_pass(monkeypatch)
        self._statements = listen(database)
        self._verified = verifications(monkeypatch)
        self._addresses = (f"198.18.{number // 250}.{number % 250}" for number in count())

    def arrives(self, path: str, *, cookies: Mapping[str, str] | None = None) -> Guest:
        """A new guest before the form at ``path``."""
        visitor = Visitor(self._app, headers={"X-Forwarded-For": next(self._addresses)})
        for name, value in (cookies or {}).items():
            visitor.client.set_cookie(name, value, domain="127.0.0.1")
        page = visitor.get(path)
        form = next(each for each in page.root.all("form") if "csrf_token" in form_values(each))
        return Guest(visitor, form_values(form)["csrf_token"])

    def sees(self, guest: Guest, path: str, typed: Mapping[str, str], *, accept: str = "text/html") -> Seen:
        """What comes back when the guest submits ``typed``."""
        self._answers += 1
        before = self._rows()
        self._statements.clear()
        self._verified.clear()
        answer = guest.visitor.client.post(
            path,
            base_url=guest.visitor.base_url,
            data={"csrf_token": guest.token, **typed},
            headers={**guest.visitor.headers, "Accept": accept},
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
        statements, verified = tuple(map(_bare, self._statements)), len(self._verified)
        after = self._rows()
        assert answer.status_code < 500
        assert answer.headers.get("Content-Length") == str(len(answer.data))
        return Seen(
            status=answer.status_code,
            # The length says nothing that the bytes do not say, which hold what was typed.
            headers=tuple(
                (name, "" if name == "Content-Length" else value) for name, value in answer.headers
            ),
            body=_masked(answer.get_data(as_text=True), typed),
            statements=statements,
            verified=verified,
            rows={name: after[name] - before[name] for name in _WRITTEN},
        )

    def _let_seconds_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = Clock.now

        def later(clock: Clock) -> datetime:
            return real(clock) + timedelta(seconds=self._answers)

        monkeypatch.setattr(Clock, "now", later)

    def _rows(self) -> dict[str, int]:
        with self._database.reading() as connection:
            counted = {name: select(func.count()).select_from(metadata.tables[name]) for name in _WRITTEN}
            return {name: connection.scalar(query) or 0 for name, query in counted.items()}


def all_alike(seen: Mapping[str, Sequence[Seen]]) -> None:
    """Fail, and say what differs, unless the answers of all cases are the same, the first ones, the second ones, …"""
    (first, expected), *others = seen.items()
    for other, got in others:
        assert len(got) == len(expected)
        for number, (one, two) in enumerate(zip(expected, got, strict=True), 1):
            for each in fields(Seen):
                here, there = getattr(one, each.name), getattr(two, each.name)
                assert here == there, (
                    f"{each.name} of answer {number} tells 「{first}」 from 「{other}」:\n{_difference(here, there)}"
                )


def _difference(here: object, there: object) -> str:
    one, two = ([str(line) for line in _lines(each)] for each in (here, there))
    return "\n".join(difflib.unified_diff(one, two, lineterm="", n=1))


def _lines(each: object) -> Sequence[object]:
    return each.splitlines() if isinstance(each, str) else each if isinstance(each, tuple) else [each]


def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are verified against from now on."""
    verified: list[str] = []
    real = passwords._HASHER

    class Told:
        def verify(self, password_hash: str, password: bytes) -> bool:
            verified.append(password_hash)
            return real.verify(password_hash, password)

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    monkeypatch.setattr(passwords, "_HASHER", Told())
    return verified


def _bare(statement: str) -> str:
    """A statement without its values: SQLite's trace writes them into it."""
    return _LITERAL.sub("?", " ".join(statement.split()))


def _masked(body: str, typed: Mapping[str, str]) -> str:
    body = _MADE_AT.sub(r"\1", _TOKEN.sub(r"\1", body))
    for name, value in typed.items():
        if value:
            body = body.replace(f'value="{value}"', f'value="{name}"')
    return body
