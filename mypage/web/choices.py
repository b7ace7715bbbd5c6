"""Fields that are chosen from, drawn by ``staff/parts/choices.html``: what was sent is kept as it came, and judged by the form."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field

Option = tuple[str, str]


class OneOf(Field):  # type: ignore[misc]
    """One of several options, each a word and its label; ``data`` is the word that was sent, or empty."""

    def __init__(self, label: str, options: Sequence[Option] = (), **given: Any) -> None:
        super().__init__(label, **given)
        self.options = options
        self.data: Any = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent."""
        self.data = valuelist[0] if valuelist else ""


class SeveralOf(OneOf):
    """Any of several options; ``data`` are the words that were sent."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent."""
        self.data = list(valuelist)
