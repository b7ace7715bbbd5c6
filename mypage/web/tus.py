"""Resumable uploads: tus 1.0.0 with creation, creation-with-upload, termination, checksum and expiration.

A door hangs two views into its blueprint and says who asks:

    @doors.route("/staff/batches/uploads", methods=tus.METHODS_ALL)
    def uploads(): return tus.all_uploads(owner, base)

    @doors.route("/staff/batches/uploads/<file_id>", methods=tus.METHODS_ONE)
    def upload(file_id): return tus.one_upload(owner, base, file_id)

What is refused is told as problem+json (RFC 9457) with a code and a sentence. Source: https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from flask import Response, request
from werkzeug.http import http_date

from mypage.domain.kept_file import BrokenOff, FileState, KeptFile, Refused, Why
from mypage.services import kept_files as deeds
from mypage.web import bodies, own_paths, problems
from mypage.web.errors import request_number
from mypage.web.house import house, now
from mypage.web.keeping import keeper
from mypage.words import kept_files as words
from mypage.works import keeping
from mypage.works.keeping import CHECKSUMS, Checksum

METHODS_ALL: Final = ("OPTIONS", "POST")
METHODS_ONE: Final = ("OPTIONS", "HEAD", "PATCH", "DELETE", "POST")
VERSION: Final = "1.0.0"
_EXTENSIONS: Final = "creation,creation-with-upload,termination,checksum,expiration"
_TYPE: Final = "application/offset+octet-stream"
_RETRY_SECONDS: Final = "2"
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_STATUS: Final[Mapping[Why, int]] = {
    Why.UNKNOWN: 404,
    Why.GONE: 410,
    Why.EXPIRED: 410,
    Why.TOO_LARGE: 413,
    Why.TOO_MANY: 429,
    Why.TOO_MUCH: 429,
    Why.OFFSET: 409,
    Why.BUSY: 423,
    Why.LONGER: 413,
    Why.CHECKSUM: 460,
    Why.NOT_WHOLE: 409,
    Why.IN_USE: 409,
    Why.FULL: 507,
    Why.AWAY: 503,
    Why.SCRATCH_FULL: 507,
}


def all_uploads(owner: str, base: str) -> Response:
    """``base`` itself: what the server can do, and where an upload begins."""
    return _answered(lambda method: _creation(owner, base) if method == "POST" else _not_here(METHODS_ALL))


def one_upload(owner: str, base: str, file_id: str) -> Response:
    """An upload below ``base``: how far it is, its bytes, its end."""
    deeds_of: Mapping[str, Callable[[], Response]] = {
        "HEAD": lambda: _told(_found(owner, file_id), 200),
        "PATCH": lambda: _patch(owner, file_id),
        "DELETE": lambda: _termination(owner, file_id),
    }
    return _answered(lambda method: deeds_of.get(method, lambda: _not_here(METHODS_ONE))())


class _RefusedError(Exception):
    """The request gets this answer and no other."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def _answered(deed: Callable[[str], Response]) -> Response:
    try:
        response = _answer(deed)
    except _RefusedError as refused:
        response = refused.response
    response.headers["Tus-Resumable"] = VERSION
    return response


def _answer(deed: Callable[[str], Response]) -> Response:
    # A proxy that lets no PATCH through is passed by a POST that says what it means. Nothing else may mean another
    # thing than it is: the token of a form was asked of a POST only, and a HEAD changes nothing.
    method = request.method
    if method == "POST":
        method = request.headers.get("X-HTTP-Method-Override", method).upper()
    if request.method == "OPTIONS":
        return _abilities()
    if request.headers.get("Tus-Resumable") != VERSION:
        response = _problem(412, "version_unknown")
        response.headers["Tus-Version"] = VERSION
        return response
    return deed(method)


def _abilities() -> Response:
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = _EXTENSIONS
    response.headers["Tus-Max-Size"] = str(keeper().limits.largest)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


def _creation(owner: str, base: str) -> Response:
    size = _number("Upload-Length", "length_missing")
    with_upload = request.mimetype == _TYPE and request.content_length != 0
    checksum = _checksum() if with_upload else None
    opened = keeping.open_upload(keeper(), owner=owner, name=_name(), size=size, now=now())
    if isinstance(opened, Refused):
        return _refusal(opened)
    told = _received(owner, opened.id, 0, checksum) if with_upload else opened
    if isinstance(told, Refused):
        # The upload is there, so its address must be told: the client asks it how far it is.
        told = _found(owner, opened.id)
    response = _told(told, 201)
    response.headers["Location"] = f"{base}/{opened.id}"
    return response


def _patch(owner: str, file_id: str) -> Response:
    if request.mimetype != _TYPE:
        return _problem(415, "type_wrong")
    offset = _number("Upload-Offset", "offset_missing")
    stands = _found(owner, file_id)
    if request.content_length is not None and offset + request.content_length > stands.size:
        return _refusal(Refused(Why.LONGER, stands.arrived))
    told = _received(owner, file_id, offset, _checksum())
    return _refusal(told) if isinstance(told, Refused) else _told(told, 204)


def _termination(owner: str, file_id: str) -> Response:
    file = _found(owner, file_id)
    with house().database.writing() as connection:
        refused = deeds.discard(connection, file_id, owner=owner, actor=owner, now=now())
    if refused is not None:
        return _refusal(refused)
    keeping.remove_gone(keeper(), file, now=now())
    return Response(status=204)


def _received(owner: str, file_id: str, offset: int, checksum: Checksum | None) -> KeptFile | Refused:
    with bodies.turn() as has_turn:
        if not has_turn:
            response = _problem(503, "uploads_taken")
            response.headers["Retry-After"] = _RETRY_SECONDS
            raise _RefusedError(response)
        try:
            return keeping.receive(
                keeper(),
                file_id,
                owner=owner,
                offset=offset,
                chunks=bodies.Arriving(request.stream),
                clock=house().clock.now,
                checksum=checksum,
            )
        except BrokenOff:
            # Nobody hears the answer any more; whoever does asks where to go on.
            return _found(owner, file_id)


def _found(owner: str, file_id: str) -> KeptFile:
    with house().database.reading() as connection:
        file = deeds.state_of(connection, file_id, owner=owner, limits=keeper().limits, now=now())
    if isinstance(file, Refused):
        raise _RefusedError(_refusal(file))
    return file


def _told(file: KeptFile, status: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(file.arrived)
    response.headers["Upload-Length"] = str(file.size)
    over = file.expires_at(keeper().limits)
    if file.state is FileState.OPEN and over is not None:
        response.headers["Upload-Expires"] = http_date(over)
    return response


def _number(header: str, missing: str) -> int:
    text = request.headers.get(header, "")
    if not _WHOLE_NUMBER.fullmatch(text):
        _refuse(400, missing)
    return int(text)


def _name() -> str:
    """The name of the file, as the metadata tells it."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key in ("filename", "name"):
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, ValueError):
                _refuse(400, "metadata_wrong")
    return ""


def _checksum() -> Checksum | None:
    told = request.headers.get("Upload-Checksum")
    if told is None:
        return None
    name, _, digest = told.partition(" ")
    if name not in CHECKSUMS:
        _refuse(400, "checksum_wrong")
    try:
        return Checksum(name, base64.b64decode(digest, validate=True))
    except (binascii.Error, ValueError):
        _refuse(400, "checksum_wrong")


def _not_here(methods: tuple[str, ...]) -> Response:
    response = _problem(405, "method_wrong")
    response.headers["Allow"] = ", ".join(methods)
    return response


def _refuse(status: int, code: str) -> NoReturn:
    raise _RefusedError(_problem(status, code))


def _refusal(refused: Refused) -> Response:
    facts = {**keeper().limits.told, "offset": refused.offset}
    response = _problem(_STATUS[refused.why], refused.why.value, **facts)
    if refused.offset is not None:
        response.headers["Upload-Offset"] = str(refused.offset)
    if refused.why in (Why.BUSY, Why.TOO_MANY, Why.TOO_MUCH, Why.AWAY, Why.FULL):
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _problem(status: int, code: str, **facts: object) -> Response:
    """Why nothing was done, for machines and people (RFC 9457)."""
    if own_paths.is_api():
        return problems.of_refusal(code, request_number(), **facts)
    detail = words.sentence(code, **facts)
    body = {"type": "about:blank", "title": detail, "status": status, "code": code, "detail": detail}
    return Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/problem+json")
