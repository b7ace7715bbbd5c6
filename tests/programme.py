"""A programme that speaks to the API, as the core billing system does: with a token and no cookies.

    text = a_token(database, deeds=[Deed.CHECK])
    core = Programme(app, text)
    answer = core.post("/api/v1/batches?filename=charges.csv", body=charges(…))
    assert answer.status_code == 202 and answer.json["batches"][0]["state"] == "received"

Every answer is looked at: JSON or a problem of RFC 9457, no cookie, no page, a request number on each refusal.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse

from mypage.adapters.clock import Clock
from mypage.domain.api_token import Deed
from mypage.domain.batch import Kind
from mypage.domain.staff import COMMAND_LINE
from mypage.services import api_tokens
from mypage.services.api_tokens import Made
from mypage.store.engine import Database
from mypage.web.house import EXTENSION
from mypage.works.keeping import Keeper
from mypage.works.load.waiting import check_all_received
from mypage.works.scheduled import publish_due
from tests.portal import ADDRESS, move_clock, portal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PROBLEM = "application/problem+json"


def a_token(
    database: Database,
    *,
    deeds: Collection[Deed] = tuple(Deed),
    kinds: Collection[Kind] = tuple(Kind),
    by: str = COMMAND_LINE,
    name: str = "夜間バッチ",
    days: int = 90,
    now: datetime | None = None,
) -> str:
    """The text of a new token; of the command line's, for everything, unless the test says so."""
    with database.writing() as connection:
        made = api_tokens.make(
            connection,
            name=name,
            kinds=kinds,
            deeds=deeds,
            days=days,
            longest=365,
            by=by,
            now=now or datetime.now(UTC),
        )
    assert isinstance(made, Made), made
    return made.text


class Programme:
    """An HTTP client with a token (None: without one)."""

    def __init__(self, app: "WSGIApplication", token: str | None, *, address: str = "127.0.0.1") -> None:
        self.client = Client(app, use_cookies=False)
        self.token, self.address = token, address

    def get(self, path: str, **options: Any) -> TestResponse:
        """Ask for a document."""
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        """Post ``json=…``, a ``body`` as it is, or ``data=…`` as a form."""
        return self.ask("POST", path, **options)

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        buffered: bool = True,
        **options: Any,
    ) -> TestResponse:
        """One request, and a look at what came back."""
        shown = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            options["data"] = body
        answer: TestResponse = self.client.open(
            path,
            method=method,
            base_url=ADDRESS,
            headers={**shown, **(headers or {})},
            environ_base={"REMOTE_ADDR": self.address},
            buffered=buffered,
            **options,
        )
        look_at(answer, path)
        return answer


class Core:
    """The core billing system's night: a programme with a token, and the portal's worker when it is let."""

    def __init__(self, database: Database, clock_file: Path, **settings: str) -> None:
        self.database, self.clock_file = database, clock_file
        self.app = portal(database, clock_file, **settings)
        self.clock = Clock(clock_file)
        self.programme = Programme(self.app, a_token(database))

    def with_token(self, **facts: Any) -> Programme:
        """A programme with another token."""
        return Programme(self.app, a_token(self.database, **facts))

    def work(self) -> None:
        """The worker checks what waits, and publishes what is due."""
        house = self.app.extensions[EXTENSION]
        check_all_received(house.settings, self.database, Keeper(house.settings, self.database), self.clock)
        publish_due(house.settings, self.database, self.clock)

    def wait(self, by: timedelta) -> None:
        """Let time pass."""
        move_clock(self.clock_file, by)


def look_at(answer: TestResponse, path: str) -> None:
    """What is true of every answer of the API."""
    assert "Set-Cookie" not in answer.headers, f"{path}: a cookie"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.status_code < 500 or answer.status_code == 503, f"{path}: {answer.status_code}"
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert answer.mimetype == PROBLEM, f"{path}: {answer.status_code} {answer.mimetype}"
        problem = answer.get_json()
        assert problem["status"] == answer.status_code, problem
        assert problem["type"] == f"/api/v1/problems/{problem['code']}", problem
        assert problem["title"], problem
        assert problem["detail"], problem
        assert len(problem["request"]) == 8, problem


def problem_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.get_json()["code"]
