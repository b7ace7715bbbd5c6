"""Files that a programme hands over: as the body of one request, several in a form, or as uploads that came before.

All files of one request are one delivery: published together or not at all. The same bytes once more are answered with
the same batch, and nothing is done.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, Final

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.http import parse_options_header

from mypage.adapters.reading.encoding import FORCED
from mypage.api import gate, reading, shown
from mypage.api.batches import BATCHES
from mypage.api.gate import needs
from mypage.domain.api_token import Deed
from mypage.domain.batch import Kind
from mypage.domain.kept_file import BrokenOff, KeptFile, Refused, TooSlow, Why
from mypage.services import kept_files as deeds
from mypage.shown.error_report import said
from mypage.web import bodies
from mypage.web.house import house, now
from mypage.web.keeping import keeper
from mypage.web.problems import Problem, language
from mypage.works import keeping
from mypage.works.load.files import FileRefused
from mypage.works.load.take_in import HowHanded, TakenIn, take_in

doors = gate.guarded("api_receive")
_CHUNK: Final = 1 << 16
_AGAIN: Final = {"Retry-After": "3"}
_LONGEST_NAME: Final = 200
MOST_UPLOADS: Final = 50
_WAITS: Final = frozenset((Why.TOO_MANY, Why.TOO_MUCH, Why.BUSY, Why.AWAY, Why.FULL, Why.SCRATCH_FULL))
_WORDS: Final = {
    "kind": reading.word(*(kind.value for kind in Kind)),
    "encoding": reading.word(*sorted(FORCED)),
}
_FLAGS: Final = ("snapshot", "confirm", "without_errors")
# The same options stand in the address (beside bytes), in the form (beside files) or in the JSON (beside uploads).
_IN_ADDRESS: Final = {
    **_WORDS,
    **dict.fromkeys(_FLAGS, reading.flag),
    "filename": reading.text(_LONGEST_NAME),
}
_IN_JSON: Final = {
    **_WORDS,
    **dict.fromkeys(_FLAGS, reading.boolean),
    "uploads": reading.texts(MOST_UPLOADS),
}


@doors.post(BATCHES)
@needs(Deed.CHECK)
def receive() -> ResponseReturnValue:
    """Take files in as one delivery; the worker checks them in their turn."""
    if request.mimetype == "application/json":
        asked = reading.read(_IN_JSON, required=("uploads",))
        return _taken(take(asked["uploads"], asked))
    given = reading.parameters(_IN_ADDRESS)
    if request.content_length is None:
        raise Problem("length_required")
    if request.content_length > keeper().limits.largest:
        raise _refusal(Refused(Why.TOO_LARGE))
    with bodies.turn() as has_turn:
        if not has_turn:
            raise Problem("uploads_taken", headers=_AGAIN)
        request.max_content_length = keeper().limits.largest
        try:
            if request.mimetype == "multipart/form-data":
                files = request.files
                given = {**reading.judged(request.form.to_dict(), _IN_ADDRESS, ()), **given}
                kept = [
                    _kept(each.filename or "", _size(each.stream), _pieces(each.stream))
                    for _, each in files.items(multi=True)
                ]
                if not kept:
                    raise Problem("bad_request")
            else:
                kept = [_kept(_name(given), request.content_length, bodies.Arriving(request.stream))]
        except TooSlow:
            raise Problem("too_slow") from None
        except BrokenOff:
            raise Problem("bad_request") from None
    try:
        return _taken(take([file.id for file in kept], given))
    finally:
        for file in kept:
            _discard(file)


def take(file_ids: list[str], asked: Mapping[str, Any]) -> TakenIn:
    """Make batches of whole files of this token's."""
    actor = gate.token().actor
    taken = take_in(
        house().database,
        keeper(),
        file_ids,
        owner=actor,
        actor=actor,
        clock=house().clock.now,
        scratch=house().settings.scratch,
        how=HowHanded(
            kind=Kind(asked["kind"]) if "kind" in asked else None,
            encoding=asked.get("encoding"),
            snapshot=asked.get("snapshot", False),
            confirmed=asked.get("confirm", False),
            without_errors=asked.get("without_errors", False),
        ),
        kinds=gate.token().kinds,
    )
    if isinstance(taken, Refused):
        raise _refusal(taken, ", ".join(file_ids))
    return taken


def _taken(taken: TakenIn) -> ResponseReturnValue:
    if taken.loaded_elsewhere:
        raise Problem("loaded_elsewhere", headers=_AGAIN)
    if any(each.error.code == "kind_not_allowed" for each in taken.refused_files):
        raise gate.refuse_kind()
    if taken.refused_files:
        raise Problem("files_refused", errors=[_error(each) for each in taken.refused_files])
    found = (*taken.batches, *taken.in_force)
    answer = shown.answer(found)
    if len(found) == 1:
        answer.headers["Location"] = f"{BATCHES}/{found[0].id}"
    return answer


def _kept(name: str, size: int, chunks: Iterable[bytes]) -> KeptFile:
    file = keeping.keep(
        keeper(), owner=gate.token().actor, name=name, size=size, chunks=iter(chunks), clock=house().clock.now
    )
    if isinstance(file, Refused):
        raise _refusal(file)
    return file


def _discard(file: KeptFile) -> None:
    """Keep no bytes of which no batch was made: they were refused, or are there already."""
    with house().database.writing() as connection:
        refused = deeds.discard(connection, file.id, owner=file.owner, actor=file.owner, now=now())
    if refused is None:
        keeping.remove_gone(keeper(), file, now=now())


def _refusal(refused: Refused, name: str = "") -> Problem:
    facts: dict[str, Any] = {**keeper().limits.told, "offset": refused.offset, "name": name}
    return Problem(refused.why.value, headers=_AGAIN if refused.why in _WAITS else None, **facts)


def _error(refused: FileRefused) -> dict[str, Any]:
    """Why a file was not taken in, and how to put it right."""
    error = refused.error
    return {
        "filename": refused.filename,
        "code": error.code,
        "detail": said(error.code, error.facts, language()),
        "fix": said(f"{error.code}.fix", error.facts, language()),
    }


def _name(given: Mapping[str, Any]) -> str:
    """What the file is called: in the address, or as a browser says it."""
    if "filename" in given:
        return str(given["filename"])
    _, options = parse_options_header(request.headers.get("Content-Disposition", ""))
    return options.get("filename", "")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")


def _size(stream: IO[bytes]) -> int:
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    return size
