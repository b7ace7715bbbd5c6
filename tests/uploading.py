"""A tus client for tests, as one that somebody else wrote would speak: requests and headers, nothing of ours.

client = TusClient(desk)                       # a desk of ``tests.staffing``
file_id = client.upload(content, "charges.csv")
"""

import base64
from typing import IO

from werkzeug.test import TestResponse

from tests.portal import ADDRESS
from tests.visitor import Visitor, form_values

UPLOADS = "/staff/batches/uploads"
BYTES = "application/offset+octet-stream"


class TusClient:
    """Uploads of one browser at the console. The token of its forms goes along in a header."""

    def __init__(self, desk: Visitor, base: str = UPLOADS) -> None:
        self.desk, self.base = desk, base
        form = desk.get("/staff/").form_with("ログアウト")
        self.token = form_values(form)["csrf_token"]

    def ask(
        self,
        method: str,
        path: str,
        content: bytes | IO[bytes] | None = None,
        token: str | None = None,
        **headers: str,
    ) -> TestResponse:
        """Any request; headers with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.token if token is None else token, **named}
        return self.desk.client.open(
            path,
            method=method,
            base_url=ADDRESS,
            headers=sent,
            data=content if isinstance(content, bytes) else None,
            input_stream=None if isinstance(content, bytes) else content,
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )

    def begin(self, size: int, name: str = "charges.csv") -> str:
        """A new upload; its address."""
        metadata = f"filename {base64.b64encode(name.encode()).decode()}"
        answer = self.ask("POST", self.base, Upload_Length=str(size), Upload_Metadata=metadata)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def send(self, address: str, content: bytes, offset: int = 0, **headers: str) -> TestResponse:
        """A piece of it."""
        more = {"Upload_Offset": str(offset), "Content_Type": BYTES, **headers}
        return self.ask("PATCH", address, content, **more)

    def offset(self, address: str) -> int:
        """How much of it the server has."""
        answer = self.ask("HEAD", address)
        assert answer.status_code == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    def upload(self, content: bytes, name: str = "charges.csv", piece: int = 1 << 20) -> str:
        """All of it, in pieces; its id."""
        address = self.begin(len(content), name)
        for offset in range(0, len(content), piece):
            answer = self.send(address, content[offset : offset + piece], offset)
            assert answer.status_code == 204, answer.text
        assert self.offset(address) == len(content)
        return address.rpartition("/")[2]
