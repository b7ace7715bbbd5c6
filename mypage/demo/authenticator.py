"""``/dev/authenticator``: what the authenticator apps of the sample's staff show now. Never outside the demo.

A newcomer can log in as staff without a telephone, and as whoever they invite themselves. Guarded as ``/dev/mailbox``.
"""

from dataclasses import dataclass

from flask import Blueprint

from mypage.adapters import authenticator as app
from mypage.adapters.sealing import CannotOpen
from mypage.demo.mailbox import only_from_this_machine
from mypage.domain.second_factor import STEP_SECONDS, step_of
from mypage.services import second_factor, staff_directory
from mypage.services.staff_directory import Member
from mypage.services.staff_sessions import owner
from mypage.store import second_factor as store
from mypage.web.house import house, now
from mypage.web.second_factors import sealer
from mypage.web.staff_pages import page

authenticator = Blueprint("authenticator", __name__, url_prefix="/dev")
authenticator.before_request(only_from_this_machine)


@dataclass(frozen=True)
class Shown:
    """A member of staff and the code of their app, which is good once."""

    member: Member
    code: str


@authenticator.get("/authenticator")
def codes() -> str:
    """The codes of everybody who has an app."""
    shown = []
    with house().database.reading() as connection:
        for member in staff_directory.everybody(connection):
            whose = owner(member.id)
            kept = store.app(connection, whose)
            if kept is None:
                continue
            try:
                secret = sealer().open(kept["sealed"], second_factor.app_context(whose)).text
            except CannotOpen:
                continue
            # The next one where this one is used up, so that nobody has to wait.
            step = max(step_of(now()), min(kept["last_step"], step_of(now())) + 1)
            shown.append(Shown(member, app.code_at(secret, step)))
    left = STEP_SECONDS - int(now().timestamp()) % STEP_SECONDS
    return page("demo/authenticator.html", shown=shown, left=left)
