"""People who reach a running portal over the network.

    page = Outsider(portal).get("/login")

They see what ``tests.visitor.Visitor`` sees; how long the slowest answer took stands in ``portal.slowest``.
"""

import http.client
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from tests.bills import PASSWORD
from tests.outage.running import Running
from tests.visitor import Page, Visitor

# Seconds in which a page must come, the calm one too.
IN_TIME: Final = 6.0


class Outsider(Visitor):
    """A visitor from outside: the same person, over the network."""

    def __init__(self, portal: Running) -> None:
        self.base_url, self.headers = f"http://127.0.0.1:{portal.port}", {}
        self.client = _Browser(portal)  # type: ignore[assignment]


class _Browser:
    """What a visitor asks with, in the place of Werkzeug's client: the network, and cookies."""

    def __init__(self, portal: Running) -> None:
        self._portal = portal
        self._cookies: dict[str, str] = {}

    def get(self, path: str, *, query_string: Mapping[str, str] | None = None, **_: Any) -> Response:
        """Fetch a path."""
        return self._ask("GET", path + (f"?{urlencode(query_string)}" if query_string else ""))

    def post(self, path: str, *, data: Mapping[str, str], **_: Any) -> Response:
        """Send a form."""
        return self._ask("POST", path, urlencode(data))

    def get_cookie(self, name: str) -> str | None:
        """A cookie that is held."""
        return self._cookies.get(name)

    def _ask(self, method: str, path: str, body: str | None = None) -> Response:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self._portal.port, timeout=30)
        began = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            came = connection.getresponse()
            # The server writes the names of headers small, and our inspection asks for them as we write them.
            named = [(name.title(), value) for name, value in came.getheaders()]
            answer = Response(came.read(), came.status, named)
        finally:
            connection.close()
        self._portal.slowest = max(self._portal.slowest, time.monotonic() - began)
        for set_cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = set_cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
            if not value:
                del self._cookies[name]
        return answer


def log_in(portal: Running) -> Outsider:
    """The owner of the one account."""
    visitor = Outsider(portal)
    page = visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.path == "/", page.text
    return visitor


def to_screen_2(portal: Running, **who: str) -> Page:
    """Somebody whose identity has been found."""
    page = Outsider(portal).get("/signup").submit("認証", **who)
    assert page.path == "/signup/profile", page.text
    return page


def is_calm(page: Page, portal: Running, *unspoken: str) -> Page:
    """The page of F-02, whose number stands in the log, and nothing that was typed."""
    assert page.status == 503, page.text
    assert page.headers["Retry-After"] == "30"
    assert "ただいま混み合っています" in page.text
    assert "F-02" in page.text
    assert "0120-000-000" in page.text
    number = re.search(r"受付番号：([0-9A-Z]{8})", page.text)
    assert number, page.text
    lines = portal.log("web")
    told = [line for line in lines if line.get("request_number") == number[1]]
    assert [line["event"] for line in told] == ["database unavailable"]
    text = json.dumps(lines, ensure_ascii=False)
    for typed in unspoken:
        assert typed not in text
    return page


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
