"""The OpenAPI 3.1 document of the API, written by hand; a test holds the running API against it."""

from typing import Any, Final

from mypage.api import openapi_receiving as receiving
from mypage.api.batches import BATCHES, MOST_AT_ONCE, MOST_ID, USUAL_AT_ONCE
from mypage.api.openapi_schemas import KIND, STATE, Schema, ref, schemas
from mypage.api.uploads import UPLOADS
from mypage.words.api_problems import PROBLEMS

ONE: Final = f"{BATCHES}/{{batch_id}}"
_TOKEN: Final = ("token_missing", "token_unknown", "token_expired", "token_revoked", "token_stopped")
_ALWAYS: Final = ("too_many_requests", "unavailable")
# Of every request that shows a token.
_ASKED: Final = (*_TOKEN, "too_many_wrong_tokens", *_ALWAYS)
_BEGINNING: Final = (
    "length_missing",
    "metadata_wrong",
    "checksum_wrong",
    "file_too_large",
    "too_many_uploads",
    "too_much_unused",
    "longer_than_declared",
    "uploads_taken",
    "store_away",
    "store_full",
)
_PIECE: Final = (
    "offset_missing",
    "checksum_wrong",
    "type_wrong",
    "wrong_offset",
    "upload_busy",
    "checksum_differs",
    *_BEGINNING[3:],
)
_BATCH_ID: Final[Schema] = {
    "name": "batch_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ID},
    "example": 12,
}
_RATE: Final[Schema] = {
    "RateLimit": {"$ref": "#/components/headers/RateLimit"},
    "RateLimit-Policy": {"$ref": "#/components/headers/RateLimit-Policy"},
}
_AGAIN: Final[Schema] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
_SENT_AGAIN: Final = "The same once more changes nothing and is answered alike."


def described(public_url: str, operator: str) -> Schema:
    """The document of the portal at ``public_url``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{operator} マイページ API",
            "version": "1",
            "summary": "Billing files in, checked, published and taken back; the deeds of `mypage batch` over HTTP",
            "description": (
                "Files go in by `POST /api/v1/batches` and are checked by a worker. 202 says that something still goes on, "
                "200 that it is so. Instants are UTC with `Z`, money is whole yen. Refusals are problem details (RFC 9457) "
                "with a `code` that never changes. Every request shows a token; no cookie is read or set."
            ),
        },
        "servers": [{"url": public_url}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "mpb_…",
                    "description": "Made on the console or by `mypage token create`",
                }
            },
            "headers": _headers(),
            "schemas": schemas(sorted(PROBLEMS)),
        },
    }


def _paths() -> Schema:
    return {
        BATCHES: {"get": _listed(), "post": _receive()},
        ONE: {"parameters": [_BATCH_ID], "get": _one()},
        f"{ONE}/report": {"parameters": [_BATCH_ID], "get": _report()},
        f"{ONE}/publish": {"parameters": [_BATCH_ID], "post": _publish()},
        f"{ONE}/check": {"parameters": [_BATCH_ID], "post": _check()},
        f"{ONE}/call-off": {"parameters": [_BATCH_ID], "post": _call_off()},
        f"{ONE}/take-back": {"parameters": [_BATCH_ID], "post": _take_back()},
        UPLOADS: {
            "post": _tus("beginUpload", "Begin a resumable upload", "201", receiving.begin(), _BEGINNING),
            **_options("uploads"),
        },
        f"{UPLOADS}/{{file_id}}": {
            "parameters": [receiving.path_parameter()],
            "head": _tus("upload", "How far an upload is", "200", receiving.standing(), ()),
            "patch": _tus("sendPiece", "Send a piece of it", "204", receiving.piece(), _PIECE),
            "post": _tus(
                "override",
                "The same where a proxy lets no PATCH or DELETE through",
                "204",
                receiving.override(),
                (*_PIECE, "file_in_use", "method_wrong"),
            ),
            "delete": _tus("endUpload", "Give it up", "204", receiving.end(), ("file_in_use",)),
            **_options("upload"),
        },
        "/api/v1/token": {
            "get": _operation(
                "token",
                "What the token is for, and until when",
                {"200": _json("The token", ref("Token"))},
                _ASKED,
            )
        },
        "/api/v1/problems/{code}": {
            "get": {
                **_operation(
                    "problem",
                    "What the code of a problem means",
                    {"200": _json("Its meaning", ref("Meaning"))},
                    ("not_found", *_ALWAYS),
                ),
                "parameters": [
                    {
                        "name": "code",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "enum": sorted(PROBLEMS)},
                    }
                ],
                "security": [],
            }
        },
        "/api/v1/openapi.json": {
            "get": {
                **_operation(
                    "description", "This document", {"200": _json("OpenAPI 3.1", {"type": "object"})}, _ALWAYS
                ),
                "security": [],
            }
        },
    }


def _receive() -> Schema:
    codes = (
        "fields_wrong",
        "bad_request",
        "token_deed",
        "token_kind",
        "no_such_file",
        "file_gone",
        "upload_expired",
        "file_not_whole",
        "loaded_elsewhere",
        "length_required",
        "too_slow",
        "too_large",
        "file_too_large",
        "files_refused",
        "too_many_uploads",
        "too_much_unused",
        "uploads_taken",
        "store_away",
        "store_full",
        "scratch_full",
    )
    answers = _both(
        "Checked already, or in force: nothing was done",
        "Taken in; it is checked in its turn",
        ref("Batches"),
    )
    summary = f"Hand files over as one delivery. Needs the deed `check`. {_SENT_AGAIN}"
    return {**_operation("handOver", summary, answers, (*codes, *_ASKED)), **receiving.hand_over()}


def _tus(
    name: str, summary: str, status: str, parts: tuple[Schema, Schema], problems: tuple[str, ...]
) -> Schema:
    sent, answer = parts
    headers = {**answer.get("headers", {}), **_RATE}
    codes = (*problems, *receiving.FILE_PROBLEMS, *_ASKED)
    said = f"{summary} (tus 1.0.0). Needs the deed `check`"
    made = {**_operation(name, said, {status: {**answer, "headers": headers}}, codes), **sent}
    if name == "upload":
        # HEAD is answered without a body, also where it is refused.
        for response in made["responses"].values():
            response.pop("content", None)
    return made


def _options(name: str) -> Schema:
    return {"options": _tus(f"{name}Options", "What the server can do", "204", receiving.abilities(), ())}


def _listed() -> Schema:
    parameters = (
        ("state", STATE, "Only those in that state"),
        ("kind", KIND, "Only those of that kind"),
        (
            "before",
            {"type": "integer", "minimum": 1, "maximum": MOST_ID},
            "Only those with a smaller id (`next` says which)",
        ),
        (
            "limit",
            {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": USUAL_AT_ONCE},
            "How many",
        ),
    )
    return {
        **_operation(
            "batches",
            "Batches of the token's kinds, the newest first",
            {"200": _json("A page of them; `next` is the address of the next page", ref("Page"))},
            ("fields_wrong", "token_kind", *_ASKED),
        ),
        "parameters": [
            {"name": name, "in": "query", "schema": schema, "description": said}
            for name, schema, said in parameters
        ],
    }


def _one() -> Schema:
    return _operation(
        "batch",
        "How a batch stands",
        _both(
            "Nothing goes on", "It is being checked: ask again after `Retry-After` seconds", ref("Standing")
        ),
        ("no_such_batch", "not_found", "token_kind", *_ASKED),
    )


def _report() -> Schema:
    answer = _json("All findings by row, streamed", ref("Report"))
    answer["content"]["text/csv"] = {
        "schema": {"type": "string", "description": "UTF-8 with BOM, opens in Excel"}
    }
    return _operation(
        "report",
        "All errors and warnings of the last check, as JSON or (by `Accept`) as CSV. Needs the deed `report`",
        {"200": answer},
        ("no_such_batch", "not_found", "token_deed", "token_kind", "being_checked", *_ASKED),
    )


def _publish() -> Schema:
    return _deed(
        "publish",
        "Publish a batch, with all that was handed over with it, as soon as may be. "
        f"Needs the deed `publish`. {_SENT_AGAIN}",
        "Publish",
        {"at": "2026-11-27T09:00:00+09:00", "notices": True},
        _both("Published", "Not yet: `code` says what it waits for", ref("Ordered")),
        ("has_errors", "state_forbids", "being_checked"),
    )


def _check() -> Schema:
    answers = _both("It is checked and in force already", "It is being checked", ref("Batches"))
    return _deed(
        "check",
        "Check a delivery anew, for instance because something was published since. Needs the deed `check`",
        "Check",
        {"without_errors": True},
        answers,
        ("state_forbids", "being_checked"),
    )


def _call_off() -> Schema:
    return _deed(
        "callOff",
        "Let nothing come of what was ordered: its time, its request for a second person, its wish to be published after "
        f"the check. Needs the deed `publish` or `take-back`. {_SENT_AGAIN}",
        "Nothing",
        {},
        _both("Called off", "Called off; it is still being checked", ref("Batches")),
        ("state_forbids", "asked_by_another"),
    )


def _take_back() -> Schema:
    return _deed(
        "takeBack",
        f"Let nothing of a published batch be seen any more, at once. Needs the deed `take-back`. {_SENT_AGAIN}",
        "TakeBack",
        {"reason": "料金表の誤り"},
        {"200": _json("Taken back", ref("Batches"))},
        ("state_forbids", "being_checked"),
        required=True,
    )


def _deed(
    name: str,
    summary: str,
    body: str,
    example: Any,
    answers: Schema,
    problems: tuple[str, ...],
    *,
    required: bool = False,
) -> Schema:
    always = ("fields_wrong", "no_such_batch", "not_found", "token_deed", "token_kind")
    refused = ("length_required", "too_large", "unsupported_media_type")
    return {
        **_operation(name, summary, answers, (*problems, *always, *refused, *_ASKED)),
        "requestBody": {
            "required": required,
            "content": {"application/json": {"schema": ref(body), "example": example}},
        },
    }


def _operation(name: str, summary: str, answers: Schema, problems: tuple[str, ...]) -> Schema:
    first, _, rest = summary.partition(". ")
    said = {"summary": first, **({"description": rest} if rest else {})}
    return {"operationId": name, **said, "responses": {**answers, **_refusals(problems)}}


def _both(done: str, goes_on: str, schema: Schema) -> Schema:
    under = _json(goes_on, schema)
    under["headers"] = {**under["headers"], **_AGAIN}
    return {"200": _json(done, schema), "202": under}


def _json(said: str, schema: Schema) -> Schema:
    return {"description": said, "headers": dict(_RATE), "content": {"application/json": {"schema": schema}}}


def _refusals(codes: tuple[str, ...]) -> Schema:
    """By status: each with the codes that it may have here."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    return {str(status): _refusal(status, several) for status, several in sorted(by_status.items())}


def _refusal(status: int, codes: list[str]) -> Schema:
    one_of_them = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
    headers: Schema = {}
    if status in (429, 503):
        headers = dict(_AGAIN)
    if status in (401, 403):
        headers = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return {
        "description": " / ".join(f"`{code}`" for code in codes),
        **({"headers": headers} if headers else {}),
        "content": {"application/problem+json": {"schema": {"allOf": [ref("Problem"), one_of_them]}}},
    }


def _headers() -> Schema:
    return {
        "RateLimit": {"description": "Requests left, seconds until all are", "schema": {"type": "string"}},
        "RateLimit-Policy": {"description": "Requests in a window of seconds", "schema": {"type": "string"}},
        "Retry-After": {"description": "Seconds", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    }
