"""Check charges.csv: rows → groups → a spool in order of the statements → rows ready to be staged.

A line of the spool is a group of rows that stood together, its key first. Nearly every statement is one group
that was built without a finding: its stored form passes through as bytes. The others (rows that stand apart, a
finding) are taken to pieces and built anew as a whole.
"""

from collections.abc import Iterator

from mypage.adapters.reading.records import Records
from mypage.domain.charges import ChargeRows
from mypage.works.load import charge_lines
from mypage.works.load.ready import Ready
from mypage.works.load.second import Second
from mypage.works.load.settling import Settling
from mypage.works.load.spool import Spool
from mypage.works.load.task import TAX_ROUNDINGS, Task


def spool(task: Task, records: Records, first_row: int, to: Spool) -> Iterator[int]:
    """Read all records into the spool; yields the row last read, every now and then."""
    rows = ChargeRows(task.plan, task.fold, task.report.tell, task.leave_out)
    return charge_lines.spooled_rows(rows, records, first_row, to, TAX_ROUNDINGS[task.rules.tax_rounding])


def settle(task: Task, lines: Iterator[bytes], second: Second | None = None) -> tuple[Ready, ...]:
    """Put the lines of the spool (in order) together to statements, and find their holders.

    ``second`` does the same with what stands behind these lines.
    """
    settling = Settling(task, task.ready())
    if second is not None:
        second.begin_to_settle()
    settling.take(lines)
    told = None if second is None else second.settled()
    if told is not None:
        settling.absorb(told)
    elif second is not None:
        # It was killed: what it had to do is still to be done.
        settling.take(second.lines())
    settling.count()
    if second is not None:
        second.remove_spool()
        if told is not None:
            if task.is_in_order and not task.blocking:
                second.begin_preview(settling.rows)
            settling.append(second.ready.lines())
    return settling.finish()
