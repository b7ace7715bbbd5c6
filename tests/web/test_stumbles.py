"""What nobody's refusals cost: a count, and never more than one write a second of each kind."""

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from mypage.store.engine import Database
from mypage.store.schema import audit_event, stumble
from tests.portal import portal
from tests.visitor import Visitor


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


def _written(database: Database) -> tuple[int, int]:
    """How many stumbles are counted, and how many rows the trail has."""
    with database.reading() as connection:
        counted = connection.scalar(select(func.sum(stumble.c.times))) or 0
        return counted, connection.scalar(select(func.count()).select_from(audit_event)) or 0


def test_rubbish_is_added_up_and_written_once_a_second(app: Flask, database: Database) -> None:
    writes: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def listen(*sent: Any) -> None:
        writes.extend(part for part in sent if isinstance(part, str) and "INTO stumble" in part)

    began = time.monotonic()
    for _ in range(60):
        assert app.test_client().post("/login", data={"login_id": "x"}).status_code == 400
    # The first at once, and no more of them than seconds.
    assert 1 <= len(writes) <= 1 + (time.monotonic() - began)
    time.sleep(1.01)
    app.test_client().post("/login", data={"login_id": "x"})
    assert _written(database) == (61, 0), "nothing is lost, and the trail has none of it"


def test_kinds_do_not_wait_for_one_another(app: Flask, database: Database) -> None:
    page = Visitor(app).get("/signup").submit("認証")
    page.submit("認証", phone="内線3")
    with database.reading() as connection:
        kinds = connection.execute(select(stumble.c.step, stumble.c.cause, stumble.c.rule)).all()
    assert sorted(map(tuple, kinds)) == [
        ("proof", "A-05", "phone_pattern"),
        ("proof", "A-09", "customer_number_empty"),
        ("proof", "A-09", "name_kana_empty"),
        ("proof", "A-09", "phone_empty"),
    ]


def test_a_database_that_is_away_makes_no_error_of_it() -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    page = Visitor(portal(nowhere)).get("/signup").submit("認証")
    nowhere.close()
    assert page.status == 200
    assert "A-09" in page.text
