"""A month of bills as plain text: for the terminal, in the words and the order of the subscriber's page."""

import unicodedata
from collections.abc import Iterator

from mypage.domain.statement import LineItem
from mypage.shown.statement import ShownBill, ShownMonth
from mypage.words.filters import change_ja, day_ja, month_ja, yen_ja
from mypage.words.sentences import sentence

_WIDTH = 56


def lines(shown: ShownMonth) -> Iterator[str]:
    """The month, each bill with its lines, taxes and payment, then the change against the bill before."""
    yield f"{month_ja(shown.month)}のご請求"
    for bill in shown.bills:
        yield from _bill(bill)
    if len(shown.bills) > 1:
        yield _pair("合計", yen_ja(shown.total))
    if shown.change is not None:
        yield f"  {change_ja(shown.change)}"


def _bill(bill: ShownBill) -> Iterator[str]:
    if bill.is_withdrawn:
        yield f"  請求番号 {bill.number}: 取り消されました"
        return
    for group in bill.groups:
        if group.service:
            yield f"  {group.service}"
        yield from map(_line, group.lines)
    if bill.passed_through:
        yield f"  {sentence('tax_pass_through', 'ja')}"
        yield from map(_line, bill.passed_through)
    for tax in bill.taxes:
        told = "" if tax.tax is None else f"（消費税 {yen_ja(tax.tax)}）"
        yield _pair(f"{tax.words}{told}", yen_ja(tax.base))
    yield _pair("ご請求額", yen_ja(bill.total))
    payment = [bill.method, day_ja(bill.due_on) if bill.due_on else None, bill.state]
    if any(payment):
        yield "  " + "  ".join(part for part in payment if part)
    for correction in bill.corrections:
        yield f"  訂正（前: {'取り消されました' if correction.amount is None else yen_ja(correction.amount)}）"


def _line(line: LineItem) -> str:
    return _pair(f"  {line.description}", yen_ja(line.amount))


def _pair(label: str, amount: str) -> str:
    gap = max(_WIDTH - _columns(label) - _columns(amount), 1)
    return f"  {label}{' ' * gap}{amount}"


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
