"""A statement: one bill of one customer for one month, and the lines that stand on it.

Stored as one row with its lines as versioned JSON text with decimal strings. ``statement_build`` makes that text
from lines, :func:`read` gives the statement back. The text is an agreement with the years: a new form gets a new
version, and every version ever published stays readable.

Version 1::

    {"v": 1, "basis": "tax_included",
     "taxes": [["10", "5000", "454", 1]],        # rate, sum of its lines, tax in yen, agrees with the rate
     "lines": [[1, "インターネット", "月額利用料", 202609, "1", "5000", "5000", "charge", "10"]]}
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from mypage.domain.billing_month import BillingMonth

VERSION: Final = 1


class TaxClass(StrEnum):
    """How a line is taxed. ``ZERO`` is 税率 0 of a file that knows rates only: 「消費税対象外」."""

    STANDARD = "10"
    REDUCED = "8"
    EXEMPT = "exempt"
    OUT_OF_SCOPE = "out_of_scope"
    PASS_THROUGH = "pass_through"  # noqa: S105 - 立替: collected for another company, drawn apart
    ZERO = "0"


RATED: Final = (TaxClass.STANDARD, TaxClass.REDUCED)


class LineKind(StrEnum):
    """What a line is: 料金, 消費税, 過月調整, 繰越, 前受金充当, 分割, 延滞利息, 返金."""

    CHARGE = "charge"
    TAX = "tax"
    ADJUSTMENT = "adjustment"
    CARRIED_OVER = "carried_over"
    PREPAID_USED = "prepaid_used"
    INSTALMENT = "instalment"
    LATE_INTEREST = "late_interest"
    REFUND = "refund"


# They count in the total, but not in tax, comparison with the last bill or certificates.
TOTAL_ONLY: Final = frozenset(
    (LineKind.CARRIED_OVER, LineKind.PREPAID_USED, LineKind.LATE_INTEREST, LineKind.REFUND)
)


class AmountBasis(StrEnum):
    """Whether the amounts of the lines contain the tax (税込) or not (税抜)."""

    TAX_INCLUDED = "tax_included"
    TAX_EXCLUDED = "tax_excluded"


class PaymentState(StrEnum):
    """請求済 / 支払済 / 一部入金 / 未確認 / 振替不能 / 返金済."""

    BILLED = "billed"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a statement. ``amount`` is yen and may have decimals; ``usage_month`` stands where it differs."""

    number: int
    service: str
    description: str
    usage_month: BillingMonth | None
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    kind: LineKind
    tax_class: TaxClass


@dataclass(frozen=True, slots=True)
class RateTax:
    """What a statement says of one tax rate. ``base`` is the sum of its lines in the statement's basis."""

    tax_class: TaxClass
    base: Decimal
    tax: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of a statement and its taxes, as stored in its document."""

    basis: AmountBasis
    taxes: tuple[RateTax, ...]
    lines: tuple[LineItem, ...]

    @property
    def qualifies(self) -> bool:
        """Whether its taxes agree with their rates: else its PDF does not call itself 適格請求書."""
        return all(rate.agrees for rate in self.taxes)

    @property
    def sum_of_lines(self) -> Decimal:
        """Yen with decimals; differs from the total by less than one yen, and by the tax where that stands apart."""
        return sum((line.amount for line in self.lines), Decimal(0))


def read(document: str) -> Statement:
    """The statement of a stored document. Raises ``ValueError`` for a version that this release does not know."""
    stored = json.loads(document)
    if stored["v"] != VERSION:
        raise ValueError(f"a statement of version {stored['v']}")
    return Statement(
        basis=AmountBasis(stored["basis"]),
        taxes=tuple(
            RateTax(TaxClass(rate), Decimal(base), int(tax), bool(agrees))
            for rate, base, tax, agrees in stored["taxes"]
        ),
        lines=tuple([_line_item(*values) for values in stored["lines"]]),
    )


# Most lines of a bill stand alike on the bills of many customers of that month.
@lru_cache(maxsize=16384)
def _line_item(
    number: int,
    service: str,
    description: str,
    usage_month: int | None,
    quantity: str | None,
    unit_price: str | None,
    amount: str,
    kind: str,
    tax_class: str,
) -> LineItem:
    return LineItem(
        number,
        service,
        description,
        None if usage_month is None else BillingMonth.from_int(usage_month),
        None if quantity is None else Decimal(quantity),
        None if unit_price is None else Decimal(unit_price),
        Decimal(amount),
        LineKind(kind),
        TaxClass(tax_class),
    )
