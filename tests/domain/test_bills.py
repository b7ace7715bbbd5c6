"""Which version of a bill is seen, and how the months compare."""

from mypage.domain.bills import BillVersion, PaymentVersion, by_month, seen_bills


def _version(
    month: int,
    batch_id: int,
    total: int = 1000,
    *,
    number: int = 1,
    withdrawn: bool = False,
    hidden: bool = False,
    comparable: int | None = None,
) -> BillVersion:
    compared = total if comparable is None else comparable
    return BillVersion(month, number, batch_id, withdrawn, hidden, total, compared, None, None, None)


def test_the_version_published_last_is_seen_and_knows_what_it_corrects() -> None:
    first, second, third = _version(202610, 1, 100), _version(202610, 2, 200), _version(202610, 3, 300)
    (bill,) = seen_bills([first, second, third], {1: 10, 2: 30, 3: 20})
    assert bill.version is second
    assert bill.earlier == (third, first)


def test_a_batch_taken_back_is_as_if_it_had_never_been() -> None:
    first, second = _version(202610, 1), _version(202610, 2)
    assert seen_bills([first, second], {1: 10})[0] == (first, (), None)
    assert seen_bills([first, second], {}) == []


def test_what_belongs_to_an_uncertain_holder_is_shown_to_nobody() -> None:
    hidden, plain = _version(202610, 2, hidden=True), _version(202610, 1)
    assert seen_bills([plain, hidden], {1: 1, 2: 2}) == []
    (bill,) = seen_bills([plain, hidden], {1: 2, 2: 1})
    assert bill == (plain, (), None)


def test_bills_of_a_month_are_summed_and_compared_with_the_month_before() -> None:
    versions = [
        _version(202608, 1, 1000),
        _version(202609, 1, 900),
        _version(202609, 1, 400, number=2),
        _version(202610, 1, 5000, comparable=1300),
    ]
    months = by_month(seen_bills(versions, {1: 1}))
    assert [(each.month, each.total, each.change, len(each.bills)) for each in months] == [
        (202610, 5000, 0, 1),
        (202609, 1300, 300, 2),
        (202608, 1000, None, 1),
    ]


def test_a_withdrawn_bill_counts_nowhere() -> None:
    versions = [
        _version(202607, 1, 700, withdrawn=True),
        _version(202608, 1, 1000),
        _version(202609, 1, 999, withdrawn=True),
        _version(202610, 1, 1250),
        _version(202610, 1, 50, number=2, withdrawn=True),
    ]
    months = by_month(seen_bills(versions, {1: 1}))
    assert [(each.month, each.standing, each.total, each.change) for each in months] == [
        (202610, 1, 1250, 250),
        (202609, 0, 0, None),
        (202608, 1, 1000, None),
        (202607, 0, 0, None),
    ]


def _payment(month: int, batch_id: int, state: str, number: int = 1) -> PaymentVersion:
    return PaymentVersion(month, number, batch_id, state, None, None, None)


def test_the_newest_payments_file_wins_in_whatever_order_the_versions_come() -> None:
    bill = _version(202610, 1)._replace(payment_state="billed")
    payments = [_payment(202610, 2, "failed"), _payment(202610, 3, "paid"), _payment(202610, 4, "refunded")]
    pub_seq = {1: 9, 2: 1, 3: 3}
    for given in (payments, payments[::-1]):
        (seen,) = seen_bills([bill], pub_seq, given)
        assert (seen.payment_state, seen.earlier) == ("paid", ())
        (seen,) = seen_bills([bill], {1: 9, 2: 1}, given)
        assert seen.payment_state == "failed"
        (seen,) = seen_bills([bill], {1: 9}, given)
        assert seen.payment_state == "billed"


def test_a_payment_of_another_bill_changes_nothing() -> None:
    payments = [_payment(202610, 1, "paid", number=2), _payment(202609, 1, "paid")]
    (seen,) = seen_bills([_version(202610, 1)], {1: 1}, payments)
    assert (seen.payment, seen.payment_state) == (None, None)


def test_bills_of_two_keys_of_one_customer_are_two_bills() -> None:
    versions = [
        _version(202610, 1, 500)._replace(customer_key="80012"),
        _version(202610, 1, 300)._replace(customer_key="70012"),
        _version(202610, 2, 400)._replace(customer_key="70012"),
    ]
    payment = _payment(202610, 1, "paid")._replace(customer_key="80012")
    first, second = seen_bills(versions, {1: 1, 2: 2}, [payment])
    assert (first.version.total, len(first.earlier), first.payment) == (400, 1, None)
    assert (second.version.total, second.earlier, second.payment) == (500, (), payment)
    assert by_month([first, second])[0].total == 900
