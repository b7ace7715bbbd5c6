"""The process itself: ``python -m mypage.works.load.second_half`` reads its order from stdin and tells how far it is.

It ends with whoever started it: then nobody takes what it tells. Exit status 0 only where all was read or told.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final

from mypage.adapters.reading.records import records_behind
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import Kind
from mypage.domain.charges import ChargeRows
from mypage.domain.columns import Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError
from mypage.works.load.charge_lines import spooled_rows
from mypage.works.load.report import Report
from mypage.works.load.second_reader import LEFT_OUT, TOLD
from mypage.works.load.spool import Spool
from mypage.works.load.task import TAX_ROUNDINGS

_POLITENESS: Final = 10


def main() -> int:
    """Read the half that is ordered."""
    # Pages and logins go first. It holds no lock of the database that others could wait for.
    os.nice(_POLITENESS)
    order: dict[str, Any] = json.load(sys.stdin)
    folder = Path(order["folder"])
    found = plan(order["headings"], Kind.CHARGES)
    assert isinstance(found, Plan)  # noqa: S101 - the first half has the same headings
    report, spool = Report(folder / "report"), Spool(folder / "spool")
    read = 0

    def passed(done: int) -> None:
        nonlocal read
        read = done

    with (folder / LEFT_OUT).open("w", encoding="ascii") as left_out:

        def leave_out(error: RowError, month: int | None = None, number: int | None = None) -> None:
            if order["leaves_out"]:
                left_out.write(json.dumps([error, month, number]) + "\n")

        rows = ChargeRows(found, partial(fold, pattern=order["pattern"]), report.tell, leave_out)
        lines = records_behind(
            Path(order["path"]), order["codec"], order["offset"], order["delimiter"], progress=passed
        )
        try:
            for row in spooled_rows(rows, lines, order["row"], spool, TAX_ROUNDINGS[order["tax_rounding"]]):
                print(read, row - order["row"] + 1, flush=True)  # noqa: T201 - to whoever started us
        except Unreadable as error:
            report.tell(RowError(error.code, 0, "", "", "", error.facts))
    told = {"runs": [run.as_json() for run in spool.runs()], "report": report.as_json()}
    (folder / TOLD).write_text(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
