"""Text that a spreadsheet is to show and not to run (specification "formats", *Values*)."""

from typing import Final

_RUN: Final = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: str) -> str:
    """The cell for a CSV file that Excel opens; what it would take for a formula gets the quote that keeps it text."""
    return f"'{cell}" if cell.startswith(_RUN) else cell
