"""Many mails, two workers, and a mail server that fails in every way at random: nothing is lost."""

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mypage.adapters.clock import Clock
from mypage.domain.mail import Priority
from mypage.services import outbox, trail
from mypage.store.engine import Database
from mypage.store.schema import audit_event, registration
from mypage.store.schema import outbox as outbox_table
from tests.chaotic_server import NOBODY, ChaoticServer
from tests.mail import sign_up
from tests.portal import move_clock
from tests.workers import workers

PATIENCE = timedelta(minutes=11)


@pytest.mark.parametrize("mails", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_nothing_is_lost_and_only_what_broke_off_after_the_server_took_it_comes_twice(
    database: Database, tmp_path: Path, mails: int
) -> None:
    seed = random.randrange(1_000_000)  # noqa: S311 - told when it fails
    clock_file = tmp_path / "clock"
    clock = Clock(clock_file)
    notices = [f"a{number}@example.jp" for number in range(mails - mails // 20)]
    nobodies = [f"{NOBODY}{number}@example.jp" for number in range(mails // 100)]
    signups = [f"s{number}@example.jp" for number in range(mails // 20 - len(nobodies))]
    _enqueue_notices(database, clock.now(), [*notices, *nobodies])
    with ChaoticServer(seed) as server:
        for round_number in range(60):
            # People sign up while the mailing runs.
            for _ in range(min(len(signups), mails // 200)):
                recipient = signups.pop()
                sign_up(database, clock.now(), recipient.partition("@")[0], recipient=recipient)
            with workers(database, server.url, tmp_path, count=2, begins=20) as running:
                pass
            assert [each.exitcode for each in running] == [0, 0]
            if not (signups or _waiting(database)):
                break
            # Only now: while they work, time goes its own way.
            move_clock(clock_file, (round_number + 1) * PATIENCE)
    said = f"seed {seed}, {server.faults}"
    wanted = Counter(
        {**dict.fromkeys(notices, 1), **{f"s{number}@example.jp": 1 for number in range(_signups(mails))}}
    )
    assert server.kept - server.unheard == wanted, said
    assert set(server.faults) >= {"", "kept, breaks off", "taken, breaks off", "lost at the end"}, said
    _everything_is_recorded(database, wanted, nobodies, said)


def _signups(mails: int) -> int:
    return mails // 20 - mails // 100


def _enqueue_notices(database: Database, now: datetime, recipients: list[str]) -> None:
    with database.writing() as connection:
        for recipient in recipients:
            outbox.enqueue(
                connection, "registered", recipient=recipient, language="ja", facts={"nickname": "はなこ"},
                now=now, priority=Priority.MASS, account_id="acc",
            )  # fmt: skip


def _waiting(database: Database) -> int:
    with database.reading() as connection:
        return int(
            connection.scalar(
                select(func.count()).select_from(outbox_table).where(outbox_table.c.state == "waiting")
            )
            or 0
        )


def _everything_is_recorded(database: Database, wanted: Counter[str], nobodies: list[str], said: str) -> None:
    with database.reading() as connection:
        query = select(outbox_table.c.recipient, outbox_table.c.state)
        states = {row.recipient: row.state for row in connection.execute(query)}
        assert states == {
            **dict.fromkeys(wanted, "handed_over"),
            **dict.fromkeys(nobodies, "refused"),
        }, said
        assert (
            connection.scalar(
                select(func.count()).select_from(registration).where(registration.c.expires_at.is_(None))
            )
            == 0
        ), said
        # One row in the trail for the fate of each.
        rows = connection.execute(
            select(audit_event.c.action, func.count(), func.count(audit_event.c.facts.distinct()))
            .where(audit_event.c.action.in_(["mail.handed_over", "mail.refused"]))
            .group_by(audit_event.c.action)
        )
        counted = {action: (many, different) for action, many, different in rows}
        assert counted == {
            "mail.handed_over": (len(wanted), len(wanted)),
            "mail.refused": (len(nobodies), len(nobodies)),
        }, said
        assert trail.broken_at(connection) is None, said
