"""Bills as their customer sees them: the window, corrections, what does not exist, and who saw what."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.services import publication, sessions, statements
from mypage.services.publication import Published, TakenBack
from mypage.services.sessions import Lifetime, Session
from mypage.services.statements import MonthShown
from mypage.store.engine import Database
from mypage.store.publications import now_published
from mypage.store.schema import statement, statement_view
from tests.bills import STAMP, a_bill, a_line, an_account, publish_bills, stage_bills
from tests.builders import a_customer, publish_customers
from tests.delivering import NUMBERS

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
FIRST = BillingMonth(2020, 7)


@pytest.fixture
def account_id(database: Database) -> str:
    publish_customers(database, a_customer(), a_customer("70012"))
    return an_account(database, "12345678")


def months(
    database: Database, customer_key: str = "12345678", first: BillingMonth = FIRST, length: int = 15
) -> tuple[MonthOfBills, ...]:
    publications = now_published(database.reader)
    return statements.months(
        database.reader, [customer_key], publications=publications, first_month=first, length=length
    )


def for_month(database: Database, month: int, customer_key: str = "12345678") -> MonthShown | None:
    return statements.for_month(
        database.reader,
        [customer_key],
        BillingMonth.from_int(month),
        publications=now_published(database.reader),
        first_month=FIRST,
        length=15,
    )


def session_of(database: Database, account_id: str) -> str:
    with database.writing() as connection:
        return sessions.start(
            connection,
            account_id,
            stamp=STAMP,
            lifetime=LIFETIME,
            address="",
            browser="",
            replaces=None,
            now=NOON,
        )


def live(database: Database, secret: str) -> Session:
    session = sessions.current(database.reader, secret, lifetime=LIFETIME, now=NOON)
    assert session is not None
    return session


def look(
    database: Database,
    secret: str,
    seen: tuple[MonthOfBills, ...],
    *,
    whole_list: bool,
    key: str = "12345678",
) -> int:
    """What a page does before it shows ``seen``; how many marks it wrote."""
    session = live(database, secret)
    unmarked = statements.unmarked(database.reader, session, [key], seen)
    remembers = whole_list and statements.is_list_to_remember(session)
    with database.writing() as connection:
        statements.mark(connection, session, unmarked, whole_list=remembers, now=NOON)
    return len(unmarked)


def test_nothing_is_shown_before_anything_is_published(database: Database, account_id: str) -> None:
    assert months(database) == ()
    stage_bills(database, a_bill(202610))
    assert months(database) == ()
    assert for_month(database, 202610) is None


def test_the_window_ends_with_the_operator_s_newest_month(database: Database, account_id: str) -> None:
    publish_bills(database, *(a_bill(BillingMonth(2025, 6).plus(step).as_int) for step in range(17)))
    shown = [each.month for each in months(database)]
    assert (len(shown), shown[0], shown[-1]) == (15, 202610, 202508)
    assert for_month(database, 202507) is None
    publish_bills(database, a_bill(202611, customer_key="70012"))
    shown = [each.month for each in months(database)]
    assert (len(shown), shown[0], shown[-1]) == (14, 202610, 202509), "the same window for everyone"
    assert for_month(database, 202508) is None
    assert [each.month for each in months(database, first=BillingMonth(2026, 9))] == [202610, 202609]
    assert [each.month for each in months(database, length=2)] == [202610]
    assert months(database, first=BillingMonth(2027, 1)) == ()


def test_a_month_with_its_lines_and_the_bill_before(database: Database, account_id: str) -> None:
    publish_bills(
        database,
        a_bill(202607, total=700),
        a_bill(202608, withdrawn=True),
        a_bill(202610, total=1100, lines=(a_line(1000), a_line(100, "オプション"))),
        a_bill(202610, total=330, number=2),
    )
    shown = for_month(database, 202610)
    assert shown is not None
    assert [len(each.statement.lines) for each in shown.bills] == [2, 1]
    assert (shown.month.total, shown.month.change) == (1430, 730)
    assert [each.bill.version.month for each in shown.before] == [202607]
    assert (shown.older, shown.newer) == (202608, None)
    oldest = for_month(database, 202607)
    assert oldest is not None
    assert (oldest.before, oldest.older, oldest.newer) == ((), None, 202608)


def test_what_is_not_one_s_own_to_see_does_not_exist(database: Database, account_id: str) -> None:
    publish_bills(
        database,
        a_bill(202610),
        a_bill(202609, customer_key="70012"),
        a_bill(202608, hidden=True),
        a_bill(202501),
    )
    stage_bills(database, a_bill(202607))
    assert [for_month(database, month) for month in (202609, 202608, 202607, 202606, 202501, 202612)] == [
        None
    ] * 6
    assert for_month(database, 202610) is not None


def test_it_appears_with_the_flip_and_vanishes_with_the_take_back(
    database: Database, account_id: str
) -> None:
    publish_bills(database, a_bill(202609, total=100))
    staged = stage_bills(database, a_bill(202610, total=200), a_bill(202609, total=150))
    assert [each.total for each in months(database)] == [100]
    with database.writing() as connection:
        flipped = publication.publish(connection, [staged], actor="cli", now=NOON, second_person=NUMBERS)
    assert isinstance(flipped, Published)
    assert [each.total for each in months(database)] == [200, 150]
    assert len(months(database)[1].bills[0].earlier) == 1
    with database.writing() as connection:
        taken = publication.take_back(connection, staged, reason="wrong", actor="cli", now=NOON)
    assert isinstance(taken, TakenBack)
    assert [each.total for each in months(database)] == [100]
    assert months(database)[0].bills[0].earlier == ()
    assert for_month(database, 202610) is None


def test_rows_that_went_between_two_queries_are_left_out(database: Database, account_id: str) -> None:
    publish_bills(database, a_bill(202610))
    shown = for_month(database, 202610)
    assert shown is not None
    assert statements._with_lines(shown.month.bills, {}) == ()


def _marks(database: Database) -> list[tuple[str, str, int, int]]:
    columns = (
        statement_view.c.customer_key,
        statement_view.c.account_id,
        statement_view.c.billing_month,
        statement_view.c.batch_id,
    )
    with database.reading() as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))


def test_the_list_is_marked_once_a_session_and_epoch(database: Database, account_id: str) -> None:
    first = publish_bills(database, a_bill(202609), a_bill(202610))
    secret = session_of(database, account_id)
    assert look(database, secret, months(database), whole_list=True) == 2
    assert look(database, secret, months(database), whole_list=True) == 0
    assert _marks(database) == [
        ("12345678", account_id, 202609, first),
        ("12345678", account_id, 202610, first),
    ]
    second = publish_bills(database, a_bill(202610, total=6600))
    assert look(database, secret, months(database), whole_list=True) == 1, "only what is new at this epoch"
    assert _marks(database)[-1] == ("12345678", account_id, 202610, second)
    assert look(database, session_of(database, account_id), months(database), whole_list=True) == 2


def test_a_single_month_marks_itself_alone(database: Database, account_id: str) -> None:
    publish_bills(database, a_bill(202609), a_bill(202610))
    secret = session_of(database, account_id)
    newest = months(database)[:1]
    assert look(database, secret, newest, whole_list=False) == 1
    assert look(database, secret, newest, whole_list=False) == 0
    assert look(database, secret, months(database), whole_list=True) == 1
    assert look(database, secret, newest, whole_list=False) == 0


def test_two_requests_at_once_mark_once(database: Database, account_id: str) -> None:
    publish_bills(database, a_bill(202610))
    session = live(database, session_of(database, account_id))
    unmarked = statements.unmarked(database.reader, session, ["12345678"], months(database))
    for _ in range(2):
        with database.writing() as connection:
            statements.mark(connection, session, unmarked, whole_list=True, now=NOON)
    assert len(_marks(database)) == 1


def test_a_login_with_two_customers_marks_each_for_itself(database: Database, account_id: str) -> None:
    both = an_account(database, "70012", login_id="hanako-2026")
    publish_customers(database, a_customer("70013"))
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO account_customer (customer_key, account_id, role, since)"
            " SELECT '70013', account_id, role, since"
            " FROM account_customer WHERE customer_key = '70012'"
        )
    publish_bills(database, a_bill(202610, customer_key="70012"), a_bill(202610, customer_key="70013"))
    secret = session_of(database, both)
    assert look(database, secret, months(database, "70012"), whole_list=True, key="70012") == 1
    assert look(database, secret, months(database, "70013"), whole_list=True, key="70013") == 1
    assert look(database, secret, months(database, "70012"), whole_list=True, key="70012") == 0
    assert [mark[0] for mark in _marks(database)] == ["70012", "70013"]


def test_the_list_never_reads_the_lines(database: Database, account_id: str) -> None:
    publish_bills(database, a_bill(202610))
    with database.writing() as connection:
        connection.execute(statement.update().values(document="not a document"))
    assert len(months(database)) == 1
