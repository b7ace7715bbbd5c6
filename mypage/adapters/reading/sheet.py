"""The process that reads an Excel file: ``python -m mypage.adapters.reading.sheet FILE`` writes CSV to stdout."""

import csv
import datetime
import io
import resource
import sys
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, ZipError

from mypage.adapters.reading.sheet_process import NO_ROWS, NOT_READABLE, TOO_LARGE

# Bytes of address space beside what Python itself takes: with ours it stays below 300 MB.
MEMORY: Final = 180 << 20
# Excel keeps 15 digits of a number; what is longer was destroyed when it was typed or opened.
_LARGEST_EXACT: Final = 10**15

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def text_of(cell: Cell) -> str:
    """A cell as the text that a CSV of the same file would hold, dates as ISO, numbers without a float's tail."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        if abs(cell) >= _LARGEST_EXACT:
            return f"{cell:.5E}"
        return str(int(cell)) if cell == int(cell) else f"{cell:.10f}".rstrip("0")
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)


def main(path: str) -> int:
    """Write the first sheet; the exit status says why it could not."""
    size = _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    out = io.TextIOWrapper(
        sys.stdout.buffer, encoding="utf-8", errors="surrogatepass", newline="", write_through=False
    )
    writer = csv.writer(out)
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheet = workbook.get_sheet_by_index(0)
        if not sheet.height:
            return NO_ROWS
        for row in sheet.iter_rows():
            writer.writerow([text_of(cell) for cell in row])
        out.flush()
    except MemoryError:
        return TOO_LARGE
    except (CalamineError, ZipError, OSError, IndexError, ValueError):
        return NOT_READABLE
    return 0


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no need of pathlib in a small process
        return int(file.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
