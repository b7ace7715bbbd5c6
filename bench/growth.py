"""``growth``: what ten times the statements cost the list."""

import contextlib
import statistics

from bench import stock
from bench.figures import Figure
from bench.pages import FULL, QUICK, check, check_pressed, first_views
from bench.postgres import postgres
from bench.press import press
from bench.servers import portal
from bench.visitor import logged_in


def growth(quick: bool, rounds: int | None) -> Figure:
    """Median time of the list at ten times the statements ÷ at one; both databases, the worse one."""
    large = QUICK if quick else FULL
    figures = []
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres())
        pairs = {
            "sqlite": [stock.on_sqlite(large // 10), stock.on_sqlite(large)],
            "postgresql": [stock.on_postgresql(server, large // 10), stock.on_postgresql(server, large)],
        }
        for name, pair in pairs.items():
            figures.append(Figure(_grown(name, pair, quick, rounds), 1.3, least=False))
    return min(figures, key=lambda figure: figure.closeness)


def _grown(name: str, pair: list[stock.Stock], quick: bool, rounds: int | None) -> float:
    rounds = rounds or (5 if quick else 21)
    with portal(pair[0].url) as small, portal(pair[1].url) as large:
        asked = []
        for server, filled in zip((small, large), pair, strict=True):
            visitors = logged_in(server.port, filled.login_ids)
            first_views(visitors, "/statements")
            asked.append((server, [visitor.cookies for visitor in visitors], check(visitors, "/statements")))
        ratios = []
        for number in range(rounds):
            medians = []
            for server, cookies, size in asked:
                # One at a time: with more, a queue is measured.
                pressed = press(server.port, "/statements", cookies, 1, connections=1)
                check_pressed(pressed, size)
                medians.append(pressed.median)
            ratios.append(medians[1] / medians[0])
            print(
                f"{name} round {number + 1}: {medians[1]:.3f} ms at {pair[1].statements:,}"
                f" ÷ {medians[0]:.3f} ms at {pair[0].statements:,} = {ratios[-1]:.3f}",
                flush=True,
            )
    return statistics.median(ratios)
