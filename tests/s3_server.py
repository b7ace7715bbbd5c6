"""A small S3 server for tests: objects in memory, named in the path, signatures checked, faults on demand.

    with s3_server() as server:
        settings = {"files": "s3", "files_bucket": server.url}
        server.fails_with = 503          # until it is None again
        server.objects                   # what lies there: {"prefix/file/part": bytes}

``script/try-s3`` tries the same against OpenStack Swift, which nobody here wrote.
"""

import hashlib
import hmac
import http.client
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from mypage.config import values

# The address of a bucket of a real server, in the form of MYPAGE_FILES_BUCKET (``script/try-s3``).
REAL: Final = os.environ.get("TRY_S3_BUCKET")
KEY, SECRET, BUCKET = "AKIATEST", "secret-of-a-test", "kept"


class S3Server:
    """What a test sees of it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fails_with: int | None = None
        # Says that it has what is put, and has it not.
        self.forgets = False
        self.port = 0

    @property
    def url(self) -> str:
        """As ``MYPAGE_FILES_BUCKET`` names it."""
        return f"http://{KEY}:{SECRET}@127.0.0.1:{self.port}/{BUCKET}/mypage?region=ap-northeast-1"


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """One that runs until the end of the block."""
    told = S3Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer("PUT", body)

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer("POST", body)

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

        def _answer(self, method: str, body: bytes = b"") -> None:
            parts = urlsplit(self.path)
            bucket, _, name = unquote(parts.path).lstrip("/").partition("/")
            if told.fails_with is not None:
                self._send(told.fails_with, _error("ServiceUnavailable"))
            elif not self._is_signed(method):
                self._send(403, _error("SignatureDoesNotMatch"))
            elif bucket != BUCKET:
                self._send(404, _error("NoSuchBucket"))
            elif method == "PUT":
                if not told.forgets:
                    told.objects[name] = body
                self._send(200, b"", ETag=f'"{hashlib.sha256(body).hexdigest()}"')
            elif method == "POST":
                names = re.findall(r"<Key>(.*?)</Key>", body.decode())
                for each in names:
                    told.objects.pop(each, None)
                found = "".join(f"<Deleted><Key>{each}</Key></Deleted>" for each in names)
                self._send(200, f"<?xml version='1.0'?><DeleteResult>{found}</DeleteResult>".encode())
            elif not name:
                self._send(200, _listed(told.objects, parse_qs(parts.query)["prefix"][0]))
            elif name in told.objects:
                modified = "Thu, 26 Nov 2026 00:00:00 GMT"
                self._send(200, told.objects[name], ETag='"-"', Last_Modified=modified)
            else:
                self._send(404, _error("NoSuchKey"))

        def _send(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _is_signed(self, method: str) -> bool:
            told_of = dict(
                pair.strip().split("=", 1)
                for pair in self.headers["Authorization"].removeprefix("AWS4-HMAC-SHA256 ").split(",")
            )
            scope = told_of["Credential"].split("/", 1)[1]
            names = told_of["SignedHeaders"].split(";")
            headers = {name: (self.headers[name] or "").strip() for name in names}
            signed = signature(method, self.path, headers, scope, SECRET)
            return hmac.compare_digest(signed, told_of["Signature"])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signature(method: str, path: str, headers: Mapping[str, str], scope: str, secret: str) -> str:
    """AWS Signature Version 4 of a request, as Amazon describes it; ``headers`` are those that are signed."""
    parts = urlsplit(path)
    query = "&".join(
        sorted(
            f"{quote(name, safe='')}={quote(value, safe='')}"
            for name, values in parse_qs(parts.query, keep_blank_values=True).items()
            for value in values
        )
    )
    canonical = "\n".join(
        (
            method,
            parts.path,
            query,
            "".join(f"{name}:{value}\n" for name, value in headers.items()),
            ";".join(headers),
            headers["x-amz-content-sha256"],
        )
    )
    told = ("AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest())
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, "\n".join(told).encode(), hashlib.sha256).hexdigest()


def make_bucket(place: values.S3Server) -> None:
    """Make the bucket of a real server, where there is none yet."""
    now = datetime.now(UTC)
    scope = f"{now:%Y%m%d}/{place.region}/s3/aws4_request"
    headers = {
        "host": urlsplit(place.endpoint).netloc,
        "x-amz-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
    }
    signed = signature("PUT", f"/{place.bucket}", headers, scope, place.secret)
    authorization = f"AWS4-HMAC-SHA256 Credential={place.key}/{scope}, SignedHeaders={';'.join(headers)}, Signature={signed}"
    connection = http.client.HTTPConnection(headers["host"], timeout=30)
    try:
        connection.request("PUT", f"/{place.bucket}", headers={**headers, "Authorization": authorization})
        answer = connection.getresponse()
        assert answer.status in (200, 409), answer.read()
    finally:
        connection.close()


def _error(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def _listed(objects: dict[str, bytes], prefix: str) -> bytes:
    found = "".join(
        f"<Contents><Key>{escape(name)}</Key><Size>{len(data)}</Size>"
        "<LastModified>2026-11-26T00:00:00.000Z</LastModified><ETag>x</ETag></Contents>"
        for name, data in objects.items()
        if name.startswith(prefix)
    )
    return (
        f"<?xml version='1.0'?><ListBucketResult><Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix>"
        f"<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
    ).encode()
