"""All of ./test, inside the environment: quality, SQLite, PostgreSQL, browser; the last lines count.

A part that did not run, skipped a test, or found none is a failure: nobody reads what passed by not being tried.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from script import pythons
from script.environment import ROOT
from script.scratch import scratch
from tests import chromium, postgres

RESULTS = ROOT / ".test"
COVERAGE = ROOT / ".coverage"
NO_TESTS = 5  # pytest's exit status when it collected none


@dataclass(frozen=True)
class Outcome:
    """What became of one part. `trouble` is one sentence; with it the part is a failure even if no test failed."""

    name: str
    passed: int = 0
    failed: int = 0
    trouble: str = ""

    @property
    def against(self) -> int:
        """How much it adds to the failures of the whole."""
        return self.failed or int(bool(self.trouble))

    def __str__(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        trouble = f" — {self.trouble}" if self.trouble else ""
        return f"{self.name}: {self.passed} passed{failed}{trouble}"


@contextlib.contextmanager
def quality_begun() -> Iterator[Callable[[], Outcome]]:
    """Begin lint, types and floors, which keep one processor busy; what is given waits for them and says what they found."""
    programs = Path(sys.executable).parent
    checks = {
        "ruff": [sys.executable, "-m", "ruff", "check", "--quiet", "."],
        "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."],
        "mypy": [sys.executable, "-m", "mypy"],
        "lint-imports": [str(programs / "lint-imports")],
    }
    with contextlib.ExitStack() as running:
        started = {
            name: running.enter_context(
                subprocess.Popen(check, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            )
            for name, check in checks.items()
        }

        def ended() -> Outcome:
            with _heading("quality: ruff, mypy, lint-imports"):
                said = {name: check.communicate()[0] for name, check in started.items()}
            wrong = [name for name, check in started.items() if check.returncode]
            for name in wrong:
                print(f"{name}:\n{said[name]}", flush=True)
            return Outcome("quality", len(checks) - len(wrong), len(wrong), " and ".join(wrong))

        yield ended


def covered() -> Outcome:
    """Every branch of the rules and the deeds, over all processes of the part that was measured."""
    with _heading("coverage of mypage.domain and mypage.services"):
        command = [sys.executable, "-m", "coverage"]
        subprocess.run([*command, "combine", "--append", "--quiet"], cwd=ROOT, check=False)
        whole = subprocess.run([*command, "report"], cwd=ROOT, check=False).returncode == 0
    return Outcome(
        "coverage", int(whole), int(not whole), "" if whole else "not every branch is tried, see above"
    )


def part(
    name: str,
    marked: str,
    database: str,
    *,
    python: str = sys.executable,
    measured: bool = False,
    may_be_empty: bool = False,
) -> Outcome:
    """Run the tests with these marks on this database, in one process more than there are cores.

    Tests wait for servers, mails and browsers a third of their time; beyond four processes memory counts.
    """
    results = RESULTS / f"{name.replace(' ', '-')}.xml"
    command = [
        *([python, "-m", "coverage", "run"] if measured else [python]),
        *("-m", "pytest", "-q", "-n", str(min((os.cpu_count() or 1) + 1, 4)), "--dist", "loadscope"),
        # In the order of tests/conftest.py: what takes long first.
        "--no-loadscope-reorder",
        *("-m", marked, "--database", database, f"--junitxml={results}"),
    ]
    ours = {key: value for key, value in os.environ.items() if not key.startswith("MYPAGE_")}
    with _heading(name), scratch() as folder:
        status = subprocess.run(
            command, cwd=ROOT, env={**ours, "TMPDIR": str(folder)}, check=False
        ).returncode
    return Outcome(name) if may_be_empty and status == NO_TESTS else count(name, results, status)


def count(name: str, results: Path, status: int) -> Outcome:
    """What pytest wrote about a part, and its exit status."""
    if status == NO_TESTS:
        return Outcome(name, trouble="no test was found")
    try:
        suite = ElementTree.parse(results).getroot()[0]  # noqa: S314 — pytest wrote it a moment ago
    except (OSError, ElementTree.ParseError, IndexError):
        return Outcome(name, failed=1, trouble=f"pytest ended with status {status} before it counted")
    count = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    trouble = ""
    if count["skipped"]:
        reason = next((each.get("message") or "" for each in suite.iter("skipped")), "")
        trouble = f"{count['skipped']} skipped: {reason}"
    elif status and not failed:
        trouble = f"pytest ended with status {status}"
    return Outcome(name, passed, failed, trouble)


def on_postgresql(
    name: str,
    marked: str,
    *,
    python: str = sys.executable,
    measured: bool = False,
    may_be_empty: bool = False,
) -> Outcome:
    """The same where it needs a server's programs."""
    if postgres.find() is None:
        return Outcome(name, trouble=f"did not run: {postgres.NOT_FOUND}")
    return part(name, marked, "postgresql", python=python, measured=measured, may_be_empty=may_be_empty)


def in_browser() -> Outcome:
    """The part that needs Chromium; root gets it from the system's packages."""
    missing = chromium.missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        with _heading(f"installing {' and '.join(missing)} from the system's packages"):
            _install(missing)
        missing = chromium.missing()
    if missing:
        install = f"install it (Debian: apt-get install {' '.join(missing)}), or say --without-browser."
        return Outcome("browser", trouble=f"did not run: No Chromium that can be driven: {install}")
    return part("browser", "browser and not long", "sqlite")


def _install(packages: Sequence[str]) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for order in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        apt = subprocess.run(
            ["apt-get", "-q", *order],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if apt.returncode:
            sys.stdout.buffer.write(apt.stdout)


def long_parts() -> Iterator[Outcome]:
    """Tests that take minutes, then everything but the browser again on the other Pythons."""
    yield part("long sqlite", "long and not browser", "sqlite", may_be_empty=True)
    yield on_postgresql("long postgresql", "long and not browser", may_be_empty=True)
    for version in pythons.ALSO:
        base = pythons.find(version)
        if base is None:
            print(
                f"Python {version} was not found: install it (on PATH or by pyenv) to try it too.", flush=True
            )
            continue
        python = pythons.environment(base, version)
        if python is None:
            yield Outcome(f"python{version}", trouble="its environment could not be made, see above")
            continue
        yield part(f"python{version} sqlite", "not browser and not long", "sqlite", python=python)
        yield on_postgresql(f"python{version} postgresql", "not browser and not long", python=python)


@contextlib.contextmanager
def _heading(name: str) -> Iterator[None]:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    yield
    print(f"== {name}: {time.monotonic() - began:.0f} s", flush=True)


def main(argv: Sequence[str]) -> int:
    """Exit status: 0 only if every part ran whole and passed."""
    arguments = argparse.ArgumentParser(prog="./test")
    arguments.add_argument("--long", action="store_true")
    arguments.add_argument("--without-browser", action="store_true")
    asked = arguments.parse_args(argv)
    for leftover in (RESULTS, COVERAGE):
        shutil.rmtree(leftover, ignore_errors=True)

    ordinary = "not browser and not long"
    with quality_begun() as quality:
        # Measuring costs time, and of rules and deeds this part alone reaches every branch.
        counted = [part("sqlite", ordinary, "sqlite", measured=True)]
        checks = [quality(), covered()]
    # Unless a process of it ended without writing down what it had measured: what is lost is measured here.
    measured = bool(checks[-1].failed)
    counted.append(on_postgresql("postgresql", ordinary, measured=measured))
    if measured:
        checks[-1] = covered()
    if not asked.without_browser:
        counted.append(in_browser())
    longer = list(long_parts()) if asked.long else []

    print()
    for outcome in [*checks, *longer, *counted]:
        print(outcome)
    if asked.without_browser:
        print("browser: left out (--without-browser)")
    passed = sum(outcome.passed for outcome in [*longer, *counted])  # tests, not checks
    failed = sum(outcome.against for outcome in [*checks, *longer, *counted])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
