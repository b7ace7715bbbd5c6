"""Resumable uploads at the console (tus 1.0), as a client that somebody else wrote speaks: nothing is lost, nothing is another's."""

import base64
import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from mypage.domain.staff import Role
from mypage.store import kept_files as store
from mypage.store.engine import Database
from mypage.web.keeping import keeper
from tests.portal import move_clock, portal
from tests.slow_line import SlowLine
from tests.staffing import Member, a_member, at_desk
from tests.uploading import BYTES, UPLOADS, TusClient


class Desk:
    """Billing at a desk, with the portal whose clock can be moved."""

    def __init__(self, database: Database, folder: Path, **settings: str) -> None:
        self.database, self.clock = database, folder / "clock"
        self.app = portal(database, self.clock, scratch=str(folder / "scratch"), **settings)
        self.member = a_member(database, Role.BILLING)
        self.tus = self.client(self.member)

    def client(self, member: Member) -> TusClient:
        return TusClient(at_desk(self.app, self.database, member))

    def content(self, address: str) -> tuple[str, bytes]:
        """Name and bytes of what is kept."""
        with self.app.app_context():
            made = keeper()
        with self.database.reading() as connection:
            file = store.get(connection, address.rpartition("/")[2])
        assert file is not None
        return file.name, b"".join(made.pieces(file))


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path, file_keys="k" * 40, file_largest="1", file_uploads="3")


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal, which is told as RFC 9457 says."""
    assert answer.mimetype == "application/problem+json", answer.text
    told = json.loads(answer.text)
    assert told["status"] == answer.status_code
    assert told["detail"].endswith("。")
    assert "{" not in told["detail"]
    return answer.status_code, told["code"]


def test_a_file_comes_in_pieces_and_goes_on_where_it_stopped(desk: Desk) -> None:
    tus = desk.tus
    abilities = tus.ask("OPTIONS", UPLOADS)
    assert abilities.status_code == 204
    assert abilities.headers["Tus-Version"] == "1.0.0"
    assert abilities.headers["Tus-Max-Size"] == str(1 << 20)
    assert set(abilities.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "termination",
        "checksum",
        "expiration",
    }
    content = os.urandom(100_000)
    address = tus.begin(len(content), "C:\\帳票\\10月\t請求.csv")
    assert address.startswith(f"{UPLOADS}/")
    assert tus.send(address, content[:60_000]).status_code == 204
    # The line breaks: less comes than was said. What did come counts.
    answer = tus.send(address, content[60_000:70_000], 60_000, Content_Length="20000")
    assert answer.status_code < 500
    head = tus.ask("HEAD", address)
    assert (head.status_code, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (
        200,
        "70000",
        "100000",
    )
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers["Upload-Expires"].endswith(" GMT")
    told = tus.send(address, content[70_000:], 70_000)
    assert (told.status_code, told.headers["Upload-Offset"]) == (204, "100000")
    assert "Upload-Expires" not in told.headers
    assert desk.content(address) == ("10月請求.csv", content)
    # A proxy that lets no PATCH through; a client that begins with the bytes; an empty file.
    other = tus.begin(4)
    more = {"Upload_Offset": "0", "Content_Type": BYTES, "X_HTTP_Method_Override": "PATCH"}
    assert tus.ask("POST", other, b"abcd", **more).status_code == 204
    begun = tus.ask("POST", UPLOADS, b"abc", Upload_Length="6", Content_Type=BYTES)
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "3")
    assert tus.send(begun.headers["Location"], b"def", 3).status_code == 204
    assert desk.content(begun.headers["Location"]) == ("ファイル", b"abcdef")
    assert desk.content(tus.begin(0)) == ("charges.csv", b"")


def test_what_is_wrong_with_a_request_is_said(desk: Desk) -> None:
    tus = desk.tus
    address = tus.begin(10)
    assert problem(tus.ask("POST", UPLOADS)) == (400, "length_missing")
    assert problem(tus.ask("POST", UPLOADS, Upload_Length="-1")) == (400, "length_missing")
    assert problem(tus.ask("POST", UPLOADS, Upload_Defer_Length="1")) == (400, "length_missing")
    assert problem(tus.ask("POST", UPLOADS, Upload_Length="1048577")) == (413, "file_too_large")
    for metadata in ("filename ???", "filename /w=="):
        wrong = tus.ask("POST", UPLOADS, Upload_Length="1", Upload_Metadata=metadata)
        assert problem(wrong) == (400, "metadata_wrong")
    old = tus.ask("POST", UPLOADS, Upload_Length="1", Tus_Resumable="0.2.2")
    assert problem(old) == (412, "version_unknown")
    assert old.headers["Tus-Version"] == "1.0.0"
    assert problem(tus.ask("POST", UPLOADS, Upload_Length="1", X_HTTP_Method_Override="PUT")) == (
        405,
        "method_wrong",
    )
    assert problem(tus.ask("POST", address)) == (405, "method_wrong")
    assert problem(tus.send(address, b"1", Content_Type="text/plain")) == (415, "type_wrong")
    assert problem(tus.send(address, b"1", Upload_Offset="x")) == (400, "offset_missing")
    wrong = tus.send(address, b"1", 3)
    assert (problem(wrong), wrong.headers["Upload-Offset"]) == ((409, "wrong_offset"), "0")
    assert problem(tus.send(address, b"12345678901")) == (413, "longer_than_declared")
    assert tus.offset(address) == 0
    digest = base64.b64encode(hashlib.sha1(b"1", usedforsecurity=False).digest()).decode()
    assert problem(tus.send(address, b"2", Upload_Checksum=f"sha1 {digest}")) == (460, "checksum_differs")
    for told in (f"md5 {digest}", "sha1 ???", ""):
        assert problem(tus.send(address, b"1", Upload_Checksum=told)) == (400, "checksum_wrong")
    assert tus.send(address, b"1", Upload_Checksum=f"sha1 {digest}").status_code == 204
    tus.begin(1)
    tus.begin(1)
    assert problem(tus.ask("POST", UPLOADS, Upload_Length="1")) == (429, "too_many_uploads")


def test_an_upload_is_its_owners_and_ends(desk: Desk) -> None:
    tus = desk.tus
    colleague = desk.client(a_member(desk.database, Role.BILLING, "鈴木"))
    address = tus.begin(10)
    for method in ("HEAD", "PATCH", "DELETE"):
        more = {"Upload_Offset": "0", "Content_Type": BYTES} if method == "PATCH" else {}
        foreign = colleague.ask(method, address, b"1" if method == "PATCH" else None, **more)
        unknown = tus.ask(method, f"{UPLOADS}/{'0' * 32}", b"1" if method == "PATCH" else None, **more)
        assert (foreign.status_code, foreign.data) == (404, unknown.data)
        assert unknown.status_code == 404
    assert tus.ask("DELETE", address).status_code == 204
    assert tus.ask("HEAD", address).status_code == 410
    assert problem(tus.send(address, b"1")) == (410, "file_gone")
    assert problem(tus.ask("DELETE", address)) == (410, "file_gone")
    expires = tus.begin(10)
    move_clock(desk.clock, timedelta(hours=24))
    # The session is over too; whoever logs in again learns that the upload is.
    assert tus.send(expires, b"1").headers["Location"].startswith("/staff/login")
    late = desk.client(desk.member)
    assert problem(late.send(expires, b"1")) == (410, "upload_expired")
    assert late.ask("HEAD", expires).status_code == 410


def test_another_web_site_sends_nothing(desk: Desk) -> None:
    address = desk.tus.begin(10)
    for token in ("", "forged"):
        for method, path in (("POST", UPLOADS), ("PATCH", address), ("DELETE", address)):
            more = {"Upload_Length": "1", "Upload_Offset": "0", "Content_Type": BYTES}
            answer = desk.tus.ask(method, path, b"1" if method == "PATCH" else None, token=token, **more)
            assert answer.status_code in (302, 303, 400), (method, answer.status)
    # Nor does a request that asks for no token do what one that does could.
    for override in ("DELETE", "PATCH"):
        asked = desk.tus.ask(
            "HEAD",
            address,
            token="",
            X_HTTP_Method_Override=override,
            Upload_Offset="0",
            Content_Type=BYTES,
        )
        assert asked.status_code == 200
    # Nor is it a fault where the address is of no upload at all.
    strange = desk.tus.ask(
        "PATCH", f"{UPLOADS}/a\u202e", b"1", token="", Upload_Offset="0", Content_Type=BYTES
    )
    assert strange.status_code == 404
    assert desk.tus.offset(address) == 0
    # Not even a large body is looked at, but by the view that is for it.
    large = desk.tus.ask("PATCH", address, bytes(100_000), Upload_Offset="0", Content_Type="text/plain")
    assert large.status_code == 413


class Meanwhile(io.BytesIO):
    """A body in the middle of which something else happens."""

    def __init__(self, content: bytes, deed: Callable[[], None]) -> None:
        super().__init__(content)
        self._deeds = [deed]

    def read(self, size: int | None = -1, /) -> bytes:
        while self._deeds:
            self._deeds.pop()()
        return super().read(size)


def test_one_large_body_at_a_time_keeps_a_thread_for_everybody_else(desk: Desk) -> None:
    address, other = desk.tus.begin(10), desk.tus.begin(10)
    seen: list[TestResponse] = []
    body = Meanwhile(b"0123456789", lambda: seen.append(desk.tus.send(other, b"1" * 10)))
    more = {"Upload_Offset": "0", "Content_Type": BYTES}
    assert desk.tus.ask("PATCH", address, body, **more).status_code == 204
    assert problem(seen[0]) == (503, "uploads_taken")
    assert seen[0].headers["Retry-After"] == "2"
    assert desk.tus.send(other, b"1" * 10).status_code == 204


def test_a_body_that_dribbles_gives_its_turn_back(desk: Desk) -> None:
    """What came of an upload is kept; a form with files is told what is wrong, and nothing of it is."""

    def slow(content: bytes) -> SlowLine:
        return SlowLine(content, 100, lambda seconds: move_clock(desk.clock, timedelta(seconds=seconds)))

    content = os.urandom(100_000)
    address = desk.tus.begin(len(content))
    more = {"Upload_Offset": "0", "Content_Type": BYTES, "Content_Length": str(len(content))}
    answer = desk.tus.ask("PATCH", address, slow(content), **more)
    arrived = int(answer.headers["Upload-Offset"])
    assert (answer.status_code, 0 < arrived < 20_000) == (204, True)
    field = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{desk.tus.token}\r\n'
    file = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    body = f"{field}{file}".encode() + content + b"\r\n--x--\r\n"
    form = {"Content_Type": "multipart/form-data; boundary=x", "Content_Length": str(len(body))}
    answer = desk.tus.ask("POST", "/staff/batches", slow(body), **form)
    assert (answer.status_code, "届くのに時間がかかりすぎた" in answer.text) == (408, True)
    rest = desk.tus.send(address, content[arrived:], arrived)
    assert (rest.status_code, desk.content(address)) == (204, ("charges.csv", content))
