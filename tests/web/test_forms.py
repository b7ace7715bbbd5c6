"""What a program sends in the place of a form is refused like a bad form, never an error of ours."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.visitor import Visitor

FIELDS = {
    "/login": ("login_id", "password"),
    "/signup": ("customer_number", "phone", "name_kana"),
    "/profile/password": ("old_password", "password"),
}
PLACES = [(path, field) for path, fields in FIELDS.items() for field in fields]


@pytest.fixture
def visitor(database: Database, tmp_path: Path) -> Visitor:
    move_clock(tmp_path / "clock", timedelta())
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    app: Flask = portal(database, tmp_path / "clock")
    visitor = Visitor(app)
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    return visitor


def _token(visitor: Visitor) -> str:
    page = visitor.get("/profile/password")
    inputs = page.root.all("input")
    return next(
        each.attributes["value"] or "" for each in inputs if each.attributes.get("name") == "csrf_token"
    )


@pytest.mark.parametrize(("path", "field"), PLACES)
def test_a_file_in_the_place_of_a_field_is_nothing_typed(visitor: Visitor, path: str, field: str) -> None:
    typed = {name: "1234567890" for name in FIELDS[path] if name != field}
    answer = visitor.client.post(
        path,
        base_url=visitor.base_url,
        data={**typed, "csrf_token": _token(visitor), field: (BytesIO(b"text"), "a.txt")},
    )
    assert answer.status_code < 500
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", FIELDS)
def test_json_is_nothing_typed(visitor: Visitor, path: str) -> None:
    answer = visitor.client.post(
        path,
        base_url=visitor.base_url,
        json={name: [7] for name in FIELDS[path]},
        headers={"X-CSRFToken": _token(visitor)},
    )
    assert answer.status_code < 500
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/profile/password", "/signup", "/recover/id", "/"])
def test_head_is_answered_like_get(visitor: Visitor, path: str) -> None:
    assert visitor.client.head(path, base_url=visitor.base_url).status_code == 200


def test_head_of_the_login_is_no_try(visitor: Visitor) -> None:
    visitor.get("/").submit("ログアウト")
    assert visitor.client.head("/login", base_url=visitor.base_url).status_code == 200
