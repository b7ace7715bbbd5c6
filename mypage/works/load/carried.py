"""What a statement on its way to be staged takes over from what stands already.

An absent column never erases: what a correction's file has no column for stays as it is seen. A statement of a
customer whose number changed since keeps the key under which it was billed. Only where a file lacks such a column
or numbers changed, and only for months of which there are statements, is that asked for, many at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mypage.domain.row_error import RowError
from mypage.store.staging import NOTHING, escaped
from mypage.works.load.in_order import number_of
from mypage.works.load.ready import Ready
from mypage.works.load.statements import UNDER_TWO_NUMBERS, Moved, Sought, Standing, Statements
from mypage.works.load.task import Task

_AT_ONCE: Final = 500
_MOST_WAITING: Final = 5_000
# The columns that may be missing, and their places behind total and comparable.
_COLUMNS: Final = (("due_on", 2), ("payment_method", 3), ("payment_state", 4))
_DOCUMENT: Final = 5
_NOTHING: Final = NOTHING.encode()
# An error or (True) a warning of a row that it knows, by its code.
Made = Callable[[str, bool], RowError]


@dataclass(slots=True)
class Entry:
    """A statement without errors. ``stored`` is its line from the total on; ``error`` is one of its first row."""

    number: str
    key: bytes
    month: int
    statement_number: int
    withdrawn: bool
    hidden: bool
    rows: int
    stored: bytes
    error: Made

    @property
    def line_key(self) -> bytes:
        """How its line begins: key, month and statement number."""
        return b"%b\t%d\t%d" % (self.key, self.month, self.statement_number)


class Carried:
    """Takes statements in the order of their numbers, and hands them on with what they carry over.

    ``leave_out`` is told of a statement that cannot be handed on, and why.
    """

    def __init__(
        self,
        task: Task,
        statements: Statements,
        hand_on: Callable[[Entry], None],
        leave_out: Callable[[Entry, RowError], None],
    ) -> None:
        self._task = task
        self._statements, self._hand_on, self._leave_out = statements, hand_on, leave_out
        self._absent = [(name, place) for name, place in _COLUMNS if name not in task.plan.places]
        self._looks_at_all = bool(self._absent) or statements.is_renumbered
        # In their order, those that need no look among those that do.
        self._waiting: list[tuple[Entry, RowError | None]] = []
        self._looks: list[tuple[Entry, Sought]] = []
        self.moved = Moved()

    def lets_pass(self, month: bytes) -> bool:
        """Whether a statement of ``month`` (yyyymm) that withdraws nothing can be handed on without being taken."""
        return not self._waiting and not (self._looks_at_all and self._statements.may_have(int(month)))

    def take(self, entry: Entry, why: RowError | None) -> None:
        """Take a statement, or one that is left out because of ``why``; it is handed on now or with the next ones."""
        looks = entry.withdrawn or (self._looks_at_all and self._statements.may_have(entry.month))
        if not looks and why is None and not self._waiting:
            self._hand_on(entry)
            return
        if looks and why is None and not entry.hidden:
            sought = self._statements.sought(
                entry.number, [entry.key.decode()], entry.month, entry.statement_number
            )
            self._looks.append((entry, sought))
        self._waiting.append((entry, why))
        if not self._looks or len(self._looks) == _AT_ONCE or len(self._waiting) == _MOST_WAITING:
            self.flush()

    def finish(self, ready: Ready) -> None:
        """No more statements come; ``ready`` holds all that were handed on."""
        self.moved.tell_twice(ready, self._task.report.tell)

    def flush(self) -> None:
        """Hand on what waits."""
        several: set[int] = set()
        if self._looks:
            several = self._look()
        for entry, why in self._waiting:
            if why is None and id(entry) in several:
                why = self._tell(entry, "statement_of_several")
            if why is None:
                self._hand_on(entry)
            else:
                self._leave_out(entry, why)
        self._waiting, self._looks = [], []

    def _look(self) -> set[int]:
        """Take over what stands; which entries are nobody's alone, because two keys of a customer have one."""
        found = self._statements.standing([sought for _, sought in self._looks])
        several: set[int] = set()
        for (entry, _), standing in zip(self._looks, found, strict=True):
            if len(standing) > 1:
                several.add(id(entry))
            elif standing:
                key = standing[0].customer_key
                entry.key = key.encode()
                if number_of(key) != entry.number:
                    self.moved.note(entry.line_key, entry.error(UNDER_TWO_NUMBERS, False))
                    self._task.is_in_order = False
                self._carry(entry, standing[0])
            elif entry.withdrawn:
                self._tell(entry, "nothing_to_withdraw", warning=True)
        return several

    def _tell(self, entry: Entry, code: str, *, warning: bool = False) -> RowError:
        error = entry.error(code, warning)
        self._task.report.tell(error)
        return error

    def _carry(self, entry: Entry, standing: Standing) -> None:
        if not self._absent:
            return
        fields = entry.stored.split(b"\t", _DOCUMENT)
        for name, place in self._absent:
            value = getattr(standing, name)
            fields[place] = _NOTHING if value is None else escaped(str(value)).encode()
        entry.stored = b"\t".join(fields)
