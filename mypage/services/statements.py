"""Bills as their customer sees them, and the marks of who saw which.

Sources: specification §4 (the window is the same for everyone; what lies outside, is another customer's or was
never published does not exist) and "decisions" (*Who saw what*).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from mypage.domain import bills as rules
from mypage.domain.batch import Kind
from mypage.domain.billing_month import BillingMonth, window
from mypage.domain.bills import Bill, BillVersion, MonthOfBills
from mypage.domain.statement import Statement, read
from mypage.services.sessions import Session
from mypage.store import statement_views
from mypage.store import statements as store
from mypage.store.publications import Publications
from mypage.store.raw import Source

_Key = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class BillOfMonth:
    """One bill of a month with its lines (none where it was withdrawn)."""

    bill: Bill
    statement: Statement


@dataclass(frozen=True, slots=True)
class MonthShown:
    """A month with the lines of its bills, and of the bills before it.

    ``older`` and ``newer`` are the neighbouring months that are shown, if any.
    """

    month: MonthOfBills
    bills: tuple[BillOfMonth, ...]
    before: tuple[BillOfMonth, ...]
    older: int | None
    newer: int | None


def months(
    source: Source,
    keys: Sequence[str],
    *,
    publications: Publications,
    first_month: BillingMonth,
    length: int,
) -> tuple[MonthOfBills, ...]:
    """The customer's bills in the window, newest month first. ``keys`` are all those of the one customer."""
    ends = _window(publications.newest_month, first_month, length)
    if ends is None:
        return ()
    with_payments = Kind.PAYMENTS in publications.kinds
    bills, payments = store.versions(source, keys, *ends, with_payments=with_payments)
    return rules.by_month(rules.seen_bills(bills, publications.pub_seq, payments))


def for_month(
    source: Source,
    keys: Sequence[str],
    month: BillingMonth,
    *,
    publications: Publications,
    first_month: BillingMonth,
    length: int,
) -> MonthShown | None:
    """The bills of one month with their lines; None alike for every month that is not the customer's to see."""
    shown = months(source, keys, publications=publications, first_month=first_month, length=length)
    place = next((place for place, each in enumerate(shown) if each.month == month.as_int), None)
    if place is None:
        return None
    before = next((each for each in shown[place + 1 :] if each.standing), None)
    documents = store.documents(source, keys, month.as_int, before.month if before else month.as_int)
    return MonthShown(
        month=shown[place],
        bills=_with_lines(shown[place].bills, documents),
        before=_with_lines(before.bills, documents) if before else (),
        older=shown[place + 1].month if place + 1 < len(shown) else None,
        newer=shown[place - 1].month if place else None,
    )


def unmarked(
    source: Source, session: Session, keys: Sequence[str], seen: Iterable[MonthOfBills]
) -> tuple[BillVersion, ...]:
    """Of what is about to be shown, the versions that this session has not seen yet.

    No query where the whole list was marked at this epoch, which is so from the second page on.
    """
    if _is_list_marked(session):
        return ()
    marked = statement_views.marked(source, keys, session.account_id, session.id)
    return tuple(bill.version for each in seen for bill in each.bills if _key(bill) not in marked)


def is_list_to_remember(session: Session) -> bool:
    """Whether showing the list is to be kept with :func:`mark`, so that later pages need not ask.

    Only for a login with one customer: the session keeps one epoch, not one for each customer.
    """
    return len(session.customers) == 1 and not _is_list_marked(session)


def mark(
    connection: Connection,
    session: Session,
    seen: Iterable[BillVersion],
    *,
    whole_list: bool,
    now: datetime,
) -> None:
    """Mark what is about to be shown; what cannot be marked is not shown."""
    statement_views.mark(
        connection,
        seen,
        account_id=session.account_id,
        session_id=session.id,
        now=now,
    )
    if whole_list:
        statement_views.remember_list(connection, session.id, session.publications.epoch)


def _is_list_marked(session: Session) -> bool:
    return len(session.customers) == 1 and session.seen_epoch == session.publications.epoch


@lru_cache(maxsize=64)
def _window(newest: int | None, first_month: BillingMonth, length: int) -> tuple[int, int] | None:
    if newest is None:
        return None
    shown = window(BillingMonth.from_int(newest), first_month, length)
    return (shown[-1].as_int, shown[0].as_int) if shown else None


def _with_lines(bills: Iterable[Bill], documents: Mapping[_Key, str]) -> tuple[BillOfMonth, ...]:
    # A batch that is taken back and checked anew between the two queries takes its rows along.
    keyed = [(_key(bill), bill) for bill in bills]
    return tuple(BillOfMonth(bill, read(documents[key])) for key, bill in keyed if key in documents)


def _key(bill: Bill) -> _Key:
    version = bill.version
    return version.customer_key, version.month, version.number, version.batch_id
