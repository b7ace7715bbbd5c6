"""What the API says of itself: its OpenAPI document, and what each code of a problem means. Open to everybody."""

import json
from functools import cache

from flask import Response
from flask.typing import ResponseReturnValue

from mypage.api import gate, shown
from mypage.api.gate import open_to_everybody
from mypage.api.openapi import described
from mypage.web.house import house
from mypage.web.problems import Problem, said
from mypage.words.api_problems import PROBLEMS

doors = gate.guarded("api_document")


@doors.get("/api/v1/openapi.json")
@open_to_everybody
def description() -> ResponseReturnValue:
    """The OpenAPI document."""
    settings = house().settings
    return Response(_written(settings.public_url, settings.operator_name), content_type="application/json")


@doors.get("/api/v1/problems/<refusal>")
@open_to_everybody
def problem(refusal: str) -> ResponseReturnValue:
    """What a code means, and what to do: where the ``type`` of a problem leads."""
    if refusal not in PROBLEMS:
        raise Problem("not_found")
    title, detail = said(refusal)
    return shown.document(
        {"code": refusal, "status": PROBLEMS[refusal].status, "title": title, "detail": detail}
    )


@cache
def _written(public_url: str, operator: str) -> str:
    return json.dumps(described(public_url, operator), ensure_ascii=False)
