"""Files of料金データ for billing: they arrive in pieces that can be resumed, and the one of a batch can be taken out again."""

from urllib.parse import quote

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from mypage.domain.kept_file import FileState, KeptFile, PartLost, StoreFault, kept_id
from mypage.domain.staff import Role
from mypage.services import kept_files
from mypage.store import batches as store
from mypage.store import kept_files as kept
from mypage.web import staff_logins, tus
from mypage.web.bodies import Body, Leaving, takes
from mypage.web.house import house, now
from mypage.web.keeping import keeper
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.words.kept_files import sentence

doors = Blueprint("batch_files", __name__)
UPLOADS = "/staff/batches/uploads"
# No database counts so far.
_MOST = 1 << 31


@doors.route(UPLOADS, methods=tus.METHODS_ALL, provide_automatic_options=False)
@takes(Body.BYTES)
@roles(Role.BILLING)
def uploads() -> ResponseReturnValue:
    """Begin an upload (tus)."""
    return tus.all_uploads(staff_logins.required().actor, UPLOADS)


@doors.route(f"{UPLOADS}/<file_id>", methods=tus.METHODS_ONE, provide_automatic_options=False)
@takes(Body.BYTES)
@roles(Role.BILLING)
def upload(file_id: str) -> ResponseReturnValue:
    """How far an upload is, its bytes, its end (tus)."""
    return tus.one_upload(staff_logins.required().actor, UPLOADS, file_id)


@doors.get("/staff/batches/<int:batch_id>/file")
@roles(Role.BILLING)
def download(batch_id: int) -> ResponseReturnValue:
    """The file of a batch as it was handed over. It stands in the trail before the first byte leaves."""
    with house().database.reading() as connection:
        batch = store.get(connection, batch_id) if batch_id < _MOST else None
        file_id = None if batch is None else kept_id(batch.source)
        file = None if file_id is None else kept.get(connection, file_id)
    if batch is None:
        abort(404)
    if file is None or file.state is not FileState.WHOLE:
        return _not_there(batch_id, file), 404 if file is None else 410
    leaving = Leaving.begin(keeper().checked(file, batch.sha256))
    if leaving is None:
        return _failed(batch_id, "uploads_taken"), 503, {"Retry-After": "5"}
    try:
        first = next(iter(leaving), b"")
        with house().database.writing() as connection:
            actor = staff_logins.required().actor
            kept_files.download(connection, file, batch_id=batch_id, actor=actor, now=now())
    except (PartLost, StoreFault) as fault:
        leaving.close()
        away = isinstance(fault, StoreFault)
        return _failed(batch_id, "download_away" if away else "download_lost"), 503 if away else 410
    except BaseException:
        leaving.close()
        raise
    response = Response(leaving.after(first), mimetype="application/octet-stream")
    response.headers["Content-Length"] = str(file.size)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"batch-{batch_id}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    )
    return response


def _not_there(batch_id: int, file: KeptFile | None) -> str:
    """Never kept by us, or deleted: when, and why."""
    gone_at = None if file is None else file.gone_at
    return page("staff/batch_file.html", batch_id=batch_id, why=None, gone_at=gone_at, days=_days())


def _failed(batch_id: int, code: str) -> str:
    return page("staff/batch_file.html", batch_id=batch_id, why=sentence(code), gone_at=None, days=_days())


def _days() -> int:
    return keeper().limits.kept_for.days
