"""A request for a second person, for machines: the command line and the API tell of it alike."""

from typing import Any

from mypage.services import batch_requests
from mypage.services.approvals import StaffRequest
from mypage.shown.batch_json import instant


def as_json(request: StaffRequest) -> dict[str, Any]:
    """The request; ``publish_at`` is null where it is published as soon as it is approved."""
    return {
        "id": request.id,
        "state": request.state.value,
        "asked_at": instant(request.asked_at),
        "expires_at": instant(request.expires_at),
        "publish_at": instant(batch_requests.wanted_at(request)),
        "notices": bool(request.facts["notices"]),
        "path": path(request),
    }


def path(request: StaffRequest) -> str:
    """The page of the console on which it is decided."""
    return f"/staff/batches/requests/{request.id}"
