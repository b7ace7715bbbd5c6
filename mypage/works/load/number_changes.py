"""Check number_changes.csv: rows → a spool by old number → a spool by new number → steps between customers.

A number changes for the holder who has it now: former holders and their bills stay where they are. 変更 and 統合
carry login and visible months along only where both holders are the same person to the master.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from mypage.domain.identity_change import Change, What
from mypage.domain.number_changes import NumberChangeRows
from mypage.domain.row_error import RowError
from mypage.domain.succession import CARRYING, Follows
from mypage.store.staging import escaped
from mypage.works.load.circles import in_circles
from mypage.works.load.identity_changes import Changed
from mypage.works.load.newest_holders import NewestHolder, NewestHolders
from mypage.works.load.ready import Ready
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task, line


class _Change(NamedTuple):
    """A row of the file on its way; ``old`` is found first, the holder of the new number second."""

    old_number: str
    new_number: str
    row: int
    kind: str
    changed_on: str
    shown_old: str
    shown_new: str
    old: tuple[str, list[str], list[str]] | None = None


def spool(task: Task, records: Iterable[list[str]], first_row: int, to: Spool) -> Iterator[int]:
    """Read all records into the spool; yields how many rows were read, every now and then."""
    reader = NumberChangeRows(task.plan, task.fold, task.report.tell)
    for count, row in enumerate(reader.rows(records, first_row)):
        change = _Change(
            row.old_number,
            row.new_number,
            row.row,
            row.kind.value,
            row.changed_on,
            row.shown_old,
            row.shown_new,
        )
        to.add(_line(row.old_number, change))
        if not count % 1000:
            yield row.row


def settle(task: Task, lines: Iterator[bytes]) -> tuple[Ready, ...]:
    """Look the old holder of each row up, then the new one, and keep the steps between them."""
    concerned = Spool(task.folder / "concerned")
    settling = _Settling(task, concerned)
    holders, by_new = NewestHolders(task), Spool(task.folder / "by-new-number")
    for old_number, changes in groupby(map(_change, lines), key=lambda change: change.old_number):
        old = holders.of(old_number)
        for change in settling.of_old(list(changes), old):
            by_new.add(_line(change.new_number, change))
    holders, steps = NewestHolders(task), Spool(task.folder / "steps")
    for change in map(_change, by_new.in_order()):
        for step in settling.steps(change, holders.of(change.new_number)):
            steps.add(step)
    ready, carrying = task.ready(), task.ready("carrying")
    for _, same in groupby((step.split(b"\t") for step in steps.in_order()), key=lambda fields: fields[:3]):
        first, *others = same
        ready.write(b"\t".join(first[:5]) + b"\n")
        for fields in (first, *others):
            if fields[3].decode() in CARRYING:
                carrying.write(b"\t".join(fields))
        for fields in others:
            if fields[3].decode() not in CARRYING:
                settling.tell_circular(fields)
    carrying.close()
    settling.tell_circles(carrying)
    task.counts.update(settling.counts)
    changed = _changed(task, concerned)
    return task.closed(ready, changed.ready())


def _changed(task: Task, concerned: Spool) -> Changed:
    """Whose number changes, both customers of each step: by key all that the file says of it."""
    changed = Changed(task)
    rows = (json.loads(text.split(b"\t", 1)[1]) for text in concerned.in_order())
    for key, several in groupby(rows, key=lambda row: row[0]):
        told = list(several)
        changes = [Change(What(what), before, after) for _, _, what, before, after in told]
        changed.add(key, told[0][1], changes)
    return changed


class _Settling:
    def __init__(self, task: Task, concerned: Spool) -> None:
        self._task, self._concerned = task, concerned
        self.counts = {"customers": 0, "lines": 0, "carried": 0}

    def of_old(self, changes: Sequence[_Change], old: NewestHolder | None) -> Iterator[_Change]:
        """The rows of one old number, with its holder."""
        first, seen = changes[0], dict[str, int]()
        goes_on = any(change.kind in CARRYING for change in changes)
        for change in changes:
            same = seen.setdefault(change.new_number, change.row)
            if old is None:
                self._tell(change, "unknown_customer", "old_number", change.shown_old)
            elif same != change.row:
                self._tell(change, "number_change_twice", "new_number", change.shown_new, same)
            elif goes_on and change is not first:
                # What goes on under another number does so under that one alone.
                self._tell(change, "number_goes_on_twice", "old_number", change.shown_old, first.row)
            else:
                yield change._replace(old=(old.key, sorted(old.name_keys), sorted(old.phone_keys)))

    def steps(self, change: _Change, new: NewestHolder | None) -> Iterator[bytes]:
        """What is stored of a row: the step from the old key, and the way back where it carries."""
        assert change.old is not None  # noqa: S101 - looked up before
        if new is None:
            self._tell(change, "unknown_customer", "new_number", change.shown_new)
            return
        key, name_keys, phone_keys = change.old
        old = NewestHolder(key, frozenset(name_keys), frozenset(phone_keys))
        carries = change.kind in CARRYING
        if carries and not new.is_same_person(old):
            self._tell(change, "not_the_same_person", "new_number", change.shown_new)
            return
        self.counts["customers"] += 1
        self.counts["lines"] += 1
        for each in sorted({old.key, new.key}):
            told = json.dumps([each, change.row, change.kind, change.shown_old, change.shown_new])
            self._concerned.add(f"{each}\x00{change.row:012}\t{told}\n".encode())
        yield self._step(old.key, new.key, change.kind, change)
        if carries:
            self.counts["carried"] += 1
            yield self._step(new.key, old.key, Follows.CARRIED_FROM.value, change)

    def tell_circles(self, carrying: Ready) -> None:
        """Several rows lead from a number back to it: each is told. ``carrying`` are in the order of their old keys."""
        rows = (text.split(b"\t") for text in carrying.lines())
        steps = ((fields[0].decode(), fields[2].decode()) for fields in rows)
        circular = in_circles(steps, self._task.folder / "circles")
        key = next(circular, None)
        for text in carrying.lines() if key is not None else ():
            fields = text.split(b"\t")
            if fields[0].decode() == key:
                self.tell_circular(fields)
                key = next(circular, None)

    def tell_circular(self, fields: Sequence[bytes]) -> None:
        """Rows say opposite things of the same numbers."""
        heading = self._task.plan.heading("old_number")
        shown = fields[6].decode().rstrip("\n").replace("\\\\", "\\")
        self._task.report.tell(RowError("number_change_circular", int(fields[5]), heading, shown, shown))

    def _step(self, key: str, other_key: str, kind: str, change: _Change) -> bytes:
        stored = (key, str(self._task.batch_id), other_key, kind, change.changed_on)
        return line(*stored, f"{change.row:012}", escaped(change.shown_old))

    def _tell(
        self, change: _Change, code: str, column: str, value: str, other_row: int | None = None
    ) -> None:
        heading = self._task.plan.heading(column)
        facts = {} if other_row is None else {"row": str(other_row)}
        self._task.report.tell(RowError(code, change.row, heading, change.shown_old, value, facts))


def _line(number: str, change: _Change) -> bytes:
    return line(number, f"{change.row:012}", escaped(json.dumps(change, ensure_ascii=False)))


def _change(text: bytes) -> _Change:
    fields = json.loads(text.decode().rstrip("\n").split("\t", 2)[2].replace("\\\\", "\\"))
    return _Change(*fields)
