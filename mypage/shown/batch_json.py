"""Batches for machines: the one shape in which the command line and the API give them (specification §6).

    {"batches": [{"id": 12, "state": "checked", "kind": "charges", …}]}

Instants are in UTC with ``Z``, months as ``2026-10``, money in whole yen.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from mypage.domain.billing_month import BillingMonth
from mypage.domain.row_error import RowError
from mypage.services.batches import Batch, LeftOut
from mypage.shown import error_report
from mypage.shown.error_report import said
from mypage.works.load.delivery import FileRefused


def as_json(batch: Batch, check: str | None = None) -> dict[str, Any]:
    """A batch for machines: instants in UTC with ``Z``, months as ``2026-10``; ``check`` as ``works.load.checks.Check`` says."""
    counts = batch.counts
    return {
        "id": batch.id,
        "delivery": batch.delivery,
        "state": batch.state.value,
        "check": check,
        "kind": batch.kind.value,
        "filename": batch.filename,
        "encoding": batch.encoding,
        "sha256": batch.sha256,
        "months": [str(BillingMonth.from_int(month)) for month in counts.get("months", ())],
        "statements": counts.get("statements", 0),
        "customers": counts.get("customers", 0),
        "lines": counts.get("lines", 0),
        "total": counts.get("total", 0),
        "withdrawn": counts.get("withdrawn", 0),
        "hidden": counts.get("hidden", 0),
        "unchanged": counts.get("unchanged", 0),
        "left_out": counts.get("left_out", 0),
        "carried": counts.get("carried", 0),
        "payment_states": counts.get("states", {}),
        "errors": batch.errors,
        "warnings": batch.warnings,
        "causes": counts.get("causes", []),
        "preview": counts.get("preview"),
        "received_at": instant(batch.received_at),
        "checked_at": instant(batch.checked_at),
        "published_at": instant(batch.published_at),
        "taken_back_at": instant(batch.taken_back_at),
        "publish_at": instant(batch.publish_at),
    }


def refused_as_json(refused: FileRefused) -> dict[str, Any]:
    """A file that became no batch, in the shape of one."""
    return {
        "id": None,
        "state": "refused",
        "kind": refused.kind.value if refused.kind else None,
        "filename": refused.filename,
        "months": [],
        "statements": 0,
        "customers": 0,
        "lines": 0,
        "total": 0,
        "errors": 1,
        "warnings": 0,
        "report": [error_report.as_json(refused.error)],
    }


def left_out_as_json(left_out: LeftOut) -> dict[str, Any]:
    """What was left out, and why."""
    return {
        "row": left_out.row,
        "customer_number": left_out.customer_number,
        "month": None if left_out.month is None else str(BillingMonth.from_int(left_out.month)),
        "number": left_out.number,
        "code": left_out.code,
        "column": left_out.column,
        "message": said(left_out.code, left_out.facts),
    }


def report_pieces(facts: dict[str, Any], errors: Iterable[RowError]) -> Iterator[str]:
    """A batch (``facts``, as :func:`as_json` gives them) with all that its check told, a finding a line.

    In pieces, so that nobody has to hold all of it: a report may have millions of findings.
    """
    yield '{"batches": [' + json.dumps(facts, ensure_ascii=False)[:-1] + ', "report": ['
    between = "\n"
    for error in errors:
        yield between + json.dumps(error_report.as_json(error), ensure_ascii=False)
        between = ",\n"
    yield "\n]}]}\n"


def instant(moment: datetime | None) -> str | None:
    """An instant for machines: UTC, ISO 8601 with ``Z``, to the second."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
