"""Somebody who logs in through the real page and keeps the cookies."""

import http.client
import re
import urllib.parse
from collections.abc import Sequence
from html import unescape
from http.cookies import SimpleCookie
from typing import NamedTuple

from bench.stock import PASSWORD

_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


class Page(NamedTuple):
    """An answer: its status, its text and where it leads."""

    status: int
    text: str
    location: str


class Visitor:
    """One browser without JavaScript at ``127.0.0.1:port``."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._jar: dict[str, str] = {}

    @property
    def cookies(self) -> str:
        """The cookies as the browser sends them."""
        return "; ".join(f"{name}={value}" for name, value in self._jar.items())

    def get(self, path: str) -> Page:
        """Fetch a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Page:
        """Send a form."""
        return self._ask("POST", path, urllib.parse.urlencode(fields))

    def login_form(self) -> dict[str, str]:
        """The fields of the login page as they came, hidden ones included."""
        found = {}
        for tag in _FIELD.findall(self.get("/login").text):
            attributes = dict(_ATTRIBUTE.findall(tag))
            if "name" in attributes:
                found[attributes["name"]] = unescape(attributes.get("value", ""))
        return found

    def _ask(self, method: str, path: str, body: str | None) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Cookie": self.cookies} if self._jar else {}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self._port}",
            }
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self._jar[name] = morsel.value
        return Page(answer.status, text, answer.headers.get("Location", ""))


def log_in(visitor: Visitor, form: dict[str, str], login_id: str) -> None:
    """Post the login form; SystemExit if that is not the way in."""
    answer = visitor.post("/login", {**form, "login_id": login_id, "password": PASSWORD})
    if answer.status != 302 and answer.status != 303:
        raise SystemExit(f"{login_id} could not log in: {answer.status}")


def logged_in(port: int, login_ids: Sequence[str]) -> list[Visitor]:
    """A visitor for each account."""
    visitors = []
    for login_id in login_ids:
        visitor = Visitor(port)
        log_in(visitor, visitor.login_form(), login_id)
        visitors.append(visitor)
    return visitors
