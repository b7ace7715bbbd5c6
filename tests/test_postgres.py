"""The launcher of the tests' PostgreSQL: it stops and starts, and never outlives whoever started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests import postgres as programs

pytestmark = pytest.mark.usefixtures("postgres")
HOLDS_ONE = """
import sys, time
from tests import postgres
with postgres.cluster() as server:
    print(server.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("which", ["newest", "packaged"])
def test_what_was_written_is_there_after_a_stop_and_a_start(which: str) -> None:
    with programs.cluster(programs.packaged() if which == "packaged" else None) as server:
        engine = create_engine(server.fresh("kept"))
        with engine.begin() as connection:
            assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
            assert connection.scalar(text("SELECT 'ﾊ' < 'あ' COLLATE \"default\"")) is False, "not locale C"
            connection.execute(text("CREATE TABLE note AS SELECT 'あ' AS word"))
        server.stop()
        engine.dispose()
        with pytest.raises(OperationalError):
            engine.connect()
        server.start()
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT word FROM note")) == "あ"
        engine.dispose()
        copied = create_engine(server.fresh("copied", template="kept"))
        with copied.connect() as connection:
            assert connection.scalar(text("SELECT word FROM note")) == "あ"
        copied.dispose()
        folder = server.folder
    assert not folder.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_whoever_started_it(how: signal.Signals) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert holder.stdout is not None
    folder = Path(holder.stdout.readline().strip())
    server = int((folder / "storage" / "postmaster.pid").read_text().split()[0])
    holder.send_signal(how)
    holder.wait()
    holder.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (folder.exists() or _alive(server)):
        time.sleep(0.02)
    assert not _alive(server)
    assert not folder.exists()


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
