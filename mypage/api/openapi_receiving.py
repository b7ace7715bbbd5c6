"""The receiving half of the OpenAPI document: files as a body or a form, and resumable uploads."""

from typing import Any, Final

from mypage.adapters.reading.encoding import FORCED
from mypage.api.openapi_schemas import KIND, Schema, ref

_TOKEN_OWN: Final = {"name": "file_id", "in": "path", "required": True}
_VERSION: Final[Schema] = {
    "name": "Tus-Resumable",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": ["1.0.0"]},
}
_WHOLE_NUMBER: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
_BYTES: Final[Schema] = {
    "application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}
}
# What tus may refuse at any request about a file.
FILE_PROBLEMS: Final = ("no_such_file", "file_gone", "upload_expired", "version_unknown", "token_deed")


def hand_over() -> Schema:
    """The parameters and the body of ``POST /api/v1/batches``."""
    flags = {
        "snapshot": "A customers file is complete: whoever is not in it has ended",
        "confirm": "Accept a snapshot that ends many customers",
        "without_errors": "Leave out statements with errors (charges, payments)",
    }
    parameters = [
        _query(
            "filename",
            {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "\\S"},
            "Name of the file",
        ),
        _query("kind", KIND, "What the file holds (usually seen from its headings)"),
        _query(
            "encoding", {"type": "string", "enum": sorted(FORCED)}, "Encoding (usually seen from the bytes)"
        ),
        *(_query(name, {"type": "string", "enum": ["true", "false"]}, said) for name, said in flags.items()),
    ]
    files = {
        "type": "object",
        "properties": {
            "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
        },
        "required": ["file"],
    }
    return {
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "description": "The file itself, whatever its type; several in a form; or the ids of uploads. gzip, ZIP and .xlsx as they are",
            "content": {
                "text/csv": {"schema": {"type": "string", "format": "binary"}},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                "multipart/form-data": {"schema": files},
                "application/json": {
                    "schema": ref("HandOver"),
                    "example": {"uploads": ["0123456789abcdef0123456789abcdef"]},
                },
            },
        },
    }


def begin() -> tuple[Schema, Schema]:
    """Parameters with body, and the answer, of a new upload."""
    parameters = [
        _VERSION,
        {"name": "Upload-Length", "in": "header", "required": True, "schema": _WHOLE_NUMBER, "example": 1024},
        {
            "name": "Upload-Metadata",
            "in": "header",
            "description": "`filename` and the name in base64",
            "schema": {"type": "string", "pattern": "^filename [A-Za-z0-9+/]+={0,2}$"},
            "example": "filename Y2hhcmdlcy5jc3Y=",
        },
    ]
    answer = {
        "description": "Begun; `Location` is its address",
        "headers": {
            "Location": {"required": True, "schema": {"type": "string"}},
            "Upload-Offset": _header(),
            "Upload-Length": _header(),
        },
    }
    return {"parameters": parameters}, answer


def path_parameter() -> Schema:
    """The id of an upload in the path."""
    schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
    return {**_TOKEN_OWN, "schema": schema, "example": "0123456789abcdef0123456789abcdef"}


def piece() -> tuple[Schema, Schema]:
    """Parameters with body, and the answer, of a piece."""
    offset = {
        "name": "Upload-Offset",
        "in": "header",
        "required": True,
        "schema": _WHOLE_NUMBER,
        "example": 0,
    }
    sent = {"parameters": [_VERSION, offset], "requestBody": {"required": True, "content": _BYTES}}
    return sent, {
        "description": "Taken so far: go on from `Upload-Offset`",
        "headers": {"Upload-Offset": _header()},
    }


def override() -> tuple[Schema, Schema]:
    """Parameters with body, and the answer, of a POST that means another method."""
    sent, answer = piece()
    meant = {
        "name": "X-HTTP-Method-Override",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "enum": ["PATCH"]},
    }
    return {**sent, "parameters": [meant, *sent["parameters"]]}, answer


def standing() -> tuple[Schema, Schema]:
    """Parameters and answer of the question how far an upload is."""
    answer = {
        "description": "How far it is",
        "headers": {"Upload-Offset": _header(), "Upload-Length": _header()},
    }
    return {"parameters": [_VERSION]}, answer


def end() -> tuple[Schema, Schema]:
    """Parameters and answer of its end."""
    return {"parameters": [_VERSION]}, {"description": "Its bytes are gone"}


def abilities() -> tuple[Schema, Schema]:
    """Of the question what the server can do."""
    names = ("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
    return {}, {
        "description": "What this server can do (tus 1.0.0)",
        "headers": {name: {"schema": {"type": "string"}} for name in names},
    }


def _header() -> Schema:
    return {"schema": _WHOLE_NUMBER}


def _query(name: str, schema: Schema, said: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": said}
