"""People who do the same thing at the same moment, each in a process of their own with the whole portal in it.

    with crowd(8, engine_url, trusted_proxies="127.0.0.1") as people:
        answers = people.do(activate_in_turn, [orders] * 8)

What they do is a function of this file: it gets a visitor before the process's own portal, its argument, and a
function ``together`` that returns in all processes at once.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from mypage.store.engine import Database
from tests.forked import processes
from tests.portal import portal
from tests.visitor import Visitor, form_values

Together = Callable[[], object]
Deed = Callable[[Visitor, Any, Together], Any]
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


class Crowd:
    """Running processes that wait for what to do. Made by :func:`crowd`."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def do(self, deed: Deed, arguments: Sequence[Any]) -> list[Any]:
        """Let each process do ``deed`` with its argument; their results in the same order."""
        for pipe, argument in zip(self._pipes, arguments, strict=True):
            pipe.send((deed, argument))
        results = []
        for pipe in self._pipes:
            assert pipe.poll(3600), "a process did not come back"
            results.append(pipe.recv())
        assert not any(isinstance(result, Exception) for result in results), results
        return results


@contextlib.contextmanager
def crowd(people: int, url: str, **settings: str) -> Iterator[Crowd]:
    """So many processes before the database at ``url``; they are gone at the end of the block."""
    context = processes()
    barrier = context.Barrier(people)
    ours, runners = [], []
    for _ in range(people):
        here, there = context.Pipe()
        runner = context.Process(target=_wait_for_work, args=(url, settings, barrier, there), daemon=True)
        runner.start()
        there.close()
        ours.append(here)
        runners.append(runner)
    try:
        yield Crowd(ours)
    finally:
        for pipe in ours:
            pipe.close()
        for runner in runners:
            runner.join(20)
            if runner.is_alive():
                runner.kill()
                runner.join()


def _wait_for_work(url: str, settings: dict[str, str], barrier: Any, orders: Connection) -> None:
    database = Database(url)
    app = portal(database, None, **settings)
    with contextlib.suppress(EOFError):
        while True:
            deed, argument = orders.recv()
            try:
                orders.send(deed(Visitor(app), argument, lambda: barrier.wait(60)))
            except Exception as error:  # noqa: BLE001 - what happened there must fail the test here
                barrier.abort()
                orders.send(RuntimeError(f"{type(error).__name__}: {error}"))
    database.close()


class Order(NamedTuple):
    """A post of an activation link: from which address, and in which browser (its signup cookie, if any)."""

    link: str
    password: str
    address: str
    browser: str | None = None


def activate_in_turn(visitor: Visitor, orders: Sequence[Order], together: Together) -> list[str]:
    """Post one link after the other, each at the same moment as the others; where that led, or the page's heading."""
    token = form_values(visitor.get("/login").form_with("ログイン"))["csrf_token"]
    answers = []
    for order in orders:
        if order.browser is None:
            visitor.client.delete_cookie("signup", domain="127.0.0.1")
        else:
            visitor.client.set_cookie("signup", order.browser, domain="127.0.0.1")
        together()
        answer = visitor.client.post(
            order.link,
            base_url=visitor.base_url,
            data={"csrf_token": token, "password": order.password},
            headers={"X-Forwarded-For": order.address},
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
        heading = _HEADING.search(answer.get_data(as_text=True))
        answers.append(answer.headers.get("Location") or (heading[1] if heading else str(answer.status_code)))
    return answers


def register_at_once(
    visitor: Visitor, typed: tuple[dict[str, str], dict[str, str]], together: Together
) -> str:
    """Go to screen 3 with an identity and a profile, and press [仮登録する] at the same moment; the heading."""
    identity, profile = typed
    page = visitor.get("/signup").submit("認証", **identity).submit("確認する", **profile)
    assert page.path == "/signup/confirm", page.text
    together()
    return page.submit("仮登録する").root.first("h1").text()
