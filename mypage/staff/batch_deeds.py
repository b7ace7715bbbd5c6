"""What can be done with a batch, as its page shows it: what waits, what was missed or failed, and a form for each deed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from mypage.domain.batch import SecondPerson
from mypage.domain.batch_deed import BatchDeed
from mypage.domain.staff import Role
from mypage.services import batch_deeds, batch_requests, staff_directory
from mypage.services.approvals import StaffRequest
from mypage.services.batch_deeds import Standing
from mypage.services.batches import Batch
from mypage.staff.batch_forms import FORMS, DeedForm
from mypage.web.house import house, now
from mypage.web.staff_logins import required
from mypage.words.batch_publishing import failure

_SECONDS = 60


def shown(
    connection: Connection, batch: Batch, *, deed: BatchDeed | None = None, filled: DeedForm | None = None
) -> dict[str, Any]:
    """What ``staff/batches/deeds.html`` tells; ``filled`` is the form of ``deed`` as it was sent, where it was not taken."""
    rule = SecondPerson(house().settings.second_person)
    stands = batch_deeds.standing(connection, batch.id, second_person=rule, now=now())
    assert stands is not None  # noqa: S101 - it was read in this transaction
    is_billing = required().role is Role.BILLING
    return {
        "stands": stands,
        "deeds": BatchDeed,
        "forms": _forms(stands, deed, filled) if is_billing else {},
        "labels": {each: each.label for each in BatchDeed},
        "deeds_path": f"/staff/batches/{batch.id}/deeds/",
        "waits": None if stands.request is None else _asked(connection, stands.request),
        "missed": None if batch.late is None else max(1, batch.late // _SECONDS),
        "failed": None if batch.failure is None else failure(batch.failure),
        "form": filled,
        "errors": filled.errors if filled is not None else None,
    }


def _forms(stands: Standing, deed: BatchDeed | None, filled: DeedForm | None) -> Mapping[BatchDeed, DeedForm]:
    """A form for each deed that fits, the one that was sent with what was typed."""
    return {
        each: filled if filled is not None and each is deed else FORMS[each](formdata=None)
        for each in stands.fits
    }


def _asked(connection: Connection, request: StaffRequest) -> Mapping[str, Any]:
    names = staff_directory.names(connection, [request.asked_by])
    return {
        "request": request,
        "asker": names.get(request.asked_by, ""),
        "is_mine": request.asked_by == required().staff_id,
        "at": batch_requests.wanted_at(request),
        "path": f"/staff/batches/requests/{request.id}",
    }
