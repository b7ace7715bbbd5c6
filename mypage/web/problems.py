"""Refusals for programmes: problem details as JSON (RFC 9457), whatever it is that was refused.

A view of the API raises :class:`Problem`; what Flask and Werkzeug refuse by themselves, and what breaks, comes through
``web.errors`` and looks the same.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from mypage.web.language import preferred
from mypage.words.api_problems import PROBLEMS
from mypage.words.sentences import sentence

log = logging.getLogger("mypage.api")
TYPE: Final = "application/problem+json"
# Where a code is explained.
PATH: Final = "/api/v1/problems/"
_OF_STATUS: Final[Mapping[int, str]] = {
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "fault",
    503: "unavailable",
}
_KEPT_HEADERS: Final = ("Allow", "Retry-After")


class Problem(HTTPException):
    """A refusal by its code; ``facts`` fill its sentence, ``errors`` say which fields or files are wrong."""

    def __init__(
        self,
        refusal: str,
        *,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(refusal)
        self.code = PROBLEMS[refusal].status
        self.refusal, self.facts, self.errors = refusal, facts, list(errors)
        self.headers = dict(headers or {})


def error(field: str, code: str, **facts: object) -> dict[str, Any]:
    """What is wrong with one field or parameter."""
    return {"field": field, "code": code, "detail": sentence(f"api.error.{code}", language(), **facts)}


def answer(refused: HTTPException, request_number: str) -> Response:
    """The answer to what was refused, by a view of ours or by whoever calls it."""
    if isinstance(refused, Problem):
        return _made(
            refused.refusal, refused.code, request_number, refused.errors, refused.headers, refused.facts
        )
    status = refused.code or 500
    headers = {name: value for name, value in refused.get_headers() if name in _KEPT_HEADERS}
    return of_status(status, request_number, headers)


def of_refusal(refusal: str, request_number: str, **facts: object) -> Response:
    """The answer to a refusal of ours that was not raised."""
    return _made(refusal, PROBLEMS[refusal].status, request_number, (), {}, facts)


def of_status(status: int, request_number: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer with a status that no view of ours gave."""
    refusal = _OF_STATUS.get(status, "bad_request" if status < 500 else "fault")
    return _made(refusal, status, request_number, (), headers or {}, {})


def language() -> str:
    """The language of this request's refusals: as ``Accept-Language`` asks, Japanese without it."""
    if "api_language" not in g:
        g.api_language = preferred()
    return str(g.api_language)


def said(refusal: str, **facts: object) -> tuple[str, str]:
    """Title and detail of a refusal."""
    return sentence(f"api.{refusal}", language(), **facts), sentence(
        f"api.{refusal}.detail", language(), **facts
    )


def _made(
    refusal: str,
    status: int | None,
    request_number: str,
    errors: Iterable[Mapping[str, Any]],
    headers: Mapping[str, str],
    facts: Mapping[str, object],
) -> Response:
    title, detail = said(refusal, **facts)
    document: dict[str, Any] = {
        "type": PATH + refusal,
        "title": title,
        "status": status,
        "detail": detail,
        "code": refusal,
        "request": request_number,
    }
    listed = list(errors)
    if listed:
        document["errors"] = listed
    log.info(
        "api request refused",
        extra={
            "fault": refusal,
            "request_number": request_number,
            "status": status,
            "method": request.method,
            "endpoint": request.endpoint,
        },
    )
    made = Response(json.dumps(document, ensure_ascii=False), status=status, content_type=TYPE)
    made.headers["Content-Language"] = language()
    for name, value in headers.items():
        made.headers[name] = value
    return made
