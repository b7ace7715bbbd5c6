"""Both processes make ready rows and the preview of a sorted file: byte for byte what one alone makes.

A repeat goes on from a checkpoint by the digest of these rows, however many processes it runs in.
"""

import itertools
import os
import random
import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mypage.adapters.reading.received import receive
from mypage.adapters.reading.records import records
from mypage.domain.batch import LOADING_ORDER, Kind
from mypage.domain.columns import Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError
from mypage.store.engine import Database
from mypage.works.load import carried, one_file, ready, report
from mypage.works.load.ready import Ready
from mypage.works.load.task import Delivered, LoadRules, Progress, Task, no_progress
from tests.delivering import (
    CHARGE_HEADINGS,
    NOON,
    Delivering,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
)

HEADINGS = (*CHARGE_HEADINGS, "お支払方法", "請求番号", "処理区分", "名義番号")
WITHOUT_METHOD = (*CHARGE_HEADINGS, "請求番号", "処理区分")
NUMBERS = [str(70_000 + place) for place in range(60)]
# Two holders: the second since long, and since a day within the months of the files.
TWO_HOLDERS = {"70010": "2020-01-01", "70020": "2026-10-15", "70041": "2026-10-15"}
# What changed before, from one half of a month into the other.
CHANGED = {"70005": "70058", "70006": "60006", "70055": "60055"}
Rows = list[list[str]]
_folders = itertools.count()


class Made(NamedTuple):
    """What a check made of a file."""

    rows: list[list[bytes]]
    digests: list[str]
    chunks: list[list[tuple[int, bytes]]]
    told: list[bytes]
    first: list[RowError]
    grouped: list[dict[str, object]]
    counts: dict[str, Any]
    newest_month: int | None
    is_in_order: bool


class Ran(NamedTuple):
    """What was made of the files of a delivery, and how far the second process came with the charges."""

    made: list[Made]
    deeds: set[str]


def bill(
    number: str,
    month: str = "2026-11",
    yen: str = "1000",
    *,
    tax: str = "10",
    method: str = "口座振替",
    statement: str = "1",
    action: str = "",
    holder: str = "",
) -> list[str]:
    """A statement of one line."""
    return [number, month, "1", "月額利用料", yen, tax, yen, method, statement, action, holder]


@pytest.fixture(scope="module")
def delivering(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivering]:
    """An operator with two months, and with numbers that changed after them. Nothing is written by these tests."""
    with closing(Database(module_url)) as database:
        made = Delivering(database, tmp_path_factory.mktemp("delivering"))
        seconds = [customer(number, "2", since) for number, since in TWO_HOLDERS.items()]
        made.publish(
            customers=customers(*(customer(number, "1") for number in NUMBERS), *seconds),
            september=charges(*(bill(number, "2026-09", "900") for number in NUMBERS), headings=HEADINGS),
            october=charges(
                *(bill(number, "2026-10", method="クレジットカード") for number in NUMBERS), headings=HEADINGS
            ),
        )
        made.publish(
            customers=customers(*map(customer, ("60006", "60055"))),
            changes=number_changes(*(number_change(*each) for each in CHANGED.items() if each[1] < "7")),
        )
        yield made


def november(*, without: Sequence[str] = ()) -> Rows:
    """A month of everybody, in order, each with other sums."""
    rows = [
        bill(
            number,
            yen=str(1000 + 7 * place % 90),
            tax=("10", "軽減8", "立替")[place % 3],
            method=("口座振替", "クレジットカード", "")[place % 3],
        )
        for place, number in enumerate(NUMBERS)
        if number not in without and number not in CHANGED
    ]
    return [bill("60006"), bill("60055", yen="5000"), *rows]


def wrong(rows: Rows) -> Rows:
    """Every second row has another error."""
    for place, row in enumerate(rows[::2]):
        row[place % len(CHARGE_HEADINGS)] = ("#REF!", "1e5", "\x01", "")[place % 4]
    return rows


def october(headings: Sequence[str] = WITHOUT_METHOD) -> Rows:
    """Corrections and withdrawals of everybody's October."""
    rows = []
    for place, number in enumerate(NUMBERS):
        row = bill(number, "2026-10", str(800 + place), action="取消" if place % 7 == 3 else "")
        rows.append([row[(*HEADINGS,).index(name)] for name in headings])
    return rows


def shuffled(rows: Rows) -> Rows:
    """The same rows in no order."""
    return random.Random(4).sample(rows, len(rows))  # noqa: S311 - for a test


class Delivery(NamedTuple):
    """Files, of which the charges are halved; how far the second process comes with them."""

    files: Callable[[], list[bytes]]
    deeds: set[str]
    without_errors: bool = False


READ, SETTLED, PREVIEWED = {"read"}, {"read", "settle"}, {"read", "settle", "preview"}
DELIVERIES = {
    "a month": Delivery(lambda: [charges(*november(), headings=HEADINGS)], PREVIEWED),
    "customers are missing": Delivery(
        lambda: [charges(*november(without=NUMBERS[20:31]), headings=HEADINGS)], PREVIEWED
    ),
    "in no order": Delivery(lambda: [charges(*shuffled(november()), headings=HEADINGS)], READ),
    "of several lines": Delivery(
        lambda: [
            charges(
                *(
                    [number, "2026-11", str(line), "品", yen, "10", "600", "", "1", "", ""]
                    for number in NUMBERS[:50]
                    for line, yen in ((1, "100.25"), (2, "199.75"), (3, "300"))
                    if number not in CHANGED
                ),
                headings=HEADINGS,
            )
        ],
        PREVIEWED,
    ),
    "several months": Delivery(
        lambda: [
            charges(
                *(bill(number, month) for number in NUMBERS for month in ("2026-09", "2026-11", "2026-12")),
                headings=HEADINGS,
            )
        ],
        PREVIEWED,
    ),
    "errors": Delivery(lambda: [charges(*wrong(november()), headings=HEADINGS)], SETTLED),
    "without errors": Delivery(
        lambda: [charges(*wrong(november()), headings=HEADINGS)], PREVIEWED, without_errors=True
    ),
    "nobody knows them": Delivery(
        lambda: [charges(*(bill(f"8{number}") for number in NUMBERS), headings=HEADINGS)],
        SETTLED,
        without_errors=True,
    ),
    "holders": Delivery(
        lambda: [
            charges(
                *(
                    bill(number, holder=holder, statement=statement)
                    for number in NUMBERS
                    for statement, holder in (("1", ""), ("2", "1"), ("3", "2"), ("4", "3"))
                    if number in TWO_HOLDERS or statement == "1"
                ),
                headings=HEADINGS,
            )
        ],
        PREVIEWED,
        without_errors=True,
    ),
    "corrections": Delivery(
        lambda: [charges(*(row for row in october() if row[0] not in CHANGED), headings=WITHOUT_METHOD)],
        PREVIEWED,
    ),
    "corrections under new numbers": Delivery(
        lambda: [
            charges(
                *[[*row] for row in october()[:1] for row[0] in ("60006", "60055")],
                *(row for row in october() if row[0] not in CHANGED),
                headings=WITHOUT_METHOD,
            )
        ],
        SETTLED,
    ),
    "corrections under two numbers": Delivery(
        lambda: [
            charges(
                *[[*row] for row in october()[:1] for row[0] in ("60006", "60055")],
                *october(),
                headings=WITHOUT_METHOD,
            )
        ],
        SETTLED,
    ),
    "a statement of nobody among corrections": Delivery(
        lambda: [
            charges(
                *(row for row in wrong(october()) if row[0] not in CHANGED),
                *[[*row] for row in october()[:1] for row[0] in ("80000", "80001")],
                headings=WITHOUT_METHOD,
            )
        ],
        PREVIEWED,
        without_errors=True,
    ),
    "customers and changes of the same delivery": Delivery(
        lambda: [
            customers(*map(customer, ("60001", "700599", "90000"))),
            number_changes(
                number_change("70001", "60001"),
                number_change("70002", "90000"),
                number_change("70003", "700599"),
            ),
            charges(
                *sorted(
                    [*november(without=("70001", "70002", "70003")), *map(bill, ("60001", "700599", "90000"))]
                ),
                headings=HEADINGS,
            ),
        ],
        PREVIEWED,
    ),
    "a file that corrects another of the same delivery": Delivery(
        lambda: [
            charges(*november(), headings=HEADINGS),
            charges(
                *(
                    [number, "2026-11", "1", "訂正", "70", "10", "70", "1", "取消" if place % 3 else ""]
                    for place, number in enumerate(NUMBERS)
                    if number not in CHANGED
                ),
                headings=WITHOUT_METHOD,
            ),
        ],
        PREVIEWED,
    ),
}


def checked(
    delivering: Delivering,
    files: Sequence[bytes],
    *,
    processes: int,
    without_errors: bool = False,
    progress: Callable[[Path], Progress] = lambda _folder: no_progress,
) -> Ran:
    """Check the files of a delivery in so many processes, without staging them."""
    delivered: dict[Kind, list[Delivered]] = {}
    found: list[Made] = []
    deeds = set[str]()
    for content in files:
        folder = delivering.folder / f"check-{next(_folders)}"
        folder.mkdir()
        (folder / "file.csv").write_bytes(content)
        received = receive(folder / "file.csv")
        with records(received.path, received.codec) as rows:
            its_plan = plan(next(rows))
        assert isinstance(its_plan, Plan)
        task = Task(
            database=delivering.database,
            batch_id=70,
            plan=its_plan,
            folder=folder,
            rules=LoadRules(processes=processes, large=0),
            fold=partial(fold, pattern=None),
            now=NOON,
            delivered=delivered,
            left_out=Ready(folder / "left-out") if without_errors else None,
        )
        made = one_file.checked(task, received, progress(folder))
        found.append(
            Made(
                [list(part.lines()) for part in made],
                [part.digest for part in made],
                [[(rows, b"".join(blocks)) for rows, blocks in part.chunks(0, 1)] for part in made],
                [zlib.decompress(packed) for _, packed in task.report.parts()],
                task.report.first(),
                task.report.grouped(),
                task.counts,
                task.newest_month,
                task.is_in_order,
            )
        )
        deeds |= {each.stem for each in (folder / "second").glob("*.json")}
        months = frozenset(task.counts.get("months", ()))
        delivered.setdefault(task.plan.kind, []).append(Delivered(made[0], months))
        assert LOADING_ORDER.index(task.plan.kind) == max(map(LOADING_ORDER.index, delivered))
    return Ran(found, deeds)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks, questions and kept errors are so few that sixty customers take several. The second process has its own."""
    monkeypatch.setattr(ready, "CHUNK_ROWS", 7)
    monkeypatch.setattr(carried, "_AT_ONCE", 3)
    monkeypatch.setattr(report, "KEPT", 10)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("name", DELIVERIES)
def test_two_make_of_a_delivery_what_one_makes(delivering: Delivering, name: str) -> None:
    delivery = DELIVERIES[name]
    alone, both = (
        checked(delivering, delivery.files(), processes=processes, without_errors=delivery.without_errors)
        for processes in (1, 2)
    )
    assert both.made == alone.made
    assert (alone.deeds, both.deeds) == (set(), delivery.deeds)
    assert alone.made[-1].rows[0] or alone.made[-1].told


def obstructed(deed: str, folder: Path) -> Progress:
    """The second process finds no place for what it makes at a deed."""

    def progress(step: str, _done: int, _whole: int, _rows: int) -> None:
        if step == "settle":
            (folder / "second" / deed).mkdir()

    return progress


def killed(deed: str, folder: Path) -> Progress:
    """The second process is killed as soon as it is at a deed."""

    def kill() -> None:
        while not (folder / "second" / deed).exists():
            time.sleep(0.0005)
        for child in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for each in child.read_text().split():
                if "second_half" in Path(f"/proc/{each}/cmdline").read_text():
                    os.kill(int(each), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    return no_progress


@pytest.mark.parametrize("end", [obstructed, killed])
@pytest.mark.parametrize("deed", ["settle", "preview"])
def test_what_a_process_that_ended_had_to_do_is_done_by_the_other(
    delivering: Delivering, deed: str, end: Callable[[str, Path], Progress]
) -> None:
    rows = [charges(*november(), *(bill(f"8{number}") for number in NUMBERS), headings=HEADINGS)]
    alone = checked(delivering, rows, processes=1, without_errors=True)
    both = checked(delivering, rows, processes=2, without_errors=True, progress=partial(end, deed))
    assert both.made == alone.made
    assert end is killed or deed not in both.deeds
