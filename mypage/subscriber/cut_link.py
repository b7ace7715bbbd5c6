"""A link that a mail program has cut in two (first-try C-04): its rest, or the whole of it, is pasted."""

import re
from collections.abc import Callable

from flask import redirect, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from mypage.web import stumbles as strangers
from mypage.web.forms import Form
from mypage.web.pages import page
from mypage.words.gettext import N_

_LONGEST_PASTE = 2000


class RestForm(Form):
    """The rest of a link that was cut."""

    rest = StringField(N_("URLの続き、またはURL全体"))


def broken_page(template: str, beginning: str, form: RestForm | None = None) -> str:
    """The page that asks for the rest of a link; ``beginning`` is what came of its token."""
    shown = form or RestForm(formdata=None)
    return page(template, form=shown, errors=shown.errors or True, beginning=beginning)


def paste(template: str, before: str, taken: Callable[[str], bool], *, step: str) -> ResponseReturnValue:
    """On to the link that is whole with what was pasted, or the page again, which says why not.

    ``before`` is the path before the token, ``taken`` says whether a token is ours, ``step`` names the screen in the
    count of what was refused.
    """
    form, beginning = RestForm(), request.form.get("beginning", "")
    rest = "".join((form.rest.data or "")[:_LONGEST_PASTE].split())
    whole = re.search(rf"{re.escape(before)}([^\s<>\"]*)", rest)
    for token in (whole[1] if whole else rest, beginning + rest):
        if token and taken(token):
            return redirect(before + token, 303)
    form.refuse(form.rest, "link_rest_wrong" if rest else "link_rest_empty")
    strangers.count(step, form.refused)
    return broken_page(template, beginning, form)
