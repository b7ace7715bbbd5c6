"""What the facts of the trail may look like: nothing personal fits any of these shapes.

Each test's database is held against them when the test is over (``tests/conftest.py``), so every deed that any test
does is a test of its facts. A fact with a new name needs its shape here; ``tests/domain/test_trail.py`` says so.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mypage.domain.trail import Action

_CODE: Final = r"[a-z][a-z0-9_.-]*"  # words of ours: causes, kinds, states, rules
_CAUSE: Final = rf"[A-F]-[0-9]{{2}}|{_CODE}"
# An id of 16 hexadecimal digits has no letter in it once in two thousand.
_ID: Final = r"(?=.*[A-Za-z])[A-Za-z0-9_-]{1,64}|[0-9a-f]{16}"
# Members of staff are known by an id; those of tests have a name in it that is nobody's.
_STAFF: Final = r"cli|(?:staff:)?[a-z0-9-]*\w{0,20}(?:-[a-z0-9]+)*"
_INSTANT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|\+00:00)"
_NUMBER: Final = int
# Text of that form, a value of that type, or one of several.
Shape = str | type | tuple[str | type, ...]

# A list holds such values; None may always stand.
SHAPES: Final[Mapping[str, Shape]] = {
    "act": _CODE,
    "after": rf"(?:{_CODE}(?: [0-9]+)?)?|{_INSTANT}",
    "answers": _NUMBER,
    "asked_by": _STAFF,
    "batch": _NUMBER,
    "before": rf"(?:{_CODE}(?: [0-9]+)?)?|{_INSTANT}",
    "by": _CODE,
    "call_back": r"phone [12]|code",
    "call_id": _ID,
    "caller": _CODE,
    "cause": _CAUSE,
    "codes": _NUMBER,
    "count": _NUMBER,
    "deed": _CODE,
    "deeds": _CODE,
    "ended": _NUMBER,
    "epoch": _NUMBER,
    "errors": _NUMBER,
    "expires_at": _INSTANT,
    "export_id": _NUMBER,
    "fault": _CODE,
    "fields": _CODE,
    "file_kinds": _CODE,
    "file_id": r"[0-9a-f]{32}",
    "filters": r"(?:(?:since|until|actor|action|account|batch|customer)=\S+ ?)*",
    "form": r"/[a-z/<>_-]*",
    "guards": _CODE,
    "kept": _NUMBER,
    "kind": _CODE,
    "kinds": _CODE,
    "left_out": _NUMBER,
    "letters": _NUMBER,
    "limit": _NUMBER,
    "list": _CODE,
    "look": _CODE,
    "message_id": r"[0-9a-f]{32}|[A-Za-z0-9._-]+@[a-z0-9.-]+",
    "method": _CODE,
    "missed": _CODE,
    "number": _NUMBER,
    "older_links": _CAUSE,
    "owner": r"staff:\S+|account:\S+",
    "page": r"list|[0-9]{4}-[0-9]{2}",
    "part": _NUMBER,
    "proof": _CODE,
    "pub_seq": _NUMBER,
    "publish_at": _INSTANT,
    "purpose": _CODE,
    "reached": _CODE,
    "reason": _CAUSE,
    "registration_id": _ID,
    "replaces": bool,
    "reply": r"[245][0-9]{2}(?: [245]\.[0-9]{1,3}\.[0-9]{1,3})?|none",
    "request_id": (_ID, _NUMBER),
    "revealed": _CODE,
    "role": _CODE,
    "rules": _CODE,
    "scope": _CODE,
    "seconds": _NUMBER,
    "seq": _NUMBER,
    "serial": _NUMBER,
    "server": r"[A-Za-z0-9.-]+:[0-9]+",
    "sessions_ended": _NUMBER,
    "sha256": r"[0-9a-f]{64}",
    "since": _INSTANT,
    "staff_id": _STAFF,
    "state": _CODE,
    "step": r"[a-z_.]+",
    # The version of the terms in the settings of the tests is a day.
    "suspended": _NUMBER,
    "terms_read_out": r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}",
    "through": _NUMBER,
    "token_id": _ID,
    "told": _STAFF,
    "too_wide": bool,
    "tries_left": _NUMBER,
    "until": _INSTANT,
    "verified": _CODE,
    "view_id": _ID,
    "warnings": _NUMBER,
    "way": _CODE,
    "with_batch": _NUMBER,
}
_WORDS: Final = {action.word for action in Action}


def strange(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Of rows (action, facts) what may be personal, a sentence each."""
    for action, written in rows:
        if action not in _WORDS:
            continue  # made up by a test of the trail itself
        try:
            facts = json.loads(written)
        except ValueError:
            continue  # spoiled by a test of the trail itself
        for name, value in facts.items():
            for each in value if isinstance(value, list) else [value]:
                if not _fits(SHAPES[name], each):
                    yield f"{action}: the fact {name} is {each!r}: see tests/trail_facts.py"


def strange_in(file: Path | str) -> list[str]:
    """The same of a SQLite database; nothing of one that has no trail (any more)."""
    connection = sqlite3.connect(file)
    try:
        return list(strange(connection.execute("SELECT action, facts FROM audit_event")))
    except sqlite3.DatabaseError:
        return []
    finally:
        connection.close()


def _fits(shape: Shape, value: Any) -> bool:
    if value is None:
        return True
    if isinstance(shape, tuple):
        return any(_fits(each, value) for each in shape)
    if isinstance(shape, str):
        return isinstance(value, str) and re.fullmatch(shape, value) is not None
    return type(value) is shape
