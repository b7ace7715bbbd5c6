"""A small S3 server for tests: objects in memory, named in the path, signatures checked, faults on demand.

    with s3_server() as server:
        settings = {"files": "s3", "files_bucket": server.url}
        server.fails_with = 503          # until it is None again
        server.objects                   # what lies there: {"prefix/file/part": bytes}

``script/try-s3`` tries the same against OpenStack Swift, which nobody here wrote.
"""

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET, BUCKET = "AKIATEST", "secret-of-a-test", "kept"


class S3Server:
    """What a test sees of it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fails_with: int | None = None
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
            """AWS Signature Version 4, as Amazon describes it."""
            told_of = dict(
                pair.strip().split("=", 1)
                for pair in self.headers["Authorization"].removeprefix("AWS4-HMAC-SHA256 ").split(",")
            )
            scope = told_of["Credential"].split("/", 1)[1]
            parts = urlsplit(self.path)
            query = "&".join(
                sorted(
                    f"{quote(name, safe='')}={quote(value, safe='')}"
                    for name, values in parse_qs(parts.query, keep_blank_values=True).items()
                    for value in values
                )
            )
            names = told_of["SignedHeaders"].split(";")
            headers = "".join(f"{name}:{(self.headers[name] or '').strip()}\n" for name in names)
            canonical = "\n".join(
                (
                    method,
                    parts.path,
                    query,
                    headers,
                    told_of["SignedHeaders"],
                    self.headers["x-amz-content-sha256"],
                )
            )
            to_sign = "\n".join(
                (
                    "AWS4-HMAC-SHA256",
                    self.headers["x-amz-date"],
                    scope,
                    hashlib.sha256(canonical.encode()).hexdigest(),
                )
            )
            key = f"AWS4{SECRET}".encode()
            for part in scope.split("/"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            signed = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
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
