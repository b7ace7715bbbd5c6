"""Build a statement anew whose rows stand apart, or of whose rows something was found."""

from collections.abc import Callable

from mypage.domain import statement_build
from mypage.domain.row_error import RowError
from mypage.store.staging import escaped
from mypage.works.load import charge_lines
from mypage.works.load.charge_lines import (
    ALIKE,
    BASIS,
    FLAWED,
    ROW,
    STATE,
    STORED,
    TAX_8,
    TAX_10,
    WITHDRAWN,
    Fields,
)

# Tells an error of a part, as :meth:`mypage.works.load.part_errors.PartErrors.tell` does.
Tell = Callable[..., RowError]


def whole(parts: list[Fields], rounding: str, tell: Tell) -> tuple[bytes, RowError | None]:
    """Build a statement anew from all its parts, with its first error (told here or before) if it has any."""
    flawed = next((part for part in parts if part[STATE] == FLAWED), None)
    if flawed is not None:
        return b"", charge_lines.why(flawed[STORED])
    first = parts[0]
    fields = first[STORED].split(b"\t", 5)
    errors = [error for part in parts[1:] for error in _differing(first, fields, part, tell)]
    if errors:
        return b"", errors[0]
    if first[STATE] == WITHDRAWN:
        return first[STORED], None
    numbers: list[int] = []
    lines: list[statement_build.Line] = []
    for part in parts:
        some_numbers, some_lines = statement_build.parts(charge_lines.document(part[STORED]))
        numbers += some_numbers
        lines += some_lines
    built = statement_build.build(
        charge_lines.head(first, fields[0]),
        numbers,
        lines,
        rounding=rounding,
    )
    for finding in built.findings:
        facts = dict(finding.facts)
        error = tell(first, finding.code, finding.column, b"", facts, warning=finding.warning)
        if not finding.warning:
            errors.append(error)
    fields[1], fields[5] = str(built.comparable).encode(), escaped(built.document).encode() + b"\n"
    return b"\t".join(fields), errors[0] if errors else None


def _differing(first: Fields, fields: Fields, part: Fields, tell: Tell) -> list[RowError]:
    """Tell what stands alike on every row of a statement, but does not."""
    others = part[STORED].split(b"\t", 5)
    pairs = [(column, fields[place], others[place]) for place, column in ALIKE]
    pairs += [("amount_basis", first[BASIS], part[BASIS]), ("tax_10", first[TAX_10], part[TAX_10])]
    pairs += [("tax_8", first[TAX_8], part[TAX_8])]
    if (first[STATE] == WITHDRAWN) != (part[STATE] == WITHDRAWN):
        pairs = [("action", b"1", b"2")]
    facts = {"row": first[ROW].decode()}
    return [
        tell(part, "differs_in_statement", column, b"" if column == "action" else other, facts)
        for column, one, other in pairs
        if one != other
    ]
