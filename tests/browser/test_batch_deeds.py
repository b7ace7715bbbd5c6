"""Two of the billing staff at their screens: one asks for a publication at a time, the other looks and approves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.domain.batch import State
from mypage.domain.staff import Role
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import customer_version
from mypage.words.filters import TOKYO
from tests.browser.conftest import Portal
from tests.browser.desks import at_console
from tests.browser.person import Person
from tests.delivering import Delivering, charge, charges, number_change, number_changes

pytestmark = pytest.mark.browser
# Nobody but the command line brought those of other tests here.
BROUGHT = {"invited_by": "an admin", "role_given_by": "an admin"}


@pytest.fixture
def waiting(portal: Portal, tmp_path: Path) -> tuple[Batch, Batch]:
    """Numbers that change, and a bill of a month to come: both checked, none of it published by this test."""
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    with database.reading() as connection:
        numbers = connection.scalars(select(customer_version.c.number).distinct().limit(2)).all()
    delivering = Delivering(database, tmp_path)
    (changes,) = delivering.check(
        changes=number_changes(number_change(numbers[0], numbers[1], "承継"))
    ).batches
    month = f"{datetime.now(UTC) + timedelta(days=32):%Y-%m}"
    (bills,) = delivering.check(bills=charges(charge(numbers[0], month=month))).batches
    database.close()
    return changes, bills


def test_one_asks_for_a_time_and_another_sees_exactly_what_is_to_be_published(
    portal: Portal, person: Callable[..., Person], waiting: tuple[Batch, Batch]
) -> None:
    changes, bills = waiting
    asker = at_console(portal, person(width=1280), Role.BILLING, "依頼者", **BROUGHT)
    approver = at_console(portal, person(width=768), Role.BILLING, "承認者", **BROUGHT)
    then = datetime.now(UTC).astimezone(TOKYO) + timedelta(days=40)
    # A bill needs nobody: now, or at a time; a time that is over is told beside its field.
    asker.go(f"/staff/batches/{bills.id}")
    asker.type("公開する日", "2020-01-01")
    asker.type("公開する時刻", "09:00")
    asker.press("日時を指定して公開する")
    assert asker.sees("公開する日時が過ぎています")
    asker.press("却下する")
    assert asker.sees("却下しました")
    asker.go(f"/staff/batches/{changes.id}")
    asker.type("公開する日", f"{then:%Y-%m-%d}")
    asker.type("公開する時刻", "09:00")
    asker.press("公開の承認を依頼する")
    assert asker.sees("公開の承認を待っています")
    approver.go("/staff/requests")
    approver.page.get_by_role("row", name="依頼者").get_by_role("link", name="料金データの公開").click()
    approver.page.get_by_role("heading", name="料金データの公開の依頼").wait_for()
    approver.look()
    assert approver.sees(changes.sha256)
    approver.press("承認して公開を予約する")
    assert approver.sees("承認し、公開を予約しました")
    asker.reload()
    asker.press("予約を取り消す")
    assert asker.sees("公開の予約を取り消しました")
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    assert [batch.state for batch in _now(database, changes, bills)] == [State.CHECKED, State.REFUSED]
    database.close()


def _now(database: Database, *batches: Batch) -> list[Batch]:
    with database.reading() as connection:
        found = [store.get(connection, batch.id) for batch in batches]
    return [batch for batch in found if batch is not None]
