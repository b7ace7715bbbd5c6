"""Workers that are killed, wherever they are: nothing is lost, nothing is half done, and nothing is sent twice of which
the server can know that its answer was heard."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mypage.domain.activation import LINK_LIFE
from mypage.services import trail
from mypage.store.engine import Database
from mypage.store.schema import audit_event
from tests.mail import Desk, enqueue_notice, enqueue_signup, mails_in, register, sign_up, the_registration
from tests.smtp_server import MailServer
from tests.workers import lines_of, workers


class Trial:
    """Some mails again and again; each time the worker that sends them is killed, and another finishes its work."""

    def __init__(self, database: Database, server: MailServer, folder: Path) -> None:
        self.database, self.server, self.folder = database, server, folder
        self.number = 0
        self.twice: list[str] = []
        self.noted = 0
        self.after = Desk(database, server.url(), folder, "the one after")
        server.manners.by_recipient = lambda to: "550 5.1.1 no such user" if to.startswith("nobody") else None

    def enqueue(self, notices: int = 2) -> set[str]:
        """A signup's mail, notices, one for nobody, and one whose link is dead; whom they are to reach."""
        self.number += 1
        now, name = self.after.clock.now(), f"{self.number}@example.jp"
        sign_up(self.database, now, str(self.number), recipient=f"signup{name}")
        register(self.database, now, customer=f"dead{self.number}", serial=2)
        enqueue_signup(self.database, now, customer=f"dead{self.number}", recipient=f"dead{name}")
        enqueue_notice(self.database, now, recipient=f"nobody{name}")
        wanted = {f"notice{number}-{name}" for number in range(notices)}
        for recipient in sorted(wanted):
            enqueue_notice(self.database, now, recipient=recipient)
        return wanted | {f"signup{name}"}

    def finish(self, wanted: set[str]) -> None:
        """Another worker comes, at once, and everything is as if nobody had been killed."""
        self.server.wait_until_left()
        noted = self._noted()
        self.noted += len(noted)
        self.after.run()
        came = Counter(mail.recipient for mail in self.server.mails)
        assert came.keys() == wanted
        twice = [recipient for recipient, times in came.items() if times > 1]
        # One mail at most was in the hands of the dead; if its answer was written down, not even that.
        assert sum(came.values()) <= len(wanted) + 1
        assert set(twice) <= set(self.server.unfollowed) - noted
        self.twice += twice
        found = the_registration(self.database, str(self.number))
        assert found["expires_at"] == found["handed_over_at"] + LINK_LIFE
        self.server.mails.clear()
        self.server.unfollowed.clear()

    def _noted(self) -> set[str]:
        """Whom the mails were for that stand in the journal of the dead worker."""
        lines = [
            line
            for file in self.folder.glob("mypage-mail-*/*.sent")
            for line in file.read_text().splitlines()
            if line.endswith("]")
        ]
        recipients = {mail["message_id"]: mail["recipient"] for mail in mails_in(self.database)}
        return {
            recipient
            for message_id, recipient in recipients.items()
            if any(message_id in line for line in lines)
        }

    def check(self) -> None:
        """One fate a mail, and one row of the trail."""
        self.after.close()
        expected = {"signup": "handed_over", "notice": "handed_over", "nobody": "refused", "dead": "void"}
        for mail in mails_in(self.database):
            (state,) = [state for name, state in expected.items() if mail["recipient"].startswith(name)]
            assert (mail["state"], mail["leased_by"]) == (state, None)
        with self.database.reading() as connection:
            assert trail.broken_at(connection) is None
            rows = connection.execute(
                select(func.count(), func.count(audit_event.c.facts.distinct())).where(
                    audit_event.c.action.in_(["mail.handed_over", "mail.refused", "mail.voided"])
                )
            ).one()
        assert tuple(rows) == (len(mails_in(self.database)),) * 2
        assert not list(self.folder.glob("mypage-mail-*"))


@pytest.mark.parametrize("points", [30, pytest.param(1_500, marks=pytest.mark.long)])
def test_killed_at_any_line(database: Database, tmp_path: Path, points: int) -> None:
    """``points`` lines, spread over all that a worker runs, from its beginning to its end."""
    chance = random.Random()  # noqa: S311
    with MailServer() as server:
        trial = Trial(database, server, tmp_path)
        wanted = trial.enqueue()
        lines = lines_of(database, server.url(), tmp_path)
        trial.finish(wanted)
        assert lines > 500
        for point in range(points):
            kill_at = int(lines * (point + chance.random()) / points)
            wanted = trial.enqueue()
            with workers(database, server.url(), tmp_path, kill_at=max(1, kill_at)) as (worker,):
                pass
            assert worker.exitcode in (-9, 0), kill_at
            trial.finish(wanted)
        trial.check()
    # Most kills fall beside the few lines between the server's answer and its being written down.
    assert len(trial.twice) <= points // 10
    assert trial.noted


@pytest.mark.parametrize("kills", [12, pytest.param(500, marks=pytest.mark.long)])
def test_killed_at_any_moment(database: Database, tmp_path: Path, kills: int) -> None:
    """In the midst of a call too: a commit, a word to the server."""
    chance = random.Random()  # noqa: S311
    with MailServer() as server:
        trial = Trial(database, server, tmp_path)
        for _ in range(kills):
            wanted = trial.enqueue(notices=15)
            before = server.connections
            with workers(database, server.url(), tmp_path) as (worker,):
                while server.connections == before and worker.is_alive():
                    time.sleep(0.001)
                time.sleep(chance.random() * 0.05)
                worker.kill()
            trial.finish(wanted)
        trial.check()


def test_one_of_two_is_killed_and_the_other_goes_on(database: Database, tmp_path: Path) -> None:
    with MailServer() as server:
        trial = Trial(database, server, tmp_path)
        wanted = trial.enqueue(notices=60)
        server.manners.thinks = 0.01
        with workers(database, server.url(), tmp_path, count=2) as (one, other):
            while len(server.mails) < 15:
                time.sleep(0.005)
            one.kill()
            one.join()
            other.join()
            assert other.exitcode == 0
            # Without waiting for any lease to end.
            assert not [mail for mail in mails_in(database) if mail["state"] == "waiting"]
        trial.finish(wanted)
        trial.check()
