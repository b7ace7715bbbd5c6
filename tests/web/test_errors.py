"""What went wrong is told calmly, with a request number and a next step, and nothing is given away."""

import json
import logging

import pytest
from flask import Flask

from mypage.store.engine import Database
from mypage.web import json_log
from tests.portal import portal
from tests.visitor import Visitor


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


def test_an_unknown_page_says_so_with_a_way_on(app: Flask) -> None:
    page = Visitor(app).get("/nowhere")
    assert page.status == 404
    assert "見つかりません" in page.text
    assert Visitor(app).get("/nowhere?lang=en").status == 404


def test_a_form_without_its_token_is_refused_with_a_sentence(app: Flask) -> None:
    page = Visitor(app).post("/login", {"login_id": "hanako", "password": "Sakura2026"})
    assert page.status == 400
    assert "E-01" in page.text


def test_a_wrong_method_and_a_huge_form_get_a_sentence(app: Flask) -> None:
    visitor = Visitor(app)
    assert visitor.post("/healthz", {}).status in (400, 405)
    page = visitor.get("/login")
    assert page.submit("ログイン", login_id="x" * 200_000, password="y").status == 413


def test_health_and_readiness(app: Flask, database: Database) -> None:
    assert Visitor(app).get("/healthz").status == 200
    assert Visitor(app).get("/readyz").status == 200


def test_a_lost_database_is_a_calm_page_with_a_number() -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    page = Visitor(portal(nowhere)).get("/readyz")
    nowhere.close()
    assert page.status == 503
    assert page.headers["Retry-After"] == "30"
    assert "0120-000-000" in page.text


def test_a_fault_of_ours_is_logged_without_what_was_typed(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault() -> str:
        raise RuntimeError("090-1234-5678")

    app.add_url_rule("/fault", view_func=fault)
    json_log.start()
    answer = app.test_client().get("/fault")
    assert answer.status_code == 500
    number = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert "090-1234-5678" not in json.dumps(number)
    assert number["fault"] == "RuntimeError"
    assert number["request_number"] in answer.get_data(as_text=True)
    logging.getLogger().handlers[:] = []


@pytest.mark.parametrize("path", ["/login", "/signup", "/static/mypage.css", "/nowhere"])
def test_every_answer_is_protected(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    answer.close()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    kept = answer.headers["Cache-Control"]
    assert kept == ("public, max-age=31536000, immutable" if path.startswith("/static/") else "no-store")


def test_the_operators_colour_is_a_style_sheet_of_its_own(database: Database) -> None:
    plain = Visitor(portal(database)).get("/login").html
    assert "/static/operator-" not in plain
    coloured = portal(database, key_colour="#7a0030")
    html = Visitor(coloured).get("/login").html
    path = html.split('href="/static/operator-')[1].split('"')[0]
    css = coloured.test_client().get(f"/static/operator-{path}")
    assert css.mimetype == "text/css"
    assert "--key:#7a0030" in css.get_data(as_text=True)


def test_cookies_are_bound_to_the_host_where_the_portal_speaks_https(database: Database) -> None:
    app = portal(database, public_url="https://my.example.jp")
    answer = app.test_client().get("/login", base_url="https://my.example.jp")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_the_language_is_asked_remembered_or_the_browsers(app: Flask) -> None:
    visitor = Visitor(app)
    assert visitor.get("/login").root.first("html").attributes["lang"] == "ja"
    assert visitor.get("/login?lang=en").root.first("html").attributes["lang"] == "en"
    assert visitor.get("/login").root.first("html").attributes["lang"] == "en", "the cookie remembers"
    assert visitor.get("/login?lang=fr").root.first("html").attributes["lang"] == "en", "no such language"
    browser = Visitor(app, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert browser.get("/login").root.first("html").attributes["lang"] == "en"
