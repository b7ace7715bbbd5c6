"""Somebody with a browser: looks at pages, and notices what is wrong with each of them."""

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page, Request, Response

_AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What differs on a page at each visit, and is seen by nobody.
_UNSEEN = re.compile(r'(<input type="hidden"[^>]* value=")[^"]*')
# Pages that axe had nothing against, as they stood in such a window: it would say the same again.
_passed: set[str] = set()


class Person:
    """A browser window of its own with its own cookies. ``page`` is Playwright's."""

    def __init__(
        self, chromium: Browser, address: str, *, width: int, javascript: bool, **options: Any
    ) -> None:
        self._kind: str | None = f"{width} {javascript} {sorted(options.items())}"
        # A colour that is still on its way to another has not the contrast that it will have.
        context = chromium.new_context(
            reduced_motion="reduce",
            viewport={"width": width, "height": 740 if width < 700 else 800},
            java_script_enabled=javascript,
            locale=options.pop("locale", "ja-JP"),
            base_url=address,
            **options,
        )
        self._begin(context, address, javascript=javascript)

    @classmethod
    def of(cls, context: BrowserContext, address: str, *, javascript: bool) -> Self:
        """Somebody whose window is there already, with settings of its own."""
        person = cls.__new__(cls)
        person._kind = None
        person._begin(context, address, javascript=javascript)
        return person

    def _begin(self, context: BrowserContext, address: str, *, javascript: bool) -> None:
        self.context = context
        self._mirror: Page | None = None
        self.address = address
        self.javascript = javascript
        self.faults: list[str] = []
        self.posts = 0
        # Whether the calm page of an outage is what this person is to see.
        self.sees_an_outage = False
        self._leaving = False
        # All windows of this browser, those that a test opens as well.
        self.context.on("page", lambda page: page.on("framenavigated", self._navigated))
        self.page: Page = self.context.new_page()
        self.context.set_default_timeout(10_000)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        self.context.on("request", self._request)
        self.context.on("response", self._response)

    def go(self, path: str) -> None:
        """Open a path and look at what comes."""
        self.page.goto(path)
        self.look()

    def press(self, words: str, *, look: bool = True) -> None:
        """Press the button or follow the link with these words, and look at what comes."""
        button = self.page.get_by_role("button", name=words, exact=True)
        link = self.page.get_by_role("link", name=words, exact=True)
        (button.or_(link)).first.click()
        self._arrive()
        if look:
            self.look()

    def back(self, steps: int = 1) -> None:
        """Go back as the browser's button does; forward with a negative number."""
        devtools = self.context.new_cdp_session(self.page)
        history = devtools.send("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"] - steps]
        # Playwright's own way waits for a load that does not happen where a browser kept the page in its memory.
        devtools.send("Page.navigateToHistoryEntry", {"entryId": entry["id"]})
        devtools.detach()
        # What came from the memory may ask for itself once more.
        for _ in range(2):
            self.page.wait_for_timeout(100)
            self._arrived()

    def reload(self) -> None:
        """Reload; a form that made the page is sent again."""
        self.page.reload()

    def double_click(self, words: str) -> int:
        """Press a button twice, as people do who know it from the desktop; how many forms that sent."""
        before = self.posts
        self.page.get_by_role("button", name=words, exact=True).first.dblclick(delay=40)
        self._arrive()
        return self.posts - before

    def strike(self, key: str) -> None:
        """Press a key, and wait for the page that it may ask for."""
        self.page.keyboard.press(key)
        self._arrive()

    def arrive(self) -> None:
        """Wait for the page that was asked for without waiting."""
        self._arrive()

    @property
    def path(self) -> str:
        """Where the window is."""
        return self.page.url.removeprefix(self.address)

    def _arrive(self) -> None:
        """Wait for the page that a click asked for. Until its first byte the old one still counts as loaded."""
        self.page.wait_for_timeout(100)
        self._arrived()
        self.page.wait_for_load_state()

    def _arrived(self) -> None:
        until = time.monotonic() + 10
        while self._leaving and time.monotonic() < until:
            self.page.wait_for_timeout(20)

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
            self.faults.append(f"{path}: {wide} px wider than the window")
        seen = self._as_seen()
        if seen in _passed:
            return
        page = self.page if self.javascript else self._mirrored()
        page.evaluate(_AXE)
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
            _TAGS,
        )
        for violation in found["violations"]:
            where = [node["target"] for node in violation["nodes"]][:3]
            self.faults.append(f"{path}: axe {violation['id']}: {violation['help']} at {json.dumps(where)}")
        if seen is not None and not found["violations"]:
            _passed.add(seen)

    def _as_seen(self) -> str | None:
        """What stands for the page as it stands in a window of this kind; None where its kind is not known."""
        if self._kind is None:
            return None
        window = [
            self._kind,
            self.page.viewport_size,
            self.page.url.partition("#")[2],
            self.page.evaluate("matchMedia('print').matches"),
        ]
        page = _UNSEEN.sub(r"\1", self.page.content())
        return hashlib.sha256(f"{window}\n{page}".encode()).hexdigest()

    def _mirrored(self) -> Page:
        """The same page in a window that runs scripts, for axe to look at; our own script stays out."""
        if self._mirror is None:
            browser = self.context.browser
            assert browser is not None, "a window with settings of its own is looked at with its scripts"
            context = browser.new_context(
                viewport=self.page.viewport_size, locale="ja-JP", reduced_motion="reduce"
            )
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
        assert not self.faults, "\n".join(self.faults)

    def _console(self, message: ConsoleMessage) -> None:
        expected = r"status of (4\d\d|503)" if self.sees_an_outage else r"status of 4\d\d"
        if message.type in ("error", "warning") and not re.search(expected, message.text):
            self.faults.append(f"console: {message.text}")

    def _navigated(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            self._leaving = False

    def _request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._leaving = True
            self.posts += request.method == "POST"
        if not request.url.startswith((self.address, "data:")):
            self.faults.append(f"a request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 and not (self.sees_an_outage and response.status == 503):
            self.faults.append(f"{response.url} answered {response.status}")
