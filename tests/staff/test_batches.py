"""/staff/batches: what the billing operator sees of what was handed over, and what they look at stands in the trail."""

import csv
import io
import json
from pathlib import Path

import pytest
from flask import Flask

from mypage.domain.bills import BillVersion
from mypage.domain.staff import Role
from mypage.services import trail
from mypage.store import statement_views
from mypage.store import trail as stored_trail
from mypage.store.batches import Batch
from mypage.store.engine import Database
from tests.bills import an_account
from tests.delivering import (
    CHARGE_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    payment,
    payments,
)
from tests.portal import portal
from tests.staffing import a_member, at_desk
from tests.visitor import Page

MASTER = customers(customer("70012"), customer("70013", name="見本　花子"), customer("70014"))


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    return Delivering(database, tmp_path)


def newest(database: Database, count: int = 1) -> list[tuple[str, str | None, int | None, dict[str, object]]]:
    """Action, customer, batch and facts of the newest rows of the trail, the newest first."""
    with database.reading() as connection:
        rows = list(stored_trail.rows(connection, trail.CHAIN))[::-1][:count]
    return [(row["action"], row["customer_key"], row["batch_id"], json.loads(row["facts"])) for row in rows]


def table(page: Page, caption: str) -> list[list[str]]:
    """The rows of the table with that caption, cell by cell."""
    for each in page.root.all("table"):
        if each.first("caption").text() == caption:
            rows = [row for body in each.all("tbody") for row in body.all("tr")]
            return [[cell.text() for cell in row.walk() if cell.tag in ("th", "td")] for row in rows]
    raise AssertionError(f"no table 「{caption}」: {page.text}")


def of(page: Page, batch: Batch) -> Page:
    return page.visitor.get(f"/staff/batches/{batch.id}")


def token(page: Page) -> dict[str, str]:
    for each in page.root.all("input"):
        if each.attributes.get("name") == "csrf_token":
            return {"csrf_token": each.attributes.get("value") or ""}
    raise AssertionError("no token on the page")


def test_the_desk_tells_what_is_in_force_what_waits_and_lists_all(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    desk = at_desk(app, database, Role.BILLING)
    assert "公開中の料金データは、まだありません" in desk.get("/staff/").follow("料金データ").text
    delivering.publish(customers=MASTER, charges=charges(charge("70012")))
    (waiting,) = delivering.check(
        charges=charges(charge("70012", amount="800", total="800", month="2026-11"))
    ).batches
    delivering.check(payments=payments(payment("70099")))
    page = desk.get("/staff/batches")
    (row,) = table(page, "検査が終わり、公開を待っているもの")
    assert row[:5] == [
        "3 請求",
        "確認済",
        f"2026年11月 明細1件・800円{waiting.filename}",
        "公開の操作",
        "注意1件",
    ]
    assert [each[0] for each in table(page, "公開中のもの、新しいものから")] == ["2 請求", "1 契約者"]
    assert [each[0] for each in table(page, "すべての取込、新しいものから")] == [
        "4 入金",
        "3 請求",
        "2 請求",
        "1 契約者",
    ]
    refused = page.submit("絞り込む", state="refused")
    assert [each[0] for each in table(refused, "すべての取込、新しいものから")] == ["4 入金"]
    assert "この条件の取込はありません" in page.submit("絞り込む", kind="contracts").text
    assert desk.get("/staff/batches?kind=x&state=x&page=-1").status == 200
    assert "新しい50件" in desk.get("/staff/batches?kind=charges&page=2").text
    assert of(page, waiting).path == "/staff/batches/3"
    for path in ("/staff/batches/99", f"/staff/batches/{'9' * 12}"):
        assert desk.get(path).status == 404
    for role in (Role.ADMIN, Role.AUDITOR):
        other = at_desk(app, database, role)
        page = of(other.get("/staff/batches"), waiting)
        assert "見本を見る" not in page.text
        assert other.get("/staff/batches/3/samples/70012/2026-11").status == 403


def test_a_charges_batch_is_told_against_the_month_before_and_its_samples_are_looks(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    rows = [charge("70012"), charge("70013"), charge("70014", amount="700", total="700")]
    delivering.publish(customers=MASTER, charges=charges(*rows))
    october, november = "2026-10", "2026-11"
    (batch,) = delivering.check(
        charges=charges(
            charge("70012", amount="880", total="880", month=november),
            charge("70013", month=november),
            charge("70012", amount="600", total="600", month=october),
        )
    ).batches
    billing = a_member(database, Role.BILLING)
    desk = at_desk(app, database, billing)
    page = of(desk.get("/staff/batches"), batch)
    assert "まだ、どなたにも表示されていません" in page.text
    figures = table(page, "2026年11月")
    assert ["明細", "2件", "3件", "-1件"] in figures
    assert ["ご請求額の合計", "1,380円", "1,700円", "-320円"] in figures
    assert ["10%対象", "1,380円", "1,700円", "-320円"] in figures
    assert ["ご請求額の合計", "600円"] in table(page, "2026年10月")
    assert "公開中の明細を訂正するものが1件あります" in page.text
    assert "2026年10月に請求があり、今回ないお客様 1件" in page.text
    assert table(page, "変わり方の大きいお客様")[0][:4] == ["70012", "2026年10月", "500円", "600円"]

    sample = page.follow("お客様 70012 2026年11月")
    assert "見本：まだ公開されていません" in sample.text
    assert "880円" in sample.text
    assert "アイ＊＊＊ タ＊＊＊ 様" in sample.text
    assert "タロウ" not in sample.text
    assert newest(database)[0] == ("batch.sample_looked", "70012", batch.id, {"page": november})
    # The correction, as its customer will see it.
    corrected = sample.follow("2026年10月")
    assert "訂正前：500円" in corrected.text
    assert delivering.rows("SELECT staff_id, customer_key FROM staff_look") == [(billing.id, "70012")]
    assert "お客様番号を入力してください" in of(page, batch).submit("見本を見る", customer_number="山田").text
    none = of(page, batch).submit("見本を見る", customer_number="70014")
    assert (none.status, "この取込に、このお客様番号の明細はありません" in none.text) == (400, True)
    assert 'value="70014"' in none.html
    typed = none.submit("見本を見る", customer_number="０７０ー０１３")
    assert typed.path == f"/staff/batches/{batch.id}/samples/70013/{november}"
    for path in ("samples/70014/2026-11", "samples/70012/2026-09", "samples/0/2026-11", "samples/70012/x"):
        assert desk.get(f"/staff/batches/{batch.id}/{path}").status == 404
    # What its customer would not see is told in words.
    (old,) = delivering.check(charges=charges(charge("70012", month="2020-01"))).batches
    assert "公開しても表示されません" in desk.get(f"/staff/batches/{old.id}/samples/70012/2020-01").text
    # Seen by everybody, it is no sample any more.
    delivering.take_back(delivering.publish(charges=charges(charge("70014", month=november)))[0])
    assert desk.get(f"/staff/batches/2/samples/70012/{october}").status == 404


def test_errors_are_grouped_by_cause_masked_and_taken_as_a_file(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    delivering.publish(customers=MASTER, charges=charges(charge("70012")))
    bad = [charge(str(80_000 + number), month="2026-11") for number in range(8)]
    (batch,) = delivering.check(
        charges=charges(
            *bad,
            charge("70012", total="900", month="2026-11"),
            charge("70013", amount="=1+1", month="2026-11"),
        )
    ).batches
    desk = at_desk(app, database, Role.BILLING)
    page = of(desk.get("/staff/batches"), batch)
    assert "エラーの請求だけを除いて公開するか、どちらかを選べます" in page.text
    unknown = table(page, "お客様が契約者ファイルにありません。")
    assert [row[:2] for row in unknown] == [[f"{row}行目", str(80_000 + row - 2)] for row in range(2, 7)]
    assert "ほか3件（CSVにすべて入っています）" in page.text
    assert "契約者ファイルを取り込むか、お客様番号を直してください" in page.text
    (differs,) = table(page, "明細の合計と請求金額合計が違います。")
    assert differs[-1] == "明細の合計は500円ですが、請求金額合計は900円です（差 -400円）。"
    answer = desk.client.post(
        f"/staff/batches/{batch.id}/errors.csv", base_url=desk.base_url, data=token(page)
    )
    assert answer.headers["Content-Disposition"] == f'attachment; filename="errors-{batch.id}.csv"'
    told = answer.get_data()
    assert told.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in told
    rows = list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))
    assert len(rows) == 1 + batch.errors
    assert "'=1+1" in [row[3] for row in rows]
    assert newest(database)[0] == ("batch.report_exported", None, batch.id, {})
    assert "エラーの一覧を、ファイルに書き出した" in of(page, batch).text

    # With the wrong ones left out.
    (kept,) = delivering.check(
        without_errors=True, charges=charges(*bad, charge("70012", month="2026-11"))
    ).batches
    page = of(page, kept)
    assert "エラーのある請求を除いて公開します" in page.text
    assert len(table(page, "除いたもの")) == 8
    assert "エラーの請求を除く" in page.text


def test_what_identifies_customers_is_told_masked_when_a_file_changes_it(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    delivering.publish(customers=MASTER)
    changed = ["70012", "", "", "別人　次郎", "ベツジン　ジロウ", "090-1234-9999", "契約中"]
    odd = ["70014", "", "", "愛込　太郎", "愛込　タロウ", "12-34", "契約中"]
    (batch,) = delivering.check(customers=customers(changed, odd)).batches
    page = of(at_desk(app, database, Role.BILLING).get("/staff/batches"), batch)
    assert "ご本人の確認に使う項目の変更" in page.text
    assert table(page, "電話番号が変わります。")[0] == [
        "70012",
        "2行目",
        "電話番号",
        "＊＊＊1234",
        "＊＊＊9999",
    ]
    assert table(page, "名義番号が同じまま、カナ氏名が変わります。")[0][3:] == [
        "アイ＊＊＊ タ＊＊＊",
        "ベツ＊＊＊ ジ＊＊＊",
    ]
    for secret in ("ジロウ", "次郎", "090-1234", "12-34", "愛込"):
        assert secret not in page.text, secret


def test_two_batches_are_compared_statement_by_statement(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    delivering.publish(customers=MASTER, charges=charges(charge("70012"), charge("70013"), charge("70014")))
    headings = (*CHARGE_HEADINGS, "処理区分")
    (fixed,) = delivering.check(
        charges=charges(
            [*charge("70012", amount="800", total="800"), ""],
            [*charge("70013"), ""],
            [*charge("70014", amount="0", total="0"), "取消"],
            [*charge("70012", month="2026-11"), ""],
            headings=headings,
        )
    ).batches
    desk = at_desk(app, database, Role.BILLING)
    page = of(desk.get("/staff/batches"), fixed).submit("比べる")
    assert ["金額の合計", "1,500円", "1,800円", "+300円"] in table(page, "件数と金額")
    assert ["2026年11月の明細", "0件", "1件", "+1件"] in table(page, "件数と金額")
    assert table(page, "明細ごとの違い") == [
        ["70012", "2026年10月", "1", "500円", "800円", "+300円"],
        ["70012", "2026年11月", "1", "なし", "500円", ""],
        ["70014", "2026年10月", "1", "500円", "取り消し", "-500円"],
    ]
    assert newest(database)[0] == ("batch.compared", None, 3, {"with_batch": 2, "answers": 3})
    only = page.follow("金額が違うもの")
    assert [row[0] for row in table(only, "明細ごとの違い")] == ["70012", "70014"]
    assert len(table(page.follow("取込3だけにあるもの"), "明細ごとの違い")) == 1
    assert "違いはありません" in page.follow("取込2だけにあるもの").text
    behind = desk.get("/staff/batches/3/compare?with=2&after=70012.202611.1")
    assert [row[0] for row in table(behind, "明細ごとの違い")] == ["70014"]
    assert desk.get("/staff/batches/3/compare?with=2&after=x.y.z").status == 200
    for wrong, status in (("with=1", 404), ("with=3", 404), ("with=99", 404), ("", 200)):
        assert desk.get(f"/staff/batches/3/compare?{wrong}").status == status
    # Of what was refused nothing is staged; the figures are compared all the same.
    (refused,) = delivering.check(charges=charges(charge("1"))).batches
    refusing = desk.get(f"/staff/batches/{refused.id}/compare?with=3")
    assert "明細は、取り込まれていません" in refusing.text
    # Batches of customers have no statements.
    (again,) = delivering.check(customers=customers(customer("70015"))).batches
    assert "明細ごとの違い" not in desk.get(f"/staff/batches/{again.id}/compare?with=1").text


def test_who_saw_which_statement_of_a_batch_is_a_list_a_file_and_a_row_of_the_trail(
    app: Flask, database: Database, delivering: Delivering
) -> None:
    _, batch = delivering.publish(customers=MASTER, charges=charges(charge("70012"), charge("70013")))
    desk = at_desk(app, database, Role.BILLING)
    page = of(desk.get("/staff/batches"), batch).follow("見た方の一覧へ")
    assert "まだ、どなたも見ていません" in page.text
    account_id = an_account(database, "70012", login_id="=tarou")
    with database.writing() as connection:
        for number in range(51):
            statement_views.mark(
                connection,
                [_version(batch.id, number)],
                account_id=account_id,
                session_id="session",
                now=delivering.now(),
            )
    page = desk.get(page.path)
    rows = table(page, "明細を見た方")
    assert rows[0][:4] == ["70012", "=t＊＊＊", "2026年10月", "0"]
    assert len(rows) == 50
    assert len(table(page.follow("次の50件"), "明細を見た方")) == 1
    assert newest(database)[0] == ("batch.seen_listed", None, batch.id, {"part": 2, "answers": 1})
    assert "このページに記録はありません" in desk.get(f"{page.path}?page=9").text
    answer = desk.client.post(f"{page.path}.csv", base_url=desk.base_url, data=token(page))
    told = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert told[1][:2] == ["70012", "'=tarou"]
    assert len(told) == 52
    assert newest(database)[0] == ("batch.seen_exported", None, batch.id, {})
    auditor = at_desk(app, database, Role.AUDITOR).get(page.path)
    assert "CSV" not in auditor.text
    assert len(table(auditor, "明細を見た方")) == 50


def _version(batch_id: int, number: int) -> BillVersion:
    return BillVersion(202610, number, batch_id, False, False, 500, 500, None, None, None, "70012")
