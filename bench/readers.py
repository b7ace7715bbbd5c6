"""``readers-during-publish``: p99 of the list while a month is loaded ÷ while nothing is."""

import statistics
from collections.abc import Sequence
from typing import Final

from bench import batch, loaded, master, stock
from bench.figures import Figure
from bench.month import FULL, Month, month
from bench.pages import check, check_pressed, first_views
from bench.postgres import postgres
from bench.press import Pressed, p99, press
from bench.publish import warm
from bench.servers import portal
from bench.visitor import logged_in

_QUICK: Final = 50_000
# What lies there before: the accounts that ask have fifteen months of it.
_BENEATH, _QUICK_BENEATH = 1_000_000, 150_000
_GOALS: Final = {"sqlite": 1.5, "postgresql": 5.0}
# Seconds of a press, and how many of them before and after the load.
_SECONDS, _QUIET = 1, 4
_CONNECTIONS: Final = 8
_PATH: Final = "/statements"


def readers_during_publish(quick: bool, rounds: int | None) -> Figure:
    """Both databases, each with its own goal; the one further from it."""
    of, beneath = month(_QUICK if quick else FULL), _QUICK_BENEATH if quick else _BENEATH
    figures = []
    with postgres(durable=True) as server:
        for name, goal in _GOALS.items():
            ratios = []
            for number in range(rounds or 1):
                if name == "sqlite":
                    url = master.on_sqlite(of, beneath)
                else:
                    url = master.on_postgresql(server, of, beneath)
                    server.settle()
                print(f"{name} round {number + 1}: ", end="")
                ratios.append(_ratio(url, of, beneath))
            figures.append(Figure(statistics.median(ratios), goal, least=False))
        master.done_on_postgresql(server)
    return min(figures, key=lambda figure: figure.closeness)


def _ratio(url: str, of: Month, beneath: int) -> float:
    """p99 of all answers that came while the load ran ÷ of those before and after it."""
    warm(of.charges)
    with portal(url) as server:
        visitors = logged_in(server.port, stock.of(url, beneath).login_ids)
        first_views(visitors, _PATH)
        cookies = [visitor.cookies for visitor in visitors]
        size = check(visitors, _PATH)

        def pressed() -> Pressed:
            found = press(server.port, _PATH, cookies, _SECONDS, _CONNECTIONS)
            if not found.requests:
                return _none_answered(found)
            check_pressed(found, size)
            return found

        pressed()
        quiet = [pressed() for _ in range(_QUIET)]
        loud, of_steps = [], dict[str, list[Pressed]]()
        # It stops before the flip: what is pressed is the same page all the time.
        with batch.started(url, "check", of.charges) as command:
            while command.is_running:
                step, found = command.step, pressed()
                if command.is_running:
                    loud.append(found)
                    of_steps.setdefault(step, []).append(found)
            ran = command.wait("checked")
        quiet += [pressed() for _ in range(_QUIET)]
        check(visitors, _PATH)
    loaded.check(url, of, ran)
    value = p99(loud) / p99(quiet)
    print(f"{_told(loud)} while loading in {ran} ÷ {_told(quiet)} = {value:.3f}")
    print("  " + ", ".join(f"{step}: {_told(found)}" for step, found in of_steps.items()), flush=True)
    return value


def _none_answered(pressed: Pressed) -> Pressed:
    """A turn in which nobody had an answer: on each connection somebody waited all of it."""
    assert pressed.errors == 0, f"{pressed.errors} errors"
    waited = _SECONDS * 1e3
    return pressed._replace(median=waited, p99=waited, times=((waited, _CONNECTIONS),))


def _told(several: Sequence[Pressed]) -> str:
    rate = statistics.fmean(pressed.rate for pressed in several)
    return f"p99 {p99(several):.1f} ms at {rate:.0f}/s"
