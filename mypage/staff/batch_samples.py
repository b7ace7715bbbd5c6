"""見本: a statement of a batch that nobody sees yet, drawn by the very parts of the subscriber's page.

Each look is recorded before it goes out, as one at a customer: the one thing that a GET writes here.
"""

from typing import Final

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue
from wtforms import StringField

from mypage.domain import customer_number
from mypage.domain.batch import Kind
from mypage.domain.billing_month import BillingMonth
from mypage.domain.staff import Role
from mypage.services import batch_samples as service
from mypage.services.batches import Batch
from mypage.shown import statement
from mypage.shown.statement_parts import parts
from mypage.staff import batches as pages
from mypage.staff.batches import PATH, SAMPLED
from mypage.web import staff_logins
from mypage.web.forms import Form
from mypage.web.house import house, now, today
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("batch_samples", __name__)
_LANGUAGE: Final = "ja"


class SampleForm(Form):
    """Whose statement."""

    customer_number = StringField("お客様番号")


def _again(batch_id: int) -> ResponseReturnValue:
    _sampled(batch_id)
    return pages.show(batch_id, sample=SampleForm())


@doors.post(f"{PATH}/<int:batch_id>/samples")
@roles(Role.BILLING)
@typed_in(SampleForm, again=_again)
def choose(batch_id: int) -> ResponseReturnValue:
    """The newest statement of a customer number."""
    batch, form = _sampled(batch_id), SampleForm()
    typed = form.customer_number.data or ""
    number = customer_number.fold(typed, house().settings.customer_number_pattern)
    found = []
    if number is not None:
        with house().database.reading() as connection:
            found = service.bills_of(connection, batch.id, number)
    if found:
        key, month = found[0]
        return redirect(f"{PATH}/{batch.id}/samples/{key}/{month}", 303)
    form.refuse(form.customer_number, "batch_sample_no_number" if number is None else "batch_sample_none")
    return pages.show(batch_id, sample=form), 400


@doors.get(f"{PATH}/<int:batch_id>/samples/<key>/<month>")
@roles(Role.BILLING)
def sample(batch_id: int, key: str, month: str) -> ResponseReturnValue:
    """A statement as its customer will see it."""
    batch, asked, settings = _sampled(batch_id), BillingMonth.parse(month), house().settings
    if asked is None or not _is_key(key):
        abort(404)
    with house().database.reading() as connection:
        drawn = service.draw(
            connection,
            batch,
            key,
            asked,
            first_month=settings.first_month,
            length=settings.months_shown,
            now=now(),
        )
        others = service.bills_of(connection, batch.id, customer_number.split_key(key)[0])
    if drawn is None:
        abort(404)
    with house().database.writing() as connection:
        service.looked(
            connection,
            batch,
            key,
            asked,
            staff_id=staff_logins.required().staff_id,
            limit=settings.staff_looks_a_day,
            now=now(),
        )
    told: dict[str, object] = {}
    if drawn.shown is not None:
        shown = statement.month(
            drawn.shown,
            published_at=drawn.as_if.published_at,
            result_days=settings.payment_result_days,
            today=today(),
            language=_LANGUAGE,
        )
        told = parts(shown, "", _LANGUAGE, f"{PATH}/{batch.id}/samples/{key}")
    return page(
        "staff/batches/sample.html",
        batch=batch,
        key=key,
        asked=asked,
        name=drawn.name,
        others=[each for each in others if each != (key, asked)],
        is_seen=drawn.shown is not None,
        **told,
    )


def _sampled(batch_id: int) -> Batch:
    """A batch of which samples can be drawn; 404 for any other."""
    batch = pages.found(batch_id)
    if batch.kind is not Kind.CHARGES or batch.state not in SAMPLED:
        abort(404)
    return batch


def _is_key(key: str) -> bool:
    try:
        customer_number.split_key(key)
    except ValueError:
        return False
    return True
