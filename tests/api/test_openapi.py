"""The OpenAPI document says what the API does: all routes, all codes, and each answer, tried by schemathesis."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask

from mypage.store.engine import Database
from mypage.words.api_problems import PROBLEMS
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.portal import portal
from tests.programme import Programme, a_token
from tests.serving import serving

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
# Of these no operation speaks: the address or the method is none of the API's, or the fault is ours.
_OF_NO_OPERATION: Final = {"method_not_allowed", "fault"}


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


@pytest.fixture
def sqlite_url(_migrated: Path, tmp_path: Path) -> str:
    """On SQLite only: which database it is changes no shape of an answer."""
    return f"sqlite:///{shutil.copy(_migrated, tmp_path / 'mypage.sqlite')}"


def described(app: Flask) -> dict[str, Any]:
    answer = Programme(app, None).get("/api/v1/openapi.json")
    document: dict[str, Any] = answer.get_json()
    return document


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    def plain(path: str) -> str:
        return re.sub(r"<[^>]+>|\{[^}]+\}", "*", path)

    of_api = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    # HEAD and OPTIONS that Flask answers by itself are not described.
    routes = {
        (plain(rule.rule), method)
        for rule in of_api
        for method in (rule.methods or set())
        - ({"HEAD", "OPTIONS"} if getattr(rule, "provide_automatic_options", True) else set())
    }
    document = described(app)
    methods = {"get", "head", "post", "put", "patch", "delete", "options"}
    listed = {
        (plain(path), method.upper())
        for path, item in document["paths"].items()
        for method in item
        if method in methods
    }
    assert listed == routes
    names = [
        item[method]["operationId"]
        for item in document["paths"].values()
        for method in item
        if method in methods
    ]
    assert len(set(names)) == len(names)


def test_every_code_is_described_where_it_may_come(app: Flask) -> None:
    document = described(app)
    found: set[str] = set()
    for item in document["paths"].values():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    for each in content["schema"].get("allOf", [])[1:]:
                        codes = each["properties"]["code"]["enum"]
                        assert {PROBLEMS[code].status for code in codes} == {int(status)}
                        found.update(codes)
    assert found == PROBLEMS.keys() - _OF_NO_OPERATION
    assert document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == sorted(PROBLEMS)
    for code, problem in PROBLEMS.items():
        meaning = Programme(app, None).get(f"/api/v1/problems/{code}").get_json()
        assert (meaning["status"], bool(meaning["title"])) == (problem.status, True)
    # Examples are what they are examples of.
    assert document["info"]["title"].startswith("サンプルケーブル")


@pytest.mark.parametrize(
    "phases",
    [
        "examples,fuzzing --max-examples 4",
        pytest.param(
            "examples,coverage,fuzzing,stateful --max-examples 60",
            marks=pytest.mark.long,
        ),
    ],
)
def test_the_running_api_answers_as_the_document_says(phases: str, sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    delivering = Delivering(database, tmp_path)
    delivering.publish(customers=customers(customer("70012")))
    delivering.publish(charges=charges(charge("70012")))
    delivering.check(charges=charges(charge("70012", amount="x")))
    delivering.check(charges=charges(charge("70012", month="2026-11")))
    token = a_token(database)
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "50"}
    upload = Programme(portal(database), token).post("/api/v1/uploads", headers=tus).headers["Location"]
    limits = {
        "api_requests_a_minute": "1000000",
        "api_strangers_a_minute": "1000000",
        "file_uploads": "100000",
        "file_unused": "1000000",
    }
    with serving(sqlite_url, tmp_path, **limits) as web:
        url = f"http://127.0.0.1:{web.port}"
        words = [
            *(
                "--config-file",
                str(HERE / "schemathesis.toml"),
                "run",
                f"{url}/api/v1/openapi.json",
                "--url",
                url,
            ),
            *("--header", f"Authorization: Bearer {token}", "--checks", "all", "--continue-on-failure"),
            *("--warnings", "off", "--no-color", "--seed", "20261126", "--phases", *phases.split()),
        ]
        tried = subprocess.run(
            [str(Path(sys.executable).with_name("schemathesis")), *words],
            cwd=tmp_path,
            env={
                **{
                    name: value
                    for name, value in os.environ.items()
                    if not name.startswith(("COVERAGE_", "COV_"))
                },
                "PYTHONPATH": str(ROOT),
                "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
                "TRIED_BATCHES": "4",
                "TRIED_FILE": upload.rpartition("/")[2],
            },
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
    database.close()
    said = tried.stdout + tried.stderr
    assert tried.returncode == 0, said[-8000:]
    assert re.search(r"Selected: (\d+)/\1\n *Tested: \1\n", said), said[-4000:]
