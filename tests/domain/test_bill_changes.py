"""What changed between two bills, line by line."""

from decimal import Decimal

from mypage.domain.bill_changes import changes
from mypage.domain.statement import LineItem, LineKind, TaxClass


def _line(description: str, amount: str, *, kind: LineKind = LineKind.CHARGE) -> LineItem:
    return LineItem(1, "電話", description, None, None, None, Decimal(amount), kind, TaxClass.STANDARD)


def test_new_gone_more_and_less_are_told_and_the_same_is_not() -> None:
    now = [
        _line("通話料", "300"),
        _line("基本料", "1000"),
        _line("割引", "-500"),
        _line("ユニバーサル", "2.2"),
    ]
    before = [
        _line("通話料", "100"),
        _line("基本料", "1000"),
        _line("手数料", "110"),
        _line("ユニバーサル", "2.2"),
    ]
    found = changes(now, before)
    assert [(each.description, each.was, each.now) for each in found] == [
        ("通話料", Decimal(100), Decimal(300)),
        ("割引", None, Decimal(-500)),
        ("手数料", Decimal(110), None),
    ]
    assert [each.difference for each in found] == [200, -500, -110]


def test_lines_of_one_name_are_summed() -> None:
    assert changes([_line("通話料", "100"), _line("通話料", "50")], [_line("通話料", "150")]) == ()


def test_what_counts_in_the_total_only_is_no_change() -> None:
    carried = _line("前月繰越", "800", kind=LineKind.CARRIED_OVER)
    assert changes([carried], []) == ()
