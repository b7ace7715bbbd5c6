"""The causes that pages, messages and the trail name are those of the one table."""

import re
from pathlib import Path

from mypage.words.causes import CAUSES

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"[\"']([A-F]-\d\d)[\"']")


def test_every_cause_that_is_named_is_in_the_table() -> None:
    sources = [*ROOT.glob("mypage/**/*.py"), *ROOT.glob("templates/**/*.html")]
    named = {code for source in sources for code in NAMED.findall(source.read_text(encoding="utf-8"))}
    assert {"A-03", "C-10", "D-01"} <= named
    assert named <= CAUSES.keys()


def test_the_table_holds_every_cause_of_the_first_try() -> None:
    counts = {"A": 9, "B": 6, "C": 10, "D": 5, "E": 5, "F": 3}
    assert list(CAUSES) == [f"{letter}-{n:02}" for letter, most in counts.items() for n in range(1, most + 1)]
    assert len(set(CAUSES.values())) == len(CAUSES)
