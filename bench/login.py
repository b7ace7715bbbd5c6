"""``login``: processor time of a login ÷ that of its argon2 hash alone."""

import statistics
import time

from bench import stock
from bench.figures import Figure
from bench.pages import FULL, QUICK
from bench.servers import Server, portal
from bench.visitor import Visitor, log_in
from mypage.adapters import passwords


def login(quick: bool, rounds: int | None) -> Figure:
    """Logins through the real form on SQLite, where the server's time holds the database's too.

    The form is fetched beforehand: it is a page, not a part of the login.
    """
    filled = stock.on_sqlite(QUICK if quick else FULL)
    rounds = rounds or (8 if quick else 20)
    password_hash = passwords.hashed(stock.PASSWORD)
    with portal(filled.url) as server:
        _logins(server, filled)
        ratios = []
        for number in range(rounds):
            ours = _logins(server, filled)
            alone = _hashes(password_hash, len(filled.login_ids))
            ratios.append(ours / alone)
            print(
                f"round {number + 1}: {ours * 1e3:.2f} ms ÷ {alone * 1e3:.2f} ms = {ratios[-1]:.3f}",
                flush=True,
            )
    return Figure(statistics.median(ratios), 1.25, least=False)


def _logins(server: Server, filled: stock.Stock) -> float:
    """Seconds of processor time of one login, each account once."""
    ready = []
    for login_id in filled.login_ids:
        visitor = Visitor(server.port)
        ready.append((visitor, visitor.login_form(), login_id))
    before = server.cpu()
    for visitor, form, login_id in ready:
        log_in(visitor, form, login_id)
    return (server.cpu() - before) / len(ready)


def _hashes(password_hash: str, count: int) -> float:
    before = time.process_time()
    for _ in range(count):
        assert passwords.is_right(password_hash, stock.PASSWORD)
    return (time.process_time() - before) / count
