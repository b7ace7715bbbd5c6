"""Any file of any kind, published, corrected, withdrawn, taken back and published again in any order.

After each step what the pages show is compared with the plain model of ``tests/version_model.py``.
"""

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, update

from mypage.domain.batch import State
from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.services import contracts, sessions, statements
from mypage.services.batch_requests import Done
from mypage.services.publication import Published, Refusal, Refused, TakenBack
from mypage.services.sessions import Lifetime, Session
from mypage.store import batches as store
from mypage.store import schema
from mypage.store.engine import Database
from mypage.works.load.delivery import Outcome, check_again
from tests import delivering as made
from tests.bills import PASSWORD, STAMP, an_account
from tests.delivering import Delivering, table
from tests.keeping import a_keeper
from tests.portal import move_clock, portal
from tests.version_model import (
    Batch,
    ChangeRow,
    ChargeRow,
    ContractRow,
    CustomerRow,
    Holder,
    Model,
    PaymentRow,
    Wrong,
)
from tests.visitor import Page, Visitor

FAR = datetime(2030, 1, 1, 3, tzinfo=UTC)
LIFETIME = Lifetime(idle=timedelta(days=9999), absolute=timedelta(days=9999))
FIRST = BillingMonth(2020, 7)
SAME = ("70012", "70013", "80012")
OTHER = "90099"
ACCOUNTS: dict[str, list[Holder]] = {
    "one": [("70012", 1)],
    "two": [("70013", 1), ("70012", 2)],
    "three": [("80012", 1)],
    "four": [(OTHER, 1)],
}
STATES = {
    "請求済": "billed",
    "支払済": "paid",
    "一部入金": "partly_paid",
    "未確認": "unconfirmed",
    "振替不能": "failed",
}
SAID = {
    "billed": "請求済",
    "paid": "お支払い済み",
    "partly_paid": "一部お支払い済み",
    "unconfirmed": "お支払いの確認ができていません",
    "failed": "口座振替ができませんでした",
}
MONTHS = (202609, 202610)
KINDS = ("変更", "変更", "変更", "統合", "統合", "分割", "承継")
_NUMBERS = st.sampled_from((*SAME, *SAME, *SAME, OTHER))
_SELDOM_FALSE = st.sampled_from((True, True, True, True, True, False))


class Publishing(RuleBasedStateMachine):
    """One operator. The subclass made by the test knows the database."""

    database: Database
    folder: Path
    app: Flask
    visitors: dict[str, Visitor]
    secrets: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        _empty(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.operator = Delivering(self.database, self.folder)
        self.model = Model(lambda one, other: OTHER not in (one, other))
        self.waiting: list[Batch] = []
        self.handed: list[Batch] = []
        self.logins: list[tuple[str, str, datetime]] = []
        self.steps = count()

    @initialize()
    def begin(self) -> None:
        self.deliver(Batch("customers", tuple(CustomerRow(each, 1, None, True) for each in (*SAME, OTHER))))
        rows = [ChargeRow(each, None, month, 1, 500, 0, False, "請求済") for each in SAME for month in MONTHS]
        self.deliver(Batch("charges", tuple(rows[:-1])))

    # -- what happens ---------------------------------------------------------------------------------------------

    @rule(draw=st.data())
    def deliver_customers(self, draw: Any) -> None:
        rows = []
        for number in draw.draw(st.lists(_NUMBERS, min_size=1, max_size=2, unique=True)):
            holder_no = draw.draw(st.sampled_from([*self.model.holders(number), 1, 2]))
            since = draw.draw(st.sampled_from((None, 202609, 202610)))
            rows.append(CustomerRow(number, holder_no, since, draw.draw(_SELDOM_FALSE)))
        self.deliver(Batch("customers", tuple(rows)))

    @rule(number=st.sampled_from(SAME), course=st.sampled_from(("光1ギガ", "テレビ")))
    def deliver_contracts(self, number: str, course: str) -> None:
        self.deliver(Batch("contracts", (ContractRow(number, course),)))

    @rule(
        draw=st.data(),
        has_states=st.booleans(),
        without_errors=st.booleans(),
        waits=_SELDOM_FALSE.map(lambda b: not b),
    )
    def deliver_charges(self, draw: Any, has_states: bool, without_errors: bool, waits: bool) -> None:
        rows = self._charge_rows(draw, without_errors)
        if not has_states:
            rows = tuple(row._replace(state=None) for row in rows)
        self.deliver(Batch("charges", rows, without_errors), waits=waits)

    @rule(draw=st.data(), without_errors=st.booleans())
    def deliver_payments(self, draw: Any, without_errors: bool) -> None:
        self.deliver(Batch("payments", self._payment_rows(draw), without_errors))

    @rule(draw=st.data())
    def deliver_charges_with_their_payments(self, draw: Any) -> None:
        charges = self._charge_rows(draw, without_errors=False)
        paid = [
            PaymentRow(row.number, row.holder_no, row.month, row.statement_number, "未確認")
            for row in charges
        ]
        self.deliver(Batch("charges", charges), Batch("payments", tuple(paid[:2])))

    @rule(draw=st.data())
    def deliver_changes(self, draw: Any) -> None:
        rows = []
        for old in draw.draw(st.lists(_NUMBERS, min_size=1, max_size=3, unique=True)):
            new = draw.draw(st.sampled_from([each for each in (*SAME, *SAME, OTHER) if each != old]))
            rows.append(ChangeRow(old, new, draw.draw(st.sampled_from(KINDS))))
        self.deliver(Batch("changes", tuple(rows)))

    def _charge_rows(self, draw: Any, without_errors: bool) -> tuple[ChargeRow, ...]:
        """Some bills, few of them under a number or holder who is not there, wrong ones where they may be left out."""
        rows = {}
        for _ in range(draw.draw(st.integers(1, 3))):
            number = draw.draw(_NUMBERS)
            holder_no = draw.draw(st.sampled_from([None, None, None, *self.model.holders(number)]))
            month, statement_number = (
                draw.draw(st.sampled_from(MONTHS)),
                draw.draw(st.sampled_from((1, 1, 1, 2))),
            )
            withdrawn = not draw.draw(_SELDOM_FALSE)
            total = 0 if withdrawn else draw.draw(st.sampled_from((0, 500, 700, 900)))
            rows[number, month, statement_number] = ChargeRow(
                number,
                holder_no,
                month,
                statement_number,
                total,
                0 if withdrawn else draw.draw(st.sampled_from((0, 0, 100))),
                withdrawn,
                "" if withdrawn else draw.draw(st.sampled_from(("", *STATES))),
                without_errors and not withdrawn and not draw.draw(_SELDOM_FALSE),
            )
        return tuple(rows.values())

    def _payment_rows(self, draw: Any) -> tuple[PaymentRow, ...]:
        """Payments of bills that there are, some under the number of today, and few of one that there is not."""
        known = sorted(self.model.keys("charges")) or [((SAME[0], 1), MONTHS[0], 1)]
        rows = {}
        for _ in range(draw.draw(st.integers(1, 2))):
            key, month, statement_number = draw.draw(st.sampled_from(known))
            number = draw.draw(st.sampled_from((key[0], self.model.current(key)[0], key[0])))
            holder_no = draw.draw(st.sampled_from([None, None, key[1]]))
            month = month if draw.draw(_SELDOM_FALSE) else MONTHS[0]
            state = draw.draw(st.sampled_from(tuple(STATES)))
            rows[number, month, statement_number] = PaymentRow(
                number, holder_no, month, statement_number, state
            )
        return tuple(rows.values())

    @precondition(lambda self: self.waiting)
    @rule(choice=st.data())
    def publish_what_waits(self, choice: Any) -> None:
        batch = self.waiting.pop(choice.draw(st.integers(0, len(self.waiting) - 1)))
        with self.database.reading() as connection:
            stored = store.get(connection, batch.id)
        assert stored is not None
        done = self.operator.flip(stored)
        if isinstance(done, Published):
            self.model.publish(batch, done.batches[0].published_at)
            return
        assert done.why is Refusal.CHECK_AGAIN
        outcome = check_again(
            self.database,
            [stored],
            keeper=a_keeper(self.database),
            rules=self.operator.rules,
            scratch=None,
            actor="cli",
            clock=self.operator.now,
        )
        self.finish([batch], outcome)

    @precondition(lambda self: any(batch.seq for batch in self.model.batches))
    @rule(choice=st.data())
    def take_back(self, choice: Any) -> None:
        kinds = sorted({batch.kind for batch in self.model.batches if batch.seq is not None})
        batch = choice.draw(st.sampled_from(self.model.published(choice.draw(st.sampled_from(kinds)))))
        with self.database.reading() as connection:
            stored = store.get(connection, batch.id)
        assert stored is not None
        assert isinstance(self.operator.take_back(stored), TakenBack)
        batch.seq = None

    @precondition(lambda self: self.handed)
    @rule(choice=st.data())
    def hand_an_earlier_file_over_again(self, choice: Any) -> None:
        earlier = self.handed[choice.draw(st.integers(0, len(self.handed) - 1))]
        self.deliver(Batch(earlier.kind, earlier.rows, earlier.without_errors))

    @rule(name=st.sampled_from(tuple(ACCOUNTS)))
    def log_in(self, name: str) -> None:
        now = self.operator.now()
        self.logins.append((name, _session(self.database, name, now), now))

    # -- how it is done -------------------------------------------------------------------------------------------

    def deliver(self, *batches: Batch, waits: bool = False) -> None:
        """Hand files over as one delivery; they are published, or wait, or do nothing, or are refused, as the model says."""
        in_force = [found for batch in batches if (found := self.model.in_force(batch)) is not None]
        if in_force and len(batches) > 1:
            return
        contents = {f"file{place}": _content(batch) for place, batch in enumerate(batches)}
        outcome = self.operator.check(without_errors=batches[0].without_errors, **contents)
        assert not outcome.refused_files, outcome.refused_files
        assert bool(outcome.in_force) == bool(in_force)
        if in_force:
            assert outcome.batches == ()
            return
        if len(batches) == 1:
            self.handed.append(batches[0])
        self.finish(batches, outcome, waits=waits)

    def finish(self, batches: Sequence[Batch], outcome: Outcome, *, waits: bool = False) -> None:
        """Compare the outcome of a check with the model's, and publish."""
        for batch, stored in zip(batches, outcome.batches, strict=True):
            batch.id = stored.id
            # The same file again is the same batch.
            self.model.batches = [*(each for each in self.model.batches if each.id != batch.id), batch]
            self.waiting = [each for each in self.waiting if each.id != batch.id]
        delivered: set[Any] = set()
        try:
            for batch in batches:
                self.model.check(batch, delivered)
                if batch.kind == "charges":
                    delivered |= {key for key, bill in batch.versions.items() if not bill.hidden}
        except Wrong:
            assert not outcome.is_well, "the model knows an error"
            assert {stored.state for stored in outcome.batches} == {State.REFUSED}
            for batch in batches:
                batch.versions = {}
            return
        errors = [error for each in outcome.batches for error in self.operator.errors(each)]
        assert outcome.is_well, [(each.code, each.row) for each in errors if not each.warning]
        if waits:
            self.waiting.append(batches[0])
            return
        if batches[0].kind == "changes":
            needs = Refused(Refusal.SECOND_PERSON, outcome.batches[0].id, State.CHECKED)
            assert self.operator.flip(*outcome.batches) == needs
            done: object = self.operator.approve(*outcome.batches)
        else:
            done = self.operator.flip(*outcome.batches)
        assert isinstance(done, Published | Done), done
        for batch, published in zip(batches, done.batches, strict=True):
            self.model.publish(batch, published.published_at)

    # -- what must be so ------------------------------------------------------------------------------------------

    @invariant()
    def everybody_sees_what_the_rule_says(self) -> None:
        step = next(self.steps)
        for place, (name, owned) in enumerate(ACCOUNTS.items()):
            session = sessions.current(self.database.reader, self.secrets[name], lifetime=LIFETIME, now=FAR)
            expected = self.model.shown(owned)
            assert _shown(session) == expected
            for current, keys in expected.items():
                self.compare(session, current, keys)
            if len(expected) == 1 and place == step % len(ACCOUNTS):
                _compare_pages(self.visitors[name], self.model.months(next(iter(expected.values()))))
        for name, secret, since in self.logins[-3:]:
            session = sessions.current(self.database.reader, secret, lifetime=LIFETIME, now=since)
            assert _shown(session) == self.model.shown(ACCOUNTS[name], since)

    def compare(self, session: Session | None, current: Holder, keys: list[Holder]) -> None:
        """The services behind list, menu, detail and contract of one customer."""
        assert session is not None
        texts = [_key(key) for key in keys]
        of: Callable[..., dict[str, Any]] = partial(
            dict, publications=session.publications, first_month=FIRST, length=15
        )
        listed = statements.months(self.database.reader, texts, **of())
        expected = self.model.months(keys)
        assert [_month(each) for each in listed] == expected
        for month in MONTHS:
            detail = statements.for_month(self.database.reader, texts, BillingMonth.from_int(month), **of())
            of_month = [each for each in listed if each.month == month]
            assert [detail.month] == of_month if detail else of_month == []
            for bill in detail.bills if detail else ():
                version = bill.bill.version
                assert bill.statement.sum_of_lines == (0 if version.withdrawn else version.total)
        with self.database.reading() as connection:
            contract = contracts.of_customer(connection, _key(current))
        assert contract is not None
        course = self.model.course(current)
        assert [each.course for each in contract.contracts] == ([] if course is None else [course])


# -- files and pages --------------------------------------------------------------------------------------------------


def _content(batch: Batch) -> bytes:
    """A batch as the bytes of a file, every other one in CP932."""
    content = _FILES[batch.kind](batch.rows)
    return content.decode().encode("cp932") if len(batch.rows) % 2 else content


def _customers(rows: Sequence[CustomerRow]) -> bytes:
    headings = (*made.CUSTOMER_HEADINGS, "Web登録")
    return table(
        headings,
        *[
            [
                f"00{row.number}",
                str(row.holder_no),
                _text(row.since) and f"{_text(row.since)}-01",
                "愛込　太郎",
                "ホカ　ノヒト" if row.number == OTHER else "アイコム　タロウ",
                "0748-62-1234",
                "契約中",
                "可" if row.on_web else "不可",
            ]
            for row in rows
        ],
    )


def _contracts(rows: Sequence[ContractRow]) -> bytes:
    return table(
        made.CONTRACT_HEADINGS, *[[row.number, "K1", "ネット", row.course, "契約中"] for row in rows]
    )


def _charges(rows: Sequence[ChargeRow]) -> bytes:
    has_states = rows[0].state is not None
    headings = (
        *(
            "お客様番号",
            "名義番号",
            "請求年月",
            "請求番号",
            "処理区分",
            "明細番号",
            "項目名",
            "金額",
            "行区分",
        ),
        *("税区分", "請求金額合計", *(["支払状態"] if has_states else [])),
    )
    lines = []
    for row in rows:
        key = [row.number, str(row.holder_no or ""), _text(row.month), str(row.statement_number)]
        end = [str(row.total + 7 * row.is_wrong), *([row.state or ""] if has_states else [])]
        if row.withdrawn:
            lines.append([*key, "取消", "", "", "", "", "", "", *end[1:]])
            continue
        lines.append([*key, "", "1", "料金", str(row.total - row.carried), "", "不課税", *end])
        if row.carried:
            lines.append([*key, "", "2", "前月分", str(row.carried), "繰越", "不課税", *end])
    return table(headings, *lines)


def _payments(rows: Sequence[PaymentRow]) -> bytes:
    headings = ("お客様番号", "名義番号", "請求年月", "請求番号", "支払状態", "入金日")
    return table(
        headings,
        *[
            [row.number, str(row.holder_no or ""), _text(row.month), str(row.statement_number), row.state, ""]
            for row in rows
        ],
    )


def _changes(rows: Sequence[ChangeRow]) -> bytes:
    return made.number_changes(*[made.number_change(*row) for row in rows])


_FILES: dict[str, Callable[..., bytes]] = {
    "customers": _customers,
    "contracts": _contracts,
    "charges": _charges,
    "payments": _payments,
    "changes": _changes,
}


def _text(month: int | None) -> str:
    return "" if month is None else f"{month // 100}-{month % 100:02}"


def _key(holder: Holder) -> str:
    return holder[0] if holder[1] == 1 else f"{holder[0]}-{holder[1]}"


def _holder(key: str) -> Holder:
    number, _, holder_no = key.partition("-")
    return number, int(holder_no or 1)


def _shown(session: Session | None) -> dict[Holder, list[Holder]]:
    if session is None:
        return {}
    return {_holder(each.key): sorted(map(_holder, each.keys)) for each in session.customers}


def _month(month: MonthOfBills) -> dict[str, Any]:
    """A month in the words of the model."""
    return {
        "month": month.month,
        "bills": [
            {
                "key": _holder(bill.version.customer_key),
                "number": bill.version.number,
                "withdrawn": bill.version.withdrawn,
                "total": bill.version.total,
                "comparable": bill.version.comparable,
                "state": next((word for word, state in STATES.items() if state == bill.payment_state), None),
                "earlier": [(each.withdrawn, each.total) for each in bill.earlier],
            }
            for bill in month.bills
        ],
        "total": month.total,
        "change": month.change,
    }


def _compare_pages(visitor: Visitor, expected: list[dict[str, Any]]) -> None:
    """List, detail and menu as a browser has them."""
    page = visitor.get("/statements")
    assert [_told(row) for row in _rows(page)] == [_listed(month) for month in expected]
    menu = visitor.get("/").text
    if not expected:
        assert "まだご請求がありません" in menu
        return
    newest = expected[0]
    standing = any(not bill["withdrawn"] for bill in newest["bills"])
    assert (f"{newest['total']:,}円" if standing else "取り消されました") in menu
    for month in expected:
        text = visitor.get(f"/statements/{_text(month['month'])}").text
        assert text.count("このご請求は取り消されました。") == sum(
            bill["withdrawn"] for bill in month["bills"]
        )
        for bill in month["bills"]:
            assert bill["withdrawn"] or f"ご請求額 {bill['total']:,}円" in text
            for withdrawn, total in bill["earlier"]:
                assert f"訂正前：{'取り消し' if withdrawn else f'{total:,}円'}（" in text


def _rows(page: Page) -> list[list[str]]:
    tables = page.root.all("table")
    rows = [row for part in (tables[0].all("tbody") if tables else []) for row in part.all("tr")]
    return [[cell.text() for cell in row.walk() if cell.tag in ("th", "td")] for row in rows]


def _told(row: Sequence[str]) -> tuple[str, ...]:
    """Month, amount, difference and states of a row of the list."""
    return (row[0], row[1], row[2], row[3])


def _listed(month: dict[str, Any]) -> tuple[str, ...]:
    """The same from the model."""
    bills, total, change = month["bills"], month["total"], month["change"]
    standing = [bill for bill in bills if not bill["withdrawn"]]
    amount = [f"{total:,}円" if standing else "取り消されました"]
    if standing and not total:
        amount.append("今回のお支払いはありません")
    if any(bill["earlier"] for bill in bills):
        amount.append("訂正")
    if len(bills) > 1:
        amount.append(f"請求{len(bills)}件")
    said = "" if change is None else "前回と同じ" if change == 0 else f"前回より {abs(change):,}円{'増' if change > 0 else '減'}"  # fmt: skip
    states = dict.fromkeys(SAID[STATES[bill["state"]]] for bill in standing if bill["state"])
    year, number = divmod(month["month"], 100)
    return (f"{year}年{number}月", " ".join(amount), said, " ".join(states))


# -- the test ---------------------------------------------------------------------------------------------------------


def _empty(database: Database) -> None:
    """Nothing is published or stored any more; epoch and sequence go on, so that nothing kept in memory fits."""
    with database.writing() as connection:
        for each in (
            schema.customer_version,
            schema.former_holder,
            schema.contract_set,
            schema.statement,
            schema.payment,
            schema.succession,
            schema.left_out,
            schema.statement_view,
            schema.batch_error,
            schema.batch_report,
            schema.batch,
        ):
            connection.execute(delete(each))
        connection.execute(update(schema.publication).values(epoch=schema.publication.c.epoch + 1))


def _session(database: Database, name: str, now: datetime) -> str:
    with database.writing() as connection:
        return sessions.start(
            connection,
            f"account-of-{name}-2026",
            stamp=STAMP,
            lifetime=LIFETIME,
            address="",
            browser="",
            replaces=None,
            now=now,
        )


def _run(database: Database, tmp_path: Path, settings: hypothesis.settings) -> None:
    clock = tmp_path / "clock"
    move_clock(clock, FAR - datetime.now(UTC))
    # Whoever may be shown something can log in; later steps decide what.
    operator = Delivering(database, tmp_path)
    operator.publish(customers=made.customers(*(made.customer(number) for number in (*SAME, OTHER)), made.customer("70012", "2")))  # fmt: skip
    app = portal(database, clock, session_idle="99999999", session_absolute="99999999")
    visitors: dict[str, Visitor] = {}
    for name, owned in ACCOUNTS.items():
        an_account(database, *map(_key, owned), login_id=f"{name}-2026")
        visitors[name] = Visitor(app)
        visitors[name].get("/login").submit("ログイン", login_id=f"{name}-2026", password=PASSWORD)
    secrets = {name: _session(database, name, FAR) for name in ACCOUNTS}
    with database.writing() as connection:
        # Opened after whatever will be published: no next holder ends these.
        connection.execute(update(schema.login_session).values(opened_seq=10**9))
    machine = type(
        "PublishingHere",
        (Publishing,),
        {
            "database": database,
            "folder": tmp_path / "files",
            "app": app,
            "visitors": visitors,
            "secrets": secrets,
        },
    )
    run_state_machine_as_test(machine, settings=settings)


def test_what_is_seen_is_what_the_version_rule_says(database: Database, tmp_path: Path) -> None:
    settings = hypothesis.settings(
        max_examples=14,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    _run(database, tmp_path, settings)


@pytest.mark.long
def test_what_is_seen_is_what_the_version_rule_says_for_long(database: Database, tmp_path: Path) -> None:
    settings = hypothesis.settings(
        max_examples=400,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    _run(database, tmp_path, settings)
