"""Read an Excel file in a process of its own: what explodes in memory ends that process, not ours."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Final

from mypage.adapters.reading.unreadable import Unreadable

CHUNK: Final = 1 << 18
# Exit statuses of the process.
TOO_LARGE: Final = 3
NOT_READABLE: Final = 4
NO_ROWS: Final = 5
_CODES: Final = {TOO_LARGE: "sheet_too_large", NOT_READABLE: "sheet_not_readable", NO_ROWS: "file_empty"}


def as_csv(path: Path) -> Generator[bytes, None, None]:
    """The first sheet as CSV in UTF-8. Raises :class:`Unreadable`."""
    command = [sys.executable, "-m", "mypage.adapters.reading.sheet", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - ours
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            while chunk := process.stdout.read(CHUNK):
                yield chunk
            status = process.wait()
        finally:
            process.kill()
    if status != 0:
        # Killed by the kernel (negative) or out of memory in the middle of an allocation: too large as well.
        raise Unreadable(_CODES.get(status, "sheet_too_large"))
