"""Billing files for tests, as bytes on disk, handed over as the command line does.

    delivering = Delivering(database, tmp_path)
    outcome = delivering.check(customers=CUSTOMERS, charges=charges(["70012", "2026-10", "1", "500", "500"]))
    delivering.publish(customers=…)

Files are CSV in UTF-8 unless bytes are given.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import text

from mypage.domain.batch import SecondPerson, needs_second_person
from mypage.domain.row_error import RowError
from mypage.domain.staff import COMMAND_LINE, Role
from mypage.services import batch_requests, publication
from mypage.services.approvals import Settled, Unfit
from mypage.services.batch_requests import Asked, Done, Overtaken
from mypage.services.publication import Published, Refused, TakenBack
from mypage.store import batches as store
from mypage.store import staff
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.load.delivery import HandedFile, Outcome, check
from mypage.works.load.task import LoadRules
from tests.staffing import Member, a_member

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CUSTOMER_HEADINGS = (
    "お客様番号",
    "名義番号",
    "名義開始日",
    "契約者名",
    "契約者名カナ",
    "電話番号",
    "契約状態",
)
CONTRACT_HEADINGS = ("お客様番号", "契約番号", "サービス", "コース名", "状態")
PAYMENT_HEADINGS = ("お客様番号", "名義番号", "請求年月", "支払状態", "入金日", "入金額", "再振替日")
CHANGE_HEADINGS = ("旧お客様番号", "新お客様番号", "区分", "異動日")
CHARGE_HEADINGS = ("お客様番号", "請求年月", "明細番号", "項目名", "金額", "税区分", "請求金額合計")
_numbers = count(1)
NUMBERS = SecondPerson.NUMBER_CHANGES
A_DAY = timedelta(hours=24)


def table(headings: Sequence[str], *rows: Sequence[str]) -> bytes:
    """A CSV in UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode()


def customer(number: str, holder_no: str = "", since: str = "", name: str = "愛込　太郎") -> Sequence[str]:
    """A row of a customers file."""
    return [number, holder_no, since, name, "アイコム　タロウ", "0748-62-1234", "契約中"]


def customers(*rows: Sequence[str]) -> bytes:
    """A customers file."""
    return table(CUSTOMER_HEADINGS, *rows)


def charges(*rows: Sequence[str], headings: Sequence[str] = CHARGE_HEADINGS) -> bytes:
    """A charges file."""
    return table(headings, *rows)


def payments(*rows: Sequence[str], headings: Sequence[str] = PAYMENT_HEADINGS) -> bytes:
    """A payments file."""
    return table(headings, *rows)


def payment(
    number: str,
    state: str = "支払済",
    month: str = "2026-10",
    holder_no: str = "",
    paid_on: str = "",
    amount: str = "",
    retry_on: str = "",
) -> Sequence[str]:
    """A row of a payments file."""
    return [number, holder_no, month, state, paid_on, amount, retry_on]


def number_changes(*rows: Sequence[str]) -> bytes:
    """A file of numbers that change."""
    return table(CHANGE_HEADINGS, *rows)


def number_change(old: str, new: str, kind: str = "変更") -> Sequence[str]:
    """A row of it."""
    return [old, new, kind, "2026-11-01"]


def charge(
    number: str, line: str = "1", amount: str = "500", total: str = "500", month: str = "2026-10"
) -> Sequence[str]:
    """A row of a charges file: one line of a statement."""
    return [number, month, line, f"月額利用料{line}", amount, "10", total]


def second(database: Database) -> Member:
    """Somebody of the billing staff whom the command line did not bring here."""
    with database.reading() as connection:
        found = staff.by_id(connection, "billing-second")
    if found is not None:
        return Member("billing-second", Role.BILLING, "second", found["login_id"])
    return a_member(database, Role.BILLING, "second", invited_by="admin", role_given_by="admin")


class Delivering:
    """Hands files over to one database, each delivery a minute after the one before."""

    def __init__(self, database: Database, folder: Path, rules: LoadRules | None = None) -> None:
        self.database, self.folder = database, folder
        self.rules = rules or LoadRules()
        self.actor = "cli"
        self._minutes = count()

    def now(self) -> datetime:
        """The time, a minute later at each call."""
        return NOON + timedelta(minutes=next(self._minutes))

    def files(self, *, without_errors: bool = False, **contents: bytes) -> list[HandedFile]:
        """The contents as files; the names say nothing of the kind, that is seen from the headings."""
        handed = []
        for content in contents.values():
            path = self.folder / f"file-{next(_numbers)}.csv"
            path.write_bytes(content)
            handed.append(HandedFile(path, without_errors=without_errors))
        return handed

    def hand(self, *handed: HandedFile) -> Outcome:
        """Check files as one delivery."""
        return check(
            self.database,
            handed,
            rules=self.rules,
            scratch=self.folder / "scratch",
            actor=self.actor,
            clock=self.now,
        )

    def check(self, *, without_errors: bool = False, **contents: bytes) -> Outcome:
        """Check contents as one delivery."""
        return self.hand(*self.files(without_errors=without_errors, **contents))

    def flip(self, *batches: Batch) -> Published | Refused:
        """Publish checked batches."""
        with self.database.writing() as connection:
            ids = [batch.id for batch in batches]
            return publication.publish(
                connection, ids, actor="cli", now=self.now(), second_person=self.rules.second_person
            )

    def ask(self, *batches: Batch, at: datetime | None = None, notices: bool = True) -> Asked | Refused:
        """The command line asks a second person for checked batches."""
        with self.database.writing() as connection:
            return batch_requests.ask(
                connection,
                [batch.id for batch in batches],
                first=COMMAND_LINE,
                by="cli",
                at=at,
                notices=notices,
                second_person=self.rules.second_person,
                life=A_DAY,
                now=self.now(),
            )

    def approve(self, *batches: Batch, at: datetime | None = None) -> Done | Overtaken | Unfit | Settled:
        """The command line asks, and a second person approves: they are published by that."""
        asked = self.ask(*batches, at=at)
        assert isinstance(asked, Asked), asked
        return self.decide(asked.requests[0].id)

    def decide(self, request_id: str, who: Member | None = None) -> Done | Overtaken | Unfit | Settled:
        """Somebody of the billing staff approves a request."""
        approver = (who or second(self.database)).id
        with self.database.writing() as connection:
            return batch_requests.approve(
                connection,
                request_id,
                staff_id=approver,
                second_person=self.rules.second_person,
                now=self.now(),
            )

    def publish(self, *, without_errors: bool = False, **contents: bytes) -> tuple[Batch, ...]:
        """Check and publish, approved by a second person where that is needed; everything must be well."""
        outcome = self.check(without_errors=without_errors, **contents)
        assert outcome.is_well, (outcome.refused_files, [self.errors(batch) for batch in outcome.batches])
        rule = self.rules.second_person
        needs = any(needs_second_person(batch.kind, rule) for batch in outcome.batches)
        published = self.approve(*outcome.batches) if needs else self.flip(*outcome.batches)
        assert isinstance(published, Published | Done), published
        return published.batches

    def take_back(self, batch: Batch) -> TakenBack | Refused:
        """Take a batch back."""
        with self.database.writing() as connection:
            return publication.take_back(connection, batch.id, reason="test", actor="cli", now=self.now())

    def left_out(self, batch: Batch) -> list[tuple[int, str, int | None, int | None, str]]:
        """Row, customer number, month, statement number and reason of what a batch was published without, by row."""
        with self.database.reading() as connection:
            found = list(store.left_out_of(connection, batch.id))
        return sorted((each.row, each.customer_number, each.month, each.number, each.code) for each in found)

    def errors(self, batch: Batch) -> list[RowError]:
        """The kept errors and warnings of a batch."""
        with self.database.reading() as connection:
            return store.errors_of(connection, batch.id)

    def codes(self, outcome: Outcome) -> list[tuple[str, int, str]]:
        """Code, row and column of all that was told of a delivery, files refused at the door included."""
        told = [refused.error for refused in outcome.refused_files]
        told += [error for batch in outcome.batches for error in self.errors(batch)]
        return [(error.code, error.row, error.column) for error in told]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query, to look at what was stored."""
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def seen(self) -> dict[tuple[str, int, int], int]:
        """What a plain reading of the version rule says is seen: total by customer, month and number."""
        found = self.rows(
            "SELECT s.customer_key, s.billing_month, s.number, s.total, s.withdrawn, s.hidden FROM statement s"
            " JOIN batch b ON b.id = s.batch_id WHERE b.state = 'published' ORDER BY b.pub_seq"
        )
        newest = {(str(row[0]), int(str(row[1])), int(str(row[2]))): row for row in found}
        return {key: int(str(row[3])) for key, row in newest.items() if not row[4] and not row[5]}
