"""Rubbish at every door: whatever is sent, no answer is a fault of ours."""

import random
import re
from typing import Any

import pytest
from werkzeug.test import Client

from mypage.store.engine import Database
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import portal
from tests.visitor import Visitor
from tests.web_rubbish import rubbish

HEADERS = [
    "Accept",
    "Accept-Language",
    "Cookie",
    "Host",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
]


def one_request(
    chance: random.Random, client: Client, paths: list[str], names: list[str], token: str
) -> tuple[str, int]:
    path = re.sub(
        r"<[^>]*>", lambda _: rubbish(chance).replace("?", "").replace("#", ""), chance.choice(paths)
    )
    method = chance.choice(("GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"))
    typed = {name: rubbish(chance) for name in chance.sample(names, k=chance.randint(0, 6))}
    if chance.random() < 0.8:
        typed["csrf_token"] = token
    headers = {}
    for name in chance.sample(HEADERS, k=chance.randint(0, 2)):
        headers[name] = re.sub(r"[\r\n\x00]|[^\x20-\xff]", "?", rubbish(chance))[:200]
    as_form: dict[str, Any] = {"data": typed} if method in ("POST", "PUT") else {"query_string": typed}
    if chance.random() < 0.05:
        as_form = {
            "data": chance.randbytes(200),
            "content_type": chance.choice(("application/json", "multipart/form-data", "x")),
        }
    answer = client.open(path, method=method, headers=headers, base_url="http://127.0.0.1:8080", **as_form)
    answer.close()
    return f"{method} {path!r} {typed!r} {headers!r}", answer.status_code


@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_is_sent_makes_a_fault(database: Database, seed: int) -> None:
    publish_customers(database, a_customer())
    app = portal(database)
    visitor = Visitor(app)
    page = visitor.get("/signup")
    if seed % 2:
        page = page.submit("認証", **TAROU)
    token = next(
        each.attributes["value"]
        for each in page.root.all("input")
        if each.attributes.get("name") == "csrf_token"
    )
    names = ["login_id", "password", "email", "nickname", "customer_number", "phone", "name_kana", "next", "lang", "c", "rest",
             "current_password", "new_password", "id_check", "take_suggestion", "q", "whose", "draft", "after", "beginning", "said"]  # fmt: skip
    paths = [rule.rule for rule in app.url_map.iter_rules()]
    chance = random.Random(seed)  # noqa: S311 - rubbish need not be secret
    faults = []
    for _ in range(1000):
        sent, status = one_request(chance, visitor.client, paths, names, token or "")
        if status >= 500:
            faults.append((status, sent))
    assert faults == []
