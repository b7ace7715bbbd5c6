"""The lines of the spool of charges.csv: a group of rows that stood together, its key first.

What is sorted is bytes, so the fields stay bytes; the last ones are those of a row of ``statement`` from its total on.
Of a group with an error its first error stands in the place of the document.
"""

import json
from collections.abc import Iterator
from typing import Final

from mypage.domain import statement_build
from mypage.domain.charge_heads import Group
from mypage.domain.charges import ChargeRows
from mypage.domain.repeated_lines import Lines
from mypage.domain.row_error import RowError
from mypage.domain.statement import AmountBasis, PaymentState
from mypage.domain.statement_build import Head
from mypage.store.staging import NOTHING, escaped
from mypage.works.load.spool import Spool

# Fields of a line of the spool; what follows them is what is stored, from the total on.
(NUMBER, MONTH, STATEMENT, HOLDER, STATE, FIRST_USED, LAST_USED, ROW, ROWS, SHOWN, BASIS, TAX_10,
 TAX_8, STORED) = range(14)  # fmt: skip
BUILT, LOOK_AGAIN, FLAWED, WITHDRAWN = b"b", b"l", b"f", b"w"
_INCLUDED: Final = b"i"
_WITHDRAWN_DOCUMENT: Final = escaped(statement_build.withdrawn().document)
# What stands alike on every row of a statement: its place among the stored fields, its column.
ALIKE: Final = ((0, "total"), (2, "due_on"), (3, "payment_method"), (4, "payment_state"))
_BASES: Final = {AmountBasis.TAX_INCLUDED: "i", AmountBasis.TAX_EXCLUDED: "e"}
_PAYMENT_STATES: Final[dict[PaymentState | None, str]] = {
    None: NOTHING,
    **{state: state.value for state in PaymentState},
}
Fields = list[bytes]


def spooled_rows(rows: ChargeRows, records: Lines, first_row: int, to: Spool, rounding: str) -> Iterator[int]:
    """Read all records into the spool; yields the row last read, every now and then."""
    add = to.add
    for count, group in enumerate(rows.groups(records, first_row)):
        add(spooled(group, rounding))
        if not count % 1000:
            yield group.first_row + group.rows - 1


def spooled(group: Group, rounding: str) -> bytes:
    """A group as a line of the spool; a tax that the file does not tell is rounded in that way (of ``decimal``'s)."""
    key = group.key
    if group.withdrawn:
        first = last = key.month
        state, text, total, comparable = WITHDRAWN, _WITHDRAWN_DOCUMENT, 0, 0
    else:
        of_rows = Head(group.basis, group.total, group.tax_10, group.tax_8)
        built = statement_build.build(of_rows, group.line_numbers, group.lines, rounding=rounding)
        total, comparable, state = group.total, built.comparable, BUILT
        if built.findings:
            # Its rows may stand apart, or it is wrong: whoever has all of them sees.
            state, text = LOOK_AGAIN, escaped(statement_build.loose(group.line_numbers, group.lines))
        else:
            text = escaped(built.document)
        used = {item.usage_month for item in group.lines}
        if 0 in used or not used:
            used.discard(0)
            used.add(key.month)
        first, last = min(used), max(used)
    if group.why is not None:
        state, text = FLAWED, escaped(json.dumps(group.why, ensure_ascii=False))
    return (
        f"{key.number}\t{key.month}\t{key.statement_number}\t{key.holder or ''}\t{state.decode()}\t{first}\t{last}"
        f"\t{group.first_row}\t{group.rows}\t{escaped(group.shown_number)}"
        f"\t{_BASES[group.basis]}"
        f"\t{'' if group.tax_10 is None else group.tax_10}\t{'' if group.tax_8 is None else group.tax_8}"
        f"\t{total}\t{comparable}\t{group.due_on or NOTHING}"
        f"\t{escaped(group.payment_method) if group.payment_method else NOTHING}"
        f"\t{_PAYMENT_STATES[group.payment_state]}\t{text}\n"
    ).encode()


def document(stored: bytes) -> str:
    """The document of a group."""
    return stored.rpartition(b"\t")[2].decode().replace("\\\\", "\\")


def why(stored: bytes) -> RowError:
    """The first error of a flawed group."""
    return RowError(*json.loads(document(stored)))


def head(part: Fields, total: bytes) -> Head:
    """What stands alike on every row of a group's statement."""
    basis = AmountBasis.TAX_INCLUDED if part[BASIS] == _INCLUDED else AmountBasis.TAX_EXCLUDED
    tax_10, tax_8 = part[TAX_10], part[TAX_8]
    return Head(basis, int(total), int(tax_10) if tax_10 else None, int(tax_8) if tax_8 else None)
