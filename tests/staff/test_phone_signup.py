"""電話での登録: from the call to the login, with a real worker and mail server; by a second person, or by a posted code."""

import json
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.domain.approval import RequestState
from mypage.domain.staff import Role
from mypage.domain.support_act import SupportAct
from mypage.services import approvals
from mypage.services.approvals import StaffRequest
from mypage.store import login_names
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_detail, audit_event, outbox
from tests.bills import an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.first_try.story import TAROU_KEY, causes, summary, typed_in
from tests.lettering import export, rows_of
from tests.phoning import ASK, CALLER, CHOSEN, LETTER, PASSWORD, TYPED, PhoneOffice
from tests.signing_up import accounts
from tests.smtp_server import MailServer
from tests.together import at_the_same_time
from tests.visitor import Page, form_values

DONE = "/signup/complete"


@pytest.fixture
def server() -> object:
    with MailServer() as running:
        yield running


@pytest.fixture
def office(database: Database, tmp_path: Path, server: MailServer) -> PhoneOffice:
    return PhoneOffice(database, tmp_path, server, trusted_proxies="127.0.0.1")


def rows(office: PhoneOffice, *actions: str) -> list[tuple[str, str, str | None, dict[str, object]]]:
    """Action, actor, customer and facts of these rows of the trail."""
    columns = audit_event.c.action, audit_event.c.actor, audit_event.c.customer_key, audit_event.c.facts
    query = select(*columns).where(audit_event.c.action.in_(actions)).order_by(audit_event.c.seq)
    with office.database.reading() as connection:
        return [(row[0], row[1], row[2], json.loads(row[3])) for row in connection.execute(query)]


def is_free(office: PhoneOffice, login_id: str) -> bool:
    """Whether a stranger could have an id."""
    with office.database.reading() as connection:
        at = office.story.desk.clock.now()
        return login_names.is_free(connection, login_id, claimed_by="customer:777", now=at)


def read_back(page: Page) -> str:
    return " ".join(page.text.split())


def test_from_the_call_to_the_login(office: PhoneOffice, server: MailServer) -> None:
    page = office.desk.get(f"/staff/customers/{TAROU_KEY}").follow("電話で会員登録する")
    assert page.follow("お客様の画面へ戻る").path == f"/staff/customers/{TAROU_KEY}"
    assert not [each for each in page.root.all("input") if each.attributes.get("value") == TAROU_KEY]
    assert "戻る" not in office.desk.get("/staff/").follow("電話での登録").text
    assert "戻る" not in office.desk.get("/staff/signup?for=//evil.example").text
    page = page.submit("確認する", **CALLER)
    assert "お客様番号 0012345678（アイ＊＊＊" in page.text, "who it is, and no more than that"
    assert "パスワードは伺わないでください。" in page.text
    assert [each.attributes.get("type") for each in page.root.all("input")].count("password") == 0
    page = page.submit("IDチェック", login_id="tarou-phone")
    assert "このアカウントIDはお使いになれます。" in page.text
    page = page.submit("内容を復唱する", **CHOSEN)
    assert "t・a・r・o・アットマーク・e・x・a・m・p・l・e・ドット・j・p" in page.text
    asked = page.submit(ASK, consent="y")
    assert "承認を待っています" in asked.text
    assert server.mails == []
    assert accounts(office.database) == (0, 0)
    # The asker cannot agree to it.
    token = form_values(asked.form_with("取り下げる"))["csrf_token"]
    refused = office.desk.post(f"{asked.path}/approve", {"csrf_token": token})
    assert "ご自分の依頼は承認できません。" in refused.text
    seen = office.other.get(asked.path)
    assert "taro@example.jp" not in seen.html, "masked, until it is asked for"
    assert "taro@example.jp" in seen.submit("表示する").text
    approved = seen.submit("承認して登録する")
    assert "承認し、仮登録のメールをお送りしました。" in approved.text
    office.story.deliver()
    (mail,) = server.mails
    assert mail.message["Subject"] == "仮登録受付完了のお知らせ（サンプルケーブル）"
    assert "お客様番号と電話番号を入れ、パスワードを決めて" in mail.body
    for secret in (TAROU["phone"], "0748621234", TAROU_KEY, "アイコム", "タロウ", "tarou-phone"):
        assert secret not in mail.body, "neither stands in the mail"
    page = office.open_link()
    assert {"customer_number", "phone", "password"} <= {
        each.attributes.get("name") for each in page.root.all("input")
    }
    page = page.submit("本登録する", **TYPED)
    assert page.path == DONE
    assert "タロウ 様" in page.submit("そのままログイン").text
    assert (
        office.story.visitor()
        .get("/login")
        .submit("ログイン", login_id="Tarou-Phone", password=PASSWORD)
        .path
        == "/"
    )
    assert "すでに本登録がお済みです" in office.open_link().text
    agent, colleague = office.agent.actor, office.colleague.actor
    made = rows(
        office, "identity.matched", "call.noted", "request.asked", "request.approved", "phone_signup.made"
    )
    assert [row[:3] for row in made] == [
        ("identity.matched", agent, TAROU_KEY),
        ("call.noted", agent, TAROU_KEY),
        ("request.asked", agent, TAROU_KEY),
        ("phone_signup.made", colleague, TAROU_KEY),
        ("request.approved", colleague, TAROU_KEY),
    ]
    assert [row[1] for row in rows(office, "request.opened", "request.revealed")] == [
        agent,
        agent,
        colleague,
        colleague,
        colleague,
    ]
    facts = next(row[3] for row in made if row[0] == "phone_signup.made")
    assert facts["proof"] == "second"
    assert facts["asked_by"] == office.agent.id
    assert facts["terms_read_out"] == office.story.desk.settings.terms_version
    assert (facts["caller"], facts["verified"]) == ("self", ["identity"])
    with office.database.reading() as connection:
        stored = connection.execute(select(account)).mappings().one()
        link = connection.execute(select(account_customer)).mappings().one()
        kept = str(connection.execute(select(audit_event)).all()) + str(
            connection.execute(select(audit_detail)).all()
        )
    assert (stored["email"], stored["language"]) == ("taro@example.jp", "ja")
    assert stored["terms_version"] == facts["terms_read_out"]
    assert not link["awaits_letter"]
    assert PASSWORD not in kept


def test_a_posted_code_stands_for_the_second_person(office: PhoneOffice, server: MailServer) -> None:
    page = office.ask(button=LETTER, language="en")
    assert page.path.startswith(f"/staff/customers/{TAROU_KEY}")
    assert rows(office, "phone_signup.made")[0][3]["proof"] == "letter"
    office.story.deliver()
    visitor = office.story.visitor(**{"Accept-Language": "en"})
    page = visitor.get(office.story.link()).submit("Complete the registration", **TYPED)
    assert page.path == DONE
    office.story.deliver()
    # signup_proof is "none" here: the code is asked of this account all the same.
    page = visitor.get("/login").submit("Log in", login_id="tarou-phone", password=PASSWORD)
    assert page.path == "/opening"
    assert visitor.get("/statements").path.startswith("/opening")
    assert visitor.get("/support-code").path.startswith("/opening"), "no number for who is shown nothing"
    file = office.folder / "letters.csv"
    export(office.database, file, office.story.desk.clock.now(), signup_proof="none")
    (row,) = rows_of(file)
    assert len(row["確認コード"]) == 11
    form = form_values(visitor.get("/opening").root.first("main").first("form"))
    assert visitor.post("/opening", {**form, "code": row["確認コード"]}).path == "/"
    assert visitor.get("/statements").path == "/statements"


def test_without_an_address_there_is_no_letter(office: PhoneOffice) -> None:
    publish_customers(office.database, a_customer(address=None))
    page = office.choose()
    assert "住所がないため、郵送の確認コードは使えません" in page.text
    form = form_values(page.form_with(ASK))
    told = office.desk.post(page.path, {**form, "consent": "y", "language": "ja", "letter": "1"})
    assert "手紙をお送りできません。二人目の承認を依頼してください。" in summary(told)
    assert "承認を待っています" in told.submit(ASK, consent="y").text


@pytest.mark.cause("A-03")
def test_staff_see_which_item_missed_and_the_caller_hears_one_message(office: PhoneOffice) -> None:
    message = "入力された内容が契約者情報と一致しません。もう一度お手元の登録書をご確認ください。"
    for said, item in (
        ({"phone": "0748621235"}, "電話番号"),
        ({"name_kana": "アイコム　ジロウ"}, "お名前（カナ）"),
        ({"customer_number": "99999999"}, "お客様番号（この番号の契約者はいません）"),
    ):
        page = office.prove(**said)
        assert message in page.text
        (notice,) = [
            each for each in page.root.all("section") if "notice-error" in str(each.attributes.get("class"))
        ]
        assert f"一致しなかった項目（スタッフ用）：{item}お客様番号" not in notice.text()
        assert [each.text() for each in notice.all("p") if "スタッフ用" in each.text()] == [
            f"一致しなかった項目（スタッフ用）：{item}"
        ]
        assert causes(page) == ["A-03"]
        for name, value in {**CALLER, **said}.items():
            if name != "caller":
                assert typed_in(page, name) == value, "nothing typed is lost"
    last = rows(office, "identity.missed")[-1]
    assert last[1] == office.agent.actor
    assert office.story.entry("identity.missed").causes == ("A-03",)


@pytest.mark.cause("A-04")
def test_the_public_throttles_hold_for_staff_and_public_together(office: PhoneOffice) -> None:
    for _ in range(2):
        office.prove(phone="0748621235")
        office.story.signup().submit("認証", **{**TAROU, "phone": "0748621235"})
    waits = office.prove()
    assert waits.status == 429
    assert "約1分後に、もう一度お電話ください" in waits.text
    # The wait is lifted on the customer's page: the way there stands here.
    assert waits.follow("お客様の画面へ戻る").path == "/staff/customers/12345678"
    assert causes(waits) == []
    office.story.wait(minutes=1)
    assert office.prove().path.startswith("/staff/signup/")
    # Each member of staff is counted as an address is, and one who guesses keeps nobody else from it.
    for number in range(40):
        office.prove(customer_number=str(5_000_000 + number), phone=f"03{number:08}")
    assert office.prove(customer_number="777", phone="0312345678", name_kana="サトウ　ハナコ").status == 429
    assert office.prove(office.other).path.startswith("/staff/signup/")


def test_kept_from_the_web_is_kept_from_the_telephone(office: PhoneOffice) -> None:
    publish_customers(office.database, a_customer(web_registration=False))
    page = office.prove()
    assert "Web登録不可のお客様です（お電話でも登録できません）" in page.text
    publish_customers(office.database, a_customer())
    asked = office.ask()
    publish_customers(office.database, a_customer(web_registration=False))
    page = office.approve(asked)
    assert "このお客様は、いま登録できません（Web登録不可" in page.text
    assert "この依頼は終わりました" in page.text
    office.story.deliver()
    assert office.story.server.mails == []
    assert is_free(office, "tarou-phone")


@pytest.mark.cause("A-08")
@pytest.mark.cause("A-07")
def test_who_is_registered_already_is_told_to_staff_with_what_to_do(office: PhoneOffice) -> None:
    an_account(office.database, TAROU_KEY)
    page = office.prove()
    assert page.root.first("h1").text() == "すでに会員登録がお済みです"
    assert causes(page) == ["A-07", "A-08"]
    own = page.follow("パスワード再設定メールを送る")
    assert own.path == f"/staff/customers/{TAROU_KEY}/acts/password-reset"
    other = page.follow("登録を解除する")
    assert other.path == f"/staff/customers/{TAROU_KEY}/acts/release"
    assert "tarou@example.jp" not in page.html
    assert office.story.entry("identity.already_registered").causes == ("A-07",)
    office.story.deliver()
    assert len(office.story.server.mails) == 1, "whoever registered is told"


@pytest.mark.cause("B-06")
def test_who_has_no_address_is_told_of_the_family_or_of_paper(office: PhoneOffice) -> None:
    page = office.choose(email="")
    assert "メールアドレスを入力してください。" in summary(page)
    assert causes(page)[:2] == ["A-09", "B-06"]
    assert "その方がパスワード再設定のメールを受け取れます" in page.text
    assert "書面でお送りします" in page.text
    assert typed_in(page, "login_id") == "tarou-phone"
    assert {cause for entry in office.story.timeline() for cause in entry.causes} >= {"A-09", "B-06"}
    # The family's address is as good as one's own, also twice.
    an_account(office.database, "777", email="taro@example.jp", login_id="hanako")
    office.approve(office.ask(page, email="taro@example.jp"))
    office.story.deliver()
    assert office.open_link().submit("本登録する", **TYPED).path == DONE


def test_what_is_typed_wrong_is_told_and_kept(office: PhoneOffice) -> None:
    empty = office.desk.get("/staff/signup").submit("確認する")
    assert "お電話の相手" in empty.text
    assert "お客様番号を入力してください。" in summary(empty)
    named = office.prove(caller="family")
    assert "お名前" in summary(named)
    page = office.prove(caller="family", name="アイコム　ハナコ")
    an_account(office.database, "777", login_id="taken-id")
    with office.database.writing() as connection:
        at = office.story.desk.clock.now()
        login_names.claim(connection, "taken-id", claimed_by="account:x", expires_at=None, now=at)
    wrong = office.choose(page, login_id="taken-id", nickname="タロウ.")
    assert "このアカウントIDは、ほかの方がお使いです。" in summary(wrong)
    assert "ニックネームに使えない文字があります。" in summary(wrong)
    assert typed_in(wrong, "email") == "taro@example.jp"
    answer = wrong.visitor.client.post(
        f"{wrong.path}/id-check",
        base_url=wrong.visitor.base_url,
        data={"csrf_token": form_values(wrong.form_with("IDチェック"))["csrf_token"], "login_id": "taken-id"},
        headers={"Accept": "application/json"},
    )
    assert answer.json is not None
    assert (answer.json["free"], len(answer.json["suggestions"])) == (False, 3)
    assert wrong.visitor.get(f"{wrong.path}/id-check").path == wrong.path
    assert wrong.visitor.get(f"{wrong.path}/confirm").path == wrong.path, "nothing to read back yet"
    confirm = office.choose(wrong, email="taro@gmial.com")
    assert "「gmail.com」のお間違いではないか" in confirm.text
    confirm = confirm.submit("taro@gmail.com に直す")
    assert "taro@gmail.com" in confirm.text
    unread = confirm.submit(ASK)
    assert "同意をいただいてから" in summary(unread)
    asked = unread.submit(ASK, consent="y", language="ja")
    assert "家族（お客様番号・電話番号・お名前で確認）" in asked.text
    # Nobody else's draft, and none that is sent or half an hour old.
    again = unread.submit(ASK, consent="y", language="ja")
    assert "この登録は、すでに送信されています。" in again.text
    page = office.prove()
    assert office.other.get(page.path).path.startswith("/staff/signup?said=")
    office.story.wait(minutes=20)
    office.desk = office.at_desk(office.agent)
    page = office.prove()
    office.story.wait(minutes=29)
    office.at_desk(office.agent)
    with office.database.reading() as connection:
        assert connection.execute(select(outbox)).all() == []


def test_scanners_change_nothing_whatever_they_send(office: PhoneOffice) -> None:
    page = office.registered()
    link, before = page.path, len(office.story.rows())
    scanner = office.story.visitor(**{"X-Forwarded-For": "198.51.100.7"})
    for _ in range(10):
        form = scanner.get(link)
        assert scanner.client.head(link, base_url=scanner.base_url).status_code == 200
        form.submit("本登録する")
        form.submit("本登録する", password="Password-1")
        form.submit("本登録する", customer_number="test", phone="test", password="test")
        token = form_values(form.form_with("本登録する"))["csrf_token"]
        # The form of the other kind of signup is not this link's.
        shown = scanner.post(link, {"csrf_token": token, "password": PASSWORD})
        assert typed_in(shown, "customer_number") == ""
        assert scanner.client.post(link, data=TYPED).status_code == 400, "no token, nothing done"
    assert len(office.story.rows()) == before
    assert accounts(office.database) == (0, 0)
    # What a scanner makes up to be a number and a telephone is counted, and keeps the owner waiting on no other device.
    for number in range(8):
        scanner.get(link).submit(
            "本登録する", customer_number="1234567890", phone=f"03{number:08}", password=PASSWORD
        )
    waits = scanner.get(link).submit("本登録する", **TYPED)
    assert waits.status == 429
    assert page.submit("本登録する", **TYPED).path == DONE


def test_number_and_telephone_are_limited_and_never_told_apart(office: PhoneOffice) -> None:
    page = office.registered()
    told = set()
    for wrong in (
        {"phone": "0748621235"},
        {"customer_number": "87654321"},
        {"phone": "0311112222"},
        {"phone": "0748"},
    ):
        page = page.submit("本登録する", **{**TYPED, **wrong})
        told.add(summary(page).replace("A-03", ""))
        assert PASSWORD not in page.html
        assert typed_in(page, "phone") == {**TYPED, **wrong}["phone"]
    assert len(told) == 1, told
    assert causes(page) == ["A-03"]
    assert office.story.entry("activation.refused").causes == ("A-03",)
    waits = page.submit("本登録する", **TYPED)
    assert waits.status == 429
    assert "約1分後に、もう一度お試しください。" in waits.text
    office.story.wait(minutes=1)
    assert waits.submit("本登録する", **TYPED).path == DONE


def test_the_password_is_held_to_the_rules_and_told_what_it_must_not_be(office: PhoneOffice) -> None:
    page = office.registered()
    for weak, said in (
        ("short1", "8文字以上"),
        ("himitsuhimitsu", "種類が足りません"),
        ("Password1", "推測されやすい"),
    ):
        page = page.submit("本登録する", **{**TYPED, "password": weak})
        assert said in summary(page)
        assert causes(page) == ["B-02"]
        assert weak not in page.html
    # What it has to do with this customer is told only to who has proven number and telephone.
    own = {**TYPED, "password": "tarou-phone"}
    stranger = page.submit("本登録する", **{**own, "phone": "0311112222", "password": "Tarou-Phone"})
    assert "アカウントIDと同じ" not in stranger.text
    page = page.submit("本登録する", **{**own, "password": "Tarou-Phone"})
    assert "アカウントIDと同じパスワードはお使いになれません。" in summary(page)
    assert accounts(office.database) == (0, 0)
    assert page.submit("本登録する", **TYPED).path == DONE


def test_an_old_page_of_the_link_keeps_what_was_typed(office: PhoneOffice) -> None:
    page = office.registered()
    page.visitor.client.set_cookie("form", "old", domain="127.0.0.1")
    page = page.submit("本登録する", **TYPED)
    assert page.status == 400
    assert "画面が古くなっていたため、まだ送信されていません" in page.text
    assert typed_in(page, "phone") == TAROU["phone"]
    assert page.submit("本登録する", password=PASSWORD).path == DONE


def test_it_meets_a_signup_on_the_web_as_any_second_one(office: PhoneOffice) -> None:
    on_web = office.story.registered()
    office.registered()
    assert "新しいメールを" in office.story.visitor().get(on_web).text, "the older link died"
    assert is_free(office, "tarou")
    assert not is_free(office, "tarou-phone")
    by_phone = office.story.link()
    later = office.story.registered()
    assert "新しいメールを" in office.story.visitor().get(by_phone).text
    page = office.story.visitor().get(later)
    assert [
        each.attributes["name"] for each in page.root.all("input") if each.attributes.get("type") != "hidden"
    ] == ["password"]
    wrong_form = {**TYPED, "csrf_token": form_values(page.form_with("本登録する"))["csrf_token"]}
    assert page.visitor.post(later, wrong_form).form_with("本登録する") is not None
    assert accounts(office.database) == (0, 0)
    assert page.submit("本登録する", password=PASSWORD).path == DONE


def test_a_request_waits_a_day_and_keeps_its_login_id_that_long(office: PhoneOffice) -> None:
    asked = office.ask()
    again = office.ask()
    assert again.path == asked.path, "one at a time"
    assert not is_free(office, "tarou-phone")
    office.story.wait(hours=24)
    office.other = office.at_desk(office.colleague)
    expired = office.other.get(asked.path)
    assert "期限切れ" in expired.text
    assert is_free(office, "tarou-phone")
    office.desk = office.at_desk(office.agent)
    anew = office.ask()
    assert anew.path != asked.path
    declined = office.other.get(anew.path).submit("承認しない")
    assert "理由" in summary(declined)
    declined = declined.submit("承認しない", reply="宛先がスタッフのアドレスです")
    assert "宛先がスタッフのアドレスです" in declined.text
    assert is_free(office, "tarou-phone")
    own = office.ask()
    token = form_values(own.form_with("取り下げる"))["csrf_token"]
    told = office.desk.post(f"{own.path}/decline", {"csrf_token": token, "reply": "x"})
    assert "ご自分の依頼は承認できません。" in told.text
    taken_back = own.submit("取り下げる")
    assert "取り下げ" in taken_back.text
    assert is_free(office, "tarou-phone")
    late = office.other.get(taken_back.path)
    token = form_values(late.root.first("form"))["csrf_token"]
    told = office.other.post(f"{taken_back.path}/approve", {"csrf_token": token})
    assert "この依頼は、依頼したスタッフが取り下げました。" in told.text
    for deed in ("", "/approve", "/decline", "/withdraw", "/reveal"):
        answer = office.other.post(
            f"/staff/signup/requests/nobody{deed}", {"csrf_token": token, "reply": "x"}
        )
        assert answer.status == (404 if deed else 405), deed
    assert office.other.get("/staff/signup/requests/nobody").status == 404
    assert (
        "ほかのスタッフの依頼は取り下げられません。"
        in office.other.post(f"{office.ask().path}/withdraw", {"csrf_token": token}).text
    )


def test_requests_of_other_kinds_are_not_decided_here(office: PhoneOffice) -> None:
    asked = office.ask()
    with office.database.writing() as connection:
        other = approvals.ask(
            connection,
            kind="staff-role",
            subject=office.colleague.id,
            facts={"role": "admin"},
            mark="",
            staff_id=office.agent.id,
            life=timedelta(hours=24),
            now=office.story.desk.clock.now(),
        )
    assert isinstance(other, StaffRequest)
    for desk in (office.desk, office.other):
        token = form_values(desk.get(asked.path).root.first("main").first("form"))["csrf_token"]
        assert desk.get(f"/staff/signup/requests/{other.id}").status == 404
        for deed in ("approve", "decline", "withdraw", "reveal"):
            path = f"/staff/signup/requests/{other.id}/{deed}"
            assert desk.post(path, {"csrf_token": token, "reply": "x"}).status == 404, deed
    with office.database.reading() as connection:
        found = approvals.find(connection, other.id, now=office.story.desk.clock.now())
    assert found is not None
    assert found.state is RequestState.WAITING


def test_what_happens_meanwhile_ends_the_request_with_a_sentence(office: PhoneOffice) -> None:
    asked = office.ask()
    publish_customers(office.database, a_customer(phone="0311112222"))
    page = office.approve(asked)
    assert "契約者情報が更新されました。もう一度、ご本人の確認から" in page.text
    asked = office.ask(office.prove(phone="0311112222"))
    # The customer does it alone, with the same id: it counts as their own.
    office.story.registered(phone="0311112222", login_id="tarou-phone")
    page = office.story.visitor().get(office.story.link()).submit("本登録する", password=PASSWORD)
    assert page.path == DONE
    page = office.approve(asked)
    assert "すでに会員登録がお済みです" in page.text
    assert accounts(office.database) == (1, 1)
    assert not is_free(office, "tarou-phone"), "it is the account's"


def test_limits_of_mails_hold_and_the_request_goes_on_waiting(office: PhoneOffice) -> None:
    asked = office.ask()
    for _ in range(4):
        office.story.sign_up()
    limited = "24時間に仮登録をやり直せる回数を超えました。"
    told = office.approve(asked)
    assert limited in summary(told)
    assert told.form_with("承認して登録する") is not None, "it goes on waiting"
    asked_by_another = office.ask(office.prove(office.other))
    assert asked_by_another.path == asked.path
    office.desk.get(asked.path).submit("取り下げる")
    assert limited in summary(office.ask()), "and told before it is asked"
    assert limited in summary(office.ask(button=LETTER))


def test_correcting_its_address_needs_a_second_person(office: PhoneOffice) -> None:
    office.registered(email="typo@example.jp")
    path = f"/staff/customers/{TAROU_KEY}/acts/{SupportAct.CORRECT_ADDRESS.word}"
    page = office.desk.get(path)
    reasons = [
        each.attributes["value"] or ""
        for each in page.root.all("input")
        if each.attributes.get("name") == "reason"
    ]
    page = page.submit("承認を依頼する", email="taro@example.jp", reason=reasons[0])
    office.story.deliver()
    assert len(office.story.server.mails) == 1, "nothing goes out yet"
    (row,) = [
        row for row in rows(office, "request.asked") if row[3]["kind"] == SupportAct.CORRECT_ADDRESS.word
    ]
    office.other.get(f"/staff/requests/{row[3]['request_id']}").submit("承認して実行する")
    office.story.deliver()
    assert [mail.recipient for mail in office.story.server.mails] == ["typo@example.jp", "taro@example.jp"]
    assert "パスワードを決めて" in office.story.server.mails[-1].body
    assert "新しいメールを" in office.open_link(0).text
    assert office.open_link().submit("本登録する", **TYPED).path == DONE


def test_only_agents_and_administrators(office: PhoneOffice) -> None:
    for role in (Role.BILLING, Role.AUDITOR):
        desk = office.at_desk(office.join(f"{role.word}さん", role))
        assert desk.get("/staff/signup").status == 403
    admin = office.at_desk(office.join("田中", Role.ADMIN))
    assert "承認を待っています" in office.ask(office.prove(admin)).text


def test_eight_at_once_are_one(office: PhoneOffice) -> None:
    asked = office.ask()
    desks = [office.at_desk(office.join(f"同僚{number}")) for number in range(8)]
    pages = [desk.get(asked.path) for desk in desks]
    answers = at_the_same_time([partial(page.submit, "承認して登録する") for page in pages])
    assert all("承認されました" in page.text or "すでに承認されています" in page.text for page in answers)
    assert len(rows(office, "phone_signup.made")) == 1
    office.story.deliver()
    assert len(office.story.server.mails) == 1
    link = office.story.link()
    forms = [office.story.visitor().get(link) for _ in range(8)]
    answers = at_the_same_time([partial(form.submit, "本登録する", **TYPED) for form in forms])
    told = Counter(page.path if page.path == DONE else page.root.first("h1").text() for page in answers)
    assert told[DONE] >= 1
    assert set(told) <= {DONE, "すでに本登録がお済みです", "本登録のお手続きを進めています"}, told
    assert accounts(office.database) == (1, 1)
    assert len(rows(office, "activation.done")) == 1


def test_another_address_before_the_link_is_opened_is_told_as_what_it_is(office: PhoneOffice) -> None:
    office.ask(button=LETTER)
    page = office.desk.get(f"/staff/customers/{TAROU_KEY}/acts/address")
    page.submit("承認を依頼する", email="taro2@example.jp", reason="address_wrong")
    page = office.other.get("/staff/requests").follow("メールアドレスを訂正")
    assert "仮登録のメールを、訂正したアドレスに送り直します。" in page.text
    assert "72時間" not in page.text
