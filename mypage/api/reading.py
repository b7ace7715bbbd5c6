"""What a request says: its JSON and its parameters, held against what a view takes; all that is wrong is told at once."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import request

from mypage.web.house import now
from mypage.web.problems import Problem, error
from mypage.words.filters import TOKYO

LONGEST_REASON: Final = 200
_LONGEST_ID: Final = 64
_FARTHEST: Final = timedelta(days=366)
_MOST_BYTES: Final = 64 * 1024
# What a reader gives for a value that is wrong: the code of what is said, and its facts.
Wrong = tuple[str, dict[str, object]]
Reader = Callable[[Any], Any]


class WrongError(Exception):
    """A value is not what its field takes."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise WrongError("field_no_boolean")
    return value


def text(longest: int) -> Reader:
    """Some words on one line."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongError("field_no_text")
        if not value.strip():
            raise WrongError("field_empty")
        if len(value) > longest:
            raise WrongError("field_long", longest=longest)
        return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())

    return read


def texts(most: int) -> Reader:
    """A list of texts, at least one."""

    def read(value: Any) -> list[str]:
        if not isinstance(value, list) or not 1 <= len(value) <= most or not all(map(_is_plain, value)):
            raise WrongError("field_no_list", most=most)
        return list(value)

    return read


def word(*words: str) -> Reader:
    """One of a few words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise WrongError("field_no_word", words=", ".join(words))
        return value

    return read


def number(least: int, most: int) -> Reader:
    """A whole number, as JSON or as a parameter has it."""

    def read(value: Any) -> int:
        digits = value if isinstance(value, str) else str(value) if type(value) is int else ""
        if not (
            digits.isascii()
            and digits.isdigit()
            and len(digits) <= len(str(most))
            and least <= int(digits) <= most
        ):
            raise WrongError("field_no_number", least=least, most=most)
        return int(digits)

    return read


def instant_to_come(value: Any) -> datetime:
    """An instant within a year, in UTC; without an offset Asia/Tokyo is meant, as on the command line."""
    try:
        read = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        given = read and (read if read.tzinfo is not None else read.replace(tzinfo=TOKYO)).astimezone(UTC)
    except (ValueError, OverflowError):
        given = None
    if given is None:
        raise WrongError("field_no_instant")
    if given <= now():
        raise WrongError("field_past")
    if given > now() + _FARTHEST:
        raise WrongError("field_far")
    return given


def flag(value: Any) -> bool:
    """True or false, as a parameter or a part of a form has it."""
    said = value.strip().lower() if isinstance(value, str) else ""
    if said not in ("true", "false", "1", "0"):
        raise WrongError("field_no_boolean")
    return said in ("true", "1")


def read(fields: Mapping[str, Reader], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON object of this request with these fields; a request without a body has none of them."""
    body = _body()
    if not body and not request.content_type:
        return judged({}, fields, required)
    if request.mimetype != "application/json":
        raise Problem("unsupported_media_type")
    if not body:
        return judged({}, fields, required)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem("fields_wrong", errors=[error("", "json_broken")]) from None
    if not isinstance(document, dict):
        raise Problem("fields_wrong", errors=[error("", "json_no_object")])
    return judged(document, fields, required)


def parameters(fields: Mapping[str, Reader]) -> dict[str, Any]:
    """The parameters in the address."""
    return judged(request.args.to_dict(), fields, ())


def judged(
    given: Mapping[str, Any], fields: Mapping[str, Reader], required: tuple[str, ...]
) -> dict[str, Any]:
    """What was given, read; raises :class:`Problem` with all that is wrong."""
    found: dict[str, Any] = {}
    wrong = [error(_told(name), "field_unknown") for name in given if name not in fields]
    wrong += [error(name, "field_missing") for name in required if name not in given]
    for name, reader in fields.items():
        if name not in given:
            continue
        try:
            found[name] = reader(given[name])
        except WrongError as refused:
            wrong.append(error(name, refused.code, **refused.facts))
    if wrong:
        raise Problem("fields_wrong", errors=wrong)
    return found


def _body() -> bytes:
    if request.content_length is None and request.headers.get("Transfer-Encoding"):
        raise Problem("length_required")
    request.max_content_length = _MOST_BYTES
    return request.get_data(cache=False)


def _is_plain(value: Any) -> bool:
    """Whether this can be a name of ours; no database is asked for what cannot."""
    return (
        isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST_ID
    )


def _told(name: str) -> str:
    """The name of a field that is none, as it is told back."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:60])
