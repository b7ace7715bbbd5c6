"""ファイルを渡す: files come with the form, or came before it in pieces (tus), and are taken in as one delivery.

What arrived is kept until it is taken in or taken away: a form that was not taken loses no file.
"""

from collections.abc import Iterator
from typing import IO, Final

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField

from mypage.domain.batch import Kind, State
from mypage.domain.kept_file import KeptFile, Refused
from mypage.domain.staff import Role
from mypage.services import kept_files
from mypage.shown.error_report import said
from mypage.staff import batches as pages
from mypage.staff.batches import ENCODINGS, PATH
from mypage.web import staff_logins
from mypage.web.bodies import Body, takes
from mypage.web.choices import OneOf
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.keeping import keeper
from mypage.web.staff_logins import roles
from mypage.web.typed import typed_in
from mypage.words import batch_page as words
from mypage.words.batch import KINDS
from mypage.words.kept_files import sentence
from mypage.works import keeping
from mypage.works.load.files import FileRefused
from mypage.works.load.take_in import HowHanded, TakenIn, take_in

doors = Blueprint("batch_upload", __name__)
UPLOADS: Final = f"{PATH}/uploads"
# As many as a delivery can reasonably hold; more would be a folder dropped by mistake.
_MOST_FILES: Final = 20
_CHUNK: Final = 1 << 16


class UploadForm(Form):
    """How the files are meant."""

    snapshot = BooleanField("契約者ファイルは全件（載っていないお客様は、解約済になります）")
    confirmed = BooleanField("多くのお客様が解約済になることを確かめた")
    kind = OneOf("種類", options=[(kind.value, KINDS[kind.value]) for kind in Kind])
    encoding = OneOf("文字コード", options=ENCODINGS)


def _again() -> ResponseReturnValue:
    return pages.show_desk(form=UploadForm())


@doors.post(PATH)
@takes(Body.FILES)
@roles(Role.BILLING)
@typed_in(UploadForm, again=_again)
def hand_over() -> ResponseReturnValue:
    """[渡して検査する]: keep what comes with the form, and take it in together with what came before."""
    form = UploadForm()
    how = _how(form)
    kept = _kept(form)
    chosen = [*dict.fromkeys((*request.form.getlist("upload"), *(file.id for file in kept)))][:_MOST_FILES]
    if not chosen and not form.form_errors:
        form.tell("batch_upload_none")
    if how is None or form.errors or form.form_errors:
        return _shown(form, chosen)
    owner = staff_logins.required().actor
    taken = take_in(
        house().database,
        keeper(),
        chosen,
        owner=owner,
        actor=owner,
        clock=house().clock.now,
        scratch=house().settings.scratch,
        how=how,
    )
    if isinstance(taken, Refused):
        _tell(form, taken)
        return _shown(form, chosen)
    if taken.loaded_elsewhere:
        form.tell("batch_upload_elsewhere")
    for refused in taken.refused_files:
        form.tell("batch_upload_refused", **_why(refused))
    return _shown(form, chosen) if form.form_errors else redirect(_led_to(taken), 303)


@doors.post(f"{UPLOADS}/<file_id>/discard")
@roles(Role.BILLING)
def discard(file_id: str) -> ResponseReturnValue:
    """[取り消す]: what arrived of a file is not wanted any more."""
    owner = staff_logins.required().actor
    with house().database.writing() as connection:
        file = kept_files.find(connection, file_id, owner=owner)
        if file is None:
            abort(404)
        refused = kept_files.discard(connection, file_id, owner=owner, actor=owner, now=now())
    if refused is None:
        keeping.remove_gone(keeper(), file, now=now())
    return redirect(f"{PATH}?said=upload_discarded#hand-over", 303)


def _how(form: UploadForm) -> HowHanded | None:
    """What was chosen; None where that is no choice of ours."""
    kind, encoding = form.kind.data or "", form.encoding.data or ""
    if kind and kind not in KINDS:
        form.refuse(form.kind, "batch_upload_kind_wrong")
    if encoding and encoding not in dict(ENCODINGS):
        form.refuse(form.encoding, "batch_upload_encoding_wrong")
    if form.errors:
        return None
    return HowHanded(
        kind=Kind(kind) if kind else None,
        encoding=encoding or None,
        snapshot=form.snapshot.data,
        confirmed=form.confirmed.data,
    )


def _kept(form: UploadForm) -> list[KeptFile]:
    """The files of the form, kept; why one cannot be is told in the form."""
    kept: list[KeptFile] = []
    for file in [each for each in request.files.getlist("files") if each.filename][:_MOST_FILES]:
        found = keeping.keep(
            keeper(),
            owner=staff_logins.required().actor,
            name=file.filename or "",
            size=_size(file),
            chunks=_Chunks(file.stream),
            clock=house().clock.now,
        )
        if isinstance(found, Refused):
            _tell(form, found)
        else:
            kept.append(found)
    return kept


class _Chunks:
    """The bytes of a file that came with the form, a little at a time."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._stream.read(_CHUNK), b"")


def _size(file: FileStorage) -> int:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return size


def _tell(form: UploadForm, refused: Refused) -> None:
    facts = {**keeper().limits.told, "name": "ファイル", "offset": refused.offset}
    form.form_errors.append(sentence(refused.why.value, **facts))


def _why(refused: FileRefused) -> dict[str, str]:
    error = refused.error
    fix = words.fix(error.code) or said(f"{error.code}.fix", error.facts)
    return {"name": refused.filename, "wrong": said(error.code, error.facts), "fix": fix}


def _shown(form: UploadForm, chosen: list[str]) -> ResponseReturnValue:
    return pages.show_desk(form=form, chosen=frozenset(chosen)), 400


def _led_to(taken: TakenIn) -> str:
    """To the one batch, or to all of them; in force: the same bytes are published already."""
    one = [*taken.batches, *taken.in_force]
    said_of = "batch" if len(one) == 1 else "batches"
    if not taken.batches:
        code = f"{said_of}_in_force"
    elif all(each.state not in (State.RECEIVED, State.CHECKING) for each in taken.batches):
        code = f"{said_of}_known"
    else:
        code = f"{said_of}_received"
    return f"{PATH}/{one[0].id}?said={code}" if len(one) == 1 else f"{PATH}?said={code}"
