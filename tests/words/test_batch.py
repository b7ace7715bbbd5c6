"""Every code that a billing file can bring up has its sentence and its way to put it right, and none is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mypage
from mypage.domain.batch import Kind, State
from mypage.services.publication import Refusal
from mypage.words.batch import KINDS, STATES, TOLD
from mypage.words.sentences import SENTENCES

ROOT = Path(mypage.__path__[0])
TELLING = ("Defect", "HeadingDefect", "Finding", "RowError", "Unreadable")


def trees() -> Iterator[ast.AST]:
    """The modules that tell of files."""
    for folder in ("domain", "adapters/reading", "works/load"):
        for module in (ROOT / folder).rglob("*.py"):
            yield ast.parse(module.read_text(encoding="utf-8"))


def strings() -> set[str]:
    """All texts in those modules."""
    return {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_code_that_is_told_has_its_words() -> None:
    told = {
        node.args[0].value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in TELLING
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(told) > 40
    assert told - TOLD.keys() == set()


def test_no_words_are_left_of_a_code_that_nobody_tells() -> None:
    assert TOLD.keys() - strings() == set()


def test_states_kinds_and_refusals_have_their_words() -> None:
    assert STATES.keys() == {state.value for state in State}
    assert KINDS.keys() == {kind.value for kind in Kind}
    assert {f"batch.deed.{refusal.value}" for refusal in Refusal} <= SENTENCES.keys()
