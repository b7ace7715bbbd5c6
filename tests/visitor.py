"""A person with a browser, without JavaScript: fetches pages, fills in forms, follows redirects.

Every page that is fetched is inspected (``tests/inspection.py``), so each test of a door is also a test of the
page: title, language, headings, ids, labels, form actions, no other host.

    visitor = Visitor(app)
    page = visitor.get("/login")
    page = page.submit("ログイン", login_id="tarou", password="…")   # follows redirects
    assert page.status == 200 and "お客様メニューリスト" in page.text
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

from tests.html import Element, parse
from tests.inspection import inspect

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass
class Page:
    """An answer as a person sees it. ``text`` is what can be read, ``html`` the source."""

    visitor: Visitor
    path: str
    status: int
    html: str
    headers: Mapping[str, str]
    root: Element

    @property
    def text(self) -> str:
        """All words on the page, white space folded."""
        return self.root.text()

    @property
    def title(self) -> str:
        """The page's title."""
        return self.root.first("title").text()

    def form_with(self, button: str) -> Element:
        """The form that holds the button with these words."""
        for form in self.root.all("form"):
            if any(_words(each) == button for each in _buttons(form)):
                return form
        raise AssertionError(f"no form with a button [{button}] on {self.path}: {self.text[:400]}")

    def submit(self, button: str, **typed: str) -> Page:
        """Type into the form that holds ``button`` and press it. Fields that are not named stay as they are."""
        form = self.form_with(button)
        pressed = next(each for each in _buttons(form) if _words(each) == button)
        filled = dict(form_values(form))
        for name, text in typed.items():
            assert name in filled or name in _names(form), f"no field {name} in the form of [{button}]"
            filled[name] = text
        if pressed.attributes.get("name"):
            filled[pressed.attributes["name"] or ""] = pressed.attributes.get("value") or ""
        action = pressed.attributes.get("formaction") or form.attributes.get("action") or self.path
        method = (form.attributes.get("method") or "get").lower()
        if method == "get":
            return self.visitor.get(action, query=filled)
        return self.visitor.post(action, filled)

    def follow(self, words: str) -> Page:
        """Follow the link with these words."""
        for link in self.root.all("a"):
            if link.text() == words:
                return self.visitor.get(link.attributes["href"] or "")
        raise AssertionError(f"no link 「{words}」 on {self.path}: {self.text[:400]}")


class Visitor:
    """A browser with its cookies. ``app`` is the portal, ``base_url`` the address in its address bar."""

    def __init__(
        self,
        app: WSGIApplication,
        *,
        base_url: str = "http://127.0.0.1:8080",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.client = Client(app)
        self.base_url = base_url
        self.headers = dict(headers or {})

    def get(self, path: str, *, query: Mapping[str, str] | None = None, follow: bool = True) -> Page:
        """Fetch ``path``."""
        answer = self.client.get(
            path, base_url=self.base_url, query_string=query, headers=self.headers, environ_base=_FROM
        )
        return self._arrived(path, answer, follow)

    def post(self, path: str, typed: Mapping[str, str], *, follow: bool = True) -> Page:
        """Post ``typed`` as a form would."""
        answer = self.client.post(
            path, base_url=self.base_url, data=dict(typed), headers=self.headers, environ_base=_FROM
        )
        return self._arrived(path, answer, follow)

    def _arrived(self, path: str, answer: TestResponse, follow: bool) -> Page:
        hops = 0
        while follow and answer.status_code in (301, 302, 303, 307, 308):
            hops += 1
            assert hops < 6, f"redirects without end from {path}"
            location = urlsplit(answer.headers["Location"])
            assert not location.netloc, f"a redirect to another host: {answer.headers['Location']}"
            path = location.path + (f"?{location.query}" if location.query else "")
            answer = self.client.get(path, base_url=self.base_url, headers=self.headers, environ_base=_FROM)
        assert answer.status_code < 500 or answer.status_code == 503, f"{path} answered {answer.status_code}"
        html = answer.get_data(as_text=True) if "text/" in (answer.mimetype or "") else ""
        page = Page(self, path, answer.status_code, html, dict(answer.headers), parse(html))
        if answer.mimetype == "text/html" and html:
            inspect(page.root, dict(answer.headers), path)
        return page


_FROM = {"REMOTE_ADDR": "127.0.0.1"}


def _buttons(form: Element) -> list[Element]:
    inputs = [each for each in form.all("input") if each.attributes.get("type") == "submit"]
    return [each for each in form.all("button") if each.attributes.get("type") != "button"] + inputs


def _words(button: Element) -> str:
    return button.text() or button.attributes.get("value") or ""


def _names(form: Element) -> set[str]:
    return {
        each.attributes["name"] or ""
        for tag in ("input", "select", "textarea")
        for each in form.all(tag)
        if each.attributes.get("name")
    }


def form_values(form: Element) -> dict[str, str]:
    """What the form would send as it stands."""
    values: dict[str, str] = {}
    for field in form.all("input"):
        name, kind = field.attributes.get("name"), field.attributes.get("type") or "text"
        if not name or kind in ("submit", "button"):
            continue
        if kind in ("checkbox", "radio") and "checked" not in field.attributes:
            continue
        values[name] = field.attributes.get("value") or ""
    for area in form.all("textarea"):
        if area.attributes.get("name"):
            values[area.attributes["name"] or ""] = area.text()
    for select in form.all("select"):
        options = select.all("option")
        chosen = next(
            (each for each in options if "selected" in each.attributes), options[0] if options else None
        )
        if select.attributes.get("name") and chosen is not None:
            value = chosen.attributes.get("value")
            values[select.attributes["name"] or ""] = chosen.text() if value is None else value
    return values
