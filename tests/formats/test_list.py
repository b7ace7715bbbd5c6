"""The list of sentences and tests (docs/formats-tests.md) is true."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
LIST = TESTS.parent / "docs" / "formats-tests.md"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
# Whose tests are sentences of the formats, all of them.
WHOLE = (
    *(
        f"formats/test_{name}.py"
        for name in ("any_file", "columns", "values", "customers", "contracts", "charges")
    ),
    *(f"works/test_{name}.py" for name in ("load_payments", "load_number_changes", "left_out")),
)


def functions(module: str) -> set[str]:
    """The tests of a module."""
    tree = ast.parse((TESTS / module).read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_that_is_named_exists_and_every_test_of_the_formats_is_named() -> None:
    named: dict[str, set[str]] = {}
    for module, name in NAMED.findall(LIST.read_text(encoding="utf-8")):
        named.setdefault(module, set()).add(name)
    for module, names in named.items():
        assert names <= functions(module), f"{module}: {sorted(names - functions(module))}"
    for module in WHOLE:
        assert functions(module) <= named[module], f"{module}: {sorted(functions(module) - named[module])}"


def test_every_sentence_has_a_test() -> None:
    rows = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    sentences = [row for row in rows if not row.startswith(("| sentence", "| ---"))]
    assert len(sentences) > 70
    assert [row for row in sentences if not NAMED.search(row)] == []
