"""The shapes in the OpenAPI document: batches, findings, tokens, problems, and what is sent."""

from typing import Any, Final

from mypage.adapters.reading.encoding import FORCED
from mypage.api.reading import LONGEST_REASON
from mypage.api.receive import MOST_UPLOADS
from mypage.domain.api_token import Deed
from mypage.domain.batch import Kind, State
from mypage.services.batch_orders import Stage
from mypage.works.load.checks import Check

Schema = dict[str, Any]
INSTANT: Final[Schema] = {"type": "string", "format": "date-time", "examples": ["2026-11-27T00:00:00Z"]}
_MONTH: Final[Schema] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-10"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_YEN: Final[Schema] = {"type": "integer", "description": "Whole yen"}
_TEXT: Final[Schema] = {"type": "string"}
KIND: Final[Schema] = {"type": "string", "enum": [kind.value for kind in Kind]}
STATE: Final[Schema] = {"type": "string", "enum": [state.value for state in State]}


def ref(name: str) -> Schema:
    """A schema of the document by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def either_none(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: Schema, *, required: tuple[str, ...] | None = None, **more: Any) -> Schema:
    names = list(properties) if required is None else list(required)
    return {"type": "object", "properties": properties, **({"required": names} if names else {}), **more}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _batch() -> Schema:
    counts = ("statements", "customers", "lines", "withdrawn", "hidden", "unchanged", "left_out", "carried")
    instants = ("checked_at", "published_at", "taken_back_at", "publish_at")
    return _object(
        {
            "id": {"type": "integer", "minimum": 1},
            "delivery": {
                **_TEXT,
                "description": "Files handed over together share it: published together or not at all",
            },
            "state": STATE,
            "check": {
                **either_none({"type": "string", "enum": [each.value for each in Check]}),
                "description": "While `checking`: somebody is at it, or it broke off and goes on by itself",
            },
            "kind": KIND,
            "filename": _TEXT,
            "encoding": either_none(_TEXT),
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "months": _list(_MONTH),
            **dict.fromkeys(counts, _COUNT),
            "total": _YEN,
            "payment_states": {"type": "object", "additionalProperties": _COUNT},
            "errors": _COUNT,
            "warnings": _COUNT,
            "causes": _list(ref("Cause")),
            "preview": {
                **either_none({"type": "object"}),
                "description": "Names customers: null for a token that may not read reports",
            },
            "progress": either_none(ref("Progress")),
            "received_at": INSTANT,
            **{name: either_none(INSTANT) for name in instants},
        }
    )


def schemas(codes: list[str]) -> Schema:
    """All of them by name; ``codes`` are those of problems."""
    finding = {
        "code": _TEXT,
        "warning": {"type": "boolean"},
        "row": {**_COUNT, "description": "Excel's; 0 where the whole file is meant"},
        "column": _TEXT,
        "customer_number": _TEXT,
        "value": _TEXT,
        "message": _TEXT,
        "fix": _TEXT,
    }
    return {
        "Batch": _batch(),
        "Cause": _object({"code": _TEXT, "column": _TEXT, "warning": {"type": "boolean"}, "count": _COUNT}),
        "Finding": _object(finding),
        "Request": _object(
            {
                "id": _TEXT,
                "state": _TEXT,
                "asked_at": INSTANT,
                "expires_at": INSTANT,
                "publish_at": either_none(INSTANT),
                "notices": {"type": "boolean"},
                "path": {**_TEXT, "description": "The page of the console where a second person decides"},
            }
        ),
        "Progress": _object(
            {
                "before": {**_COUNT, "description": "Deliveries whose turn comes first"},
                "step": {**either_none(_TEXT), "description": "Null before it began"},
                "done": _COUNT,
                "whole": _COUNT,
                "rows": _COUNT,
            }
        ),
        "Page": _object({"batches": _list(ref("Batch")), "next": either_none(_TEXT)}),
        "Batches": _object({"batches": _list(ref("Batch"))}),
        "Standing": _object({"batches": _list(ref("Batch")), "request": either_none(ref("Request"))}),
        "Ordered": _object(
            {
                "batches": _list(ref("Batch")),
                "code": {
                    "type": "string",
                    "enum": [stage.value for stage in Stage],
                    "description": "How far the order is; `needs_second_person` is exit status 3 of the command line",
                },
                "request": either_none(ref("Request")),
            }
        ),
        "Report": _object(
            {"batches": _list({"allOf": [ref("Batch"), _object({"report": _list(ref("Finding"))})]})}
        ),
        "Token": _object(
            {
                "id": _TEXT,
                "name": _TEXT,
                "kinds": _list(KIND),
                "deeds": _list({"type": "string", "enum": [deed.word for deed in Deed]}),
                "made_at": INSTANT,
                "expires_at": INSTANT,
            }
        ),
        "Meaning": _object({"code": _TEXT, "status": {"type": "integer"}, "title": _TEXT, "detail": _TEXT}),
        "Problem": _object(
            {
                "type": {**_TEXT, "format": "uri-reference"},
                "title": _TEXT,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": _TEXT,
                "code": {"type": "string", "enum": codes},
                "request": {
                    "type": "string",
                    "pattern": "^[2-9A-HJ-NP-Z]{8}$",
                    "description": "The number to tell support",
                },
                "errors": _list(ref("Error")),
            },
            required=("type", "title", "status", "detail", "code", "request"),
        ),
        "Error": _object(
            {"code": _TEXT, "detail": _TEXT, "field": _TEXT, "filename": _TEXT, "fix": _TEXT},
            required=("code", "detail"),
        ),
        "Publish": _object(
            {
                "at": {
                    **INSTANT,
                    "description": "When; within a year, not past. Without an offset Asia/Tokyo is meant",
                },
                "notices": {"type": "boolean", "description": "Whether subscribers are mailed (usual: true)"},
                "without_errors": {
                    "type": "boolean",
                    "description": "Leave out statements with errors of a refused batch",
                },
            },
            required=(),
            additionalProperties=False,
        ),
        "Check": _object({"without_errors": {"type": "boolean"}}, required=(), additionalProperties=False),
        "TakeBack": _object(
            {"reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON, "pattern": "\\S"}},
            additionalProperties=False,
        ),
        "HandOver": _object(
            {
                "uploads": {
                    **_list({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9a-zA-Z]+$"}),
                    "minItems": 1,
                    "maxItems": MOST_UPLOADS,
                    "description": "Ids of whole uploads: what stands behind the last slash of their address",
                },
                "kind": KIND,
                "encoding": {"type": "string", "enum": sorted(FORCED)},
                **{name: {"type": "boolean"} for name in ("snapshot", "confirm", "without_errors")},
            },
            required=("uploads",),
            additionalProperties=False,
        ),
        "Nothing": _object({}, required=(), additionalProperties=False),
    }
