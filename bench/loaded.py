"""Whether a month is in the database as its file says: counts, yen, and some bills line by line."""

import contextlib
from decimal import Decimal

from sqlalchemy import Connection, func, select

from bench.batch import Ran
from bench.month import BILLING_MONTH, CHARGE_COLUMNS, Month
from mypage.domain.statement import LineItem, read
from mypage.store.engine import Database
from mypage.store.schema import batch, statement


def check(url: str, month: Month, ran: Ran) -> None:
    """AssertionError where the answer of the command or the tables are not what the file says."""
    answer = ran.batch
    told = (answer["statements"], answer["lines"], answer["total"], answer["errors"], answer["hidden"])
    said = (month.statements, month.lines, month.total, 0, 0)
    assert told == said, f"the command told of {told} instead of {said}"
    with contextlib.closing(Database(url)) as database, database.reading() as connection:
        counted = connection.execute(
            select(func.count(), func.sum(statement.c.total)).where(
                statement.c.batch_id == answer["id"], statement.c.billing_month == BILLING_MONTH
            )
        ).one()
        found = (counted[0], int(counted[1] or 0))
        assert found == (month.statements, month.total), f"{found} statements and yen are in the table"
        is_seen = connection.scalar(select(batch.c.pub_seq).where(batch.c.id == answer["id"])) is not None
        assert is_seen == (answer["state"] == "published"), f"{answer['state']}, but seen: {is_seen}"
        for rows in month.sample.values():
            _check_bill(
                connection, answer["id"], [dict(zip(CHARGE_COLUMNS, row, strict=True)) for row in rows]
            )


def _check_bill(connection: Connection, batch_id: int, rows: list[dict[str, str]]) -> None:
    number = rows[0]["お客様番号"]
    found = connection.execute(
        select(statement).where(
            # Of two holders the second has it, whom the file does not name.
            statement.c.customer_key.in_((number, f"{number}-2")),
            statement.c.billing_month == BILLING_MONTH,
            statement.c.number == int(rows[0]["請求番号"]),
            statement.c.batch_id == batch_id,
        )
    ).one()
    assert found.total == int(rows[0]["請求金額合計"]), f"{number} has {found.total} yen"
    assert str(found.due_on) == rows[0]["お支払期日"], f"{number} is due on {found.due_on}"
    assert found.payment_method == rows[0]["お支払方法"], f"{number} is paid by {found.payment_method}"
    lines = [_told(line) for line in read(found.document).lines]
    expected = [
        (
            int(row["明細番号"]), row["サービス"], row["項目名"], int(row["ご利用月"]), _decimal(row["数量"]),
            _decimal(row["単価"]), Decimal(row["金額"]),
        )
        for row in rows
    ]  # fmt: skip
    assert lines == expected, f"the bill of {number} holds {lines}"


def _told(line: LineItem) -> tuple[object, ...]:
    used = 0 if line.usage_month is None else line.usage_month.as_int
    return line.number, line.service, line.description, used, line.quantity, line.unit_price, line.amount


def _decimal(cell: str) -> Decimal | None:
    return Decimal(cell) if cell else None
