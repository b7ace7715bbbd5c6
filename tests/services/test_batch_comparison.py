"""Two batches statement by statement: whatever the stretches in which they are read, nothing is told twice or left out."""

from itertools import product

from mypage.services import batch_comparison
from mypage.services.batch_comparison import PAGE, Difference, Only, Place
from mypage.store.engine import Database
from tests.bills import BuiltBill, a_bill, stage_bills

KEYS = sorted(str(number) for number in range(1, 140))


def every(database: Database, first: int, second: int, only: Only, stretch: int) -> list[Difference]:
    """All pages, one after the other."""
    found: list[Difference] = []
    after: Place | None = None
    while True:
        with database.reading() as connection:
            compared = batch_comparison.differences(connection, first, second, only, after, stretch=stretch)
        assert len(compared.differences) <= PAGE
        found += compared.differences
        after = compared.after
        if after is None:
            return found


def test_all_differences_are_told_once_and_in_order(database: Database) -> None:
    months = (202609, 202610)
    bills = {
        (key, month): a_bill(month, customer_key=key, total=1000) for key, month in product(KEYS, months)
    }
    stage_bills(database, *bills.values())  # another batch, which is none of the two
    in_first, in_second = list(bills.values()), list(bills.values())
    expected: dict[Only, list[tuple[str, int]]] = {only: [] for only in Only}
    first: list[BuiltBill] = []
    second: list[BuiltBill] = []
    for place, bill in enumerate(in_first):
        key = (bill.customer_key, bill.month)
        if place % 5 == 0:
            first.append(bill)
            expected[Only.FIRST].append(key)
        elif place % 5 == 1:
            second.append(in_second[place])
            expected[Only.SECOND].append(key)
        else:
            first.append(bill)
            total, withdrawn = (2000, False) if place % 5 == 2 else (1000, place % 5 == 3 and place % 2 == 0)
            second.append(a_bill(bill.month, customer_key=key[0], total=total, withdrawn=withdrawn))
            if total == 2000 or withdrawn:
                expected[Only.AMOUNT].append(key)
    one, other = stage_bills(database, *first), stage_bills(database, *second)
    expected[Only.ALL] = sorted(key for keys in expected.values() for key in keys)
    for only, stretch in product(Only, (7, 100_000)):
        found = every(database, one, other, only, stretch)
        assert [(each.customer_key, each.month) for each in found] == sorted(expected[only]), (only, stretch)
    with database.reading() as connection:
        (gone, *_) = [
            each
            for each in batch_comparison.differences(connection, one, other, Only.AMOUNT, None).differences
            if each.is_withdrawn_second
        ]
    assert (gone.first, gone.second, gone.is_withdrawn_first) == (1000, 0, False)
