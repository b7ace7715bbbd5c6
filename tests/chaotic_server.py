"""A mail server that fails in every way, at random but the same for the same seed, and remembers what it owes.

    with ChaoticServer(seed=7) as server:
        …
        server.kept["a@example.jp"], server.unheard["a@example.jp"]

Its faults depend on the recipient and on how often it was tried, so that they are the same however many workers come;
only those before a recipient is named depend on the number of the conversation. Addresses that begin with ``nobody``
are refused for good. Written out on bare sockets: it must lie, and be quick.
"""

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

# Where a conversation about a mail fails, of a hundred tries. ``kept…``: the server kept the mail and does not say so.
_FAULTS: Final[Mapping[str, int]] = {
    "450 4.2.1 mailbox busy": 5,
    "421 4.3.2 closing, at the recipient": 2,
    "breaks off at the recipient": 3,
    "451 4.3.0 at DATA": 3,
    "breaks off at DATA": 3,
    "452 4.3.1 disk full, at the end": 4,
    "lost at the end": 4,
    "kept, breaks off": 3,
    "kept, half an answer": 1,
    "taken, breaks off": 4,
    "taken, slow": 2,
}
# Before anybody is named, of a hundred conversations.
_AT_THE_DOOR: Final[Mapping[str, int]] = {
    "breaks off at the greeting": 1,
    "554 no greeting": 1,
    "breaks off at EHLO": 1,
    "breaks off at MAIL": 1,
    "451 4.3.0 at MAIL": 1,
}
NOBODY: Final = "nobody"


def _chosen(faults: Mapping[str, int], *by: object) -> str:
    number = random.Random("\n".join(map(str, by))).randrange(100)  # noqa: S311 - faults, not secrets
    for fault, share in faults.items():
        number -= share
        if number < 0:
            return fault
    return ""


class ChaoticServer:
    """The server, in a thread of its own. ``kept``: how often it kept a mail for each recipient; ``unheard``: how
    often it kept one without saying so to the end; ``order``: the recipients of kept mails."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.kept: Counter[str] = Counter()
        self.unheard: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.order: list[str] = []
        self.conversations = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    @property
    def url(self) -> str:
        """For MYPAGE_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        made = asyncio.run_coroutine_threadsafe(
            self._loop.create_server(lambda: _Conversation(self), "127.0.0.1", 0), self._loop
        )
        self._server = made.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        async def close() -> None:
            self._server.close()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Conversation(asyncio.Protocol):
    def __init__(self, server: ChaoticServer) -> None:
        self._server = server
        server.conversations += 1
        self._at_door = _chosen(_AT_THE_DOOR, server.seed, server.conversations)
        self._buffer = b""
        self._recipient, self._fault = "", ""
        self._reads_text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._is_at_door("breaks off at the greeting", "554 no greeting"):
            self._say("220 chaos")

    def data_received(self, received: bytes) -> None:
        self._buffer += received
        while not self._transport.is_closing():
            if self._reads_text:
                _, end, rest = self._buffer.partition(b"\r\n.\r\n")
                if not end:
                    return
                self._buffer, self._reads_text = rest, False
                self._end_of_text()
            else:
                line, end, rest = self._buffer.partition(b"\r\n")
                if not end:
                    return
                self._buffer = rest
                self._answer(line[:4].upper().strip(), line.decode("ascii"))

    def _answer(self, word: bytes, line: str) -> None:
        match word:
            case b"EHLO":
                if not self._is_at_door("breaks off at EHLO"):
                    self._say("250-chaos\r\n250 8BITMIME")
            case b"MAIL":
                if not self._is_at_door("breaks off at MAIL", "451 4.3.0 at MAIL"):
                    self._say("250 2.1.0 OK")
            case b"RCPT":
                self._begin(line.partition("<")[2].partition(">")[0])
            case b"DATA":
                self._begin_text()
            case b"QUIT":
                self._say("221 bye")
                self._transport.close()
            case _:
                self._say("250 2.0.0 OK")

    def _begin(self, recipient: str) -> None:
        server = self._server
        server.tries[recipient] += 1
        self._recipient = recipient
        self._fault = _chosen(_FAULTS, server.seed, recipient, server.tries[recipient])
        server.faults[self._fault] += 1
        if recipient.startswith(NOBODY):
            self._say("550 5.1.1 no such user")
        elif self._fault == "breaks off at the recipient":
            self._transport.abort()
        elif self._fault == "421 4.3.2 closing, at the recipient":
            self._say(self._fault)
            self._transport.close()
        elif self._fault == "450 4.2.1 mailbox busy":
            self._say(self._fault)
        else:
            self._say("250 2.1.5 OK")

    def _begin_text(self) -> None:
        if self._fault == "breaks off at DATA":
            self._transport.abort()
        elif self._fault == "451 4.3.0 at DATA":
            self._say(self._fault)
        else:
            self._say("354 go on")
            self._reads_text = True

    def _end_of_text(self) -> None:
        match self._fault:
            case "452 4.3.1 disk full, at the end":
                self._say(self._fault)
            case "lost at the end":
                self._transport.abort()
            case "kept, breaks off":
                self._keep(heard=False)
                self._transport.abort()
            case "kept, half an answer":
                self._keep(heard=False)
                self._transport.write(b"2")
                self._transport.close()
            case "taken, breaks off":
                self._keep(heard=True)
                self._say("250 2.0.0 queued")
                self._transport.close()
            case "taken, slow":
                self._keep(heard=True)
                asyncio.get_running_loop().call_later(0.02, self._say, "250 2.0.0 queued, at last")
            case _:
                self._keep(heard=True)
                self._say("250 2.0.0 queued")

    def _keep(self, *, heard: bool) -> None:
        self._server.kept[self._recipient] += 1
        self._server.unheard[self._recipient] += not heard
        self._server.order.append(self._recipient)

    def _is_at_door(self, *faults: str) -> bool:
        """Whether the conversation fails here, and does so."""
        if self._at_door not in faults:
            return False
        self._server.faults[self._at_door] += 1
        if self._at_door[0].isdigit():
            self._say(self._at_door)
            self._at_door = ""
        else:
            self._transport.abort()
        return True

    def _say(self, words: str) -> None:
        with contextlib.suppress(OSError):
            self._transport.write(words.encode() + b"\r\n")
