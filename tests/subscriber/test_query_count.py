"""How many queries the pages that are asked for most send: the list two in the steady state, three at most."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mypage.demo.registered import LOGIN_ID, PASSWORD, register_sample_account
from mypage.store.engine import Database
from mypage.works.sample.files import write_sample
from tests.delivering import Delivering, customers, number_change, number_changes, payment, payments
from tests.listening import listen
from tests.portal import environment, portal
from tests.visitor import Visitor


@pytest.fixture
def sent(database: Database) -> list[str]:
    """What goes to the database."""
    return listen(database)


@pytest.fixture
def logged_in(database: Database, engine_url: str, sent: list[str], tmp_path: Path) -> Visitor:
    """The sample's own account, logged in through the form; the sample was published by the door for files."""
    today = datetime.now(UTC)
    until = (today.year, today.month)
    made = write_sample(tmp_path / "sample", customers=20, months=16, seed=1, until=until)
    settings = environment(engine_url)
    subprocess.run(
        [sys.executable, "-m", "mypage", "batch", "publish", *map(str, made.deliveries[0])],
        env={**os.environ, **settings},
        capture_output=True,
        check=True,
    )
    register_sample_account(database, settings, made.identities[3]._asdict(), today)
    visitor = Visitor(portal(database))
    page = visitor.get("/login").submit("ログイン", login_id=LOGIN_ID, password=PASSWORD)
    assert "お客様メニューリスト" in page.text
    return visitor


def test_the_list_asks_twice_once_its_first_view_is_marked(logged_in: Visitor, sent: list[str]) -> None:
    for _ in range(2):
        page = logged_in.get("/statements")
        assert len([row for row in page.root.all("tr") if row.all("a")]) == 15
    sent.clear()
    page = logged_in.get("/statements")
    assert page.status == 200
    assert len(sent) == 2, sent
    assert all(statement.startswith("SELECT") for statement in sent), sent
    assert "document" not in sent[1], "the list never reads the lines"


def test_payments_and_a_number_that_changed_cost_no_further_query(
    logged_in: Visitor, sent: list[str], database: Database, tmp_path: Path
) -> None:
    delivering = Delivering(database, tmp_path)
    (mine,) = delivering.rows("SELECT c.customer_key, v.name_kana, v.phone FROM account_customer c"
                              " JOIN customer_version v ON v.customer_key = c.customer_key")  # fmt: skip
    number, kana, phone = (str(each) for each in mine)
    bills = delivering.rows(f"SELECT DISTINCT billing_month FROM statement WHERE customer_key = '{number}'")  # noqa: S608
    months = [f"{str(month)[:4]}-{str(month)[4:]}" for (month,) in bills]
    delivering.publish(
        customers=customers(["99000001", "", "", "同じ　人", kana, phone, "契約中"]),
        changes=number_changes(number_change(number, "99000001")),
        payments=payments(*(payment("99000001", "未確認", month, holder_no="1") for month in months)),
    )
    for _ in range(2):
        page = logged_in.get("/statements")
    assert page.text.count("お支払いの確認ができていません") >= 15
    sent.clear()
    logged_in.get("/statements")
    assert len(sent) == 2, sent
    assert all(statement.startswith("SELECT") for statement in sent), sent


def test_a_new_login_marks_its_first_view_and_no_other(logged_in: Visitor, sent: list[str]) -> None:
    sent.clear()
    logged_in.get("/statements")
    assert any(statement.startswith("INSERT INTO statement_view") for statement in sent)
    sent.clear()
    logged_in.get("/statements")
    assert not any("INSERT" in statement or "UPDATE" in statement for statement in sent), sent


def test_a_statement_asks_three_times_at_most(logged_in: Visitor, sent: list[str]) -> None:
    logged_in.get("/statements")
    first = logged_in.get("/statements").root.all("table")[0].all("a")[0].attributes["href"] or ""
    logged_in.get(first)
    sent.clear()
    page = logged_in.get(first)
    assert page.status == 200
    assert len(sent) <= 3, sent
    assert all(statement.startswith("SELECT") for statement in sent), sent


def test_pages_are_served_without_an_orm() -> None:
    code = "import sys; import mypage.app; print('sqlalchemy.orm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
