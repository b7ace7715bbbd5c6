"""The QR code for an authenticator app: made for one session, shown again with each mistyped code."""

from typing import NamedTuple

from flask import request
from markupsafe import Markup
from wtforms import HiddenField, StringField

from mypage.adapters import authenticator
from mypage.services import second_factor_enrolment as service
from mypage.services.staff_sessions import StaffSession
from mypage.web import second_factors
from mypage.web.house import house
from mypage.web.staff_forms import Form


class AppForm(Form):
    """The offer that the page was made with, and the app's code for it."""

    offer = HiddenField()
    code = StringField("アプリに表示された6桁のコード")


class Offer(NamedTuple):
    """What the page shows: the picture, the same to be typed in by hand, and what travels in the form."""

    picture: Markup
    by_hand: str
    sealed: str


def of_form(form: AppForm, session: StaffSession) -> str | None:
    """The secret of the offer that came back; None where it was made for another session."""
    return service.offered_again(second_factors.sealer(), session.owner, session.id, form.offer.data or "")


def shown(form: AppForm, session: StaffSession, login_id: str) -> Offer | None:
    """The offer of the form's page: the one that came, or a new one; None where no key is set to keep it with."""
    sealer, came = second_factors.sealer(), None
    if not sealer.has_keys:
        return None
    if request.method == "POST":
        came = of_form(form, session)
    if came is None:
        came, sealed = service.offered_app(sealer, session.owner, session.id)
    else:
        sealed = form.offer.data or ""
    # The shorter it is, the coarser the picture, and the easier an old telephone reads it.
    address = authenticator.address(came, name=login_id, issuer=house().settings.operator_name)
    # Ours, made of nothing but the address.
    picture = Markup(authenticator.picture(address, title="認証アプリで読み取るQRコード"))  # noqa: S704
    return Offer(picture, authenticator.in_groups(came), sealed)
