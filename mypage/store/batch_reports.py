"""All that a check told, in packed parts: written while nobody looks, read in the order of the rows."""

from sqlalchemy import Connection, delete, insert, select

from mypage.store.schema import batch_report


def add(
    connection: Connection, batch_id: int, report: str, part: int, *, entries: int, packed: bytes
) -> None:
    """Write a part."""
    values = {"batch_id": batch_id, "report": report, "part": part, "entries": entries, "packed": packed}
    connection.execute(insert(batch_report).values(values))


def part(connection: Connection, batch_id: int, report: str, number: int) -> bytes | None:
    """The part of that number, counted from 0; None after the last."""
    wanted = (
        batch_report.c.batch_id == batch_id,
        batch_report.c.report == report,
        batch_report.c.part == number,
    )
    packed: bytes | None = connection.scalar(select(batch_report.c.packed).where(*wanted))
    return packed


def keep_only(connection: Connection, batch_id: int, report: str) -> None:
    """Remove the parts of all other reports of a batch."""
    others = (batch_report.c.batch_id == batch_id, batch_report.c.report != report)
    connection.execute(delete(batch_report).where(*others))
