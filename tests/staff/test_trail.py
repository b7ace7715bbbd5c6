"""/staff/trail: the auditor asks it, an administrator sees what staff did, nobody else anything; who asks stands in it."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import release, trail
from mypage.store import trail as store
from mypage.store.engine import Database
from tests.bills import PASSWORD, a_bill, publish_bills
from tests.builders import a_customer, publish_customers
from tests.lettering import LOGIN_ID, sign_up
from tests.portal import portal
from tests.staffing import Member, a_member, at_desk, now_of
from tests.tampering import record, tamper
from tests.visitor import Page, Visitor

KEY = "12345678"
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


@pytest.fixture
def suzuki(database: Database) -> Member:
    """An agent, who had a customer's page open."""
    member = a_member(database, Role.AGENT, "鈴木")
    with database.writing() as connection:
        for number in range(3):
            trail.record(
                connection,
                Action.CUSTOMER_OPENED,
                actor=member.actor,
                now=AT + timedelta(hours=number),
                customer_key=KEY,
                revealed=["phone"],
            )
    return member


def auditor(app: Flask, database: Database) -> Visitor:
    return at_desk(app, database, Role.AUDITOR)


def shown(page: Page) -> list[list[str]]:
    """The rows of the last table on a page, cell by cell."""
    body = page.root.all("tbody")[-1]
    return [[cell.text() for cell in row.walk() if cell.tag in ("th", "td")] for row in body.all("tr")]


def newest(database: Database, count: int = 1) -> list[tuple[str, str, str | None, dict[str, object]]]:
    """Action, actor, customer and facts of the newest rows, the newest first."""
    with database.reading() as connection:
        rows = list(store.rows(connection, trail.CHAIN))[::-1][:count]
    return [(row["action"], row["actor"], row["customer_key"], json.loads(row["facts"])) for row in rows]


def test_the_auditor_asks_by_time_who_what_customer_and_batch(
    app: Flask, database: Database, suzuki: Member
) -> None:
    with database.writing() as connection:
        trail.record(connection, Action.BATCH_APPROVED, actor="staff:gone", now=AT, batch_id=7)
        trail.record(
            connection, Action.STAFF_SUSPENDED, actor="cli", now=AT, staff_id=suzuki.id, sessions_ended=0
        )
        trail.record(
            connection,
            Action.STAFF_LOOKED_MUCH,
            actor="cli",
            now=AT,
            look="searches",
            limit=100,
            told=[suzuki.actor, "gone"],
        )
        for _ in range(60):
            trail.record(
                connection, Action.LOGOUT_DONE, actor="account:0123456789", account_id="0123456789", now=AT
            )
    desk = auditor(app, database)
    page = desk.get("/staff/").follow("操作履歴")
    assert len(shown(page)) == 50
    older = page.follow("これより前の50件")
    assert [row[0] for row in shown(older)] == [str(seq) for seq in range(16, 0, -1)]
    assert "会員（01234567）" in shown(older)[0][2]
    assert len(shown(older.follow("いちばん新しいものへ"))) == 50

    by_who = page.submit("調べる", actor=suzuki.actor)
    assert [row[1:] for row in shown(by_who)] == [
        [f"2026-11-01 {hour}:00:00", "鈴木", "お客様の画面を開いた開いていた項目：電話番号", KEY]
        for hour in (23, 22, 21)
    ]
    assert "鈴木 さんがしたこと 3件、お客様 1人" in by_who.text
    by_commands = page.submit("調べる", actor="cli").text
    assert "スタッフの利用を停止した終わったログイン：0、スタッフ：鈴木" in by_commands
    assert "目安：100、数えたもの：検索、知らせた人：鈴木・gone" in by_commands
    by_what = page.submit("調べる", action="batch.approved")
    assert [row[2:4] for row in shown(by_what)] == [["スタッフ（gone）", "料金データを承認した 取込 7"]]
    by_batch = by_what.follow("取込 7")
    assert "mypage batch seen 7" in by_batch.text
    by_time = page.submit(
        "調べる", since="2026-11-01", since_time="22:00", until="2026-11-01", until_time="22:59"
    )
    assert [row[1] for row in shown(by_time)] == ["2026-11-01 22:00:00"]
    assert "この条件に当てはまる履歴はありません" in page.submit("調べる", until="2020-01-01").text
    by_customer = page.submit("調べる", customer="００１２-３４５６７８", actor="staff")
    assert len(shown(by_customer)) == 3
    assert shown(by_customer.follow("条件をなくす"))[0][2] == "伊藤"
    # Who asked stands in the trail, with codes and days only.
    (action, actor, customer, facts), *_ = newest(database, 2)[1:]
    assert (action, actor, customer) == ("trail.searched", "staff:auditor-伊藤", KEY)
    assert facts == {"filters": "actor=staff customer=yes"}


def test_what_is_typed_by_mistake_stands_in_no_address(app: Flask, database: Database) -> None:
    desk = auditor(app, database)
    page = desk.get("/staff/trail").submit(
        "調べる", customer="ヤマダ タロウ", batch="x", since="昨日", until="2026-11-01", since_time="09:00"
    )
    assert (page.status, page.path) == (400, "/staff/trail")
    assert "お客様番号を入れてください。お名前や電話番号では探せません" in page.text
    assert "取込の番号は、取込の一覧にある数字です" in page.text
    assert "日付は「2026-11-01」" in page.text
    assert 'value="ヤマダ タロウ"' in page.html
    assert "日付も入れてください" in page.submit("調べる", customer="", batch="", since="").text
    wrong_way = page.submit(
        "調べる", customer="", batch="", since="2026-11-02", since_time="", until="2026-11-01"
    )
    assert "「この日から」より前" in wrong_way.text
    # An address that no form leads to asks for everything.
    assert desk.get("/staff/trail?batch=x").path == "/staff/trail"
    assert desk.get("/staff/trail?action=x&customer=<&before=x").path == "/staff/trail"

    for asked in ("actor=山田", "actor=staff:a b", "account=tarou@example.jp", "account=<"):
        assert desk.get(f"/staff/trail?{asked}").path == "/staff/trail"
    assert all("tarou" not in str(row) and "山田" not in str(row) for row in newest(database, 9))
    huge = "9" * 30
    assert desk.get(f"/staff/trail?before={huge}").status == 200
    assert desk.get("/staff/trail?before=-1").status == 200
    for path in (f"/staff/trail/{huge}", f"/staff/trail/releases/{huge}", "/staff/trail/0"):
        assert desk.get(path).status == 404
    assert desk.get(f"/staff/trail/releases?before={huge}").status == 200


def test_a_detail_is_shown_only_when_asked_for_and_that_stands_in_the_trail(
    app: Flask, database: Database
) -> None:
    record(database, 3)
    desk = auditor(app, database)
    page = desk.get("/staff/trail/2")
    assert "203.0.113.9" not in page.text
    assert "一致しなかった項目 電話番号" in page.text
    assert newest(database)[0] == ("trail.row_opened", "staff:auditor-伊藤", "70012", {"seq": 2})
    told = page.submit("表示する")
    assert "接続元のアドレス 203.0.113.9" in told.text
    assert newest(database)[0] == ("trail.detail_shown", "staff:auditor-伊藤", "70012", {"seq": 2})
    tamper(database, 'UPDATE audit_detail SET detail = \'{"address":"x"}\' WHERE seq = 3')
    assert "書かれたときのものではありません" in desk.get("/staff/trail/3").submit("表示する").text
    tamper(database, "DELETE FROM audit_detail WHERE seq = 1")
    gone = desk.get("/staff/trail/1")
    assert "保存期間を過ぎたため、消されています" in gone.text
    assert desk.get("/staff/trail/9999").status == 404
    assert desk.post("/staff/trail/9999", {"csrf_token": _token(desk.get("/staff/trail"))}).status == 404


def test_a_row_that_was_made_unreadable_is_still_shown(app: Flask, database: Database) -> None:
    record(database, 2)
    tamper(database, "UPDATE audit_event SET facts = '[1', at = 'never' WHERE seq = 2")
    desk = auditor(app, database)
    assert "[1" in desk.get("/staff/trail").text
    assert desk.get("/staff/trail/2").status == 200


def test_the_file_for_excel_holds_all_rows_and_nothing_that_runs(
    app: Flask, database: Database, suzuki: Member
) -> None:
    with database.writing() as connection:
        trail.record(connection, Action.LOGOUT_DONE, actor="=cmd|' /C calc'!A0", now=AT)
    record(database, 600)
    desk = auditor(app, database)
    page = desk.get("/staff/trail")
    form = page.form_with("CSV（Excel）で書き出す")
    answer = desk.client.post(
        form.attributes["action"] or "",
        data={"csrf_token": form.first("input").attributes["value"]},
        base_url=desk.base_url,
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="trail.csv"'
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["番号"] for row in rows] == [str(seq) for seq in range(1, len(rows) + 1)]
    assert rows[0]["だれが"] == "鈴木"
    assert rows[0]["内容"] == "開いていた項目：電話番号"
    assert rows[5]["詳しい内容"] == "あり"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert "203.0.113.9" not in data.decode()
    assert rows[-1]["したこと"] == "操作履歴を検索した"
    (exported,) = newest(database)
    assert exported[:2] == ("trail.exported", "staff:auditor-伊藤")
    assert exported[3]["filters"] == ""
    narrow = page.submit("調べる", actor=suzuki.actor)
    form = narrow.form_with("CSV（Excel）で書き出す")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    answer = desk.client.post("/staff/trail.csv", data=fields, base_url=desk.base_url)
    assert len(answer.get_data(as_text=True).splitlines()) == 4
    refused = desk.client.post("/staff/trail.csv", data={**fields, "batch": "x"}, base_url=desk.base_url)
    assert refused.headers["Location"] == "/staff/trail"


def test_an_administrator_sees_what_staff_did_and_no_details(
    app: Flask, database: Database, suzuki: Member
) -> None:
    record(database, 2)
    desk = at_desk(app, database, Role.ADMIN)
    page = desk.get("/staff/trail")
    assert {row[2] for row in shown(page)} == {"鈴木"}
    assert "管理者には、スタッフがしたことだけを表示しています" in page.text
    assert "CSV" not in page.text
    assert {row[2] for row in shown(page.submit("調べる", actor="visitor"))} <= {"鈴木", "田中"}
    assert desk.get("/staff/trail/1").status == 200
    assert desk.get("/staff/trail/4").status == 404  # a customer's row
    for path in ("/staff/trail/1", "/staff/trail.csv", "/staff/trail/releases/1/authority"):
        assert desk.post(path, {"csrf_token": _token(page)}).status == 403
    for path in (f"/staff/trail/looks/{KEY}", "/staff/trail/releases"):
        assert desk.get(path).status == 403
    agent = at_desk(app, database, suzuki)
    assert "操作履歴" not in agent.get("/staff/").text
    assert agent.get("/staff/trail").status == 403


def _token(page: Page) -> str:
    return page.form_with("調べる").first("input").attributes["value"] or ""


def test_who_looked_at_this_customer(app: Flask, database: Database, suzuki: Member) -> None:
    publish_customers(database, a_customer())
    publish_bills(database, a_bill(202610), a_bill(202609))
    sign_up(database, now_of(app), proof="none")
    subscriber = Visitor(app)
    subscriber.get("/login").submit("ログイン", login_id=LOGIN_ID, password=PASSWORD).follow("ご利用料金")
    desk = auditor(app, database)
    page = desk.get("/staff/trail").submit("調べる", customer=KEY).follow("このお客様の情報を誰が見たか")
    assert "鈴木 3 2026-11-01 21:00:00 2026-11-01 23:00:00" in page.text
    assert "会員（" in page.text
    assert "2件" in page.text
    # Both looks of the auditor are looks.
    assert "伊藤" in desk.get(f"/staff/trail/looks/{KEY}").text
    assert newest(database)[0][:3] == ("trail.looks_told", "staff:auditor-伊藤", KEY)
    assert "スタッフは、だれも見ていません" in desk.get("/staff/trail/looks/70012").text
    assert desk.get("/staff/trail/looks/-").status == 404


def test_what_a_released_account_saw_for_the_authority_and_for_the_customer(
    app: Flask, database: Database, suzuki: Member
) -> None:
    publish_customers(database, a_customer())
    publish_bills(database, a_bill(202610), a_bill(202609), a_bill(202608))
    account_id = sign_up(database, now_of(app), proof="none")
    other = Visitor(app, headers={"X-Forwarded-For": "198.51.100.7"})
    inside = other.get("/login").submit("ログイン", login_id=LOGIN_ID, password=PASSWORD)
    inside.visitor.get("/statements/2026-09")
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key=KEY,
            account_id=account_id,
            acting_staff=suzuki.id,
            reason="別の方が登録",
            now=now_of(app),
        )
    # The next account of the same customer is another one: nothing of what it sees is told here.
    desk = auditor(app, database)
    listed = desk.get("/staff/trail").follow("解除された登録で見られたもの")
    (row,) = shown(listed)
    page = listed.follow(row[0])
    assert (
        "表示された明細 2件（2か月分）" in page.text
    )  # the menu showed the newest, and one month was opened
    assert "ログイン 1回" in page.text
    assert "解除した人 鈴木" in page.text
    assert "tarou" not in page.text
    paper = page.submit("監督官庁への報告を作る")
    assert "接続元のアドレス 127.0.0.1" in paper.text or "127.0.0.1" in paper.text
    assert "解除したときの理由 別の方が登録" in paper.text
    assert "解除したときのアカウントID tarou-2026" in paper.text
    assert "本登録した" in paper.text
    told = newest(database)[0]
    assert told[:3] == ("trail.release_told", "staff:auditor-伊藤", KEY)
    assert told[3] == {"purpose": "authority"}
    letter = page.submit("お客様へのお知らせを作る")
    assert newest(database)[0][3] == {"purpose": "customer"}
    article = letter.root.first("article").text()
    assert article.startswith("愛込 太郎 様")
    assert "2026年9月" in article
    assert "2026年10月" in article
    assert "2026年8月" not in article
    assert "0120-000-000" in article
    for secret in ("127.0.0.1", "tarou", "example.jp", "鈴木", "別の方が登録", account_id):
        assert secret not in article
    assert (
        desk.get(f"/staff/trail/looks/{KEY}").follow(f"{row[0]} に解除された登録で見られたもの").status == 200
    )
    # The number of another row is no release.
    assert desk.get("/staff/trail/releases/1").status == 404
    assert (
        desk.post("/staff/trail/releases/1/customer", {"csrf_token": _token(desk.get("/staff/trail"))}).status
        == 404
    )


def test_a_release_of_an_account_that_never_logged_in(app: Flask, database: Database, suzuki: Member) -> None:
    publish_customers(database, a_customer())
    account_id = sign_up(database, now_of(app), proof="none")
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key=KEY,
            account_id=account_id,
            acting_staff=suzuki.id,
            reason="x",
            now=now_of(app),
        )
    desk = auditor(app, database)
    page = desk.get("/staff/trail/releases")
    page = page.follow(shown(page)[0][0])
    assert "明細は、1件も表示されていません" in page.text
    assert "一度もログインされていないため" in page.text
    letter = page.submit("お客様へのお知らせを作る")
    assert "ご利用料金の明細は、表示されていません" in letter.text
    assert "表示されたかもしれない情報" not in letter.text


def test_without_releases_the_page_says_so(app: Flask, database: Database) -> None:
    assert "解除された登録は、まだありません" in auditor(app, database).get("/staff/trail/releases").text
