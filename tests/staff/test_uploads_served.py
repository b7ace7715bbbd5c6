"""An upload to real processes: the line breaks, the web server is killed, and a worker checks what came in the end."""

import contextlib
import http.client
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from mypage.domain.kept_file import PART
from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.delivering import CUSTOMER_HEADINGS, customer, table
from tests.portal import move_clock, portal
from tests.serving import Web, serving
from tests.staffing import a_member, at_desk
from tests.uploading import BYTES, UPLOADS, TusClient
from tests.worker_command import until, worker_commands

# Few rows, with much in a column that nobody reads.
CONTENT = table(
    [*CUSTOMER_HEADINGS, "備考"], *([*customer(str(70_000 + place)), "x" * 9_000] for place in range(300))
)


class Line:
    """A browser of billing's, as bytes on connections of its own."""

    def __init__(self, web: Web, database: Database, clock: Path) -> None:
        self.web, self.clock = web, clock
        app = portal(database)
        desk = at_desk(app, database, a_member(database, Role.BILLING))
        self.token = TusClient(desk).token
        cookies = ((name, desk.client.get_cookie(name, "127.0.0.1")) for name in ("form", "staff-session"))
        self._cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies if cookie is not None)

    def headers(self, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        sent = {"Cookie": self._cookies, "X-CSRFToken": self.token, "Tus-Resumable": "1.0.0"}
        return {**sent, "Host": "127.0.0.1:8080", **named}

    def ask(self, method: str, path: str, body: object = None, **more: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=60)
        with contextlib.closing(connection):
            # Whoever is refused is answered at once, perhaps before the last byte was sent.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, self.headers(**more))  # type: ignore[arg-type]
            answer = connection.getresponse()
            answer.read()
        return answer

    def begin_to_send(self, address: str, offset: int, length: int, content: bytes) -> socket.socket:
        """A piece that is announced longer than what is sent of it."""
        line = socket.create_connection(("127.0.0.1", self.web.port))
        told = self.headers(Upload_Offset=str(offset), Content_Type=BYTES, Content_Length=str(length))
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        line.sendall(f"PATCH {address} HTTP/1.1\r\n{head}\r\n".encode() + content)
        return line

    def offset(self, address: str) -> int:
        return int(self.ask("HEAD", address).headers["Upload-Offset"])


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Line]:
    url = database.url.render_as_string(hide_password=False)
    scratch, clock = tmp_path / "scratch", tmp_path / "clock"
    with serving(url, tmp_path, file_keys="k" * 40, scratch=str(scratch), clock_file=str(clock)) as web:
        yield Line(web, database, clock)


def test_broken_off_and_killed_it_goes_on_and_is_checked(
    served: Line, database: Database, tmp_path: Path
) -> None:
    assert len(CONTENT) > PART + 300_000
    address = served.ask("POST", UPLOADS, Upload_Length=str(len(CONTENT))).headers["Location"]
    # The line breaks: what arrived counts.
    line = served.begin_to_send(address, 0, len(CONTENT), CONTENT[:100_000])
    line.close()
    until(lambda: served.offset(address) > 0, 60)
    offset = served.offset(address)
    assert offset <= 100_000
    # While one piece is on its way another is told to wait, and pages are served.
    line = served.begin_to_send(address, offset, len(CONTENT) - offset, CONTENT[offset : PART + 200_000])
    until(lambda: served.offset(address) >= PART, 60)
    taken = served.ask("PATCH", address, b"x", Upload_Offset="0", Content_Type=BYTES)
    assert (taken.status, taken.headers["Retry-After"]) == (503, "2")
    assert served.web.ask("GET", "/login").status == 200
    # The server is killed: whole parts are there, and who comes later goes on from them.
    served.web.kill()
    line.close()
    served.web.start()
    # A dead request is waited for, but not for long.
    at = str(served.offset(address))
    assert served.ask("PATCH", address, b"x", Upload_Offset=at, Content_Type=BYTES).status == 423
    move_clock(served.clock, timedelta(minutes=1))
    offset = served.offset(address)
    assert offset >= PART

    def rest() -> Iterator[bytes]:
        yield CONTENT[offset : offset + 10]
        yield CONTENT[offset + 10 :]

    assert sent(served, address, offset, rest) == 204
    assert served.offset(address) == len(CONTENT)
    with worker_commands(database, "smtp://127.0.0.1:9", tmp_path, file_keys="k" * 40) as workers:
        workers.ready()
        form = {"csrf_token": served.token, "upload": address.rpartition("/")[2]}
        body = "&".join(f"{name}={value}" for name, value in form.items())
        answer = served.ask("POST", "/staff/batches", body, Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 303
        until(lambda: state(database) == "checked", 60)
    assert list((tmp_path / "scratch").iterdir()) == []


def sent(served: Line, address: str, offset: int, rest: object) -> int:
    """The status of the rest, which is sent without telling its length."""
    more = {"Upload_Offset": str(offset), "Content_Type": BYTES}
    return served.ask("PATCH", address, rest(), **more).status  # type: ignore[operator]


def state(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(text("SELECT state FROM batch")).scalar_one())
