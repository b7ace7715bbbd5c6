"""Pages for what went wrong: calm, with a request number that staff can search, and with one next step."""

import logging
import secrets

from flask import Flask, Response, g, make_response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from mypage.domain import request_number as rules
from mypage.web import faults, old_form, own_paths, problems, stumbles, typed
from mypage.web.own_paths import this_page
from mypage.web.staff_pages import error_page

log = logging.getLogger("mypage.web")
_RETRY_AFTER_SECONDS = "30"


def request_number() -> str:
    """The number that the log line of a request, its error page and staff's search share.

    Made where something went wrong; nobody asks for the others.
    """
    if "request_number" in g:
        return str(g.request_number)
    g.request_number = rules.made_of(secrets.token_bytes(rules.LENGTH))
    return str(g.request_number)


def register(app: Flask) -> None:
    """Hang the pages into ``app``."""
    app.register_error_handler(CSRFError, _form_without_token)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(DBAPIError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(Exception, _fault)


def _answer(template: str, code: int, **context: object) -> Response:
    return make_response(error_page(template, request_number=request_number(), **context), code)


def _form_without_token(_error: Exception) -> Response:
    stumbles.count("form", {"E-02" if request.cookies else "E-01": ["form_without_token"]})
    try:
        return old_form.answer(request_number())
    except HTTPException as error:
        # The page of that form is none: its address holds what no id of ours does.
        return _refused(error)
    except (DBAPIError, PoolTimeout) as error:
        # Flask does not look for the page of an error that comes while another one is answered.
        return _database_away(error)


def _refused(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    if own_paths.is_api() and (status < 500 or isinstance(error, problems.Problem)):
        return problems.answer(error, request_number())
    if status == 404:
        return _answer("errors/not_found.html", 404)
    if status < 500:
        answer = _answer("errors/refused.html", status, status=status)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer
    return _fault(error)


def _database_away(error: Exception) -> Response:
    if isinstance(error, DBAPIError) and not _passing(error):
        return _fault(error)
    # The driver's message may quote bound values: only its kind goes into the log.
    log.error(
        "database unavailable",
        extra={
            "fault": type(error).__name__,
            "request_number": request_number(),
            "method": request.method,
            "endpoint": request.endpoint,
        },
    )
    faults.note(request_number(), 503, type(error).__name__)
    if own_paths.is_api():
        return problems.of_status(503, request_number(), {"Retry-After": _RETRY_AFTER_SECONDS})
    is_post = request.method == "POST"
    answer = _answer(
        "errors/unavailable.html",
        503,
        is_post=is_post,
        typed=typed.typed() if is_post else (),
        along=typed.along() if is_post else (),
        action=request.full_path.rstrip("?"),
        again=this_page(),
    )
    answer.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return answer


def _passing(error: DBAPIError) -> bool:
    """Whether the database is away, busy or takes nothing down now, as opposed to a query of ours that is wrong."""
    takes_nothing_down = type(error.orig).__name__ == "ReadOnlySqlTransaction"
    return error.connection_invalidated or isinstance(error, OperationalError) or takes_nothing_down


def _fault(error: Exception) -> Response:
    log.error(
        "request failed",
        extra={"fault": type(error).__name__, "request_number": request_number()},
        exc_info=error,
    )
    faults.note(request_number(), 500, type(error).__name__)
    if own_paths.is_api():
        return problems.of_status(500, request_number())
    return _answer("errors/fault.html", 500, again=this_page())
