"""お困りのとき: readable by everybody, whether or not somebody is logged in, and while the database is away."""

import contextlib
from typing import Final

from flask import Blueprint, abort, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from wtforms import StringField

from mypage.domain.help_search import LONGEST, code_of
from mypage.shown import help as shown
from mypage.subscriber.customer_choice import chosen
from mypage.web import logins
from mypage.web.forms import Form
from mypage.web.house import house
from mypage.web.language import language
from mypage.web.pages import environments, page
from mypage.words.gettext import N_
from mypage.words.help.life_events import CUSTOMER_NUMBER, LIFE_EVENTS
from mypage.words.help.pages import CAUSE_PAGES

doors = Blueprint("help", __name__)
logins.protect(doors, open_pages=frozenset(("index", "topic")))
_EXTENSION: Final = "mypage_help"
_LIST: Final = ""
# Stands in what is kept for the part of an address that says which customer a login with several is looking at.
_WHICH_CUSTOMER: Final = "?c=which-customer"


class SearchForm(Form):
    """What somebody is looking for. It goes nowhere: into no log and no table."""

    q = StringField(N_("お困りのこと"))


@doors.get("/help")
@doors.get("/help/")
def index() -> ResponseReturnValue:
    """The search and the list of all pages; a code that is typed leads to its page."""
    typed = request.args.get("q", "")[:LONGEST].strip()
    code = code_of(typed)
    if code is not None and code in CAUSE_PAGES:
        return redirect(shown.path_of(code), 303)
    _look_who_is_there()
    return page(
        "subscriber/help/index.html",
        form=SearchForm(formdata=None, data={"q": typed}, meta={"csrf": False}),
        searched=bool(typed),
        found=shown.found(typed, language()) if typed else (),
        list=_kept(_LIST),
    )


@doors.get("/help/<asked>")
def topic(asked: str) -> ResponseReturnValue:
    """The page of a cause or of a life event. ``?apart=1``: in a window of its own, beside the page of the error."""
    name = shown.name_of(asked)
    if name is None:
        abort(404)
    if request.path != shown.path_of(name):
        return redirect(shown.path_of(name), 301)
    _look_who_is_there()
    (shown_topic,) = shown.topics((name,), language())
    return page(
        "subscriber/help/topic.html",
        title=shown_topic.title,
        body=_kept(name, apart="apart" in request.args),
    )


def _look_who_is_there() -> None:
    """For the menu. An address of another account's customer is no reason to refuse help."""
    session = logins.glance()
    if session is not None:
        with contextlib.suppress(NotFound):
            chosen(session)


def _kept(name: str, *, apart: bool = False) -> Markup:
    """What a page says: the same for everybody who reads the language, so it is made once."""
    kept: dict[tuple[str, str, bool], Markup] = current_app.extensions.setdefault(_EXTENSION, {})
    key = (language(), name, apart)
    if key not in kept:
        kept[key] = _made(name, apart=apart)
    return kept[key].replace(_WHICH_CUSTOMER, g.get("customer_query", ""))


def _made(name: str, *, apart: bool) -> Markup:
    if name == _LIST:
        return _drawn("list", name, groups=tuple(shown.groups(language())), number=CUSTOMER_NUMBER)
    if name in LIFE_EVENTS:
        event = LIFE_EVENTS[name]
        return _drawn("life_event", name, event=event, lines=getattr(house().settings, event.setting))
    cause = CAUSE_PAGES[name]
    related = shown.topics(cause.related, language())
    return _drawn("cause", name, code=name, cause=cause, related=related, apart=apart)


def _drawn(template: str, name: str, **context: object) -> Markup:
    drawn = environments()[language()].get_template(f"subscriber/help/{template}.html")
    say = shown.saying(house().settings, language())
    html = drawn.render(context, say=say, own_path=shown.path_of(name), customer_query=_WHICH_CUSTOMER)
    return Markup(html)  # noqa: S704 - the template has escaped what is not ours
