"""/staff/batches: what the billing operator sees of what was handed over, and what they look at stands in the trail."""

from pathlib import Path

import pytest
from flask import Flask

from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.portal import portal
from tests.staffing import at_desk


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    return Delivering(database, tmp_path)


def test_smoke(app: Flask, database: Database, delivering: Delivering) -> None:
    master = customers(customer("70012"), customer("70013", name="見本　花子"))
    delivering.publish(customers=master, charges=charges(charge("70012"), charge("70013")))
    outcome = delivering.check(charges=charges(charge("70012", amount="800", total="800", month="2026-11")))
    refused = delivering.check(
        charges=charges(charge("70012", amount="80", total="800", month="2026-12"), charge("1", amount="x"))
    )
    desk = at_desk(app, database, Role.BILLING)
    page = desk.get("/staff/").follow("料金データ")
    print(page.text)
    page = desk.get(f"/staff/batches/{outcome.batches[0].id}")
    print(page.text)
    page = desk.get(f"/staff/batches/{refused.batches[0].id}")
    print(page.text)
    assert 0
