"""What is published, told the simplest way: lists and dictionaries, everything computed anew each time it is asked.

Independent of the portal's own rules on purpose: nothing is imported from ``mypage``. Months are yyyymm, a holder's key
is (number, holder number), a statement's is (holder's key, month, number).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Holder = tuple[str, int]
Statement = tuple[Holder, int, int]
CARRYING = ("変更", "統合")


class CustomerRow(NamedTuple):
    number: str
    holder_no: int
    since: int | None
    on_web: bool


class ContractRow(NamedTuple):
    number: str
    course: str


class ChargeRow(NamedTuple):
    """``carried`` is part of ``total`` and counts in nothing else; ``state`` None: the file has no such column."""

    number: str
    holder_no: int | None
    month: int
    statement_number: int
    total: int
    carried: int
    withdrawn: bool
    state: str | None
    is_wrong: bool = False


class PaymentRow(NamedTuple):
    number: str
    holder_no: int | None
    month: int
    statement_number: int
    state: str


class ChangeRow(NamedTuple):
    old: str
    new: str
    kind: str


class Bill(NamedTuple):
    withdrawn: bool
    hidden: bool
    total: int
    comparable: int
    state: str | None


class Change(NamedTuple):
    new: Holder
    carries: bool


@dataclass
class Batch:
    """One file. ``versions`` are what its check made of it; ``seq`` is its place among the published, None outside."""

    kind: str
    rows: tuple[Any, ...]
    without_errors: bool = False
    id: int = 0
    seq: int | None = None
    versions: dict[Any, Any] = field(default_factory=dict)
    got_new_holder: set[Holder] = field(default_factory=set)
    published_at: Any = None


class Wrong(Exception):
    """The file is refused as a whole."""


class RowWrong(Exception):
    """One row is wrong."""


class Model:
    """All batches, and what follows from them. ``same_person`` says whether two numbers belong to one person."""

    def __init__(self, same_person: Callable[[str, str], bool]) -> None:
        self.batches: list[Batch] = []
        self.same_person = same_person
        self._seq = 0

    # -- the version rule ---------------------------------------------------------------------------------------

    def published(self, kind: str) -> list[Batch]:
        """The published batches of a kind, the newest first."""
        found = [batch for batch in self.batches if batch.kind == kind and batch.seq is not None]
        return sorted(found, key=lambda batch: -batch.seq)  # type: ignore[operator]

    def versions(self, kind: str, key: Any) -> list[Any]:
        """What is published of a key, the newest first."""
        return [batch.versions[key] for batch in self.published(kind) if key in batch.versions]

    def seen(self, kind: str, key: Any) -> Any:
        """What is seen of a key, None for nothing."""
        return next(iter(self.versions(kind, key)), None)

    def keys(self, kind: str) -> set[Any]:
        """Every key of which anything is published."""
        return {key for batch in self.published(kind) for key in batch.versions}

    def publish(self, batch: Batch, at: Any) -> None:
        self._seq += 1
        batch.seq, batch.published_at = self._seq, at

    def in_force(self, file: Batch) -> Batch | None:
        """The published batch of the same file, if it is in force; one published whole is so whatever is left out."""
        for batch in self.batches:
            same = (batch.kind, batch.rows) == (file.kind, file.rows)
            covers = batch.seq is not None and batch.without_errors in (file.without_errors, False)
            if same and covers and not self.is_superseded(batch):
                return batch
        return None

    def is_superseded(self, batch: Batch) -> bool:
        """Whether a later one of its kind may say something else; of charges only one of the same months."""
        later = [other for other in self.published(batch.kind) if other.seq > batch.seq]  # type: ignore[operator]
        if batch.kind != "charges":
            return bool(later)
        months = {month for _, month, _ in batch.versions}
        return any(months & {month for _, month, _ in other.versions} for other in later)

    # -- who is who ---------------------------------------------------------------------------------------------

    def holders(self, number: str) -> dict[int, int | None]:
        """Since when each holder of a number holds it."""
        known = {key for key in self.keys("customers") if key[0] == number}
        return {holder_no: self.seen("customers", (number, holder_no))[0] for _, holder_no in sorted(known)}

    def newest(self, number: str) -> Holder:
        holders = self.holders(number)
        if not holders:
            raise RowWrong(number)
        return number, max(holders)

    def changes(self) -> dict[Holder, Holder]:
        """Where each key goes on that goes on."""
        known = self.keys("customers")
        seen = {old: self.seen("changes", old) for old in self.keys("changes")}
        return {old: each.new for old, each in seen.items() if each.carries and {old, each.new} <= known}

    def together(self, key: Holder) -> set[Holder]:
        """All keys of the customer who has this one."""
        found, changes = {key}, self.changes()
        for _ in changes:
            for old, new in changes.items():
                if old in found or new in found:
                    found |= {old, new}
        return found

    def current(self, key: Holder) -> Holder:
        """The key that the customer has today; of a circle the one that the newest change leads to."""
        changes, path = self.changes(), [key]
        while path[-1] in changes and changes[path[-1]] not in path:
            path.append(changes[path[-1]])
        if path[-1] not in changes:
            return path[-1]
        circle = path[path.index(changes[path[-1]]) :]
        published = self.published("changes")
        place = {old: next(i for i, batch in enumerate(published) if old in batch.versions) for old in circle}
        return changes[max(circle, key=lambda old: (-place[old], old))]

    # -- what a check makes of a file ---------------------------------------------------------------------------

    def check(self, batch: Batch, delivered: Iterable[Statement] = ()) -> None:
        """Fill in the versions of a batch. Raises :class:`Wrong`."""
        batch.versions, batch.got_new_holder = {}, set()
        read: Callable[..., Iterator[tuple[Any, Any]]] = getattr(self, f"_{batch.kind}")
        for row in batch.rows:
            try:
                found = list(read(batch, row, set(delivered)))
            except RowWrong:
                if not batch.without_errors:
                    raise Wrong from None
                continue
            for key, version in found:
                if key in batch.versions:
                    raise Wrong
                batch.versions[key] = version
        if batch.without_errors and not batch.versions:
            raise Wrong

    def _customers(
        self, batch: Batch, row: CustomerRow, _delivered: set[Statement]
    ) -> Iterator[tuple[Any, Any]]:
        key, version = (row.number, row.holder_no), (row.since, row.on_web)
        seen = self.seen("customers", key)
        others = self.holders(row.number)
        if others and row.holder_no > max(others):
            batch.got_new_holder |= {(row.number, no) for no in others}
        if seen != version:
            yield key, version

    def _contracts(
        self, _batch: Batch, row: ContractRow, _delivered: set[Statement]
    ) -> Iterator[tuple[Any, Any]]:
        key = self.newest(row.number)
        if self.seen("contracts", key) != row.course:
            yield key, row.course

    def _charges(
        self, _batch: Batch, row: ChargeRow, _delivered: set[Statement]
    ) -> Iterator[tuple[Any, Any]]:
        if row.is_wrong:
            raise RowWrong
        key, hidden = self._whose(row)
        standing = None
        if not hidden:
            having = self._having([key], row.month, row.statement_number, set())
            if len(having) > 1:
                raise RowWrong
            key = having[0] if having else key
            standing = self.seen("charges", (key, row.month, row.statement_number))
        state = row.state if row.state is not None else standing and standing.state
        bill = Bill(row.withdrawn, hidden, row.total, row.total - row.carried, state or None)
        yield (key, row.month, row.statement_number), bill

    def _whose(self, row: ChargeRow) -> tuple[Holder, bool]:
        """The holder of a bill, and whether that is not certain."""
        holders = self.holders(row.number)
        if not holders or row.holder_no not in (None, *holders):
            raise RowWrong
        if row.holder_no is not None:
            return (row.number, row.holder_no), False
        only_one = list(holders.values()) == [None]
        if row.withdrawn and not only_one:
            keys = [(row.number, no) for no in holders]
            having = self._having(keys, row.month, row.statement_number, set())
            if len(having) == 1:
                return having[0], False
        later = sorted(holders)[1:]
        begun = [(since or 0, no) for no, since in holders.items() if (since or 0) <= row.month]
        if not begun or any(holders[no] is None for no in later):
            return (row.number, max(holders)), True
        return (row.number, max(begun)[1]), False

    def _having(self, keys: list[Holder], month: int, number: int, delivered: set[Statement]) -> list[Holder]:
        """Which keys have a statement; where none has, which others of the same customers."""

        def has(key: Holder) -> bool:
            bill = self.seen("charges", (key, month, number))
            return (key, month, number) in delivered or (bill is not None and not bill.hidden)

        having = [key for key in keys if has(key)]
        others = sorted({other for key in keys for other in self.together(key)} - set(keys))
        return having or [key for key in others if has(key)]

    def _payments(
        self, _batch: Batch, row: PaymentRow, delivered: set[Statement]
    ) -> Iterator[tuple[Any, Any]]:
        holders = self.holders(row.number)
        if not holders or row.holder_no not in (None, *holders):
            raise RowWrong
        asked = list(holders) if row.holder_no is None else [row.holder_no]
        having = self._having([(row.number, no) for no in asked], row.month, row.statement_number, delivered)
        if not having and row.holder_no is not None:
            having = [(row.number, row.holder_no)]
        if len(having) != 1:
            raise RowWrong
        yield (having[0], row.month, row.statement_number), row.state

    def _changes(self, batch: Batch, row: ChangeRow, _delivered: set[Statement]) -> Iterator[tuple[Any, Any]]:
        old, new = self.newest(row.old), self.newest(row.new)
        carries = row.kind in CARRYING
        back = [each for each in batch.rows if (each.old, each.new) == (row.new, row.old)]
        if (carries and not self.same_person(row.old, row.new)) or any(
            carries or each.kind in CARRYING for each in back
        ):
            raise RowWrong
        onward = {each.old: each.new for each in batch.rows if each.kind in CARRYING}
        path = [row.old]
        while carries and path[-1] in onward and onward[path[-1]] not in path:
            path.append(onward[path[-1]])
        if carries and onward.get(path[-1]) == row.old:
            raise RowWrong
        yield old, Change(new, carries)

    # -- what somebody sees -------------------------------------------------------------------------------------

    def shown(self, owned: Iterable[Holder], since: Any = None) -> dict[Holder, list[Holder]]:
        """By the key of today each customer of a login from ``since`` (None: of now), with the keys whose bills show."""
        found: dict[Holder, list[Holder]] = {}
        for key in owned:
            current = self.current(key)
            versions = [self.seen("customers", each) for each in (key, current)]
            succeeded = [
                batch.published_at for batch in self.published("customers") if current in batch.got_new_holder
            ]
            former = since is not None and bool(succeeded) and min(succeeded) > since
            if None not in versions and all(on_web for _, on_web in versions) and not former:
                found[current] = sorted(
                    each for each in self.together(key) if self.seen("customers", each)[1]
                )
        return found

    def course(self, key: Holder) -> str | None:
        course: str | None = self.seen("contracts", key)
        return course

    def months(self, keys: Iterable[Holder]) -> list[dict[str, Any]]:
        """The list, newest month first."""
        months: dict[int, list[dict[str, Any]]] = defaultdict(list)
        mine = set(keys)
        for key in sorted(self.keys("charges"), key=lambda each: (each[1], each[2], each[0])):
            seen, *lower = self.versions("charges", key)
            if key[0] not in mine or seen.hidden:
                continue
            paid = self.seen("payments", key)
            months[key[1]].append(
                {
                    "key": key[0],
                    "number": key[2],
                    "withdrawn": seen.withdrawn,
                    "total": seen.total,
                    "comparable": seen.comparable,
                    "state": paid if paid is not None else seen.state,
                    "earlier": [(each.withdrawn, each.total) for each in lower if not each.hidden],
                }
            )
        told: list[dict[str, Any]] = []
        before: int | None = None
        for month in sorted(months):
            standing = [bill for bill in months[month] if not bill["withdrawn"]]
            comparable = sum(bill["comparable"] for bill in standing)
            change = comparable - before if standing and before is not None else None
            total = sum(bill["total"] for bill in standing)
            told.insert(0, {"month": month, "bills": months[month], "total": total, "change": change})
            before = comparable if standing else before
        return told
