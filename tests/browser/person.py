"""Somebody with a browser: looks at pages, and notices what is wrong with each of them."""

import json
import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Request, Response

_AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Person:
    """A browser window of its own with its own cookies. ``page`` is Playwright's."""

    def __init__(
        self, chromium: Browser, address: str, *, width: int, javascript: bool, **options: Any
    ) -> None:
        self._chromium = chromium
        self._mirror: Page | None = None
        self.address = address
        self.width = width
        self.javascript = javascript
        self.faults: list[str] = []
        self._leaving = False
        self.context = chromium.new_context(
            viewport={"width": width, "height": 740 if width < 700 else 800},
            java_script_enabled=javascript,
            locale=options.pop("locale", "ja-JP"),
            base_url=address,
            **options,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("request", self._request)
        self.page.on("framenavigated", self._navigated)
        self.page.on("response", self._response)

    def go(self, path: str) -> None:
        """Open a path and look at what comes."""
        self.page.goto(path)
        self.look()

    def press(self, words: str) -> None:
        """Press the button or follow the link with these words, and look at what comes."""
        button = self.page.get_by_role("button", name=words, exact=True)
        link = self.page.get_by_role("link", name=words, exact=True)
        (button.or_(link)).first.click()
        self._arrive()
        self.look()

    def _arrive(self) -> None:
        """Wait for the page that a click asked for. Until its first byte the old one still counts as loaded."""
        self.page.wait_for_timeout(100)
        until = time.monotonic() + 10
        while self._leaving and time.monotonic() < until:
            self.page.wait_for_timeout(20)
        self.page.wait_for_load_state()

    def type(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.fill(text)

    def sees(self, words: str) -> bool:
        """Whether these words stand on the page."""
        return words in self.page.locator("body").inner_text()

    def look(self) -> None:
        """Inspect the page as it stands: accessibility, width, language."""
        path = self.page.url.removeprefix(self.address)
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.faults.append(f"{path}: {wide} px wider than {self.width} px")
        page = self.page if self.javascript else self._mirrored()
        page.evaluate(_AXE)
        found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _TAGS)
        for violation in found["violations"]:
            where = [node["target"] for node in violation["nodes"]][:3]
            self.faults.append(f"{path}: axe {violation['id']}: {violation['help']} at {json.dumps(where)}")

    def _mirrored(self) -> Page:
        """The same page in a window that runs scripts, for axe to look at; our own script stays out."""
        if self._mirror is None:
            context = self._chromium.new_context(viewport=self.page.viewport_size, locale="ja-JP")
            self._mirror = context.new_page()
            self._mirror.route("**/mypage.js*", lambda route: route.abort())
        html, url = self.page.content(), self.page.url
        self._mirror.route(
            url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
        )
        self._mirror.goto(url)
        self._mirror.unroute(url)
        return self._mirror

    def leave(self) -> None:
        """Close the window; what was noticed fails the test."""
        self.context.close()
        if self._mirror is not None:
            self._mirror.context.close()
        assert self.faults == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not re.search(r"status of 4\d\d", message.text):
            self.faults.append(f"console: {message.text}")

    def _navigated(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self._leaving = False

    def _request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._leaving = True
        if not request.url.startswith((self.address, "data:")):
            self.faults.append(f"a request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url} answered {response.status}")
