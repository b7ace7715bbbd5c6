"""Which of some keys has a statement already: by what is published, and by the files of the same delivery.

Asked for many at a time. Where none of the keys has it, the other keys of the same customer are looked at: a core
system that changed a customer's number sends corrections and payments of older bills under the new one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, Generic, NamedTuple, TypeVar

from mypage.domain import batch
from mypage.domain.batch import Kind
from mypage.domain.row_error import RowError, Tell
from mypage.domain.succession import Follows
from mypage.services import successions
from mypage.store import publications, staging, standing
from mypage.store.schema import statement, succession
from mypage.store.standing import Key
from mypage.works.load.in_order import number_of
from mypage.works.load.ready import Ready
from mypage.works.load.task import Delivered, Task

_STATEMENT: Final = staging.columns(statement)
_SUCCESSION: Final = staging.columns(succession)


UNDER_TWO_NUMBERS: Final = "under_two_numbers"


class Standing(NamedTuple):
    """What heads a statement that stands. Days are as they come: a correction only hands them on."""

    customer_key: str
    due_on: Any
    payment_method: str | None
    payment_state: str | None


class Sought(NamedTuple):
    """A statement under one of ``keys``, with what the same delivery says of them."""

    keys: tuple[str, ...]
    month: int
    number: int
    delivered: Mapping[Key, Standing]
    carried: Mapping[str, tuple[str, ...]]


class Statements:
    """Make what is sought in rising order of the customer numbers, then ask for all of it."""

    def __init__(self, task: Task) -> None:
        self._database = task.database
        self._charges = [(of, _Walk(of, _line_of_statement)) for of in task.of_delivery(Kind.CHARGES)]
        self._changes = [_Walk(of, _line_of_succession) for of in task.of_delivery(Kind.NUMBER_CHANGES)]
        with task.database.reading() as connection:
            published = publications.now_published(connection)
            self._months = {*standing.months(connection), *(m for of, _ in self._charges for m in of.months)}
        self.is_renumbered = bool(self._changes) or Kind.NUMBER_CHANGES in published.kinds

    def may_have(self, month: int) -> bool:
        """Whether there is any statement of a month."""
        return month in self._months

    def sought(self, number: str, keys: Iterable[str], month: int, statement_number: int) -> Sought:
        """A statement of a customer number."""
        delivered: dict[Key, Standing] = {}
        for of, charges in self._charges:
            if month in of.months:
                delivered.update(charges.of(number))
        carried: dict[str, tuple[str, ...]] = {}
        for changes in self._changes:
            for new_key, old_key in changes.of(number):
                carried[new_key] = (*carried.get(new_key, ()), old_key)
        return Sought(tuple(keys), month, statement_number, delivered, carried)

    def standing(self, several: Sequence[Sought]) -> list[tuple[Standing, ...]]:
        """For each what stands under its keys; where nothing does, under the other keys of the same customers."""
        found = self._under(several, [each.keys for each in several])
        if not self.is_renumbered or all(found):
            return found
        missing = [place for place, each in enumerate(found) if not each]
        with self._database.reading() as connection:
            others = successions.other_keys(
                connection,
                {key for place in missing for key in several[place].keys},
                {key: olds for place in missing for key, olds in several[place].carried.items()},
            )
        asked = [several[place] for place in missing]
        keys = [tuple(dict.fromkeys(other for key in each.keys for other in others[key])) for each in asked]
        for place, each in zip(missing, self._under(asked, keys), strict=True):
            found[place] = each
        return found

    def _under(self, several: Sequence[Sought], keys: Sequence[Sequence[str]]) -> list[tuple[Standing, ...]]:
        wanted = [
            [(key, sought.month, sought.number) for key in of]
            for sought, of in zip(several, keys, strict=True)
        ]
        with self._database.reading() as connection:
            rows = standing.versions(connection, [key for each in wanted for key in each])
        published: dict[Key, Standing] = {}
        for key, versions in groupby(sorted(rows, key=_key), key=_key):
            group = list(versions)
            seen = batch.seen(group, {row.batch_id: row.pub_seq for row in group})
            # Whose a hidden one is, nobody knows.
            if seen is not None and not seen.hidden:
                published[key] = Standing(
                    seen.customer_key, seen.due_on, seen.payment_method, seen.payment_state
                )
        return [
            tuple(
                [
                    stands
                    for key in each
                    if (stands := sought.delivered.get(key) or published.get(key)) is not None
                ]
            )
            for sought, each in zip(several, wanted, strict=True)
        ]


class Moved:
    """What a file says under one number of a customer and stands under another: it must not say it under both."""

    def __init__(self) -> None:
        self._moved: dict[bytes, RowError] = {}
        self._twice: list[RowError] = []

    def note(self, line_key: bytes, error: RowError) -> None:
        """A line goes under another key than that of its number; ``line_key`` is how it begins, ``error`` is told then."""
        if line_key in self._moved:
            self._twice.append(error)
        else:
            self._moved[line_key] = error

    def tell_twice(self, ready: Ready, tell: Tell) -> None:
        """Look through all lines, if any was moved."""
        for error in self._twice:
            tell(error)
        if self._moved:
            seen: set[bytes] = set()
            for text in ready.lines():
                line_key = b"\t".join(text.split(b"\t", 3)[:3])
                if line_key in self._moved and line_key in seen:
                    tell(self._moved[line_key])
                elif line_key in self._moved:
                    seen.add(line_key)

    def as_json(self) -> dict[str, Any]:
        """What another process takes over by :meth:`absorb`."""
        return {
            "moved": [[line_key.decode(), error] for line_key, error in self._moved.items()],
            "twice": self._twice,
        }

    def absorb(self, told: Mapping[str, Any]) -> None:
        """Take over what was noted of the lines that come behind those noted here."""
        for line_key, error in told["moved"]:
            self.note(line_key.encode(), RowError(*error))
        self._twice += [RowError(*error) for error in told["twice"]]


def _key(row: Any) -> Key:
    return row.customer_key, row.billing_month, row.number


Item = TypeVar("Item")


class _Walk(Generic[Item]):
    """The rows of a file of the same delivery, which stand in the order of the numbers, one number after the other."""

    def __init__(self, of: Delivered, read: Callable[[list[str]], tuple[str, Item | None]]) -> None:
        lines = (read(text.decode().rstrip("\n").split("\t")) for text in of.ready.lines())
        self._groups = groupby(lines, key=lambda pair: pair[0])
        self._number, self._items = "", list[Item]()

    def of(self, number: str) -> list[Item]:
        """What the file says of a number, none where it does not name it."""
        while self._number < number:
            self._number, group = next(self._groups, ("~", iter(())))
            self._items = [item for _, item in group if item is not None]
        return self._items if self._number == number else []


def _line_of_statement(fields: list[str]) -> tuple[str, tuple[Key, Standing] | None]:
    row = dict(zip(_STATEMENT, fields, strict=True))
    key = row["customer_key"]
    number = number_of(key)
    if row["hidden"] == "1":
        return number, None
    due_on, method, state = (_text(row[name]) for name in ("due_on", "payment_method", "payment_state"))
    return number, (
        (key, int(row["billing_month"]), int(row["number"])),
        Standing(key, due_on, method, state),
    )


def _line_of_succession(fields: list[str]) -> tuple[str, tuple[str, str] | None]:
    row = dict(zip(_SUCCESSION, fields, strict=True))
    number = number_of(row["customer_key"])
    if row["kind"] != Follows.CARRIED_FROM:
        return number, None
    return number, (row["customer_key"], row["other_key"])


def _text(field: str) -> str | None:
    return None if field == staging.NOTHING else field.replace("\\\\", "\\")
