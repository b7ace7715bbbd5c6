"""Errors of parts of statements, as lines of the spool have them."""

from mypage.domain.row_error import RowError
from mypage.works.load.charge_lines import ROW, SHOWN, Fields
from mypage.works.load.task import Task


class PartErrors:
    """Makes them, and tells them in the report of the file."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def made(
        self,
        part: Fields,
        code: str,
        column: str,
        value: bytes,
        facts: dict[str, str] | None = None,
        *,
        warning: bool,
    ) -> RowError:
        """An error at the first row of a part; ``value`` is the cell as it is stored."""
        shown = part[SHOWN].decode().replace("\\\\", "\\")
        heading = self._task.plan.heading(column)
        text = "" if value == b"\\N" else value.decode()
        return RowError(code, int(part[ROW]), heading, shown, text, facts or {}, warning)

    def tell(
        self,
        part: Fields,
        code: str,
        column: str,
        value: bytes,
        facts: dict[str, str] | None = None,
        *,
        warning: bool = False,
    ) -> RowError:
        """The same, told."""
        error = self.made(part, code, column, value, facts, warning=warning)
        self._task.report.tell(error)
        return error
