"""The worked example of ``docs/api.md``: its own commands, with a real curl, against a real server and its worker."""

import gzip
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.store.engine import Database
from mypage.words.api_problems import PROBLEMS
from mypage.works.keeping import Keeper
from mypage.works.load.waiting import check_all_received
from mypage.works.scheduled import publish_due
from tests.delivering import charge, charges, customer, customers, number_change, number_changes
from tests.portal import environment
from tests.programme import a_token
from tests.serving import serving

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Shell:
    """A shell of the core system's: what it stands in, and what it knows."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "PORTAL": url,
            "TOKEN": token,
            "LC_ALL": "C.UTF-8",
        }

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def write(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return name


@pytest.fixture
def shell(engine_url: str, tmp_path: Path) -> Iterator[Shell]:
    """Before a portal that serves, and whose worker works, until the test is over."""
    assert shutil.which("curl"), "no curl: apt-get install curl"
    database = Database(engine_url)
    settings = load(environment(engine_url))
    keeper, clock, is_over = Keeper(settings, database), Clock(None), threading.Event()

    def work() -> None:
        while not is_over.wait(0.1):
            check_all_received(settings, database, keeper, clock)
            publish_due(settings, database, clock)

    worker = threading.Thread(target=work)
    with serving(engine_url, tmp_path) as web:
        worker.start()
        folder = tmp_path / "core"
        folder.mkdir()
        try:
            yield Shell(folder, f"http://127.0.0.1:{web.port}", a_token(database))
        finally:
            is_over.set()
            worker.join()
    database.close()


def test_the_commands_of_the_page_do_what_it_says(shell: Shell) -> None:
    token, nightly, several, large = BLOCKS
    done = shell.run(token)
    assert json.loads(done.stdout)["name"] == "夜間バッチ", done.stderr
    assert (shell.folder / "mypage.header").stat().st_mode & 0o077 == 0
    assert shell.run(nightly).returncode == 0

    def night(name: str) -> tuple[int, str]:
        done = shell.run(f"sh nightly.sh {name}")
        # Whether the order comes before the check has found an error, or after it and is refused, nobody can say.
        return done.returncode, done.stdout

    shell.write("customers.csv", customers(customer("70012"), customer("70099")))
    assert night("customers.csv") == (0, "batch 1: 0 statements, 0 yen\n")
    shell.write("october.csv", charges(charge("70012")))
    assert night("october.csv") == (0, "batch 2: 1 statements, 500 yen\n")
    assert night("october.csv") == (0, "batch 2: 1 statements, 500 yen\n")  # run again, it does nothing
    shell.write("wrong.csv", charges(charge("70012", amount="?")))
    assert night("wrong.csv") == (1, "batch 3: refused, see errors.csv\n")
    assert (shell.folder / "errors.csv").read_bytes().startswith("\ufeff行番号".encode())
    shell.write("changes.csv", number_changes(number_change("70012", "70099")))
    assert night("changes.csv") == (3, "batch 4 waits for a second person\n")
    shell.write("rubbish.csv", b"a,b\n")
    status, told = night("rubbish.csv")
    assert (status, '"code": "files_refused"' in told) == (1, True), told
    # The further commands, one after another as they stand.
    shell.write("customers.csv", customers(customer("70013")))
    shell.write("charges.csv.gz", gzip.compress(charges(charge("70013"))))
    shell.write("large.csv", charges(charge("70013", month="2026-11")))
    done = shell.run(several + large)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [each for each in done.stdout.splitlines() if each.startswith('{"batches"')]
    states = [json.loads(each)["batches"][0]["state"] for each in answers if each.endswith("}")]
    assert states[:-1] == ["scheduled", "checked", "published", "taken_back"], done.stdout
    # The worker may have taken it up already.
    assert states[-1] in ("received", "checking", "checked"), done.stdout


def test_the_table_of_refusals_is_the_one_of_the_portal() -> None:
    rows = re.findall(r"^\| ([45]\d\d) \| `(\w+)` \| (.{10,}) \|$", PAGE, re.MULTILINE)
    listed = [(int(status), code) for status, code, _ in rows]
    assert listed == sorted((problem.status, code) for code, problem in PROBLEMS.items())
