"""One customer on one screen, as staff in a browser see it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import approvals, customer_state, release, trail
from mypage.services.trail import Event
from mypage.store import second_factor
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_event, registration, succession, throttle
from tests.bills import a_bill, an_account, publish_bills, publish_contracts
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.signing_up import Person
from tests.staffing import Member, a_member, at_desk
from tests.visitor import Page, Visitor

KEY = "12345678"
PAGE = f"/staff/customers/{KEY}"
HOUR = timedelta(hours=1)
PERSONAL = ("愛込　太郎", "アイコム", "0748-62-1234", "0748621234", "水口町", "taro@example.jp", "tarou")


class Desk:
    """A member of staff at the console, and what the trail says of their looks."""

    def __init__(self, database: Database, folder: Path, role: Role = Role.AGENT, **settings: str) -> None:
        self.database, self.clock_file = database, folder / "clock"
        self.app = portal(database, self.clock_file, **settings)
        self.member: Member = a_member(database, role)
        self.visitor: Visitor = at_desk(self.app, database, self.member)

    def open(self, key: str = KEY, **query: str) -> Page:
        """The customer's page."""
        return self.visitor.get(f"/staff/customers/{key}", query=query or None)

    def note_call(self, page: Page | None = None) -> Page:
        """Note that the customer themself is on the telephone."""
        # A browser sends several boxes of one name; one is enough here.
        page = (page or self.open()).submit("通話を記録する", caller="self", verified="identity")
        assert page.path.startswith(PAGE), page.text
        return page

    def looks(self) -> list[tuple[str, str | None, object]]:
        """Rows of the trail by this member: action, customer, facts."""
        columns = audit_event.c.action, audit_event.c.customer_key, audit_event.c.facts
        query = select(*columns).where(audit_event.c.actor == self.member.actor).order_by(audit_event.c.seq)
        with self.database.reading() as connection:
            return [(row[0], row[1], json.loads(row[2])) for row in connection.execute(query)]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    publish_customers(
        database,
        a_customer(
            registration_key="KAGI-1234",
            more={"billing_name": "愛込　花子", "billing_address": "京都府京都市中京区寺町1"},
        ),
    )
    return Desk(database, tmp_path)


def now() -> datetime:
    return datetime.now(UTC)


def box(page: Page, head: str) -> str:
    """The words of the section with that heading."""
    found = page.root.by_id(head)
    assert found is not None, f"no {head} on {page.path}"
    return next(each for each in page.root.all("section") if found in each.walk()).text()


def test_who_and_how_and_why_stand_there_and_nothing_personal(desk: Desk, database: Database) -> None:
    publish_contracts(
        database,
        KEY,
        {
            "contract_number": "K-1",
            "service": "インターネット",
            "course": "光1ギガ",
            "status": "active",
            "started_on": "2019-04-01",
        },
        {"contract_number": "K-2", "service": "", "course": "", "status": "ended"},
    )
    person = Person(database)
    person.prove(now(), phone="0311112222", name_kana="ヤマダ　ハナコ")
    # Nobody waits yet: what gets the caller over it is a signup on the telephone.
    assert "電話で会員登録する" in box(desk.open(), "failure-head")
    for _ in range(3):
        person.prove(now(), phone="0311112222", name_kana="ヤマダ　ハナコ")
    page = desk.open()
    person.prove(now(), phone="0311112222")
    waiting = box(desk.open(), "failure-head")
    # The button that mends it, and what was typed wrong before the wait.
    assert "待ち時間に入りました。" in waiting
    assert "一致しなかった項目：電話番号、お名前（カナ）" in waiting
    assert "待ち時間を解除" in waiting
    assert "お客様番号 0012345678 アイ＊＊＊ タ＊＊＊" in page.root.first("h1").text()
    assert page.title.startswith("0012345678 アイ＊＊＊")
    who = box(page, "who-head")
    for masked in ("愛＊＊＊ 太＊＊＊", "＊＊＊1234", "滋賀県甲賀市＊＊＊", "京都府京都市中京区＊＊＊"):
        assert masked in who
    contract = box(page, "contract-head")
    for told in (
        "契約中",
        "2019年4月1日",
        "インターネット 光1ギガ（契約中、2019年4月から）",
        "K-2（解約済）",
        "登録キー：あり",
    ):
        assert told in contract
    state = box(page, "state-head")
    assert "登録の状態：未登録" in state
    assert "会員登録の認証：" in state
    assert "まで待ち時間です。" in state
    failure = box(page, "failure-head")
    assert "一致しなかった項目：電話番号、お名前（カナ）" in failure
    assert "答えを先に言わないでください" in failure
    links = [each for each in page.root.all("a") if each.attributes.get("href") == "/help/a-03"]
    assert links
    assert all(each.attributes["target"] == "_blank" for each in links)
    # The wait has its button, first of what can be done.
    acts = [each.text() for each in page.root.all("ul") if each.attributes.get("class") == "acts"]
    assert acts == ["待ち時間を解除 電話で会員登録する"]
    for personal in (*PERSONAL, "0311112222", "ヤマダ", "KAGI", "寺町"):
        assert personal not in page.html, personal
    assert desk.looks() == [("customer.opened", KEY, {"revealed": []})] * 3
    with database.writing() as connection:
        connection.execute(delete(throttle))
    over = box(desk.open(), "failure-head")
    assert "この待ち時間は終わっています。もう一度お試しいただけます。" in over
    assert "電話で会員登録する" in over


def test_a_provisional_registration_until_it_is_activated(desk: Desk, database: Database) -> None:
    person = Person(database)
    begun = now() - HOUR
    person.prove(begun, phone="0311112222")
    person.sign_up(begun)
    page = desk.open()
    state = box(page, "state-head")
    assert "登録の状態：仮登録中" in state
    assert "まだ送信していません" in state
    assert "「仮登録受付完了のお知らせ」が送信を待っています（宛先 t＊＊＊@example.jp）" in state
    assert "ta＊＊＊" in box(page, "who-head")
    assert "F-01" in box(page, "failure-head")
    for made_by, told in ((desk.member.id, True), (None, False)):
        with database.writing() as connection:
            connection.execute(update(registration).values(made_by=made_by))
        assert ("お電話で受け付けた仮登録です。" in box(desk.open(), "state-head")) is told
    token = person.token()
    person.activate(type(token)(token.registration_id, token.serial, begun), now=now())
    page = desk.open()
    state = box(page, "state-head")
    assert "登録の状態：本登録済" in state
    assert "まだ一度もログインされていません。" in state
    failure = box(page, "failure-head")
    assert "その後、" in failure
    assert "本登録が完了しました。" in failure
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended"))
        whose = customer_state.factor_owner(connection.scalar(select(account.c.id)) or "")
        second_factor.put_app(connection, whose, sealed="sealed", last_step=0, now=now())
        approvals.ask(
            connection,
            kind="release",
            subject=KEY,
            customer_key=KEY,
            facts={},
            mark="mark",
            staff_id=desk.member.id,
            life=HOUR,
            now=now(),
        )
    state = box(desk.open(), "state-head")
    assert "登録の状態：一時停止中" in state
    assert "二段階認証：あり" in state
    assert "承認待ち：登録を解除する（依頼：佐藤、" in state
    for personal in PERSONAL:
        assert personal not in page.html, personal


def test_a_lapsed_one_and_a_released_one(desk: Desk, database: Database) -> None:
    Person(database).sign_up(now() - 80 * HOUR)
    assert "前の仮登録は、" in box(desk.open(), "state-head")
    account_id = an_account(database, KEY)
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key=KEY,
            account_id=account_id,
            acting_staff=desk.member.id,
            reason="本人の申し出",
            now=now(),
        )
    page = desk.open()
    assert "登録は解除されています" in box(page, "state-head")
    assert "登録が解除されました。" in box(page, "timeline-head")
    assert "佐藤" in box(page, "timeline-head")
    with database.writing() as connection:
        release.object_to_release(
            connection, customer_key=KEY, acting_staff=desk.member.id, reason="前の方", now=now()
        )
    assert "登録の解除に異議があり" in box(desk.open(), "state-head")


def test_what_closes_an_account_is_told(database: Database, tmp_path: Path) -> None:
    publish_customers(
        database,
        a_customer(),
        a_customer("777", web_registration=False, address=None),
        a_customer("888", status="ended", ended_on=date(2020, 1, 1)),
    )
    desk = Desk(database, tmp_path, signup_proof="letter")
    an_account(database, KEY, "777", mail_refused_at=now(), last_login_at=now())
    with database.writing() as connection:
        closing = {"awaits_letter": True, "shown_from": now() + 71 * HOUR}
        connection.execute(update(account_customer).values(**closing))
    state = box(desk.open(), "state-head")
    assert "まで何も表示されません。" in state
    assert "郵送の確認コードの入力を待っています。" in state
    assert "登録のメールアドレスに届きません。" in state
    assert "最後のログイン：" in state
    assert "同じログインのお客様番号 777" in box(desk.open(), "contract-head")
    assert "Web登録不可です。" in box(desk.open("777"), "state-head")
    ended = desk.open("888")
    assert "いまはWebで登録できません：解約から登録できる期間を過ぎている" in box(ended, "state-head")
    assert "うまくいかなかった手続きはありません。" in box(ended, "failure-head")
    assert "いまの状態で行える操作はありません。" in box(ended, "acts-head")
    assert "2020年1月1日" in box(ended, "contract-head")


def test_revealing_needs_a_call_is_for_that_call_and_is_written_down(desk: Desk, database: Database) -> None:
    page = desk.open()
    assert "お電話の相手を記録すると、［表示する］を使えます。" in page.text
    form = {"csrf_token": page.form_with("通話を記録する").first("input").attributes["value"] or ""}
    refused = desk.visitor.post(f"{PAGE}/reveal", {**form, "fact": "all"})
    assert "先に、お電話の相手を記録してください。" in refused.text
    assert "0748-62-1234" not in refused.html
    page = desk.note_call()
    assert "通話を記録しました。" in page.text
    nothing = desk.visitor.post(f"{PAGE}/reveal", {**form, "fact": "nonsense"})
    assert "表示する項目を選んでください。" in nothing.text
    page = page.submit("表示する：電話番号")
    assert "0748-62-1234" in box(page, "who-head")
    assert "水口町" not in page.html
    page = page.submit("すべて表示する")
    who = box(page, "who-head")
    for whole in ("愛込 太郎", "アイコム タロウ", "滋賀県甲賀市水口町1-2-3", "愛込 花子", "寺町1"):
        assert whole in who
    assert "すべて表示する" not in page.text
    assert "KAGI" not in page.html
    # The heading and the title stay masked: they are seen over a shoulder, and kept by the browser's history.
    assert "アイ＊＊＊" in page.title
    # Asked again nothing is new, and nothing is written but the look.
    desk.visitor.post(f"{PAGE}/reveal", {**form, "fact": "all"})
    told = [(action, facts) for action, _, facts in desk.looks() if action.startswith("customer.revealed")]
    call_id = told[0][1]["call_id"]  # type: ignore[index]
    rest = ["address", "billing", "email", "login_id", "name"]
    assert told == [
        ("customer.revealed", {"fields": ["phone"], "call_id": call_id}),
        ("customer.revealed", {"fields": rest, "call_id": call_id}),
    ]
    assert desk.looks()[-1] == ("customer.opened", KEY, {"revealed": sorted([*rest, "phone"])})
    # Another member of staff sees nothing of it, and neither does the same one after the call.
    other = at_desk(desk.app, database, a_member(database, Role.ADMIN))
    assert "0748-62-1234" not in other.get(PAGE).html
    assert "0748-62-1234" not in desk.open().submit("通話を終える").html


def test_the_story_by_kind_and_in_pages(desk: Desk, database: Database) -> None:
    account_id = an_account(database, KEY)
    Person(database).prove(now() - 2 * HOUR, phone="0311112222")
    logins = [
        Event(
            action=Action.LOGIN_DONE,
            actor=f"account:{account_id}",
            account_id=account_id,
            at=now() - HOUR + timedelta(seconds=second),
            facts={},
        )
        for second in range(102)
    ]
    with database.writing() as connection:
        trail.record_all(connection, logins)
    page, seen = desk.open(), []
    while True:
        rows = [row.text() for row in page.root.all("tr")[1:]]
        seen.append(len(rows))
        if "さらに前へ" not in page.text:
            break
        assert "最新に戻る" not in page.text or len(seen) > 1
        page = page.follow("さらに前へ")
    # The logins, the try, and the batch that brought the customer.
    assert seen == [50, 50, 4]
    assert "契約者データが反映されました" in rows[-1]
    assert "お客様（ログイン前）" in rows[-2]
    assert "A-03" in rows[-2]
    page = page.follow("登録の手続き")
    assert [row.text() for row in page.root.all("tr")[1:]] == [rows[-2]]
    assert "答えを先に言わないでください" in page.text
    assert "お客様の画面を開きました。" in page.follow("窓口の閲覧").text
    assert "お客様の画面を開きました。" not in page.follow("すべて").text
    second = page.follow("ログイン").follow("さらに前へ").follow("さらに前へ")
    assert len(second.root.all("tr")) == 3
    assert len(second.follow("最新に戻る").root.all("tr")) == 51
    assert "この種類のできごとはありません。" in page.follow("メール").text
    for odd in ({"kind": "nonsense"}, {"before": "nonsense"}, {"before": "2026-01-01T00:00:00.000000Z_1_1"}):
        assert desk.open(**odd).status == 200


def test_former_numbers_and_other_holders_lead_to_one_another(desk: Desk, database: Database) -> None:
    publish_customers(
        database,
        a_customer(holder_no=2, holder_since=date(2026, 4, 1)),
        a_customer("70012"),
        a_customer("70013"),
    )
    batch_id = publish_bills(database, a_bill(202610))
    with database.writing() as connection:
        for key, other, kind in (
            (KEY, "70012", "renumbered"),
            ("70012", KEY, "carried_from"),
            ("70012", "70013", "split"),
        ):
            connection.execute(
                insert(succession).values(
                    customer_key=key,
                    batch_id=batch_id,
                    other_key=other,
                    kind=kind,
                    changed_on=date(2026, 5, 1) if key == KEY else None,
                )
            )
    page = desk.open()
    assert "この後の番号 70012（番号の変更、2026年5月1日（金））" in page.text
    later = page.follow("この後の番号 70012（番号の変更、2026年5月1日（金））")
    assert later.path == "/staff/customers/70012"
    assert "前の番号 12345678（番号の変更" in later.text
    assert "この後の番号 70013（分割）" in later.text
    assert "前の番号 70012（分割）" in desk.open("70013").text
    holder = page.follow("同じ番号の名義2（契約中、2026年4月1日（水）から）")
    assert holder.path == f"{PAGE}-2"
    assert "（名義2）" in holder.root.first("h1").text()
    assert "同じ番号の名義1（契約中）" in holder.text


def test_an_unknown_key_is_answered_calmly(desk: Desk) -> None:
    for odd in ("99", "x", "<b>", "' OR 1=1", "1" * 300):
        page = desk.open(odd)
        assert (page.status, page.root.first("h1").text()) == (404, "お客様が見つかりません"), odd
    assert desk.open("00-1234 5678").path == PAGE
    assert desk.looks() == [("customer.opened", KEY, {"revealed": []})]


def test_who_may_look_and_who_may_act(database: Database, tmp_path: Path) -> None:
    publish_customers(database, a_customer())
    an_account(database, KEY)
    page = Desk(database, tmp_path, Role.BILLING).open()
    assert "登録の状態：本登録済" in page.text
    for word in ("通話を記録する", "できること", "表示する"):
        assert word not in page.text
    for role, status in ((Role.ADMIN, 200), (Role.AUDITOR, 403)):
        visitor = at_desk(portal(database), database, role)
        assert visitor.get(PAGE).status == status


def test_many_customers_in_a_day_are_told_to_the_auditors(database: Database, tmp_path: Path) -> None:
    publish_customers(database, a_customer(), a_customer("777"))
    a_member(database, Role.AUDITOR)
    desk = Desk(database, tmp_path, staff_looks_a_day="1")
    for key in (KEY, KEY, "777"):
        desk.open(key)
    looked = [action for action, _, _ in desk.looks()]
    assert looked.count("customer.opened") == 3
    assert "staff.looked_much" in looked


def test_an_hour_old_page_is_told_the_new_state(desk: Desk, database: Database) -> None:
    Person(database).sign_up(now())
    desk.note_call()
    old = desk.visitor.get(f"{PAGE}/acts/resend")
    move_clock(desk.clock_file, timedelta(minutes=25))
    an_account(database, KEY)
    page = old.submit("仮登録メールを再送", reason="not_arrived")
    assert "すでに本登録が済み" in page.text
    assert "act.done" not in [action for action, _, _ in desk.looks()]
    assert "登録の状態：本登録済" in box(desk.open(), "state-head")
