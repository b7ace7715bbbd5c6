"""The token itself: what it is for and how long it lives, so that a nightly job can tell its operator in time."""

from flask.typing import ResponseReturnValue

from mypage.api import gate, shown
from mypage.api.gate import needs
from mypage.domain.api_token import Deed
from mypage.domain.batch import Kind
from mypage.shown.batch_json import instant

doors = gate.guarded("api_token")


@doors.get("/api/v1/token")
@needs()
def token() -> ResponseReturnValue:
    """The token that this request shows."""
    mine = gate.token()
    return shown.document(
        {
            "id": mine.id,
            "name": mine.name,
            "kinds": [kind.value for kind in Kind if kind in mine.kinds],
            "deeds": [deed.word for deed in Deed if deed in mine.deeds],
            "made_at": instant(mine.made_at),
            "expires_at": instant(mine.expires_at),
        }
    )
