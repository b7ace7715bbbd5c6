"""The deeds of billing on the page of a batch: publish, schedule, ask, call off, take back, check again, discard."""

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain.batch import SecondPerson
from mypage.domain.batch_deed import BatchDeed
from mypage.domain.staff import Role
from mypage.services import batch_deeds
from mypage.services.batch_deeds import Did, Outdated, Wanted
from mypage.services.publication import Refused
from mypage.staff import batches
from mypage.staff.batch_forms import FORMS, DeedForm, TypedForm
from mypage.web.house import house, now
from mypage.web.staff_logins import required, roles
from mypage.web.typed import typed_in
from mypage.words.batch import STATES

doors = Blueprint("batch_publishing", __name__)


def _again(batch_id: int, word: str) -> ResponseReturnValue:
    deed = _named(word)
    return _shown(batch_id, deed, FORMS[deed]())


@doors.route("/staff/batches/<int:batch_id>/deeds/<word>", methods=["GET", "POST"])
@roles(Role.BILLING)
@typed_in(TypedForm, again=_again)
def deed(batch_id: int, word: str) -> ResponseReturnValue:
    """Do it. Where that is not possible the page of the batch comes again, as things stand now, with what was typed."""
    wanted = _named(word)
    if request.method != "POST":
        return _shown(batch_id, wanted, None)
    form = FORMS[wanted]()
    batches.found(batch_id)
    at, why = form.instant(now()), form.words()
    if form.errors:
        return _shown(batch_id, wanted, form)
    outcome = _done(
        Wanted(
            deed=wanted,
            batch_id=batch_id,
            staff_id=required().staff_id,
            mark=form.state.data or "",
            at=at,
            notices=form.tells(),
            reason=why,
        )
    )
    match outcome:
        case Did(code=code, batch=batch):
            return redirect(f"{batches.PATH}/{batch.id}?said={code}", 303)
        case Outdated():
            form.tell("batch_outdated")
        case Refused(why=refusal, state=state):
            form.tell(f"batch_refused_{refusal.name.lower()}", state=STATES[state] if state else "")
    return _shown(batch_id, wanted, form)


def _named(word: str) -> BatchDeed:
    found = BatchDeed.named(word)
    if found is None:
        abort(404)
    return found


def _done(wanted: Wanted) -> Did | Outdated | Refused:
    settings = house().settings
    with house().database.writing() as connection:
        return batch_deeds.do(
            connection,
            wanted,
            second_person=SecondPerson(settings.second_person),
            life=settings.staff_request_life,
            now=now(),
        )


def _shown(batch_id: int, wanted: BatchDeed, form: DeedForm | None) -> ResponseReturnValue:
    """The page of the batch with the form that was sent; 400 where it was not taken."""
    html = batches.show(batch_id, deed=wanted, filled=form)
    return html, 400 if form is not None and form.errors else 200
