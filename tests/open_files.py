"""What this process holds open below a folder, while nothing is thrown away that only looking for rings would find."""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def none_left_open(folder: Path) -> Iterator[None]:
    """At the end of the block no file below ``folder`` may be open, and no process live that began in it."""
    gc.collect()
    gc.disable()
    others = _children()
    try:
        yield
        assert _open_below(folder) == []
        assert _children() <= others
    finally:
        gc.enable()


def _open_below(folder: Path) -> list[str]:
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one by which they are listed
            found.append(str(descriptor.readlink()))
    return sorted(path for path in found if path.startswith(f"{folder.resolve()}/"))


def _children() -> set[str]:
    return {each for task in Path("/proc/self/task").glob("*/children") for each in task.read_text().split()}
