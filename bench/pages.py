"""``list-sqlite``, ``list-pg``, ``detail``: requests a second of a page ÷ those of a bare Flask, in turns."""

import re
import statistics
import time

from bench import bodies, stock
from bench.figures import Figure
from bench.postgres import postgres
from bench.press import Pressed, press
from bench.servers import Server, bare, portal
from bench.visitor import Visitor, logged_in

FULL, QUICK = 10_000_000, 150_000
# Short turns and many: what else runs on the machine then falls on both sides alike.
_ROUNDS, _QUICK_ROUNDS, _SECONDS = 31, 13, 1
DETAIL_MONTH = "2026-08"


def list_sqlite(quick: bool, rounds: int | None) -> Figure:
    """The list of fifteen months on SQLite."""
    filled = stock.on_sqlite(QUICK if quick else FULL)
    return Figure(_ratio(filled, "/statements", quick, rounds), 0.35, least=True)


def list_pg(quick: bool, rounds: int | None) -> Figure:
    """The list of fifteen months on PostgreSQL."""
    with postgres() as server:
        filled = stock.on_postgresql(server, QUICK if quick else FULL)
        return Figure(_ratio(filled, "/statements", quick, rounds), 0.30, least=True)


def detail(quick: bool, rounds: int | None) -> Figure:
    """One statement of twenty lines; both databases, the figure further from its goal."""
    path = f"/statements/{DETAIL_MONTH}"
    on_sqlite = Figure(
        _ratio(stock.on_sqlite(QUICK if quick else FULL), path, quick, rounds, 2), 0.30, least=True
    )
    with postgres() as server:
        filled = stock.on_postgresql(server, QUICK if quick else FULL)
        on_postgresql = Figure(_ratio(filled, path, quick, rounds, 2), 0.30, least=True)
    print(f"sqlite {on_sqlite.value:.3f}, postgresql {on_postgresql.value:.3f}")
    return min(on_sqlite, on_postgresql, key=lambda figure: figure.closeness)


def _ratio(filled: stock.Stock, path: str, quick: bool, rounds: int | None, share: int = 1) -> float:
    """The median over the rounds of ours ÷ bare; each round presses the one and at once the other."""
    rounds = rounds or (_QUICK_ROUNDS if quick else _ROUNDS) // share
    with bare() as hello, portal(filled.url) as ours:
        visitors = logged_in(ours.port, filled.login_ids)
        first = first_views(visitors, path)
        cookies = [visitor.cookies for visitor in visitors]
        size = check(visitors, path)
        _warm_up(hello, ours, path, cookies)
        ratios = []
        for number in range(rounds):
            base, base_cpu = _pressed(hello, "/", ["a=b"], _SECONDS)
            page, page_cpu = _pressed(ours, path, cookies, _SECONDS)
            check_pressed(page, size)
            ratios.append(page.rate / base.rate)
            print(
                f"round {number + 1}: {page.rate:6.0f}/s of {path} (median {page.median:.2f} ms, p99 {page.p99:.2f})"
                f" ÷ {base.rate:6.0f}/s bare = {ratios[-1]:.3f}"
                f"   processor time {page_cpu:.0f} µs and {base_cpu:.0f} µs a request",
                flush=True,
            )
        check(visitors, path)
    print(f"page {size:.0f} bytes; first view after a login {first:.2f} ms (median, with what it writes)")
    return statistics.median(ratios)


def _pressed(server: Server, path: str, cookies: list[str], seconds: float) -> tuple[Pressed, float]:
    """What came back, and how many microseconds of processor time the server took for each."""
    before = server.cpu()
    pressed = press(server.port, path, cookies, seconds)
    return pressed, (server.cpu() - before) * 1e6 / max(1, pressed.requests)


def _warm_up(hello: Server, ours: Server, path: str, cookies: list[str]) -> None:
    press(hello.port, "/", ["a=b"], 1)
    press(ours.port, path, cookies, 1)


def first_views(visitors: list[Visitor], path: str) -> float:
    """Milliseconds of the first view of a session, which also marks what was seen."""
    taken = []
    for visitor in visitors:
        begin = time.perf_counter()
        answer = visitor.get(path)
        taken.append((time.perf_counter() - begin) * 1e3)
        assert answer.status == 200, answer.status
    return statistics.median(taken)


def check(visitors: list[Visitor], path: str) -> float:
    """Whether the pages hold what they must; their mean size in bytes."""
    sizes = []
    for place, visitor in list(enumerate(visitors))[:: len(visitors) // 8]:
        long = bodies.long_history(place)
        answer = visitor.get(path)
        assert answer.status == 200, answer.status
        sizes.append(len(answer.text.encode()))
        text = re.sub(r"<[^>]+>", "", answer.text)
        if path == "/statements":
            for body in long:
                assert f"{body.total:,}円" in text, f"{body.total:,}円 is missing in {path}"
            links = set(re.findall(r'href="/statements/(\d{4}-\d{2})', answer.text))
            assert len(links) == bodies.MONTHS, sorted(links)
        else:
            body = long[bodies.months().index(int(path[-7:].replace("-", "")))]
            assert f"{body.total:,}円" in text
            for line in bodies.descriptions(body):
                assert line in text, f"{line} is missing in {path}"
    return statistics.fmean(sizes)


def check_pressed(pressed: Pressed, size: float) -> None:
    """No errors, and answers as long as the page that was checked (a redirect to the login is not)."""
    assert pressed.errors == 0, f"{pressed.errors} errors"
    assert size * 0.95 < pressed.size < size + 3000, (
        f"{pressed.size:.0f} bytes an answer, the page has {size:.0f}"
    )
