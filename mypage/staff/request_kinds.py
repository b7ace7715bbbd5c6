"""The kinds of requests in the queue: what each is called, and on which page it is decided."""

from typing import Final, NamedTuple

from mypage.domain import support_act
from mypage.domain.batch import PUBLISH_REQUEST
from mypage.domain.staff import Role
from mypage.services.approvals import StaffRequest
from mypage.web import staff_logins

_OF_ACTS: Final = "staff.requests.request_page"


class RequestKind(NamedTuple):
    """``endpoint``: of the page that takes ``request_id``; whoever may open it sees the kind in the queue."""

    words: str
    endpoint: str


# Those of other doors. An act of ``domain.support_act`` is called by its button.
_OTHERS: Final = {
    "phone-signup": RequestKind("お電話での会員登録", "staff.signup_requests.request_page"),
    "identity-approval": RequestKind(
        "変更されたばかりの契約者情報での登録", "staff.identity_requests.request_page"
    ),
    PUBLISH_REQUEST: RequestKind("料金データの公開", "staff.batch_requests.request_page"),
    "staff-invite": RequestKind("スタッフの招待", "staff.people_requests.request_page"),
    "staff-role": RequestKind("役割の変更", "staff.people_requests.request_page"),
    "staff-reset": RequestKind("認証のやり直し", "staff.people_requests.request_page"),
}


def kind_of(request: StaffRequest) -> RequestKind | None:
    """The kind of a request; None where no door decides it."""
    act = support_act.named(request.kind)
    return _OTHERS.get(request.kind) if act is None else RequestKind(act.label, _OF_ACTS)


def for_role(request: StaffRequest, role: Role) -> RequestKind | None:
    """The kind of a request if that role may see it."""
    kind = kind_of(request)
    return kind if kind is not None and staff_logins.allows(kind.endpoint, role) else None
