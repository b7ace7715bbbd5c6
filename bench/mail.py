"""``mail``: mails/s of the worker to a local sink ÷ a bare smtplib loop over one connection to the same sink, in turns."""

import contextlib
import os
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select

from bench.figures import Figure
from bench.place import ROOT, place
from bench.postgres import postgres
from bench.sink import Sink, sink
from mypage.adapters.mail_message import compose
from mypage.adapters.mail_text import MailTexts
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.domain.mail import Priority
from mypage.services import outbox
from mypage.services.trail import broken_at
from mypage.store import migrate
from mypage.store.engine import Database
from mypage.store.outbox import HANDED_OVER
from mypage.store.schema import audit_event
from mypage.store.schema import outbox as outbox_table

# Short turns and many: what else runs on the machine then falls on both sides alike.
_FULL, _QUICK = 1_500, 500
_ROUNDS, _QUICK_ROUNDS = 31, 13
_LOOKS_EVERY = 0.02


def mail(quick: bool, rounds: int | None) -> Figure:
    """Both databases; the figure further from its goal."""
    many, rounds = _QUICK if quick else _FULL, rounds or (_QUICK_ROUNDS if quick else _ROUNDS)
    with sink() as server:
        file = place() / "mail.sqlite"
        for old in place().glob(f"{file.name}*"):
            old.unlink()
        on_sqlite = Figure(_ratio(f"sqlite:///{file}", server, many, rounds), 0.5, least=True)
        with postgres(durable=True) as cluster:
            on_postgresql = Figure(_ratio(cluster.fresh("mail"), server, many, rounds), 0.5, least=True)
    print(f"sqlite {on_sqlite.value:.3f}, postgresql {on_postgresql.value:.3f}")
    return min(on_sqlite, on_postgresql, key=lambda figure: figure.closeness)


def _ratio(url: str, server: Sink, many: int, rounds: int) -> float:
    """The median over the rounds of the worker's rate ÷ the bare loop's."""
    with contextlib.closing(Database(url)) as database:
        migrate.upgrade(database)
        environment = {
            "MYPAGE_DATABASE_URL": url,
            "MYPAGE_SECRET_KEYS": "a-key-of-the-benchmarks-that-opens-nothing-else",
            "MYPAGE_SMTP_URL": server.url,
        }
        settings = load(environment)
        ratios = []
        with worker(environment):
            _worker_turn(database, server, many)
            for number in range(rounds):
                bare = _bare_turn(settings, server, many)
                ours = _worker_turn(database, server, many)
                ratios.append(ours / bare)
                print(
                    f"{database.url.get_backend_name()} round {number + 1}: {ours:5.0f} mails/s of the worker"
                    f" ÷ {bare:5.0f} mails/s of the loop = {ratios[-1]:.3f}",
                    flush=True,
                )
        with database.reading() as connection:
            assert broken_at(connection) is None, "the trail is broken"
            rows = connection.scalar(select(func.count()).select_from(audit_event))
        assert rows == many * (rounds + 1), f"{rows} rows in the trail"
    return statistics.median(ratios)


@contextlib.contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """``mypage worker`` as an operator starts it."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MYPAGE_")}
    with (place() / "worker.log").open("ab") as log, subprocess.Popen(
        [sys.executable, "-m", "mypage", "worker"], cwd=ROOT, env={**inherited, **environment}, stdout=log, stderr=log
    ) as process:  # fmt: skip
        yield
        process.terminate()


def _recipients(many: int) -> list[str]:
    return [f"reader{number}@example.jp" for number in range(many)]


def _bare_turn(settings: Settings, server: Sink, many: int) -> float:
    """Mails a second of a loop that has nothing to do but to send: the mails lie ready."""
    texts = MailTexts(settings)
    ready = [
        (
            recipient,
            compose(
                texts.render("registered", "ja", {"nickname": "ベンチ"}),
                language="ja",
                sender_name=settings.operator_name,
                sender=settings.mail_from,
                recipient=recipient,
                message_id=f"<{recipient}>",
                now=datetime.now(UTC),
            ),
        )
        for recipient in _recipients(many)
    ]
    begin = time.monotonic()
    with smtplib.SMTP("127.0.0.1", server.port) as connection:
        for recipient, message in ready:
            connection.sendmail(settings.mail_from, [recipient], message)
    taken = time.monotonic() - begin
    _check(server, many)
    return many / taken


def _worker_turn(database: Database, server: Sink, many: int) -> float:
    """Mails a second from the worker's first conversation until the database knows that the last one went out."""
    with database.writing() as connection:
        now = datetime.now(UTC)
        for recipient in _recipients(many):
            outbox.enqueue(
                connection, "registered", recipient=recipient, language="ja", facts={"nickname": "ベンチ"},
                now=now, priority=Priority.MASS, account_id="bench",
            )  # fmt: skip
    waiting = select(func.count()).where(outbox_table.c.state != HANDED_OVER)
    deadline = time.monotonic() + 300
    while True:
        with database.reading() as connection:
            left = connection.scalar(waiting)
        ended = time.monotonic()
        if not left:
            break
        assert ended < deadline, f"{left} mails were not handed over"
        time.sleep(_LOOKS_EVERY)
    began = _check(server, many)
    with database.writing() as connection:
        connection.execute(outbox_table.delete())
    return many / (ended - began)


def _check(server: Sink, many: int) -> float:
    """Each recipient once, and a mail of the length of one; when the first conversation began."""
    taken = server.taken()
    assert sorted(taken.recipients) == sorted(_recipients(many)), (
        f"{len(taken.recipients)} mails to {len(set(taken.recipients))} recipients instead of {many}"
    )
    assert 1_000 < taken.size / many < 5_000, f"{taken.size / many:.0f} bytes a mail"
    return taken.began
