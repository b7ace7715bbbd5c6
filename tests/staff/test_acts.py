"""Acts for a caller, as agents press them: a call noted once, what is lacking is told, a page of an hour ago does nothing."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from mypage.domain.staff import Role
from mypage.services import letters, support_codes
from mypage.store.engine import Database
from mypage.store.schema import account, audit_event, letter, outbox
from mypage.web.house import EXTENSION
from tests.acting import KEY, change_staff
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.mail import register
from tests.portal import move_clock, portal
from tests.staffing import a_member, at_desk, now_of
from tests.visitor import Page, Visitor

CUSTOMER = f"/staff/customers/{KEY}"
ACTS = f"{CUSTOMER}/acts"


@dataclass
class Shift:
    """The console with two agents and an administrator at their desks; time can be moved."""

    database: Database
    clock: Path
    app: Flask
    desk: Visitor
    colleague: Visitor
    chief: Visitor
    auditor: Visitor

    def later(self, **by: float) -> None:
        move_clock(self.clock, timedelta(**by))


def a_shift(database: Database, clock: Path, **settings: str) -> Shift:
    app = portal(database, clock, **settings)
    members = [
        a_member(database, Role.AGENT, "佐藤"),
        a_member(database, Role.AGENT, "鈴木"),
        a_member(database, Role.ADMIN, "田中"),
        a_member(database, Role.AUDITOR, "伊藤"),
    ]
    desk, colleague, chief, auditor = (at_desk(app, database, each) for each in members)
    return Shift(database, clock, app, desk, colleague, chief, auditor)


@pytest.fixture
def shift(database: Database, tmp_path: Path) -> Shift:
    """With a customer who has an account and two telephones."""
    publish_customers(database, a_customer(phone2="090-1111-2222"))
    an_account(database, KEY)
    return a_shift(database, tmp_path / "clock")


def note(page: Page, **typed: str) -> Page:
    """Note that the holder calls, verified by the address."""
    return page.submit("通話を記録する", **{"caller": "self", "verified": "address", **typed})


def call_back(page: Page) -> Page:
    return page.submit("折り返しを記録する", number="1", reached="self")


def errors(page: Page) -> str:
    return next(each.text() for each in page.root.all("div") if each.attributes.get("id") == "errors")


def account_of(shift: Shift, column: str) -> object:
    with shift.database.reading() as connection:
        return connection.scalar(select(account.c[column]))


def actions(shift: Shift) -> list[str]:
    query = select(audit_event.c.action).where(audit_event.c.customer_key == KEY).order_by(audit_event.c.seq)
    with shift.database.reading() as connection:
        return list(connection.scalars(query))


def test_a_call_is_noted_once_and_then_each_act_is_one_short_form(shift: Shift) -> None:
    page = shift.desk.get(f"{ACTS}/suspend")
    assert "先に、お電話の相手と確認の方法を記録してください" in page.text
    page = page.submit("通話を記録する")
    assert page.status == 400
    assert "お電話の相手を選んでください。 確認した方法を、1つ以上選んでください。" in errors(page)
    page = note(page, caller="family")
    assert "お電話の方のお名前を入力してください" in errors(page)
    page = note(page, caller="family", name="アイコム　ハナコ")
    assert page.path == f"{ACTS}/suspend?said=call_did_note"
    assert "家族（ご住所で確認" in page.text
    assert "ハナコ" not in page.text
    page = page.submit("利用を停止する")
    assert "理由を選んでください。" in errors(page)
    page = page.submit("利用を停止する", reason="other", note="x" * 501)
    assert "500文字以内" in errors(page)
    page = page.submit("利用を停止する", reason="other", note=" 本人が入院中 ")
    assert page.path == f"{CUSTOMER}?said=act_did_suspend"
    assert "利用を停止しました。ご本人にメールでお知らせします。" in page.text
    assert "一時停止中" in page.text
    # The same call serves for the act that takes it back.
    page = shift.desk.get(f"{ACTS}/resume").submit("停止を解除", reason="mistaken")
    assert page.path == f"{CUSTOMER}?said=act_did_resume"
    page = shift.desk.get(f"{ACTS}/resume")
    assert "いまは、この操作はできません" in page.text
    assert "すでに本登録が済み、ご利用中です" in page.text
    page = shift.desk.get(f"{ACTS}/suspend").submit("通話を終える")
    assert page.path == f"{ACTS}/suspend?said=call_did_end"
    assert "通話を記録する" in page.text
    assert [each for each in actions(shift) if each.startswith(("call", "act.done"))] == [
        "call.noted",
        "act.done",
        "act.done",
        "call.ended",
    ]
    assert shift.auditor.get(f"{ACTS}/suspend").status == 403
    assert shift.desk.get(f"{ACTS}/nonsense").status == 404
    assert shift.desk.get("/staff/customers/99999999/acts/suspend").status == 404


def test_a_page_of_an_hour_ago_tells_the_new_state_and_does_nothing(shift: Shift) -> None:
    note(shift.desk.get(f"{ACTS}/suspend"))
    note(shift.colleague.get(f"{ACTS}/suspend"))
    old, fresh = shift.desk.get(f"{ACTS}/suspend"), shift.colleague.get(f"{ACTS}/suspend")
    shift.later(minutes=20)
    assert "act_did_suspend" in fresh.submit("利用を停止する", reason="asked").path
    page = old.submit("利用を停止する", reason="device_lost", note="駅で紛失")
    assert page.status == 400
    assert "お客様の状態が変わりました。操作は行っていません。" in errors(page)
    assert "いま利用を停止しています" in page.text
    with shift.database.reading() as connection:
        assert list(connection.scalars(select(outbox.c.kind))) == ["account_suspended"]
    # Where the act still fits, what was typed is kept, and one more press does it.
    old = shift.desk.get(f"{ACTS}/resume")
    with shift.database.writing() as connection:
        connection.execute(update(account).values(email="moved@example.jp"))
    page = old.submit("停止を解除", reason="other", note="確認済み")
    assert "お客様の状態が変わりました" in errors(page)
    assert "確認済み" in page.html
    assert "act_did_resume" in page.submit("停止を解除").path


def test_who_is_looked_into_does_not_read_of_it(shift: Shift) -> None:
    note(shift.desk.get(f"{ACTS}/suspend"))
    page = shift.desk.get(f"{ACTS}/suspend")
    # For whom it is, of the many windows of a day.
    assert "お客様番号 0012345678（アイ＊＊＊ タ＊＊＊）の画面へ戻る" in page.text
    assert "佐藤" in shift.auditor.get(f"/staff/trail/looks/{KEY}").text
    assert "trail.looks_told" in actions(shift)
    for kind in ("", "?kind=staff", "?kind=look"):
        assert "調べた" not in shift.desk.get(f"{CUSTOMER}{kind}").text
    # Nor does it make anything of the customer's another one.
    assert "act_did_suspend" in page.submit("利用を停止する", reason="asked").path


def test_an_hour_after_its_last_use_the_call_is_asked_again(shift: Shift) -> None:
    page = note(shift.desk.get(f"{ACTS}/suspend"))
    shift.later(minutes=29)
    shift.desk.get("/staff/")
    shift.later(minutes=45)
    page = page.submit("利用を停止する", reason="asked")
    assert "先に、お電話の相手と確認の方法を記録してください" in errors(page)
    page = note(page)
    assert "act_did_suspend" in page.submit("利用を停止する", reason="asked").path


def test_an_address_needs_a_call_back_and_another_person_who_sees_it_masked(shift: Shift) -> None:
    page = note(shift.desk.get(f"{ACTS}/address"))
    assert "先に、契約者情報の電話番号へ折り返すか" in page.text
    assert ("＊＊＊1234" in page.text, "0748-62-1234" in page.text) == (True, False)
    page = page.submit("電話番号を表示する")
    assert "0748-62-1234" in page.text
    assert "090-1111-2222" in page.text
    page = page.submit("折り返しを記録する")
    assert "どの番号に折り返したかを選んでください。 どなたにつながったかを選んでください。" in errors(page)
    page = page.submit("折り返しを記録する", number="2", reached="family")
    assert "電話番号2で、家族につながりました" in page.text
    page = page.submit("承認を依頼する", reason="address_gone", email="taro@@example")
    assert page.status == 400
    page = page.submit("承認を依頼する", reason="address_gone", email="Taro.New@example.jp", note="機種変更")
    assert page.path == f"{CUSTOMER}?said=act_did_ask"
    assert account_of(shift, "email") == "tarou@example.jp"
    page = shift.desk.get("/staff/requests")
    assert (
        "メールアドレスを訂正 0012345678 佐藤（あなた） メールアドレスが使えなくなった 折り返し済（電話番号2）"
        in page.text
    )
    own = page.follow("メールアドレスを訂正")
    assert "取り下げる" in own.text
    assert "承認して実行する" not in own.text
    page = shift.chief.get("/staff/requests").follow("メールアドレスを訂正")
    assert "T＊＊＊@example.jp" in page.text
    assert ("Taro.New" in page.text, "機種変更" in page.text) == (False, False)
    page = page.submit("表示する")
    assert "Taro.New@example.jp" in page.text
    assert "機種変更" in page.text
    page = page.submit("承認して実行する")
    assert page.path == "/staff/requests?said=request_did_approve"
    assert account_of(shift, "email") == "Taro.New@example.jp"
    with shift.database.reading() as connection:
        mails = connection.execute(select(outbox.c.kind, outbox.c.recipient).order_by(outbox.c.id)).all()
    assert [tuple(each) for each in mails] == [
        ("address_corrected", "Taro.New@example.jp"),
        ("address_replaced", "tarou@example.jp"),
    ]
    page = shift.desk.get("/staff/requests")
    assert "新着：承認済み" in page.text
    assert "新着" not in page.submit("結果を確認しました").text
    assert {
        "call.number_shown",
        "call.call_back_made",
        "request.asked",
        "request.opened",
        "request.revealed",
    } <= set(actions(shift))


def test_declined_withdrawn_and_what_another_did_first(shift: Shift) -> None:
    page = call_back(note(shift.desk.get(f"{ACTS}/release")))
    early = shift.desk.get(f"{ACTS}/release")
    page.submit("承認を依頼する", reason="registered_by_other")
    again = shift.desk.get(f"{ACTS}/release")
    assert "承認を待っています" in again.text
    assert "承認を依頼する" not in again.text
    assert "同じ操作の依頼が、すでに承認を待っています" in errors(
        early.submit("承認を依頼する", reason="asked")
    )
    first = shift.chief.get("/staff/requests").follow("登録を解除する")
    other = shift.colleague.get("/staff/requests").follow("登録を解除する")
    page = first.submit("承認しない")
    assert "断る理由を入力してください" in errors(page)
    assert "500文字以内" in errors(page.submit("承認しない", reply="x" * 501))
    page = page.submit("承認しない", reply="折り返しの相手を確かめてください")
    assert page.path == "/staff/requests?said=request_did_decline"
    page = other.submit("承認して実行する")
    assert "すでに断られています" in errors(page)
    assert "折り返しの相手を確かめてください" in page.text
    assert "折り返しの相手を確かめてください" in shift.desk.get("/staff/requests").text
    assert account_of(shift, "state") == "active"
    shift.desk.get(f"{ACTS}/release").submit("承認を依頼する", reason="asked")
    mine = shift.desk.get("/staff/requests").follow("登録を解除する")
    other = shift.colleague.get(mine.path)
    assert mine.submit("取り下げる").path == "/staff/requests?said=request_did_withdraw"
    assert "取り下げました" in errors(other.submit("承認しない", reply="不要"))
    assert "取り下げました" in errors(mine.submit("取り下げる"))
    assert shift.desk.get("/staff/requests/nothing").status == 404


def test_who_may_not_approve_is_told_why_and_what_changed_ends_it(shift: Shift) -> None:
    call_back(note(shift.desk.get(f"{ACTS}/release"))).submit("承認を依頼する", reason="asked")
    change_staff(shift.database, "agent-鈴木", invited_by="agent-佐藤")
    page = shift.colleague.get("/staff/requests").follow("登録を解除する")
    assert "依頼したスタッフに招待された方は、この依頼を承認できません" in page.text
    # The button is not there; whoever sends the form all the same is refused, and the trail keeps it.
    chief = shift.chief.get(page.path)
    token = chief.form_with("承認しない").first("input").attributes["value"] or ""
    forged = shift.colleague.post(f"{page.path}/approve", {"csrf_token": token})
    assert forged.status == 400
    with shift.database.writing() as connection:
        connection.execute(update(account).values(email="moved@example.jp"))
    page = chief.submit("承認して実行する")
    assert "この依頼は終わりました：状態が変わり終了" in page.text
    assert "依頼のあとで、お客様の状態か契約者情報が変わりました" in page.text
    assert account_of(shift, "state") == "active"
    page = shift.desk.get(f"{ACTS}/release").submit("承認を依頼する", reason="asked")
    waiting = shift.chief.get("/staff/requests").follow("登録を解除する")
    with shift.database.writing() as connection:
        connection.execute(update(account).values(state="suspended"))
    assert "ご注意：依頼のあとで状況が変わりました" in shift.chief.get(waiting.path).text
    # Nobody can approve it any more, and so it keeps nobody from asking anew.
    assert "ほかの操作が承認を待っています" not in shift.desk.get(f"{ACTS}/resume").text
    page = shift.desk.get(f"{ACTS}/release")
    assert page.submit("承認を依頼する", reason="asked").path == f"{CUSTOMER}?said=act_did_ask"
    assert "この依頼は終わりました：状態が変わり終了" in shift.chief.get(waiting.path).text
    page = shift.desk.get(f"{ACTS}/resume")
    assert (
        "登録を解除する。この操作でお客様の状態が変わると、その依頼は承認しても実行されません。" in page.text
    )


def test_the_number_that_a_caller_reads_out_verifies_and_hands_nothing_over(shift: Shift) -> None:
    house = shift.app.extensions[EXTENSION]
    at = now_of(shift.app)
    with shift.database.writing() as connection:
        support_codes.make(
            connection, KEY, "account-of-tarou-2026", after="", settings=house.settings, now=at
        )
        shown = support_codes.look(connection, KEY, "account-of-tarou-2026", settings=house.settings, now=at)
    page = shift.desk.get(f"{CUSTOMER}/call")
    page = note(page, verified="code")
    assert "読み上げた確認番号（9桁）を入力してください" in errors(page)
    page = note(page, verified="code", code="123")
    assert "読み取れません" in errors(page)
    page = note(page, verified="code", code=shown.digits)
    assert page.path == f"{CUSTOMER}?said=call_did_note"
    page = shift.desk.get(f"{ACTS}/release")
    assert "お電話用の確認番号だけでは、この操作はできません" in page.text
    # A call-back would not help yet.
    assert "折り返しを記録する" not in page.text
    page = shift.desk.get(f"{ACTS}/password-reset").submit(
        "パスワード再設定メールを送る", reason="password_forgotten"
    )
    assert page.path == f"{CUSTOMER}?said=act_did_password-reset"
    # In this call the number need not be read out again.
    shift.desk.get(f"{CUSTOMER}/call").submit("通話を終える")
    chosen = {
        each.attributes["value"]
        for each in shift.desk.get(CUSTOMER).root.all("input")
        if "checked" in each.attributes
    }
    assert chosen == {"code"}
    assert note(shift.desk.get(f"{CUSTOMER}/call"), verified="code").path == f"{CUSTOMER}?said=call_did_note"


def test_the_code_of_a_letter_stands_in_for_the_call_back(shift: Shift) -> None:
    page = note(shift.desk.get(f"{ACTS}/release")).follow("確認コードを契約者の住所に郵送")
    page = page.submit("確認コードを郵送する", reason="phone_gone")
    assert page.path == f"{CUSTOMER}?said=act_did_post-code"
    at = now_of(shift.app)
    with shift.database.writing() as connection:
        connection.execute(update(letter).values(posted_at=at, expires_at=at + timedelta(days=30)))
    page = shift.desk.get(f"{ACTS}/release")
    assert "10文字" in errors(page.submit("確認コードを確かめる"))
    assert "確認コードは10文字です" in errors(page.submit("確認コードを確かめる", proof="347"))
    assert "あと4回" in errors(page.submit("確認コードを確かめる", proof="3333333333"))
    house = shift.app.extensions[EXTENSION]
    code = letters.codes(house.settings, KEY, "account-of-tarou-2026", 1)[0]
    page = page.submit("確認コードを確かめる", proof=code.lower())
    assert "郵送した確認コードが一致しました" in page.text
    assert "act_did_ask" in page.submit("承認を依頼する", reason="asked").path
    assert "確認コード一致" in shift.chief.get("/staff/requests").text


def test_one_agent_may_correct_a_provisional_address(database: Database, tmp_path: Path) -> None:
    publish_customers(database, a_customer())
    shift = a_shift(database, tmp_path / "clock")
    register(database, now_of(shift.app) - timedelta(hours=1), customer=KEY)
    page = note(shift.desk.get(f"{ACTS}/address"))
    assert "いまのメールアドレス：t＊＊＊@docomo.ne.jp" in page.text
    assert "折り返しの確認" not in page.text
    page = page.submit("メールアドレスを訂正", reason="address_wrong", email="taro@example.jp")
    assert page.path == f"{CUSTOMER}?said=act_did_address"
    with database.reading() as connection:
        mails = connection.execute(select(outbox.c.kind, outbox.c.recipient)).all()
    assert [tuple(each) for each in mails] == [("provisional_registration", "taro@example.jp")]
