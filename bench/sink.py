"""A mail server of its own process that takes everything and counts it.

As a program: ``python -m bench.sink`` prints its port; for each line that it reads it prints what came since the line
before, as JSON: the recipients, when the first conversation began, and how many bytes the mails had.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.place import ROOT
from bench.servers import free_port


class Taken(NamedTuple):
    """What came: ``began`` is an instant of the machine's monotonic clock, which all processes share."""

    recipients: list[str]
    began: float
    size: int


class Sink:
    """The running sink."""

    def __init__(self, port: int, asked: IO[str], answers: IO[str]) -> None:
        self.port = port
        self._asked, self._answers = asked, answers

    @property
    def url(self) -> str:
        """For MYPAGE_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def taken(self) -> Taken:
        """What came since the question before."""
        self._asked.write("\n")
        self._asked.flush()
        return Taken(*json.loads(self._answers.readline()))


@contextlib.contextmanager
def sink() -> Iterator[Sink]:
    """A sink, ended at the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.sink"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Sink(int(process.stdout.readline()), process.stdin, process.stdout)
        # It ends with its standard input.


class _Counting:
    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.recipients: list[str] = []
        self.began = 0.0
        self.size = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's own names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.began = self.began or time.monotonic()
        session.host_name = hostname
        return responses

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.recipients += envelope.rcpt_tos
        self.size += len(envelope.content or b"")
        return "250 2.0.0 OK: queued"


def main() -> None:
    """Serve until standard input ends."""
    counting = _Counting()
    port = free_port()
    controller = Controller(counting, hostname="127.0.0.1", port=port, ident="sink")
    controller.start()
    counting.forget()
    say(port)
    for _ in sys.stdin:
        say(json.dumps([counting.recipients, counting.began, counting.size]))
        counting.forget()
    controller.stop()


def say(what: object) -> None:
    """A line to whoever started this."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
