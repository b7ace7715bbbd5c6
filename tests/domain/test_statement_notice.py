"""Of which month a publication tells, and of whose bills."""

from datetime import UTC, datetime

import pytest

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import Bill, BillVersion
from mypage.domain.statement_notice import ending, is_news, is_told


def a_version(batch_id: int = 1, *, withdrawn: bool = False) -> BillVersion:
    return BillVersion(202611, 1, batch_id, withdrawn, False, 0, 0, None, None, None)


@pytest.mark.parametrize(
    ("month", "now", "news"),
    [
        (202611, "2026-11-24", True),
        (202610, "2026-11-30", True),
        (202609, "2026-11-01", False),
        (202612, "2026-11-24", True),
        (202512, "2026-01-31", True),
        # In Japan it is December by then.
        (202610, "2026-11-30T15:00", False),
        (202610, "2026-11-30T14:59", True),
    ],
)
def test_news_is_this_month_and_the_last_one(month: int, now: str, news: bool) -> None:
    assert is_news(BillingMonth.from_int(month), datetime.fromisoformat(now).replace(tzinfo=UTC)) is news


def test_told_is_what_stands_and_what_the_publication_brought() -> None:
    seen, withdrawn = Bill(a_version(2), (a_version(1),)), Bill(a_version(3, withdrawn=True), ())
    assert is_told([seen])
    assert is_told([withdrawn, seen], {3})
    # What was corrected since is told all the same.
    assert is_told([seen], {1})
    assert not is_told([seen], {4})
    assert not is_told([withdrawn], {3})
    assert not is_told([])


@pytest.mark.parametrize(("number", "shown"), [("0012345678", "5678"), ("12345678", "5678"), ("1234567", "")])
def test_the_end_of_a_number(number: str, shown: str) -> None:
    assert ending(number) == shown
