"""Handing files over at /staff/batches, with JavaScript (tus) and without: nothing that arrived is lost, nothing is seen yet."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from mypage.adapters.clock import Clock
from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.web.house import EXTENSION
from mypage.works.load import waiting
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.portal import portal
from tests.staffing import a_member, at_desk
from tests.uploading import TusClient
from tests.visitor import Page, Visitor, form_values

MASTER = customers(customer("70012"), customer("70013"))
BILLS = charges(charge("70012"), charge("70013"))


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    return portal(database, files_folder=str(tmp_path / "files"))


@pytest.fixture
def desk(app: Flask, database: Database) -> Visitor:
    return at_desk(app, database, Role.BILLING)


def hand(desk: Visitor, *files: tuple[bytes, str], **typed: str) -> Page:
    """Choose files in the form, and press its button as a browser without JavaScript does."""
    filled = {**form_values(desk.get("/staff/batches").form_with("渡して検査する")), **typed}
    return desk._arrived("/staff/batches", posted(desk, filled, *files), follow=True)


def posted(desk: Visitor, filled: Mapping[str, str], *files: tuple[bytes, str]) -> TestResponse:
    """Send the form as it is filled in, with files."""
    chosen = [FileStorage(io.BytesIO(content), name, "files") for content, name in files]
    body, _, boundary = stream_encode_multipart({**filled, "files": chosen}, use_tempfile=False)
    return desk.client.post(
        "/staff/batches",
        base_url=desk.base_url,
        input_stream=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def check_all(app: Flask, database: Database) -> None:
    """What the worker does."""
    house = app.extensions[EXTENSION]
    keeper = app.extensions["mypage_keeper"]
    waiting.check_all_received(house.settings, database, keeper, Clock(None))


def test_files_of_the_form_are_taken_in_as_one_delivery_and_checked_while_nobody_looks(
    app: Flask, database: Database, desk: Visitor
) -> None:
    page = hand(desk, (MASTER, "契約者.csv"), (BILLS, "charges.csv"))
    assert page.path == "/staff/batches?said=batches_received"
    assert "この画面を閉じても、検査は続きます" in page.text
    assert "取込1 契約者 受付" in page.text
    assert "まもなく検査を始めます" in page.text
    told = desk.client.get("/staff/batches/progress?id=1&id=2&id=x&id=99", base_url=desk.base_url).get_json()
    assert [(each["id"], each["state"]) for each in told["batches"]] == [(1, "received"), (2, "received")]
    one = desk.get("/staff/batches/1")
    assert "順番に検査します" in one.text
    assert "一緒に渡されたファイル" in one.text
    check_all(app, database)
    # No number is too long to be asked for: there is none of that number.
    huge = "9" * 5_000
    for path, status in ((f"/progress?id={huge}", 200), (f"/{huge}", 404), (f"?page={huge}", 200)):
        answer = desk.client.get(f"/staff/batches{path}", base_url=desk.base_url)
        assert answer.status_code == status, path[:9]
    told = desk.client.get("/staff/batches/progress?id=1", base_url=desk.base_url).get_json()
    assert told == {
        "batches": [{"id": 1, "state": "checked", "state_words": "確認済", "text": None, "share": None}]
    }
    one = desk.get("/staff/batches/2")
    assert "公開すると、こうなります" in one.text
    assert "渡した人 高橋" in one.text
    assert "ファイルをダウンロードする" in one.text
    # The same files again are the same batches.
    assert hand(desk, (MASTER, "a.csv"), (BILLS, "b.csv")).path == "/staff/batches?said=batches_known"


def test_what_came_in_pieces_goes_on_where_it_stopped_and_is_handed_over_with_the_form(
    app: Flask, database: Database, desk: Visitor
) -> None:
    client = TusClient(desk)
    address = client.begin(len(BILLS), "charges.csv")
    client.send(address, BILLS[:50])
    page = desk.get("/staff/batches")
    assert "charges.csv 236バイトのうち50バイトまで届いています".replace("236", str(len(BILLS))) in page.text
    # It is nobody else's to see or to take away.
    colleague = at_desk(app, database, a_member(database, Role.BILLING, "山本"))
    assert "charges.csv" not in colleague.get("/staff/batches").text
    file_id = address.rpartition("/")[2]
    token = form_values(colleague.get("/staff/batches").form_with("渡して検査する"))
    gone = colleague.post(f"{address}/discard", {"csrf_token": token["csrf_token"]})
    assert gone.status == 404
    client.send(address, BILLS[50:], offset=50)
    page = desk.get("/staff/batches")
    assert "届いているファイル（まだ渡していません）" in page.text
    # A kind that it is not: nothing is made, and the file is still there.
    wrong = hand(desk, upload=file_id, kind="payments")
    assert wrong.status == 400
    assert "「charges.csv」：必要な列がありません" in wrong.text
    assert f'value="{file_id}" checked' in wrong.html
    assert '<option value="payments" selected>' in wrong.html
    taken = hand(desk, upload=file_id)
    assert taken.path == "/staff/batches/1?said=batch_received"
    assert "途中のアップロードと" not in desk.get("/staff/batches").text
    assert hand(desk, upload=file_id).path.startswith("/staff/batches/1?said=")


def test_what_is_not_taken_says_why_in_words(app: Flask, database: Database, desk: Visitor) -> None:
    assert "渡すファイルを選んでください" in hand(desk).text
    assert "種類を、一覧から選んでください" in hand(desk, kind="x").text
    assert "文字コードを、一覧から選んでください" in hand(desk, encoding="x").text
    for content, name, words in (
        (b"", "empty.csv", "ファイルが空です"),
        (b"a,b\r\n1,2\r\n", "strange.csv", "「くわしい指定」で種類を選んでください"),
    ):
        page = hand(desk, (content, name))
        assert page.status == 400
        assert words in page.text
        assert name in page.text
        page = page.submit("取り消す")
        assert "届いていたファイルを取り消しました" in page.text
        assert name not in page.text
    assert "このファイルはありません" in hand(desk, upload="0" * 32).text


def test_the_same_bytes_in_force_change_nothing_and_say_so(
    database: Database, desk: Visitor, tmp_path: Path
) -> None:
    Delivering(database, tmp_path).publish(customers=MASTER)
    page = hand(desk, (MASTER, "again.csv"))
    assert page.path == "/staff/batches/1?said=batch_in_force"
    assert "すでに公開されています。何も変わっていません" in page.text


def test_a_snapshot_that_ends_many_is_confirmed_without_sending_it_again(
    app: Flask, database: Database, desk: Visitor, tmp_path: Path
) -> None:
    Delivering(database, tmp_path).publish(customers=MASTER)
    page = hand(desk, (customers(customer("70012")), "all.csv"), snapshot="y")
    check_all(app, database)
    page = desk.get(page.path)
    assert "却下" in page.text
    assert "全件のファイル" in page.text
    page = page.submit("解約済になることを確かめたので、検査し直す")
    assert page.path.startswith("/staff/batches/2?said=batch_received")
    check_all(app, database)
    assert "ファイルになく、解約済になるお客様 1件" in desk.get("/staff/batches/2").text


def test_a_file_beyond_the_limit_or_after_the_login_ended_gets_a_sentence(
    database: Database, tmp_path: Path
) -> None:
    app = portal(database, files_folder=str(tmp_path / "files"), file_largest="1")
    desk = at_desk(app, database, Role.BILLING)
    large = charges(*[charge(str(number)) for number in range(40_000)])
    assert len(large) > 1 << 20
    page = hand(desk, (large, "large.csv"))
    assert (page.status, "ファイルが大きすぎるか、ログインの時間が過ぎていた" in page.text) == (413, True)
    page = desk.get("/staff/batches")
    token = form_values(page.form_with("渡して検査する"))["csrf_token"]
    desk.client.delete_cookie("staff-session", domain="127.0.0.1")
    answer = posted(desk, {"csrf_token": token}, (large[:200_000], "large.csv"))
    assert (answer.status_code, "ログインの時間が過ぎていた" in answer.text) == (413, True)
