"""Rows of payments.csv: payment states that come later (specification "formats")."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mypage.domain import values
from mypage.domain.cell_readers import Remembered, empty_is, iso_day, row_values
from mypage.domain.charge_words import PAYMENT_STATES
from mypage.domain.columns import Plan
from mypage.domain.customers import customer_number, fitted
from mypage.domain.row_error import RowError, Tell

# What a row takes over from the version below where its file has no such column.
CARRIED: Final = ("paid_on", "paid_amount", "retry_on")
Stored = str | int | None


class Row(NamedTuple):
    """The state of a statement. ``holder_no`` is 0 where the file does not say.

    ``given`` holds the state and only those columns of :data:`CARRIED` that the file has; dates as ISO text.
    """

    number: str
    holder_no: int
    month: int
    statement_number: int
    shown_number: str
    row: int
    given: Mapping[str, Stored]


class Unread(NamedTuple):
    """A row with an error: the first one, and of which statement, as far as it could be read."""

    error: RowError
    month: int | None
    statement_number: int | None


class PaymentRows:
    """Reads the rows of one file; errors go to ``tell``. ``fold`` makes the key of a customer number."""

    def __init__(self, plan: Plan, fold: Callable[[str], str | None], tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._readers: Mapping[str, Callable[[str], Any]] = {
            "customer_number": lambda raw: customer_number(raw, fold),
            "holder_no": empty_is(0, lambda raw: values.ordinal(raw, 9)),
            "billing_month": Remembered(values.month).__getitem__,
            "statement_number": Remembered(empty_is(1, values.ordinal)).__getitem__,
            "payment_state": Remembered(lambda raw: values.one_of(raw, PAYMENT_STATES)).__getitem__,
            "paid_on": Remembered(empty_is(None, iso_day)).__getitem__,
            "paid_amount": empty_is(None, values.whole_number),
            "retry_on": Remembered(empty_is(None, iso_day)).__getitem__,
        }

    def rows(self, records: Iterable[list[str]], first_row: int = 2) -> Iterator[Row | Unread]:
        """The rows, and those that cannot be read. The first of ``records`` is Excel's row ``first_row``."""
        for row, record in enumerate(records, first_row):
            errors: list[RowError] = []
            cells = fitted(self._plan, record, row, errors.append)
            found: dict[str, Any] = {}
            if cells is not None:
                found = row_values(self._plan, cells, row, self._readers, errors.append)
            for error in errors:
                self._tell(error)
            if errors:
                yield Unread(errors[0], found.get("billing_month"), found.get("statement_number", 1))
            elif cells is not None:
                yield self._row(found, cells[self._plan.places["customer_number"]], row)

    def _row(self, found: Mapping[str, Any], shown: str, row: int) -> Row:
        given = {name: found[name] for name in CARRIED if name in found}
        return Row(
            number=found["customer_number"],
            holder_no=found.get("holder_no", 0),
            month=found["billing_month"],
            statement_number=found.get("statement_number", 1),
            shown_number=shown.strip(),
            row=row,
            given={"state": found["payment_state"].value, **given},
        )


def version(given: Mapping[str, Stored], below: Mapping[str, Stored] | None) -> dict[str, Stored]:
    """The whole version: what the file says, and what it has no column for from the version ``below``."""
    whole = {name: given[name] if name in given else (below or {}).get(name) for name in CARRIED}
    return {"state": given["state"], **whole}
