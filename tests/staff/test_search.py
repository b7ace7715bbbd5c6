"""The search box: whatever a caller knows finds the customer, and only as the customer is seen now."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.domain import support_code
from mypage.domain.staff import Role
from mypage.services import staff_looks, staff_search, support_codes
from mypage.store.engine import Database
from mypage.store.schema import (
    audit_detail,
    audit_event,
    batch,
    customer_version,
    outbox,
    registration,
    search_term,
)
from mypage.store.schema import staff_search as kept_searches
from mypage.works.clean_up import clean_up
from tests.bills import an_account
from tests.builders import a_customer, publish_customers, take_back
from tests.delivering import (
    CUSTOMER_HEADINGS,
    Delivering,
    customers,
    number_change,
    number_changes,
    table,
)
from tests.portal import move_clock, portal
from tests.staffing import a_member, at_desk, now_of
from tests.visitor import Page, Visitor

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def search(desk: Visitor, term: str) -> Page:
    """Type into the search box and press its button."""
    return desk.get("/staff/search").submit("検索", term=term)


def keys(page: Page) -> list[str]:
    """The customers on a page of answers, in their order; of one that opened at once its key."""
    if page.path.startswith("/staff/customers/"):
        return [page.path.rpartition("/")[2]]
    assert page.status == 200, page.text[:300]
    links = [link.attributes["href"] or "" for link in page.root.all("a")]
    return [href.rpartition("/")[2] for href in links if href.startswith("/staff/customers/")]


def found(desk: Visitor, term: str) -> list[str]:
    return keys(search(desk, term))


@pytest.fixture
def desk(database: Database) -> Visitor:
    """An agent before a small master."""
    publish_customers(
        database,
        a_customer(),
        a_customer(
            "70012",
            name="髙橋　さくら",
            name_kana="タカハシ　サクラ",
            name_kana2="ヤマダ　サクラ",
            phone="090-1234-5678",
            phone2="0748-99-0001",
            address="滋賀県甲賀市信楽町長野四丁目16番25号",
        ),
        a_customer(
            "80034",
            name="株式会社　朝凪商店",
            name_kana="カ）アサナギシヨウテン",
            phone="0748-10-2030",
            address="滋賀県甲賀市水口町北脇100番地",
            more={"billing_name": "朝凪　経理部", "billing_address": "東京都千代田区丸の内１－１"},
        ),
    )
    an_account(database, "70012", login_id="Sakura-70", email="Sakura@Example.jp")
    return at_desk(portal(database), database)


KNOWN = (
    ("00 1234-5678", "12345678", "お客様番号"),
    ("７００１２", "70012", "お客様番号"),
    ("０７４８（６２）１２３４", "12345678", "電話番号"),
    ("+81 90 1234 5678", "70012", "電話番号"),
    ("0748ー99ー0001", "70012", "電話番号"),
    ("ﾀｶﾊｼ", "70012", "カナ（はじめから）"),
    ("さくら　たかはし", "70012", "カナ（はじめから）"),
    ("ヤマダサク", "70012", "カナ（はじめから）"),
    ("クラ", "70012", "カナ（途中の一部）"),
    ("ハシサク", "70012", "カナ（途中の一部）"),
    ("アサナギショウ", "80034", "カナ（はじめから）"),
    ("高橋さくら", "70012", "お名前（漢字）"),
    ("朝凪商", "80034", "お名前（漢字）"),
    ("朝凪 経理", "80034", "お名前（漢字）"),
    ("甲賀市信楽町長野4-16", "70012", "住所"),
    ("滋賀県 甲賀市 水口町北脇１００", "80034", "住所"),
    ("千代田区丸の内1丁目1", "80034", "住所"),
    ("SAKURA-70", "70012", "アカウントID"),
    ("ｓakura＠example．JP", "70012", "メールアドレス"),
)


def test_whatever_a_caller_knows(desk: Visitor, database: Database) -> None:
    for typed, key, words in KNOWN:
        page = search(desk, typed)
        assert keys(page) == [key], typed
        assert page.path == f"/staff/customers/{key}", "an only answer opens at once"
        # The page of answers is still there, and says by what.
        with database.reading() as connection:
            newest = connection.execute(
                select(kept_searches.c.id).where(kept_searches.c.typed == typed.strip())
            )
            search_id = newest.scalars().all()[-1]
        answers = desk.get(f"/staff/search/{search_id}")
        assert keys(answers) == [key]
        assert words in answers.root.first("tbody").text()


def test_what_differs_in_meaning_finds_nobody(desk: Visitor) -> None:
    for typed in ("ナカハシ", "タカバシ", "0748-62-1235", "7001", "sakura-7", "akura@example.jp", "信楽町"):
        page = search(desk, typed)
        assert keys(page) == [], typed
        assert "見つかりませんでした。次のことをお試しください" in page.text
        assert typed in page.text


def test_answers_are_masked(desk: Visitor) -> None:
    page = search(desk, "090-1234-5678")
    assert page.path == "/staff/customers/70012"
    publish = search(desk, "甲賀市")
    assert keys(publish) == ["70012", "12345678", "80034"]
    for secret in ("高橋　さくら", "サクラ", "1234-5678", "信楽町", "水口町", "akura@"):
        assert secret not in publish.root.first("tbody").text()
    assert "＊＊＊5678" in publish.text
    assert "滋賀県甲賀市" in publish.text
    assert "本登録済" in publish.text


NOT_MEANT = (
    "%", "_", "'", '"', "\\", "%_%", "' OR 1=1 --", "\\N", "\t", "ン\x00ヲ", "😀", "<script>", "ー", "・", "@", "。", "株式会社",
    "滋賀県", "ア" * 200, "\u202e12345678x", "12345678; DROP TABLE customer_version", "０" * 64, "-", "+81", "1" * 200,
)  # fmt: skip


def test_nothing_that_can_be_typed_is_more_than_text(desk: Visitor) -> None:
    for typed in NOT_MEANT:
        assert found(desk, typed) == [], typed
    assert desk.client.post("/staff/search", data=b"term=%ff%00%f0&csrf_token=x").status_code == 400


def test_nothing_and_too_much_are_told_and_what_was_typed_stays(desk: Visitor) -> None:
    for typed in ("", " 　\u200b "):
        page = search(desk, typed)
        assert page.status == 200
        assert "お客様番号、電話番号、お名前（カナ）などを入力してください。" in page.text
        assert page.title.startswith("エラー：")
    long = "yamada" * 1_667
    page = search(desk, long)
    assert "200文字まで" in page.text
    assert page.root.first("main").first("input").attributes["name"] == "csrf_token"
    assert long in page.html


def test_too_wide_is_told_and_fifty_are_shown(database: Database) -> None:
    publish_customers(
        database, *(a_customer(str(10_000 + place), phone=f"0748-20-{place:04}") for place in range(60))
    )
    desk = at_desk(portal(database), database)
    for typed in ("アイコム", "コム", "愛込", "甲賀市"):
        page = search(desk, typed)
        assert len(keys(page)) == 50, typed
        assert "該当が多すぎるため、はじめの50件だけを表示しています" in page.text
    assert found(desk, "0748-20-0059") == ["10059"]
    assert found(desk, "アイコム タロウ") == [str(10_000 + place) for place in range(50)]


def test_only_the_version_that_is_seen_is_found(database: Database) -> None:
    desk = at_desk(portal(database), database)
    older = publish_customers(database, a_customer("70012", name_kana="ヤマダ　ハナコ", phone="0748-11-1111"))
    newer = publish_customers(database, a_customer("70012", name_kana="サトウ　ハナコ", phone="0748-22-2222"))
    assert [found(desk, each) for each in ("ヤマダ", "マダハ", "0748-11-1111")] == [[], [], []]
    assert found(desk, "サトウ") == found(desk, "0748-22-2222") == ["70012"]
    take_back(database, newer)
    assert found(desk, "ヤマダ") == found(desk, "マダハ") == found(desk, "0748-11-1111") == ["70012"]
    assert found(desk, "サトウ") == []
    take_back(database, older)
    assert found(desk, "ヤマダ") == found(desk, "70012") == found(desk, "0748-11-1111") == []


def test_many_versions_above_each_other_hide_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_search, "_AT_FIRST", 3)
    monkeypatch.setattr(staff_search, "_FURTHER", 2)
    for _ in range(4):
        take_back(database, publish_customers(database, a_customer("10001"), a_customer("10002")))
    for _ in range(2):
        publish_customers(database, *(a_customer(str(number)) for number in range(10_001, 10_008)))
    desk = at_desk(portal(database), database)
    assert found(desk, "アイコム") == [str(number) for number in range(10_001, 10_008)]
    monkeypatch.setattr(staff_search, "_MOST_READ", 4)
    page = search(desk, "アイコム")
    assert keys(page) == ["10001"]
    assert "該当が多すぎる" in page.text, "nobody is told that these are all"


def test_a_file_is_found_from_its_publication_until_it_is_taken_back(
    database: Database, tmp_path: Path
) -> None:
    delivering, desk = Delivering(database, tmp_path), at_desk(portal(database), database)
    contracts = table(
        ("お客様番号", "契約番号", "サービス", "コース名", "状態"),
        ["70012", "ab-00 12", "インターネット", "1G", "契約中"],
    )
    row = ["70012", "", "", "山田　花子", "ヤマダ　ハナコ", "0748-11-1111", "契約中"]
    outcome = delivering.check(customers=table(CUSTOMER_HEADINGS, row), contracts=contracts)
    for typed in ("ヤマダ", "ダハナ", "山田花", "0748-11-1111", "AB0012", "70012"):
        assert found(desk, typed) == [], "nothing of it is published"
    delivering.flip(*outcome.batches)
    for typed in ("ヤマダ", "ダハナ", "山田花", "0748-11-1111", "ＡＢー００１２", "70012"):
        assert found(desk, typed) == ["70012"], typed
    (other,) = delivering.publish(
        contracts=table(
            ("お客様番号", "契約番号", "サービス", "コース名", "状態"),
            ["70012", "CD34", "テレビ", "基本", "契約中"],
        )
    )
    assert (found(desk, "ab0012"), found(desk, "cd34")) == ([], ["70012"])
    delivering.take_back(other)
    assert (found(desk, "ab0012"), found(desk, "cd34")) == (["70012"], [])
    refused = table(CUSTOMER_HEADINGS, ["80012", "", "", "誤り", "アヤマリ", "0748-33-3333", "不明"])
    delivering.check(customers=refused)
    assert len(delivering.rows("SELECT * FROM search_term WHERE batch_id > 2")) == 1
    assert found(desk, "アヤマリ") == []


def test_an_old_number_leads_to_the_customer_and_says_the_new_one(database: Database, tmp_path: Path) -> None:
    delivering, desk = Delivering(database, tmp_path), at_desk(portal(database), database)
    rows = [
        [number, holder, since, "愛込　太郎", "アイコム　タロウ", "0748-62-1234", "契約中"]
        for number, holder, since in (("70012", "", ""), ("70013", "1", ""), ("70013", "2", "2026-01-01"))
    ]
    delivering.publish(customers=table(CUSTOMER_HEADINGS, *rows[:1]))
    (changes,) = delivering.check(
        customers=table(CUSTOMER_HEADINGS, rows[1]), changes=number_changes(number_change("70012", "70013"))
    ).batches[1:]
    delivering.approve(changes)
    delivering.flip(changes)
    an_account(database, "70012")
    page = search(desk, "0748-62-1234")
    assert keys(page) == ["70012", "70013"]
    lines = [row.text() for row in page.root.first("tbody").all("tr")]
    assert "今の番号 70013" in lines[0]
    assert all("本登録済" in line for line in lines)


def test_one_number_may_be_several_things(database: Database) -> None:
    publish_customers(database, a_customer("748621234"), a_customer("70012"))
    page = search(at_desk(portal(database), database), "0748-62-1234")
    assert keys(page) == ["748621234", "70012"]
    first, second = (row.text() for row in page.root.first("tbody").all("tr"))
    assert first.endswith("お客様番号・電話番号")
    assert second.endswith("電話番号")


def test_former_holders_and_whoever_registered_before_the_file_was_taken_back(database: Database) -> None:
    brought = publish_customers(database, a_customer("70012"), a_customer("70012", holder_no=2))
    app = portal(database)
    desk = at_desk(app, database)
    page = search(desk, "70012")
    assert keys(page) == ["70012-2", "70012"]
    assert "前の名義" in page.root.first("tbody").all("tr")[1].text()
    an_account(database, "70012-2", login_id="hanako")
    take_back(database, brought)
    assert keys(desk.get(page.path)) == ["70012-2"], "nothing published tells of the other one any more"
    assert found(desk, "70012") == ["70012-2"]
    page = search(desk, "hanako")
    assert page.path == "/staff/customers/70012-2"


def test_pending_registrations_are_found_by_id_and_address(database: Database) -> None:
    publish_customers(database, a_customer())
    row = {
        "customer_key": "12345678", "registration_id": "r-1", "serial": 1, "state": "pending", "login_id": "Tarou",
        "login_key": "tarou", "email": "Taro@example.jp", "nickname": "タロウ", "language": "ja",
        "terms_version": "1", "matched_batch_id": 1, "created_at": NOON, "enqueued_at": NOON,
    }  # fmt: skip
    with database.writing() as connection:
        connection.execute(insert(registration).values(**row))
    desk = at_desk(portal(database), database)
    assert found(desk, "TAROU") == found(desk, "taro@example.jp") == ["12345678"]
    with database.writing() as connection:
        connection.execute(registration.update().values(state="activated"))
    assert found(desk, "TAROU") == found(desk, "taro@example.jp") == []


def test_each_search_is_in_the_trail_and_its_term_only_in_the_detail(
    desk: Visitor, database: Database
) -> None:
    search(desk, "タカハシ")
    search(desk, "誰でもない")
    with database.reading() as connection:
        rows = connection.execute(
            select(audit_event.c.facts, audit_event.c.actor, audit_detail.c.detail)
            .join(audit_detail, audit_detail.c.seq == audit_event.c.seq)
            .where(audit_event.c.action == "staff.searched")
            .order_by(audit_event.c.seq)
        ).all()
    told = [(json.loads(row.facts), row.actor, json.loads(row.detail)) for row in rows]
    by = "staff:agent-佐藤"
    assert told == [
        ({"kinds": ["kana"], "answers": 1, "too_wide": False}, by, {"term": "タカハシ"}),
        ({"kinds": [], "answers": 0, "too_wide": False}, by, {"term": "誰でもない"}),
    ]


def test_answers_are_their_searchers_own_and_last_for_a_shift(database: Database, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    app = portal(database, clock_file=clock)
    publish_customers(database, a_customer("70012"), a_customer("70013"))
    mine = at_desk(app, database)
    other = at_desk(app, database, a_member(database, Role.AGENT, "鈴木"))
    page = search(mine, "アイコム")
    assert page.path.startswith("/staff/search/")
    assert "アイコム" not in page.path
    assert other.get(page.path).status == 404
    assert mine.get(page.path).status == 200
    move_clock(clock, timedelta(hours=13))
    assert at_desk(app, database, a_member(database, Role.ADMIN)).get(page.path).status == 404


def test_auditors_search_the_trail_and_no_customers(database: Database) -> None:
    app = portal(database)
    auditor = at_desk(app, database, Role.AUDITOR)
    assert "お客様を検索" not in auditor.get("/staff/").text
    assert auditor.get("/staff/search").status == 403
    for role in (Role.BILLING, Role.ADMIN):
        assert "お客様を検索" in at_desk(app, database, role).get("/staff/").html


def test_the_auditors_are_told_once_a_day_of_who_searches_too_much(
    database: Database, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    app = portal(database, clock_file=clock, staff_looks_a_day="3")
    a_member(database, Role.AUDITOR)
    a_member(database, Role.AUDITOR, "渡辺", state="suspended", email="gone@example.jp")
    agent = a_member(database, Role.AGENT)

    def told() -> list[tuple[str, str]]:
        with database.reading() as connection:
            rows = connection.execute(select(outbox.c.kind, outbox.c.recipient))
            return [(row.kind, row.recipient) for row in rows]

    desk = at_desk(app, database, agent)
    for _ in range(3):
        search(desk, "アイコム")
    assert told() == []
    for _ in range(3):
        search(desk, "アイコム")
    assert told() == [("staff_looked_much", "auditor@example.jp")]
    move_clock(clock, timedelta(hours=24))
    desk = at_desk(app, database, agent)
    for _ in range(4):
        search(desk, "アイコム")
    assert len(told()) == 2
    with database.reading() as connection:
        facts = connection.execute(
            select(audit_event.c.facts).where(audit_event.c.action == "staff.looked_much")
        ).scalars()
        assert [json.loads(each)["look"] for each in facts] == ["searches", "searches"]


def test_a_number_read_out_opens_its_customer_once(database: Database) -> None:
    publish_customers(database, a_customer())
    account_id = an_account(database, "12345678")
    app = portal(database)
    settings = app.extensions["mypage"].settings
    with database.writing() as connection:
        now = app.extensions["mypage"].clock.now()
        support_codes.make(connection, "12345678", account_id, after="", settings=settings, now=now)
        shown = support_codes.look(connection, "12345678", account_id, settings=settings, now=now)
    digits = shown.digits
    wrong = str((int(digits) + 10) % 10**9)
    desk = at_desk(app, database)
    page = search(desk, wrong)
    assert "聞き違いか打ち違い" in page.text
    assert found(desk, f"{digits[:3]} {digits[3:6]}-{digits[6:]}") == ["12345678"]
    other = at_desk(app, database, a_member(database, Role.AGENT, "鈴木"))
    page = search(other, digits)
    assert keys(page) == []
    assert "すでに使われています" in page.text
    assert digits not in page.html
    with database.reading() as connection:
        assert digits not in str(connection.execute(select(audit_detail.c.detail)).all())


def test_whoever_types_numbers_at_random_must_wait(database: Database) -> None:
    desk = at_desk(portal(database), database)
    for salt in range(8):
        page = search(desk, support_code.number("a secret of nobody", str(salt)))
        assert "この確認番号は使えません" in page.text
    page = search(desk, support_code.number("a secret of nobody", "9"))
    assert "約1分間、確認番号は使えません" in page.text


def test_a_cause_leads_to_whom_it_happened(desk: Visitor) -> None:
    for typed in ("A-03", "ａ０３", "a ー 03"):
        page = search(desk, typed)
        assert page.path == "/staff/shift/failures/A-03", typed
    assert "契約者情報と一致しないと表示される" in page.text
    assert found(desk, "A-99") == []


def test_the_number_on_a_page_of_ours_tells_what_happened(database: Database) -> None:
    app = portal(database)

    def fault() -> str:
        raise RuntimeError("a secret")

    def away() -> str:
        raise PoolTimeout("a secret")

    app.add_url_rule("/fault", view_func=fault)
    app.add_url_rule("/away", view_func=away)
    visitor, desk = Visitor(app), at_desk(app, database)
    answer = visitor.client.get("/fault")
    assert answer.status_code == 500
    number = answer.get_data(as_text=True).partition("受付番号：")[2][:8]
    page = search(desk, f"{number[:4]} {number[4:].lower()}")
    assert f"受付番号 {number}" in page.text
    assert "こちらの不具合で、画面を表示できませんでした（RuntimeError）" in page.text
    number = visitor.get("/away").text.partition("受付番号：")[2][:8]
    # Nobody could write it down then; the next request that reaches the database does.
    page = search(desk, number)
    assert "データベースにつながらず" in page.text
    assert "a secret" not in page.html
    assert found(desk, "ABCD2345") == []


def test_what_was_typed_goes_with_the_shift_and_the_counts_with_the_week(database: Database) -> None:
    publish_customers(database, a_customer())
    app = portal(database)
    settings, now = app.extensions["mypage"].settings, now_of(app)
    desk = at_desk(app, database)
    app.add_url_rule("/away", view_func=lambda: str(1 // int("0")))
    desk.client.get("/away")
    search(desk, "アイコム")
    with database.writing() as connection:
        staff_looks.opened(connection, staff_id="agent-佐藤", customer_key="12345678", limit=9, now=now)

    def removed(later: timedelta) -> tuple[int, int, int]:
        found = clean_up(settings, database, now + later)
        return found["searches"], found["looks"], found["faults"]

    assert removed(timedelta(hours=11)) == (0, 0, 0)
    assert removed(timedelta(hours=13)) == (1, 0, 0)
    assert removed(timedelta(days=9)) == (0, 3, 0)
    assert removed(timedelta(days=91)) == (0, 0, 1)


def test_terms_are_removed_with_what_was_staged(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mypage.store.staging._ROWS_AT_ONCE", 3)
    publish_customers(database, a_customer("70012"))
    with database.reading() as connection:
        kept = connection.execute(select(search_term).order_by(search_term.c.term)).all()
    delivering = Delivering(database, tmp_path)
    rows = [
        [str(number), "", "", "山田　花子", "ヤマダ　ハナコ", "0748-11-1111", "契約中"]
        for number in range(81, 86)
    ]
    (file,) = delivering.files(customers=table(CUSTOMER_HEADINGS, *rows))
    (staged,) = delivering.hand(file).batches
    wrong = delivering.files(more=customers(["99", "", "", "誤り", "アヤマリ", "0748-33-3333", "不明"]))
    delivering.hand(file, *wrong)
    with database.reading() as connection:
        assert connection.execute(select(search_term).order_by(search_term.c.term)).all() == kept
        assert (
            connection.execute(select(batch.c.checkpoint).where(batch.c.id == staged.id)).scalar_one() is None
        )
        assert len(connection.execute(select(customer_version.c.customer_key)).all()) == 1
