"""料金データ: what is in force, what is under way, all batches, and the page of one (specification §6)."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from mypage.domain.batch import Kind, State
from mypage.domain.staff import Role
from mypage.services import batch_desk
from mypage.services.batches import Batch
from mypage.shown import batch_errors, batch_page, batch_preview
from mypage.shown import trail as shown_trail
from mypage.web.house import house
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
_MOST_PAGES: Final = 10_000
# Of these a sample can be drawn: they are staged, and not seen yet.
SAMPLED: Final = frozenset((State.CHECKED, State.APPROVED, State.SCHEDULED))


@doors.get(PATH)
@roles(*READERS)
def desk() -> ResponseReturnValue:
    """What is under way and in force, and all batches below."""
    kind, state = _one_of(Kind, "kind"), _one_of(State, "state")
    here = page_number()
    with house().database.reading() as connection:
        now_on = batch_desk.desk(connection)
        every = batch_desk.page(connection, kind, state, limit=PAGE + 1, offset=(here - 1) * PAGE)
        names = batch_desk.names_of(connection, (*now_on.running, *now_on.waiting, *now_on.in_force, *every))
    return page(
        "staff/batches/desk.html",
        running=_lines(now_on.running, names),
        stopped=_stopped(now_on.running),
        waiting=_lines(now_on.waiting, names),
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


@doors.get(f"{PATH}/<int:batch_id>")
@roles(*READERS)
def batch(batch_id: int) -> ResponseReturnValue:
    """One batch, with all that is known of it."""
    return page("staff/batches/batch.html", **told(batch_id), said=told_of_deed())


def told(batch_id: int) -> dict[str, Any]:
    """What stands on the page of a batch; 404 where there is none."""
    with house().database.reading() as connection:
        whole = batch_desk.whole(connection, batch_id) if batch_id < 2**31 else None
    if whole is None:
        abort(404)
    one = whole.batch
    causes = batch_errors.causes(one, whole.errors)
    return {
        "batch": one,
        "line": batch_page.line(one, whole.names),
        "next": batch_page.comes_next(one, is_stopped=one.id in _stopped([one])),
        "options": batch_page.options(one),
        "size": batch_page.size(one.size),
        "counts": list(batch_page.counts(one)),
        "delivery": _lines(whole.delivery, whole.names),
        "preview": batch_preview.of(one),
        "can_sample": one.kind is Kind.CHARGES and one.state in SAMPLED,
        "changes": [each for each in causes if each.changes],
        "causes": [each for each in causes if not each.changes],
        "left_out": [(each, batch_errors.left_out_words(one, each)) for each in whole.left_out],
        "history": [shown_trail.row(row, whole.names) for row in whole.history],
    }


def found(batch_id: int) -> Batch:
    """The batch of that number; 404 where there is none."""
    with house().database.reading() as connection:
        one = batch_desk.one(connection, batch_id) if batch_id < 2**31 else None
    if one is None:
        abort(404)
    return one


def page_number() -> int:
    """The page that the address names, the first one for anything that is none."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return min(max(number, 1), _MOST_PAGES)


def _stopped(batches: Sequence[Batch]) -> set[int]:
    """Those whose check broke off."""
    return {
        batch_id for batch_id, check in checks(house().database, batches).items() if check is Check.STOPPED
    }


def _lines(batches: Sequence[Batch], names: Any) -> list[batch_page.Line]:
    return [batch_page.line(each, names) for each in batches]


def _one_of(words: Any, name: str) -> Any:
    asked = request.args.get(name, "")
    return words(asked) if asked in {each.value for each in words} else None
