"""Payment states that come later, and customers whose number changed, as a person with a browser sees them."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account
from tests.delivering import (
    CHARGE_HEADINGS,
    CUSTOMER_HEADINGS,
    NOON,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    payment,
    payments,
    table,
)
from tests.portal import move_clock, portal
from tests.visitor import Page, Visitor

HEADINGS = (*CHARGE_HEADINGS, "お支払方法", "お支払期日", "支払状態")


def bill(number: str, month: str, state: str = "請求済", amount: str = "500") -> Sequence[str]:
    """A row of a charges file that tells how it is paid."""
    return [*charge(number, month=month, amount=amount, total=amount), "口座振替", f"{month}-27", state]


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    operator = Delivering(database, tmp_path)
    operator.publish(
        customers=customers(customer("70012"), customer("80012")),
        charges=charges(
            *(bill("70012", month) for month in ("2026-08", "2026-09", "2026-10")), headings=HEADINGS
        ),
    )
    return operator


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The portal's clock; it stands at the evening after the files were delivered."""
    file = tmp_path / "clock"
    set_clock(file, NOON + timedelta(hours=6))
    return file


def set_clock(clock: Path, to: datetime) -> None:
    move_clock(clock, to - datetime.now(UTC))


@pytest.fixture
def app(database: Database, delivering: Delivering, clock: Path) -> Flask:
    an_account(database, "70012")
    return portal(database, clock)


def logged_in(app: Flask, language: str = "ja") -> Visitor:
    visitor = Visitor(app, headers={"Accept-Language": language})
    visitor.get("/login").submit(
        "Log in" if language == "en" else "ログイン", login_id="tarou-2026", password=PASSWORD
    )
    return visitor


def told(page: Page) -> dict[str, str]:
    """By month what the list says of the payment."""
    rows = [row for part in page.root.first("table").all("tbody") for row in part.all("tr")]
    cells = [[cell.text() for cell in row.walk() if cell.tag in ("th", "td")] for row in rows]
    return {row[0]: row[3] for row in cells}


def test_the_state_that_comes_later_stands_on_every_page(app: Flask, delivering: Delivering) -> None:
    visitor = logged_in(app)
    assert "請求済" in told(visitor.get("/statements"))["2026年10月"]
    delivering.publish(
        payments=payments(
            payment("70012", "振替不能", retry_on="2026-12-10"),
            payment("70012", "一部入金", "2026-09", paid_on="2026-10-05", amount="300"),
            payment("70012", "支払済", "2026-08", paid_on="2026-08-27", amount="500"),
        )
    )
    again = "2026年12月10日（木）に再度お引き落としします。"
    assert told(visitor.get("/statements")) == {
        "2026年10月": f"口座振替 2026年10月27日（火） 口座振替ができませんでした {again}",
        "2026年9月": "口座振替 2026年9月27日（日） 一部お支払い済み",
        "2026年8月": "口座振替 2026年8月27日（木） お支払い済み",
    }
    menu = visitor.get("/")
    assert f"口座振替ができませんでした {again}" in menu.text
    october = visitor.get("/statements/2026-10").text
    assert f"口座振替ができませんでした {again}" in october
    assert "訂正" not in october, "a payment is no correction"
    assert (
        "2026年10月5日（月）に300円のお支払いを確認しました。残りのお支払い方法は"
        in visitor.get("/statements/2026-09").text
    )
    assert (
        "お支払い済み 2026年8月27日（木）にお支払いを確認しました。"
        in visitor.get("/statements/2026-08").text
    )
    raw = visitor.client.get("/statements.csv", base_url=visitor.base_url).get_data()
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row[5:] for row in rows] == [
        ["お支払い状況", "お支払い確認日", "お支払い確認額（円）", "再振替日", "備考"],
        ["口座振替ができませんでした", "", "", "2026-12-10", ""],
        ["一部お支払い済み", "2026-10-05", "300", "", ""],
        ["お支払い済み", "2026-08-27", "500", "", ""],
    ]


def test_the_newest_payments_file_wins_over_any_charges_file_in_whatever_order(
    app: Flask, delivering: Delivering
) -> None:
    visitor = logged_in(app)

    def state() -> str:
        return told(visitor.get("/statements"))["2026年10月"].rpartition(" ")[2]

    assert state() == "請求済"
    (failed,) = delivering.publish(payments=payments(payment("70012", "振替不能")))
    (paid,) = delivering.publish(payments=payments(payment("70012", "支払済")))
    assert state() == "お支払い済み"
    (correction,) = delivering.publish(
        charges=charges(bill("70012", "2026-10", "未確認", "600"), headings=HEADINGS)
    )
    assert state() == "お支払い済み", "also over charges that are published later"
    delivering.take_back(paid)
    assert state() == "口座振替ができませんでした"
    delivering.take_back(correction)
    assert state() == "口座振替ができませんでした"
    delivering.take_back(failed)
    assert state() == "請求済"


def test_a_day_that_is_past_is_promised_no_more(app: Flask, delivering: Delivering) -> None:
    delivering.publish(payments=payments(payment("70012", "振替不能", retry_on="2026-10-30")))
    visitor = logged_in(app)
    assert "再度お引き落とし" not in visitor.get("/statements").text
    assert (
        "口座振替ができませんでした お支払い方法は、お問い合わせ窓口で"
        in visitor.get("/statements/2026-10").text
    )


def test_what_is_told_without_a_day_and_of_a_bill_that_was_withdrawn(
    app: Flask, delivering: Delivering
) -> None:
    headings = (*CHARGE_HEADINGS, "処理区分")
    delivering.publish(charges=charges([*charge("70012"), "取消"], headings=headings))
    delivering.publish(
        payments=payments(
            payment("70012", "返金済"),
            payment("70012", "一部入金", "2026-09", amount="300"),
            payment("70012", "一部入金", "2026-08"),
        )
    )
    visitor = logged_in(app)
    assert "お支払い状況：返金済み" in visitor.get("/statements/2026-10").text
    assert "一部お支払い済み 300円のお支払いを確認しました。" in visitor.get("/statements/2026-09").text
    assert "一部お支払い済み 残りのお支払い方法は" in visitor.get("/statements/2026-08").text


def test_in_english(app: Flask, delivering: Delivering) -> None:
    delivering.publish(
        payments=payments(
            payment("70012", "振替不能", retry_on="2026-12-10"),
            payment("70012", "一部入金", "2026-09", paid_on="2026-10-05", amount="300"),
        )
    )
    visitor = logged_in(app, "en")
    assert (
        "We will debit your account again on Thursday, 10 December 2026." in visitor.get("/statements").text
    )
    assert (
        "We confirmed a payment of ¥300 on Monday, 5 October 2026." in visitor.get("/statements/2026-09").text
    )


def test_the_months_of_the_old_number_stand_with_those_of_the_new_one(
    app: Flask, delivering: Delivering
) -> None:
    visitor = logged_in(app)
    (change,) = delivering.publish(changes=number_changes(number_change("70012", "80012")))
    delivering.publish(charges=charges(bill("80012", "2026-11", amount="550"), headings=HEADINGS))
    page = visitor.get("/statements")
    assert list(told(page)) == ["2026年11月", "2026年10月", "2026年9月", "2026年8月"]
    assert "前回より 50円増" in page.text
    assert "550円" in visitor.get("/").text
    october = page.follow("詳細 2026年10月")
    assert "ご請求額 500円" in october.text
    assert october.follow("次の月（2026年11月）").path == "/statements/2026-11"
    assert "80012" in visitor.get("/contract").text
    delivering.take_back(change)
    assert list(told(visitor.get("/statements"))) == ["2026年10月", "2026年9月", "2026年8月"]
    assert visitor.get("/statements/2026-11").status == 404
    assert "70012" in visitor.get("/contract").text


def test_a_former_holder_logs_in_anew_and_a_person_kept_from_the_web_does_not(
    app: Flask, delivering: Delivering, clock: Path
) -> None:
    set_clock(clock, NOON - timedelta(minutes=5))
    visitor = logged_in(app)
    assert "ご利用料金" in visitor.get("/statements").title
    delivering.publish(customers=customers(customer("70012", "2", "2026-11-01")))
    assert "ログイン" in visitor.get("/statements").title
    set_clock(clock, NOON + timedelta(hours=6))
    again = logged_in(app)
    assert list(told(again.get("/statements"))) == ["2026年10月", "2026年9月", "2026年8月"]
    headings = (*CUSTOMER_HEADINGS, "Web登録")
    delivering.publish(customers=table(headings, [*customer("70012"), "不可"]))
    assert "ログイン" in again.get("/statements").title
    assert "ログイン" in logged_in(app).get("/").title
