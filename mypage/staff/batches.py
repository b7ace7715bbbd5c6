"""料金データ: what is in force, what is under way, all batches, and the page of one (specification §6)."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.domain.batch import Kind, SecondPerson, State
from mypage.domain.batch_deed import BatchDeed
from mypage.domain.kept_file import FileState, kept_id
from mypage.domain.staff import Role
from mypage.services import batch_desk, kept_files, mailings
from mypage.services import batch_progress as progress_of
from mypage.services.batches import Batch
from mypage.shown import batch_errors, batch_page, batch_preview, batch_progress
from mypage.shown import mailing as shown_mailing
from mypage.shown import trail as shown_trail
from mypage.staff import batch_deeds, batch_rest
from mypage.staff.batch_forms import DeedForm
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.keeping import keeper
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.staff_said import told as told_of_deed
from mypage.words.batch import KINDS, STATES
from mypage.works.load.checks import Check, checks

doors = Blueprint("batches", __name__)
# Who may look; what changes anything is for billing alone.
READERS: Final = (Role.BILLING, Role.ADMIN, Role.AUDITOR)
PATH: Final = "/staff/batches"
PAGE: Final = 50
# What an encoding is forced to, and what it is called.
ENCODINGS: Final = (("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("cp932", "CP932（Shift_JIS）"))
_MOST_PAGES: Final = 10_000
# No database counts so far.
_MOST: Final = 2**31
# Of these a sample can be drawn: they are staged, and not seen yet.
SAMPLED: Final = frozenset((State.CHECKED, State.APPROVED, State.SCHEDULED))


@doors.get(PATH)
@roles(*READERS)
def desk() -> ResponseReturnValue:
    """What is under way and in force, and all batches below."""
    return show_desk()


def show_desk(*, form: Any = None, chosen: frozenset[str] = frozenset()) -> str:
    """The desk; ``form`` was not taken, and ``chosen`` are the kept files that came with it."""
    kind, state = _one_of(Kind, "kind"), _one_of(State, "state")
    here, session = page_number(), staff_logins.required()
    with house().database.reading() as connection:
        now_on = batch_desk.desk(connection)
        every = batch_desk.page(connection, kind, state, limit=PAGE + 1, offset=(here - 1) * PAGE)
        waits = batch_desk.waits(
            connection,
            now_on.waiting,
            second_person=SecondPerson(house().settings.second_person),
            now=now(),
        )
        names = batch_desk.names_of(
            connection,
            (*now_on.running, *now_on.waiting, *now_on.in_force, *every),
            also=[each.asked_by for each in waits.values() if each.asked_by],
        )
        standing = _standing(connection, now_on.running)
        uploads = kept_files.unused_of(connection, session.actor, limits=keeper().limits, now=now())
    return page(
        "staff/batches/desk.html",
        form=form,
        errors=form is not None and bool(form.errors or form.form_errors),
        chosen=chosen,
        arrived=[each for each in uploads if each.state is FileState.WHOLE],
        unfinished=[each for each in uploads if each.state is FileState.OPEN],
        size=batch_page.size,
        encodings=ENCODINGS,
        file_days=keeper().limits.open_for.days,
        running=_lines(now_on.running, names),
        standing=standing,
        waiting=_lines(now_on.waiting, names),
        waits={
            each.id: batch_page.waits_for(each, waits[each.id], names, session.staff_id)
            for each in now_on.waiting
        },
        in_force=_lines(now_on.in_force, names),
        rows=_lines(every[:PAGE], names),
        more=len(every) > PAGE,
        here_page=here,
        kind=kind,
        state=state,
        kinds=list(Kind),
        states=list(State),
        kind_words=KINDS,
        state_words=STATES,
        query="".join(f"{name}={each.value}&" for name, each in (("kind", kind), ("state", state)) if each),
        said=told_of_deed(),
    )


@doors.get(f"{PATH}/progress")
@roles(*READERS)
def progress() -> ResponseReturnValue:
    """How far the checks of some batches are (``?id=1&id=2``), as JSON: what the page's script asks every few seconds."""
    given = request.args.getlist("id")[:PAGE]
    # Of a number of thousands of digits not even its value can be told.
    asked = [int(each) for each in given if each.isascii() and each.isdigit() and len(each) < 11]
    with house().database.reading() as connection:
        batches = [batch_desk.one(connection, each) for each in asked if each < _MOST]
        known = [each for each in batches if each is not None]
        standing = _standing(connection, known)
    return jsonify(batches=[batch_progress.as_json(each, standing.get(each.id)) for each in known])


@doors.get(f"{PATH}/<int:batch_id>")
@roles(*READERS)
def batch(batch_id: int) -> ResponseReturnValue:
    """One batch, with all that is known of it."""
    return show(batch_id)


def show(
    batch_id: int, *, sample: Any = None, deed: BatchDeed | None = None, filled: DeedForm | None = None
) -> str:
    """The page of a batch; ``sample`` and ``filled`` (of ``deed``) are forms of it that were not taken."""
    context = told(batch_id, deed=deed, filled=filled)
    if sample is not None and sample.errors:
        context["errors"] = sample.errors
    return page("staff/batches/batch.html", **context, sample=sample, said=told_of_deed())


def told(batch_id: int, *, deed: BatchDeed | None = None, filled: DeedForm | None = None) -> dict[str, Any]:
    """What stands on the page of a batch; 404 where there is none. ``filled``: the form of a deed that was not taken."""
    with house().database.reading() as connection:
        whole = batch_desk.whole(connection, batch_id) if batch_id < _MOST else None
        if whole is None:
            abort(404)
        standing = _standing(connection, [whole.batch])
        told_by_mail = mailings.of_batch(connection, batch_id)
        deeds = batch_deeds.shown(connection, whole.batch, deed=deed, filled=filled)
        resting = batch_rest.told(connection, whole.batch)
    one = whole.batch
    causes = batch_errors.causes(one, whole.errors)
    return {
        "batch": one,
        "line": batch_page.line(one, whole.names),
        "next": batch_page.comes_next(one),
        "standing": standing.get(one.id),
        "is_kept": kept_id(one.source) is not None,
        "kept_ids": [kept_id(each.source) for each in (one, *whole.delivery)],
        "options": batch_page.options(one),
        "size": batch_page.size(one.size),
        "counts": list(batch_page.counts(one)),
        "delivery": _lines(whole.delivery, whole.names),
        "preview": batch_preview.of(one),
        "can_sample": one.kind is Kind.CHARGES and one.state in SAMPLED,
        "changes": [each for each in causes if each.changes],
        "causes": [each for each in causes if not each.changes],
        "left_out": [(each, batch_errors.left_out_words(one, each)) for each in whole.left_out],
        "others": _lines(_nearest_first(one, whole.others), whole.names),
        "mailed": shown_mailing.of_batch(one, told_by_mail),
        "was_published": one.published_at is not None,
        **resting,
        **deeds,
        "history": [shown_trail.row(row, whole.names) for row in whole.history],
    }


def found(batch_id: int) -> Batch:
    """The batch of that number; 404 where there is none."""
    with house().database.reading() as connection:
        one = batch_desk.one(connection, batch_id) if batch_id < _MOST else None
    if one is None:
        abort(404)
    return one


def page_number() -> int:
    """The page that the address names, the first one for anything that is none."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return min(max(number, 1), _MOST_PAGES)


def _standing(connection: Connection, batches: Sequence[Batch]) -> dict[int, batch_progress.Standing]:
    """By their ids how far those are that wait for their check or are at it."""
    running = [each for each in batches if each.state in (State.RECEIVED, State.CHECKING)]
    if not running:
        return {}
    turns = progress_of.of(connection, [each.id for each in running])
    broken_off = {
        batch_id for batch_id, check in checks(house().database, running).items() if check is Check.STOPPED
    }
    return {
        each.id: batch_progress.of(turns.get(each.id), is_stopped=each.id in broken_off) for each in running
    }


def _nearest_first(batch: Batch, others: Sequence[Batch]) -> list[Batch]:
    """Those of the same months first: what a correction is held against."""
    months = set(batch.counts.get("months", ()))
    return sorted(others, key=lambda each: not months.intersection(each.counts.get("months", ())))


def _lines(batches: Sequence[Batch], names: Any) -> list[batch_page.Line]:
    return [batch_page.line(each, names) for each in batches]


def _one_of(words: Any, name: str) -> Any:
    asked = request.args.get(name, "")
    return words(asked) if asked in {each.value for each in words} else None
