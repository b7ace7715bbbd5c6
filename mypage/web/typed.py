"""What people typed into a form: which fields of it may be kept, and how its page is shown again.

A view declares it once:

    @doors.post("/signup")
    @typed_in(ProofForm, again=_proof_again)

Then the text is there again when the form could not be taken: after a login (``kept_form``), from an old page
(``old_form``), or when the database was away (``errors``). Passwords, files and hidden fields never are.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, PasswordField

from mypage.domain.kept_form import Typed

View = TypeVar("View", bound=Callable[..., Any])
# The signed mark of whose form it is (``kept_form``).
WHOSE = "whose"
_NEVER = (PasswordField, HiddenField, FileField)


class Declared(NamedTuple):
    """The fields of a view's form whose text may be kept, and the view's own way to show the form again.

    ``along`` are hidden fields without which the form is not understood.
    """

    fields: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    again: Callable[..., ResponseReturnValue] | None = None


_DECLARED: dict[Callable[..., Any], Declared] = {}


def typed_in(
    form: type[FlaskForm] | None = None,
    *,
    along: tuple[str, ...] = (),
    again: Callable[..., ResponseReturnValue] | None = None,
) -> Callable[[View], View]:
    """The view takes this form. ``again`` makes the page of the form as it was sent, and does nothing else."""

    def declare(view: View) -> View:
        _DECLARED[view] = Declared(tuple(_kept(form)) if form else (), along, again)
        return view

    return declare


def declared() -> Declared:
    """What the view of this request has declared."""
    view = current_app.view_functions.get(request.endpoint or "")
    return _DECLARED.get(view, Declared()) if view is not None else Declared()


def typed() -> Typed:
    """The text of the declared fields in this request."""
    return tuple((name, text) for name in declared().fields for text in request.form.getlist(name))


def along() -> Typed:
    """What stands hidden in this request's form and belongs to it, the mark of its owner included."""
    names = (*declared().along, WHOSE)
    return tuple((name, text) for name in names for text in request.form.getlist(name))


def _kept(form: type[FlaskForm]) -> Iterator[str]:
    for name in dir(form):
        kind = getattr(getattr(form, name), "field_class", None)
        if kind is not None and not issubclass(kind, _NEVER):
            yield name
