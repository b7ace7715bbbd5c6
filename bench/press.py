"""The load: as many requests over a few kept-open connections as the server answers; loopback only.

``wrk`` where it is installed, else a loop of Python's sockets, which takes more of the machine for itself.
"""

import json
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_LUA = """
local requests, turn = {}, 0
init = function(arguments)
  for line in io.lines("%(cookies)s") do
    requests[#requests + 1] = wrk.format("GET", "%(path)s", {["Host"] = "127.0.0.1:%(port)d", ["Cookie"] = line})
  end
end
request = function()
  turn = turn %% #requests + 1
  return requests[turn]
end
done = function(summary, latency, requests)
  local errors = summary.errors
  local times = {}
  for place = 1, #latency do
    local value, count = latency(place)
    times[place] = string.format("[%%d, %%d]", value, count)
  end
  io.write(string.format('\\n{"requests": %%d, "microseconds": %%d, "bytes": %%d, "errors": %%d, "median": %%d, "p99": %%d, "times": [%%s]}\\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99), table.concat(times, ", ")))
end
"""


class Pressed(NamedTuple):
    """What came back: answers a second, bytes an answer (with its head), median and p99 in milliseconds.

    ``times``: how many answers took so many milliseconds, so that several presses can be taken together.
    """

    requests: int
    rate: float
    size: float
    errors: int
    median: float
    p99: float
    times: tuple[tuple[float, int], ...] = ()


def p99(several: Sequence[Pressed]) -> float:
    """Of all their answers together, the milliseconds that one in a hundred exceeds."""
    times = sorted(pair for pressed in several for pair in pressed.times)
    left = sum(count for _, count in times) * 0.99
    for milliseconds, count in times:
        left -= count
        if left <= 0:
            return milliseconds
    return 0.0


def press(port: int, path: str, cookies: Sequence[str], seconds: float, connections: int = 8) -> Pressed:
    """Ask for ``path`` for so many seconds, with the cookies in turns."""
    if shutil.which("wrk"):
        return _wrk(port, path, cookies, seconds, connections)
    return _sockets(port, path, cookies, seconds, connections)


def _wrk(port: int, path: str, cookies: Sequence[str], seconds: float, connections: int) -> Pressed:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    with tempfile.TemporaryDirectory() as folder:
        jar, script = Path(folder) / "cookies.txt", Path(folder) / "press.lua"
        jar.write_text("".join(f"{cookie}\n" for cookie in cookies))
        script.write_text(_LUA % {"cookies": jar, "path": path, "port": port})
        address = f"http://127.0.0.1:{port}"
        done = subprocess.run([*command, "-s", script, address], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.strip().splitlines()[-1])
    answered = said["requests"]
    return Pressed(
        requests=answered,
        rate=answered / (said["microseconds"] / 1e6),
        size=said["bytes"] / max(1, answered),
        errors=said["errors"],
        median=said["median"] / 1e3,
        p99=said["p99"] / 1e3,
        times=tuple((microseconds / 1e3, count) for microseconds, count in said["times"]),
    )


def _sockets(port: int, path: str, cookies: Sequence[str], seconds: float, connections: int) -> Pressed:
    found: list[tuple[int, float, bool]] = []
    begin = time.perf_counter()
    until = begin + seconds
    threads = [
        threading.Thread(
            target=_ask, args=(port, path, cookies[place_::connections] or cookies, until, found)
        )
        for place_ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - begin
    times = sorted(taken_ for _, taken_, _ in found) or [0.0]
    return Pressed(
        requests=len(found),
        rate=len(found) / taken,
        size=statistics.fmean(size for size, _, _ in found) if found else 0.0,
        errors=sum(not good for _, _, good in found),
        median=statistics.median(times) * 1e3,
        p99=times[int(len(times) * 0.99)] * 1e3,
        times=tuple((taken_ * 1e3, 1) for taken_ in times),
    )


def _ask(
    port: int, path: str, cookies: Sequence[str], until: float, found: list[tuple[int, float, bool]]
) -> None:
    heads = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
        for cookie in cookies
    ]
    turn = 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        while (begin := time.perf_counter()) < until:
            connection.sendall(heads[turn % len(heads)])
            turn += 1
            size, good = _answer(connection)
            found.append((size, time.perf_counter() - begin, good))


def _answer(connection: socket.socket) -> tuple[int, bool]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    size = len(body)
    while size < length:
        size += len(connection.recv(65536))
    return len(head) + 4 + length, head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
