"""What a spreadsheet must not take for something else when it opens a CSV (specification "formats", *Values*)."""

from typing import Final

# It runs what begins so.
_RUN: Final = ("=", "+", "-", "@", "\t", "\r")


def kept_text(cell: str) -> str:
    """A text that stays text: with a quote in front where it would be run."""
    return f"'{cell}" if cell.startswith(_RUN) else cell
