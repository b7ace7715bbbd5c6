"""The home of the console: every number of the shift is true, and leads to its list."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from mypage.domain.staff import Role
from mypage.services import shift, staff_looks, stumbles
from mypage.store.engine import Database
from mypage.store.schema import audit_event, batch, outbox, registration, throttle
from mypage.store.schema import fault as faults
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.signing_up import Person, settings
from tests.staffing import a_member, at_desk, now_of
from tests.visitor import Page, Visitor

# 09:30 in Japan; the day there began at 15:00 UTC.
NOON = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)
NUMBERS = ("70011", "70012", "70013", "70014", "70015")


def told(page: Page, words: str) -> str:
    """The line of the page that begins with these words."""
    for each in [*page.root.all("tr"), *page.root.all("div")]:
        text = each.text()
        if text.startswith(words):
            return text
    raise AssertionError(f"no line 「{words}」: {page.text}")


def listed(page: Page) -> list[str]:
    """The customers of a list."""
    links = [link.attributes["href"] or "" for link in page.root.all("a")]
    return [href.rpartition("/")[2] for href in links if href.startswith("/staff/customers/")]


def numbers(database: Database, now: datetime = NOON) -> shift.Shift:
    with database.reading() as connection:
        return shift.now_on(connection, now=now)


def person(database: Database, number: str) -> Person:
    return Person(database, browser=f"browser of {number}", address=f"192.0.2.{number[-2:]}")


@pytest.fixture
def busy(database: Database) -> Database:
    """A morning: one stops at each step."""
    publish_customers(
        database, *(a_customer(number, phone=f"0748-00-{place:04}") for place, number in enumerate(NUMBERS))
    )

    def typed(number: str) -> dict[str, str]:
        return {"customer_number": number, "phone": f"0748-00-{NUMBERS.index(number):04}"}

    # Yesterday does not count.
    person(database, "70011").prove(YESTERDAY, **typed("70011"))
    person(database, "70015").prove(YESTERDAY, **{**typed("70015"), "phone": "0748-99-9999"})
    # One misses twice, one misses and then matches, one nobody knows.
    for minute in (1, 0):
        person(database, "70011").prove(
            NOON - timedelta(minutes=minute), **{**typed("70011"), "phone": "0748-99-9999"}
        )
    person(database, "70012").prove(NOON, **{**typed("70012"), "name_kana": "チガウ　ナマエ"})
    person(database, "70012").prove(NOON, **typed("70012"))
    person(database, "70012").prove(NOON, customer_number="999", phone="0748-00-0000")
    # One is typing, one confirming, one is registered, one activated.
    person(database, "70013").prove(NOON, **typed("70013"))
    person(database, "70013").fill(NOON, login_id="hanako-13")
    person(database, "70014").sign_up(NOON, **typed("70014"), login_id="hanako-14")
    fifth = person(database, "70015")
    fifth.sign_up(NOON, **typed("70015"), login_id="hanako-15")
    fifth.activate(fifth.token("70015"), NOON)
    return database


def test_the_steps_of_today_and_where_people_stop(busy: Database) -> None:
    steps = numbers(busy).steps
    assert (steps.tries, steps.misses, steps.missed) == (8, 4, 1)
    assert (steps.proven, steps.matched) == (4, 2)
    assert (steps.on_profile, steps.on_confirm) == (1, 1)
    assert (steps.provisional, steps.unsent, steps.waiting) == (2, 1, 0)
    assert (steps.activated, steps.voided) == (1, 0)
    tomorrow = numbers(busy, NOON + timedelta(hours=24)).steps
    assert (tomorrow.tries, tomorrow.missed, tomorrow.proven, tomorrow.activated) == (0, 0, 0, 0)
    assert tomorrow.unsent == 1, "whoever waits still waits"


def test_each_number_leads_to_its_list(busy: Database, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    app = portal(busy, clock_file=clock)
    move_clock(clock, NOON - now_of(app))
    desk = at_desk(app, busy)
    home = desk.get("/staff/")
    assert told(home, "1 認証情報").startswith("1 認証情報 4人（8回のうち不一致4回） 一致していない 1人")
    lists = {
        "missed": ["70011"],
        "matched": ["70013", "70012"],
        "unsent": ["70014"],
        "activated": ["70015"],
    }
    for which, expected in lists.items():
        link = f"/staff/shift/registrations/{which}"
        assert f'href="{link}"' in home.html, which
        page = desk.get(link)
        assert sorted(listed(page)) == sorted(expected), which
        assert "アイ" in page.text
        assert "アイコム" not in page.text
    assert listed(desk.get("/staff/shift/registrations/waiting")) == []
    with busy.writing() as connection:
        connection.execute(
            update(registration).where(registration.c.customer_key == "70014").values(handed_over_at=NOON)
        )
    assert listed(desk.get("/staff/shift/registrations/waiting")) == ["70014"]
    assert listed(desk.get("/staff/shift/registrations/unsent")) == []
    assert listed(desk.get("/staff/shift/registrations/voided")) == []
    assert desk.get("/staff/shift/registrations/nonsense").status == 404
    with busy.reading() as connection:
        rows = connection.execute(select(audit_event).where(audit_event.c.action == "staff.listed")).all()
    assert len(rows) == 8, "each list that was shown is in the trail"


def test_failures_by_cause_and_whom_they_happened_to(busy: Database, tmp_path: Path) -> None:
    with busy.writing() as connection:
        stumbles.count(connection, "proof", "A-09", rule="customer_number_empty", times=3, now=NOON)
        stumbles.note(
            connection, "profile", {"B-02": ["too_weak"]}, customer_key="70013", actor="visitor", now=NOON
        )
        stumbles.count(connection, "proof", "A-09", rule="x", times=9, now=YESTERDAY)
    causes = {each.code: (each.times, each.customers) for each in numbers(busy).causes}
    assert causes["A-03"] == (4, 2)
    assert causes["A-09"] == (3, 0)
    assert causes["B-02"] == (1, 1)
    clock = tmp_path / "clock"
    app = portal(busy, clock_file=clock)
    move_clock(clock, NOON - now_of(app))
    desk = at_desk(app, busy)
    page = desk.get("/staff/").follow("4件")
    assert page.path == "/staff/shift/failures/A-03"
    assert listed(page) == ["70011", "70012"]
    assert "2回" in page.text
    assert told(page, "お客様番号が登録にないなど") == "お客様番号が登録にないなど 1件"
    assert listed(page.follow("この7日間を見る")) == ["70011", "70012", "70015"]
    page = desk.get("/staff/shift/failures/A-09")
    assert told(page, "画面 proof") == "画面 proof（customer_number_empty） 3件"
    assert desk.get("/staff/shift/failures/A-99").status == 404


def test_lists_come_in_pages(database: Database, tmp_path: Path) -> None:
    keys = [str(10_000 + place) for place in range(53)]
    publish_customers(database, *(a_customer(key) for key in keys))
    clock = tmp_path / "clock"
    app = portal(database, clock_file=clock)
    move_clock(clock, NOON - now_of(app))
    for key in keys:
        Person(database, address=f"198.18.0.{int(key) % 250}").prove(
            NOON, **{**TAROU, "customer_number": key, "phone": f"0748-9{key}"}
        )
    desk = at_desk(app, database, Role.ADMIN)
    first = desk.get("/staff/shift/failures/A-03")
    second = first.follow("次の50件")
    assert (len(listed(first)), len(listed(second))) == (50, 3)
    assert sorted(listed(first) + listed(second)) == keys
    assert listed(second.follow("前の50件")) == listed(first)
    for nonsense in ("0", "-1", "x", "99999", "²", "٣"):
        assert desk.get(f"/staff/shift/failures/A-03?page={nonsense}&days={nonsense}").status == 200


def test_waits_in_force_lead_to_whom_they_keep_waiting(database: Database, tmp_path: Path) -> None:
    publish_customers(database, a_customer(), a_customer("70012", phone="0748-11-1111"))
    clock = tmp_path / "clock"
    app = portal(database, clock_file=clock)
    move_clock(clock, NOON - now_of(app))
    desk = at_desk(app, database)
    assert told(desk.get("/staff/"), "待ち時間のかかっている方") == "待ち時間のかかっている方 0件"
    for _ in range(5):
        Person(database, chosen=app.extensions["mypage"].settings).prove(
            NOON, **{**TAROU, "phone": "0748-99-9999"}
        )
    # Who missed once waits for nothing.
    Person(database, chosen=app.extensions["mypage"].settings).prove(
        NOON, **{**TAROU, "customer_number": "70012", "phone": "0748-22-2222"}
    )
    assert settings().secret_keys == app.extensions["mypage"].settings.secret_keys
    home = desk.get("/staff/")
    line = told(home, "待ち時間：登録の認証（お客様番号・電話番号ごと）")
    page = desk.get("/staff/shift/waits")
    assert line.endswith("2件")
    assert listed(page) == ["12345678"]
    assert "登録の認証" in page.root.first("tbody").text()
    assert "最も長いもの" in page.text
    with database.writing() as connection:
        waits = connection.execute(select(throttle).where(throttle.c.waits_until.is_not(None))).all()
    assert {each.scope for each in waits} >= {"identity.number", "identity.phone"}
    move_clock(clock, NOON + timedelta(hours=2) - datetime.now(UTC))
    assert "いまは、1件もありません" in at_desk(app, database, Role.ADMIN).get("/staff/shift/waits").text


def test_mails_batches_faults_and_requests(database: Database) -> None:
    publish_customers(database, a_customer())
    app = portal(database)
    now = now_of(app)
    mail = {
        "kind": "registered", "priority": 50, "recipient": "tarou@example.jp", "language": "ja", "facts": {},
        "customer_key": "12345678", "message_id": "m", "attempts": 2, "enqueued_at": now - timedelta(minutes=5),
        "next_try_at": now,
    }  # fmt: skip
    with database.writing() as connection:
        for state, reply in (("waiting", None), ("refused", "550 5.1.1 no such user"), ("handed_over", None)):
            connection.execute(insert(outbox).values(**mail, state=state, reply=reply))
        connection.execute(
            insert(faults).values(
                request_number="ABCD2345",
                at=now,
                status=503,
                what="OperationalError",
                method="GET",
                endpoint="menu",
            )
        )
        connection.execute(update(batch).values(warnings=3))
    desk = at_desk(app, database)
    home = desk.get("/staff/")
    assert told(home, "送信待ちのメール") == "送信待ちのメール 1件（うち1分以上 1件）"
    assert told(home, "公開中") == "公開中 1件"
    assert told(home, "こちらの不具合の画面") == "こちらの不具合の画面（今日） 1件"
    assert told(home, "二人目の承認待ち") == "二人目の承認待ち 0件"
    page = desk.get("/staff/shift/mails/waiting")
    assert "本登録完了のお知らせ" in page.text
    assert listed(page) == ["12345678"]
    assert "tarou@" not in page.html
    assert "t＊＊＊@example.jp" in page.text
    assert "550 5.1.1 no such user" in desk.get("/staff/shift/mails/refused").text
    assert "いまは、1件もありません" in desk.get("/staff/shift/mails/given_up").text
    assert desk.get("/staff/shift/mails/nonsense").status == 404
    assert "契約者" in desk.get("/staff/shift/batches").text
    assert "ABCD2345" in desk.get("/staff/shift/faults").text


def test_each_role_sees_what_is_its_own(database: Database) -> None:
    app = portal(database)
    publish_customers(database, a_customer())
    agent = a_member(database, Role.AGENT)
    with database.writing() as connection:
        for _ in range(2):
            staff_looks.opened(
                connection, staff_id=agent.id, customer_key="12345678", limit=1, now=now_of(app)
            )
        staff_looks.opened(connection, staff_id=agent.id, customer_key="70012", limit=1, now=now_of(app))
    auditor = at_desk(app, database, Role.AUDITOR).get("/staff/")
    assert "/staff/shift/" not in auditor.html, "an auditor sees the numbers and no customers"
    assert told(auditor, "佐藤") == "佐藤 0件 2人"
    assert told(auditor, "公開中") == "公開中 1件"
    assert "スタッフの検索と表示" not in at_desk(app, database, agent).get("/staff/").text
    billing = at_desk(app, database, Role.BILLING).get("/staff/")
    headings = [each.text() for each in billing.root.all("h2")]
    assert headings[0] == "料金データ"
    with database.reading() as connection:
        told_of = connection.execute(
            select(audit_event.c.facts).where(audit_event.c.action == "staff.looked_much")
        ).scalars()
        assert [re.findall('"look":"([a-z]+)"', each) for each in told_of] == [["customers"]]
    assert Visitor(app).client.get("/staff/shift/waits").status_code == 303
