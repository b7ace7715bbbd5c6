"""./test counts what really passed, and takes nothing for passed that was not tried."""

import subprocess
import sys
from pathlib import Path

import pytest

from script.suite import Outcome, count

PASSES = "def test_passes(): pass\n"


@pytest.mark.parametrize(
    ("tests", "line"),
    [
        (PASSES, "part: 1 passed"),
        (PASSES + "def test_fails(): assert 0\n", "part: 1 passed, 1 failed"),
        (
            PASSES + "import pytest\ndef test_left(): pytest.skip('no such program')\n",
            "part: 1 passed — 1 skipped: no such program",
        ),
        (
            PASSES + "import pytest\n@pytest.fixture\ndef bad(): yield; 1/0\ndef test_after(bad): pass\n",
            "part: 1 passed, 1 failed",
        ),
        ("import nothing_of_that_name\n", "part: 0 passed, 1 failed"),
        ("", "part: 0 passed — no test was found"),
        ("import os\ndef test_ends_it_all(): os._exit(9)\n", None),
    ],
)
def test_a_part_is_counted(tmp_path: Path, tests: str, line: str | None) -> None:
    (tmp_path / "test_some.py").write_text(tests)
    results = tmp_path / "results.xml"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir=.", f"--junitxml={results}"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    outcome = count("part", results, ran.returncode)
    if line is None:
        assert str(outcome) == "part: 0 passed, 1 failed — pytest ended with status 9 before it counted"
    else:
        assert str(outcome) == line
    assert bool(outcome.against) is (line != "part: 1 passed")


def test_a_part_that_could_not_be_tried_counts_against_the_whole() -> None:
    outcome = Outcome("postgresql", trouble="did not run: No PostgreSQL: install it.")
    assert outcome.against == 1
    assert str(outcome) == "postgresql: 0 passed — did not run: No PostgreSQL: install it."
