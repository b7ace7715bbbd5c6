"""Which causes the tests make happen: the markers ``@pytest.mark.cause("A-03")``, read without running anything."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def tried(folder: Path = TESTS) -> dict[str, list[str]]:
    """By cause, the tests that carry its marker, as ``file::test``. Only whole functions count, and only tests."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for code, test in of_source(file.read_text(encoding="utf-8")):
            found.setdefault(code, []).append(f"{file.relative_to(folder)}::{test}")
    return found


def of_source(source: str) -> Iterator[tuple[str, str]]:
    """Cause and name of each marked test in a file. Raises ``ValueError`` for a marker that cannot be read."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                yield from ((code, node.name) for code in _codes(decorator))


def _codes(decorator: ast.expr) -> list[str]:
    called = isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.cause"
    if not called and ast.unparse(decorator) != "pytest.mark.cause":
        return []
    match decorator:
        case ast.Call(args=[ast.Constant(value=str(code))], keywords=[]):
            return [code]
        case _:
            raise ValueError(f"@{ast.unparse(decorator)} does not name one cause")
