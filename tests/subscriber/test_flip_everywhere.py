"""Two ``mypage web`` processes that remember what is published: both show another state from the same commit on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from mypage.adapters.clock import Clock
from mypage.domain.staff import Role
from mypage.services import publication, staff_sessions
from mypage.services.publication import Published
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.waiting import check_all_received
from tests.bills import PASSWORD, an_account
from tests.delivering import NUMBERS, Delivering, charge, charges, customer, customers
from tests.serving import several
from tests.signing_up import settings
from tests.staffing import LIFETIME, a_member
from tests.visitor import Visitor


class Webs(NamedTuple):
    """A subscriber at each of two processes, billing at the second, and October's correction, which waits."""

    database: Database
    subscribers: list[Visitor]
    billing: Visitor
    correction: Batch

    def seen(self) -> set[str]:
        """What the two show at this moment, in the list and on the month's page, asked at once."""
        with ThreadPoolExecutor(4) as pool:
            lists = [pool.submit(each.get, "/statements") for each in self.subscribers]
            months = [pool.submit(each.get, "/statements/2026-10") for each in self.subscribers]
            texts = [each.result().text for each in (*lists, *months)]
        return {next(total for total in ("900円", "500円") if total in text) for text in texts}


@pytest.fixture
def webs(database: Database, engine_url: str, tmp_path: Path) -> Iterator[Webs]:
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(customer("70012")), october=charges(charge("70012")))
    (correction,) = operator.check(correction=charges(charge("70012", amount="900", total="900"))).batches
    an_account(database, "70012", login_id="tarou-2026")
    member = a_member(database, Role.BILLING)
    with several(2, engine_url, tmp_path) as both:
        subscribers = [Visitor(web.seen_from()) for web in both]
        for each in subscribers:
            each.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
        billing = Visitor(both[1].seen_from())
        with database.writing() as connection:
            secret = staff_sessions.start(
                connection,
                member.id,
                stamp="stamp-of-birth",
                lifetime=LIFETIME,
                address="",
                browser="",
                replaces=None,
                is_whole=True,
                now=datetime.now(UTC),
            )
        billing.client.set_cookie("staff-session", secret, domain="127.0.0.1")
        yield Webs(database, subscribers, billing, correction)


def test_all_processes_show_a_flip_from_the_same_commit_on_both_ways(webs: Webs, tmp_path: Path) -> None:
    used = settings(scratch=str(tmp_path / "scratch"))
    assert webs.seen() == {"500円"}, "both remember what is published"
    page = webs.billing.get(f"/staff/batches/{webs.correction.id}")
    with webs.database.writing() as connection:
        flipped = publication.publish(
            connection,
            [webs.correction.id],
            actor="cli",
            now=webs.correction.received_at,
            second_person=NUMBERS,
        )
        assert isinstance(flipped, Published)
        assert webs.seen() == {"500円"}, "not before the commit"
    assert webs.seen() == {"900円"}
    assert "状態が変わったため" in page.submit("公開する").text
    for _ in range(2):
        page = webs.billing.get(f"/staff/batches/{webs.correction.id}")
        page = page.submit("公開を取り消す", reason="料金表の誤り")
        assert webs.seen() == {"500円"}
        page.submit("検査し直す")
        check_all_received(used, webs.database, Keeper(used, webs.database), Clock())
        webs.billing.get(f"/staff/batches/{webs.correction.id}").submit("公開する")
        assert webs.seen() == {"900円"}
