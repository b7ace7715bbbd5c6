"""A billing operator's desk for tests: a portal, its worker, a subscriber who is logged in, and a month that was checked.

with batch_desk(database, tmp_path, SecondPerson.ALL) as desk:
    page = desk.page(desk.billing("高橋")).submit("公開の承認を依頼する")
    desk.work()
    assert desk.sees()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.domain.batch import PUBLISH_REQUEST, SecondPerson
from mypage.domain.staff import Role
from mypage.services import approvals
from mypage.services.approvals import StaffRequest
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import audit_event, outbox
from mypage.words.filters import TOKYO
from mypage.works.keeping import Keeper
from mypage.works.load.waiting import check_all_received
from mypage.works.scheduled import publish_due
from tests.bills import PASSWORD, an_account
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.portal import move_clock, portal
from tests.signing_up import settings
from tests.staffing import Member, a_member, at_desk
from tests.visitor import Page, Visitor

_further = count(80_000)


@dataclass
class BatchDesk:
    """See above. ``batch`` is the month as it was checked first."""

    app: Flask
    database: Database
    settings: Settings
    delivering: Delivering
    clock: Clock
    clock_file: Path
    subscriber: Visitor
    batch: Batch

    def billing(self, name: str, role: Role = Role.BILLING, **facts: object) -> Member:
        """Somebody of the staff whom neither the command line nor one of the others brought here."""
        brought = {"invited_by": "an admin", "role_given_by": "an admin", "email": f"{name}@example.jp"}
        return a_member(self.database, role, name, **{**brought, **facts})

    def page(self, who: Member, batch_id: int | None = None) -> Page:
        """The page of the batch, in a browser of its own."""
        return at_desk(self.app, self.database, who).get(f"/staff/batches/{batch_id or self.batch.id}")

    def request_page(self, who: Member) -> Page:
        """The page of what waits for a second person."""
        desk = at_desk(self.app, self.database, who)
        return desk.get(f"/staff/batches/requests/{self.waiting().id}")

    def waiting(self) -> StaffRequest:
        """The one request that waits."""
        with self.database.reading() as connection:
            found = approvals.waiting(connection, now=self.clock.now())
        (one,) = (each for each in found if each.kind == PUBLISH_REQUEST)
        return one

    def work(self, at: datetime | None = None) -> None:
        """What the worker does with batches at its next look; ``at``: its clock stands then, however long it takes."""
        clock = self.clock if at is None else _Standing(at)
        check_all_received(self.settings, self.database, Keeper(self.settings, self.database), clock)
        publish_due(self.settings, self.database, clock)

    def wait(self, by: timedelta) -> None:
        """Let the clock of everybody be that much ahead."""
        move_clock(self.clock_file, by)

    def in_japan(self, by: timedelta) -> tuple[str, str]:
        """The day and the time in so long, as they are typed."""
        then = (self.clock.now() + by).astimezone(TOKYO)
        return f"{then:%Y-%m-%d}", f"{then:%H:%M}"

    def now(self, batch_id: int | None = None) -> Batch:
        """The batch as it is."""
        with self.database.reading() as connection:
            found = store.get(connection, batch_id or self.batch.id)
        assert found is not None
        return found

    def sees(self) -> bool:
        """Whether the subscriber sees the bill, in the list and on its page."""
        is_listed = "500円" in self.subscriber.get("/statements").text
        month = self.batch.counts["months"][0]
        status = self.subscriber.get(f"/statements/{month // 100}-{month % 100:02}").status
        assert status == (200 if is_listed else 404)
        return is_listed

    def publish_another(self) -> None:
        """Something else is published meanwhile."""
        self.delivering.publish(customers=customers(customer(str(next(_further)))))

    def mails(self) -> list[tuple[str, str]]:
        """What was mailed to staff about batches: what, to whom."""
        query = select(outbox.c.facts, outbox.c.recipient).where(outbox.c.kind == "staff_batch")
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(outbox.c.id)).all()
        return [(row.facts["what"], row.recipient.partition("@")[0]) for row in rows]

    def actions(self, batch_id: int | None = None) -> list[str]:
        """What the trail tells of the batch."""
        query = select(audit_event.c.action).where(audit_event.c.batch_id == (batch_id or self.batch.id))
        with self.database.reading() as connection:
            return list(connection.scalars(query.order_by(audit_event.c.seq)))


@contextmanager
def batch_desk(
    database: Database, folder: Path, rule: SecondPerson = SecondPerson.NUMBER_CHANGES
) -> Iterator[BatchDesk]:
    """Open for the time of a test; the month is of now, of one customer with a bill of 500 yen."""
    clock_file = folder / "clock"
    move_clock(clock_file, timedelta())
    forever = {"session_idle": "99999", "session_absolute": "99999"}
    app = portal(database, clock_file, second_person=rule.value, **forever)
    clock = Clock(clock_file)
    delivering = _OnTime(database, folder)
    delivering.clock = clock
    delivering.publish(customers=customers(customer("70012")))
    an_account(database, "70012", login_id="tarou-2026")
    subscriber = Visitor(app)
    subscriber.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    month = f"{clock.now().astimezone(TOKYO):%Y-%m}"
    (batch,) = delivering.check(charges=charges(charge("70012", month=month))).batches
    used = settings(second_person=rule.value, scratch=str(folder / "scratch"))
    yield BatchDesk(app, database, used, delivering, clock, clock_file, subscriber, batch)


class _Standing(Clock):
    def __init__(self, at: datetime) -> None:
        super().__init__(None)
        self._at = at

    def now(self) -> datetime:
        return self._at


class _OnTime(Delivering):
    clock: Clock

    def now(self) -> datetime:
        return self.clock.now()
