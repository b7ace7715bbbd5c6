"""Why a file as a whole cannot be read."""

from collections.abc import Mapping


class Unreadable(Exception):
    """The file is refused with one sentence: ``code`` and ``facts`` become it (``mypage/words/batch.py``)."""

    def __init__(self, code: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts or {}
