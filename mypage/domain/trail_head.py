"""A head of the trail as it is written outside the database: how far the chain went, and when.

One line of JSON each. In a log the same stands in a line of its own under ``head``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from mypage.domain.trail import canonical
from mypage.domain.trail_check import SignedHead

WRITTEN_EVERY: Final = timedelta(hours=1)
# Nobody writes heads any more when the newest is older.
MISSED_AFTER: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Head:
    """At ``at`` the chain ended with the row ``seq`` of that ``hash``; signed by the key of that name."""

    chain: str
    seq: int
    hash: str
    at: str
    key: str = ""
    signature: str = ""

    @property
    def signed_text(self) -> str:
        """What is signed."""
        return canonical({"at": self.at, "chain": self.chain, "hash": self.hash, "seq": self.seq})

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "chain": self.chain,
            "seq": self.seq,
            "hash": self.hash,
            "at": self.at,
            "key": self.key,
            "signature": self.signature,
        }

    @property
    def seen(self) -> SignedHead:
        """What the rows are held against."""
        return SignedHead(self.seq, self.hash, self.at)


def read(line: str) -> Head | None:
    """The head in a line of a file or of a log; None where there is none (a line that its writer did not finish)."""
    try:
        told = json.loads(line)
        told = told.get("head", told)
        head = Head(**{name: told[name] for name in Head.__slots__})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return head if _is_head(head.as_json) else None


def _is_head(told: Mapping[str, Any]) -> bool:
    texts = all(isinstance(value, str) for name, value in told.items() if name != "seq")
    return texts and type(told["seq"]) is int
