"""Every row of ``identity.csv``, typed into the form of screen 1."""

import csv
from pathlib import Path

from mypage.domain import customer_number
from mypage.store.engine import Database
from tests.builders import BuiltCustomer, a_customer, publish_customers
from tests.portal import portal
from tests.visitor import Visitor

CASES = Path(__file__).resolve().parents[1] / "identity.csv"
NAME, PHONE = "アイコム　タロウ", "0748-62-1234"


def _rows() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _customer(place: int, row: dict[str, str]) -> BuiltCustomer:
    """A customer of its own for each row, but for those about the number itself."""
    if row["field"] == "customer_number":
        return a_customer(customer_number.fold(row["master"]) or "")
    master = {"name_kana": NAME, "phone": f"09012340{place:03}"} | {row["field"]: row["master"]}
    return a_customer(str(500_000 + place), **master)


def test_each_row_matches_or_misses_as_it_says(database: Database) -> None:
    rows = _rows()
    assert len(rows) == 69
    customers = {
        customer.key: customer for place, row in enumerate(rows) if (customer := _customer(place, row))
    }
    publish_customers(database, *customers.values())
    app, wrong = portal(database), []
    for place, row in enumerate(rows):
        customer = _customer(place, row)
        typed = {
            "customer_number": customer.number,
            "phone": customer.phone or "",
            "name_kana": customer.name_kana,
        } | {row["field"]: row["typed"]}
        page = Visitor(app).get("/signup").submit("認証", **typed)
        same = page.path == "/signup/profile"
        if same != (row["same"] == "1"):
            wrong.append((row, page.text[:600]))
        elif not same:
            # What was typed is still there.
            assert page.path == "/signup"
            assert "エラー" in page.title
    assert wrong == []
