"""What rests on a batch is found with few rows read, however much rests there: the flip that takes it back asks."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event, insert, text

from mypage.domain.activation import RegistrationState
from mypage.store import resting
from mypage.store.engine import Database
from mypage.store.schema import account_customer, registration
from tests.builders import a_customer, publish_customers

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MANY = 4_000
LIMIT = 51


def _registration(key: str, batch_id: int, state: str) -> dict[str, object]:
    texts = dict.fromkeys(("login_id", "login_key", "email", "nickname", "language", "terms_version"), key)
    row = {"customer_key": key, "registration_id": key, "serial": 1, "state": state, **texts}
    return {**row, "matched_batch_id": batch_id, "created_at": NOW, "enqueued_at": NOW}


def _link(key: str, account_id: str, role: str, batch_id: int) -> dict[str, object]:
    row = {"customer_key": key, "account_id": account_id, "role": role, "since": NOW}
    return {**row, "matched_batch_id": batch_id}


def _fill(database: Database, batch_id: int) -> list[str]:
    """Very many that rest on a batch, behind as many that do no more or rest on another; the keys, in their order."""
    ended = [f"1{place:07}" for place in range(MANY)]
    pending = [f"2{place:07}" for place in range(MANY)]
    owned = [f"2{place:07}" for place in range(1, 2 * MANY, 2)]
    with database.writing() as connection:
        rows = [_registration(key, batch_id, RegistrationState.ACTIVATED) for key in ended]
        connection.execute(
            insert(registration),
            [*rows, *(_registration(key, batch_id, RegistrationState.PENDING) for key in pending)],
        )
        # A customer may be in several accounts.
        others = [_link(key, key, "owner", batch_id + 1) for key in ended]
        links = [_link(key, f"{role}{key}", role, batch_id) for key in owned for role in ("owner", "other")]
        connection.execute(insert(account_customer), [*others, *links])
        connection.execute(text("ANALYZE"))
    return sorted({*pending, *owned})


def _read_on_postgresql(connection: Connection, batch_id: int) -> int:
    """Rows that the query reads from tables and indexes, as PostgreSQL itself counts them."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    resting.customers(connection, batch_id, LIMIT)
    event.remove(connection, "before_cursor_execute", note)
    ((statement, values),) = asked
    told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    (plan,) = told if isinstance(told, list) else json.loads(told)
    return _scanned(plan["Plan"])


def _scanned(node: dict[str, Any]) -> int:
    rows = 0
    if "Relation Name" in node or node["Node Type"] == "Bitmap Index Scan":
        rows = int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
    return rows + sum(_scanned(each) for each in node.get("Plans", ()))


def _steps_on_sqlite(connection: Connection, batch_id: int) -> int:
    """Steps of SQLite's machine that the query takes."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    steps: list[None] = []
    driver.set_progress_handler(lambda: steps.append(None), 1)
    resting.customers(connection, batch_id, limit=LIMIT)
    driver.set_progress_handler(None, 1)
    return len(steps)


def test_few_rows_are_read_however_many_rest_on_a_batch(database: Database) -> None:
    batch_id = publish_customers(database, a_customer())
    keys = _fill(database, batch_id)
    with database.reading() as connection:
        assert resting.customers(connection, batch_id, limit=LIMIT) == keys[:LIMIT]
        assert resting.customers(connection, batch_id, limit=10_000) == keys
        if database.is_sqlite:
            # A row that is read takes some thirty; every row of both tables, at least one each, more than this.
            assert _steps_on_sqlite(connection, batch_id) < 2 * MANY
        else:
            assert _read_on_postgresql(connection, batch_id) < 5 * LIMIT
