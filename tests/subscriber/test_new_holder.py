"""A new holder of a customer number (名義変更): published by a file, seen by both holders through the web."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert

from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import account_customer
from tests.bills import LONG_AGO, PASSWORD, an_account
from tests.delivering import CHARGE_HEADINGS, Delivering, charge, charges, customers
from tests.portal import portal
from tests.visitor import Page, Visitor

OLD = {"customer_number": "70012", "phone": "0748-62-1234", "name_kana": "アイコム　タロウ"}
NEW = {"customer_number": "70012", "phone": "090-1111-2222", "name_kana": "サトウ　ハナコ"}
ALREADY = "すでに会員登録がお済みです"
MISSED = "入力された内容が契約者情報と一致しません。"


def holder(number: str = "70012", status: str = "契約中") -> Sequence[str]:
    """The holder of the first day."""
    return [number, "1", "2019-04-01", "愛込　太郎", "アイコム　タロウ", "0748-62-1234", status]


def new_holder(number: str = "70012", holder_no: str = "2", name: str = "佐藤　花子") -> Sequence[str]:
    """Who took the contract over in October 2026."""
    return [number, holder_no, "2026-10-01", name, "サトウ　ハナコ", "090-1111-2222", "契約中"]


def bill(month: str, holder_no: str, amount: str) -> Sequence[str]:
    """A bill of one of the two."""
    return [*charge("70012", amount=amount, total=amount, month=month), holder_no]


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator whose number 70012 has one holder, who is registered, with bills of two months."""
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(holder(), holder("70013")))
    headings = (*CHARGE_HEADINGS, "名義番号")
    operator.publish(
        charges=charges(bill("2026-09", "1", "4444"), bill("2026-10", "1", "5555"), headings=headings)
    )
    an_account(database, "70012", login_id="old-holder", nickname="まえの")
    return operator


@pytest.fixture
def app(database: Database, delivering: Delivering) -> Flask:
    """The portal before it."""
    return portal(database)


def log_in(visitor: Visitor, login_id: str) -> Page:
    return visitor.get("/login").submit("ログイン", login_id=login_id, password=PASSWORD)


def publish_new_holder(delivering: Delivering, **more: bytes) -> Batch:
    """The file of the next morning."""
    return delivering.publish(without_errors=False, customers=customers(new_holder()), **more)[0]


def test_the_former_holder_s_session_ends_at_that_instant_and_a_new_one_reads_on(
    app: Flask, delivering: Delivering
) -> None:
    visitor = Visitor(app)
    log_in(visitor, "old-holder")
    assert "5,555円" in visitor.get("/statements").text
    publish_new_holder(delivering)
    assert visitor.get("/statements").path == "/login?next=%2Fstatements"
    page = visitor.get("/statements").submit("ログイン", login_id="old-holder", password=PASSWORD)
    assert page.path == "/statements"
    assert "5,555円" in page.text
    assert "4,444円" in page.text
    assert visitor.get("/contract").status == 200


def test_a_file_that_is_only_checked_ends_nothing(app: Flask, delivering: Delivering) -> None:
    visitor = Visitor(app)
    log_in(visitor, "old-holder")
    batch = delivering.check(customers=customers(new_holder())).batches[0]
    assert visitor.get("/statements").path == "/statements"
    delivering.flip(batch)
    assert visitor.get("/statements").path.startswith("/login")


def test_taking_it_back_restores(app: Flask, delivering: Delivering) -> None:
    visitor = Visitor(app)
    log_in(visitor, "old-holder")
    batch = publish_new_holder(delivering)
    assert visitor.get("/").path == "/login"
    delivering.take_back(batch)
    assert visitor.get("/").path == "/"
    page = Visitor(app).get("/signup").submit("認証", **NEW)
    assert MISSED in page.text


def test_the_same_file_published_again_ends_it_again(app: Flask, delivering: Delivering) -> None:
    first = publish_new_holder(delivering)
    delivering.take_back(first)
    visitor = Visitor(app)
    log_in(visitor, "old-holder")
    again = publish_new_holder(delivering)
    assert again.id == first.id
    assert visitor.get("/").path == "/login"


def test_a_change_to_the_new_holder_s_row_ends_nothing_more(app: Flask, delivering: Delivering) -> None:
    publish_new_holder(delivering)
    visitor = Visitor(app)
    log_in(visitor, "old-holder")
    delivering.publish(customers=customers(new_holder(name="佐藤　ハナコ"), holder(status="解約済")))
    assert visitor.get("/statements").path == "/statements"
    delivering.publish(customers=customers(new_holder(holder_no="3", name="鈴木　次郎")))
    assert visitor.get("/statements").path == "/statements", "it was not the holder any more"


def test_other_numbers_do_not_notice(app: Flask, database: Database, delivering: Delivering) -> None:
    delivering.publish(customers=customers(holder("70014")))
    an_account(database, "70013", login_id="neighbour")
    with database.writing() as connection:
        also = {"customer_key": "70014", "account_id": "account-of-old-holder", "role": "owner"}
        connection.execute(insert(account_customer).values(**also, since=LONG_AGO))
    neighbour, both = Visitor(app), Visitor(app)
    log_in(neighbour, "neighbour")
    assert log_in(both, "old-holder").root.first("h1").text() == "お客様番号の選択"
    publish_new_holder(delivering)
    assert neighbour.get("/statements").path == "/statements"
    assert both.get("/contract").path == "/contract", "one customer is left, and needs no choice"
    assert "70014" in both.get("/contract").text
    assert log_in(Visitor(app), "old-holder").root.first("h1").text() == "お客様番号の選択"


def test_the_number_is_free_for_the_new_holder_and_not_for_the_old_one(
    app: Flask, delivering: Delivering
) -> None:
    assert ALREADY in Visitor(app).get("/signup").submit("認証", **OLD).text
    assert MISSED in Visitor(app).get("/signup").submit("認証", **NEW).text
    publish_new_holder(delivering)
    assert Visitor(app).get("/signup").submit("認証", **NEW).path == "/signup/profile"
    # The former holder is who was: registered already, and nothing of theirs opens the new holder's.
    assert ALREADY in Visitor(app).get("/signup").submit("認証", **OLD).text
    for mixed in ({**NEW, "name_kana": OLD["name_kana"]}, {**NEW, "phone": OLD["phone"]}):
        assert MISSED in Visitor(app).get("/signup").submit("認証", **mixed).text


def test_both_have_accounts_and_each_sees_their_own_months(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    headings = (*CHARGE_HEADINGS, "名義番号")
    mine = charges(bill("2026-11", "2", "6666"), headings=headings)
    publish_new_holder(delivering, charges=mine)
    an_account(database, "70012-2", login_id="new-holder", nickname="あとの")
    new, old = Visitor(app), Visitor(app)
    log_in(new, "new-holder")
    log_in(old, "old-holder")
    assert "6,666円" in new.get("/statements").text
    for amount in ("5,555円", "4,444円"):
        assert amount not in new.get("/statements").text
        assert amount in old.get("/statements").text
    assert "6,666円" not in old.get("/statements").text
    for path in ("/statements/2026-10", "/statements/2026-09"):
        assert new.get(path).status == 404
        assert old.get(path).status == 200
    assert old.get("/statements/2026-11").status == 404
    assert "4,444" not in new.get("/statements.csv").html
    # The next morning's files end neither of them.
    delivering.publish(customers=customers(new_holder(name="佐藤　ハナコ")))
    assert new.get("/statements").path == old.get("/statements").path == "/statements"


def test_a_file_that_is_refused_leaves_no_trace_of_its_new_holders(delivering: Delivering) -> None:
    publish_new_holder(delivering)
    before = delivering.rows("SELECT customer_key, batch_id FROM former_holder")
    assert [row[0] for row in before] == ["70012"]
    good = customers(new_holder("70013"))
    delivering.check(customers=good)
    assert len(delivering.rows("SELECT 1 FROM former_holder")) == 2
    wrong = customers(new_holder("70014", holder_no="x"))
    delivering.hand(*delivering.files(customers=good, more=wrong))
    assert delivering.rows("SELECT customer_key, batch_id FROM former_holder") == before


def test_the_flip_takes_no_longer_for_many_new_holders(database: Database, tmp_path: Path) -> None:
    """Publishing is some small rows: what a new holder ends is found by the session that asks."""
    operator = Delivering(database, tmp_path)
    numbers = [str(10_000 + place) for place in range(2_000)]
    operator.publish(customers=customers(*map(holder, numbers)))
    few = operator.check(customers=customers(new_holder(numbers[0]))).batches[0]
    seconds = {}
    for name, batch in (("few", few), ("many", None)):
        checked = batch or operator.check(customers=customers(*map(new_holder, numbers[1:]))).batches[0]
        began = time.perf_counter()
        operator.flip(checked)
        seconds[name] = time.perf_counter() - began
    assert len(operator.rows("SELECT 1 FROM former_holder")) == len(numbers)
    assert seconds["many"] < max(10 * seconds["few"], 0.05), seconds
