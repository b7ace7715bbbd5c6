"""Large files in pieces that can be resumed (tus 1.0), each of the token that began it; ``POST /api/v1/batches`` takes them in."""

from typing import Final

from flask.typing import ResponseReturnValue

from mypage.api import gate
from mypage.api.gate import needs
from mypage.domain.api_token import Deed
from mypage.web import tus
from mypage.web.bodies import Body, takes

doors = gate.guarded("api_uploads")
UPLOADS: Final = "/api/v1/uploads"


@doors.route(UPLOADS, methods=tus.METHODS_ALL, provide_automatic_options=False)
@takes(Body.BYTES)
@needs(Deed.CHECK)
def uploads() -> ResponseReturnValue:
    """Begin an upload."""
    return tus.all_uploads(gate.token().actor, UPLOADS)


@doors.route(f"{UPLOADS}/<file_id>", methods=tus.METHODS_ONE, provide_automatic_options=False)
@takes(Body.BYTES)
@needs(Deed.CHECK)
def upload(file_id: str) -> ResponseReturnValue:
    """How far an upload is, its bytes, its end."""
    return tus.one_upload(gate.token().actor, UPLOADS, file_id)
