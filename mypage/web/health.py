"""Doors for machines: is the process alive, can it serve."""

from flask import Blueprint, Response, jsonify

from mypage.store import migrate
from mypage.web.house import house

doors = Blueprint("health", __name__)


@doors.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@doors.get("/readyz")
def readyz() -> Response:
    """The database answers and is at this release's schema; else 503."""
    ready = migrate.current(house().database) == migrate.head()
    answer = jsonify(status="ok" if ready else "database is at another revision")
    answer.status_code = 200 if ready else 503
    return answer
