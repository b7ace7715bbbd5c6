"""The signup from screen 1 on, and screens 2 and 3, as a browser without JavaScript sees them."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from mypage.store.engine import Database
from mypage.store.schema import registration, signup_draft
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.signing_up import Person, accounts, mails
from tests.visitor import Page, Visitor, form_values

PROFILE = {
    "login_id": "tarou",
    "password": "Himitsu12",
    "email": "taro@example.jp",
    "nickname": "タロウ",
}
MISSED = "入力された内容が契約者情報と一致しません。もう一度お手元の登録書をご確認ください。"
FAMILY = (
    "ご契約者がご家族のお名前になっていませんか。以前の電話番号で契約されていませんか。"
    "最近変更された場合は、反映まで数日かかります。"
)
ALREADY = "このお客様番号は、すでに会員登録がお済みです"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    """A portal with Tarou in its master."""
    publish_customers(database, a_customer())
    return portal(database, clock)


@pytest.fixture
def profile(app: Flask) -> Page:
    """Screen 2, after a match."""
    return Visitor(app).get("/signup").submit("認証", **TAROU)


def _count(database: Database, table: object) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def _bare(html: str) -> str:
    """A page without what differs at each visit: its tokens."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", html)


def test_the_way_to_the_mail(app: Flask, database: Database) -> None:
    page = Visitor(app).get("/signup")
    assert page.title == "初回会員登録（認証情報） | サンプルケーブル"
    assert "お客様番号の表記見本" in page.text
    page = page.submit("認証", **TAROU)
    assert page.path == "/signup/profile"
    page = page.submit("確認する", **PROFILE)
    assert page.path == "/signup/confirm"
    for shown in (*TAROU.values(), "tarou", "taro@example.jp", "タロウ"):
        assert " ".join(shown.split()) in page.text
    assert "Himitsu12" not in page.html
    page = page.submit("仮登録する")
    assert page.path == "/signup/done"
    assert "仮登録が完了しました。" in page.text
    assert "taro@example.jp" in page.text
    assert mails(database) == [("provisional_registration", "taro@example.jp", 1)]
    assert _count(database, signup_draft) == 0


def test_the_password_is_kept_as_a_hash_only(profile: Page, database: Database) -> None:
    profile.submit("確認する", **PROFILE).submit("仮登録する")
    with database.reading() as connection:
        row = connection.execute(select(registration)).mappings().one()
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    answer = profile.visitor.client.get("/signup/done", base_url=profile.visitor.base_url)
    assert "Himitsu12" not in answer.request.headers.get("Cookie", "-")
    assert answer.request.headers["Cookie"].count("=") >= 2


def test_every_fault_of_screen_2_is_told_and_typed_values_stay(profile: Page) -> None:
    page = profile.submit("確認する", login_id="ta", password="abc", email="taro", nickname="http://x")
    for told in (
        "アカウントIDは5文字以上で入力してください。",
        "パスワードが短すぎます。8文字以上で入力してください。",
        "「@」を1つだけ",
        "ニックネームに使えない文字があります。",
        "パスワードの文字の種類が足りません。",
    ):
        assert told in page.text
    for kept in ("ta", "taro", "http://x"):
        assert f'value="{kept}"' in page.html
    assert "abc" not in page.html.replace("abcdef", "")
    assert page.submit("確認する", **PROFILE).path == "/signup/confirm"


def test_a_field_overlooked_on_screen_2_has_its_own_cause(profile: Page) -> None:
    page = profile.submit("確認する", login_id="", password="", email="", nickname="")
    assert "A-09" in page.text
    assert "B-01" not in page.text
    page = page.submit("確認する", login_id="hanako", password="", email="h@example.com", nickname="はなこ")
    assert "A-09" in page.text


def test_the_strict_profile_shows_its_own_rules(database: Database) -> None:
    publish_customers(database, a_customer())
    page = Visitor(portal(database, password_profile="strict")).get("/signup").submit("認証", **TAROU)
    assert "15文字以上" in page.text
    assert "15文字以上" in page.submit("確認する", **PROFILE).root.by_id("errors").text()  # type: ignore[union-attr]
    long = {**PROFILE, "password": "ながいながいながいながいあいことばです"}
    assert page.submit("確認する", **long).path == "/signup/confirm"


def test_a_taken_id_is_refused_with_free_ones_beside_it(profile: Page, database: Database) -> None:
    publish_customers(database, a_customer("777", phone="0312345678"))
    Person(database, browser="other").sign_up(datetime.now(UTC), customer_number="777", phone="0312345678")
    page = profile.submit("確認する", **{**PROFILE, "login_id": "TAROU"})
    assert "このアカウントIDは、ほかの方がお使いです。" in page.text
    assert "次のIDは、いまご利用になれます。" in page.text
    suggested = re.search(r'<span class="breakable">(TAROU[^<]+)</span>', page.html)
    assert suggested is not None
    assert page.submit("確認する", **{**PROFILE, "login_id": suggested[1]}).path == "/signup/confirm"


def test_the_id_check_without_javascript_keeps_everything_but_the_password(profile: Page) -> None:
    page = profile.submit("IDチェック", **PROFILE)
    assert page.path == "/signup/id-check"
    assert "このアカウントIDはお使いになれます。" in page.text
    for kept in ("tarou", "taro@example.jp", "タロウ"):
        assert f'value="{kept}"' in page.html
    assert "Himitsu12" not in page.html
    assert not page.title.startswith("エラー")
    assert page.submit("確認する", **PROFILE).path == "/signup/confirm"
    assert profile.visitor.get("/signup/id-check").path == "/signup/profile"


def test_the_id_check_with_javascript(profile: Page, database: Database) -> None:
    token = form_values(profile.form_with("確認する"))["csrf_token"]

    def ask(login_id: str) -> dict[str, object]:
        answer = profile.visitor.client.post(
            "/signup/id-check",
            base_url=profile.visitor.base_url,
            data={"csrf_token": token, "login_id": login_id},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 200
        assert answer.mimetype == "application/json"
        said: dict[str, object] = json.loads(answer.get_data(as_text=True))
        return said

    assert ask("tarou") == {
        "free": True,
        "message": "このアカウントIDはお使いになれます。",
        "suggestions": [],
    }
    assert ask("abc") == {
        "free": False,
        "message": "アカウントIDは5文字以上で入力してください。",
        "suggestions": [],
    }
    publish_customers(database, a_customer("777", phone="0312345678"))
    Person(database, browser="other").sign_up(datetime.now(UTC), customer_number="777", phone="0312345678")
    taken = ask("tarou")
    assert taken["free"] is False
    assert len(taken["suggestions"]) == 3  # type: ignore[arg-type]
    for number in range(18):
        assert ask(f"tarou{number}")["free"] is True
    assert ask("hanako")["free"] is None


def test_no_id_check_without_a_match(app: Flask) -> None:
    visitor = Visitor(app)
    token = form_values(visitor.get("/signup").form_with("認証"))["csrf_token"]
    typed = {"csrf_token": token, "login_id": "tarou"}
    assert visitor.post("/signup/id-check", typed).path == "/signup"
    answer = visitor.client.post(
        "/signup/id-check", base_url=visitor.base_url, data=typed, headers={"Accept": "application/json"}
    )
    assert json.loads(answer.get_data(as_text=True))["free"] is None


def test_going_back_loses_nothing_but_the_password(profile: Page) -> None:
    page = profile.submit("確認する", **PROFILE).submit("入力画面に戻る")
    assert page.path == "/signup/profile"
    for kept in ("tarou", "taro@example.jp", "タロウ"):
        assert f'value="{kept}"' in page.html
    # Screen 3 opened all the same asks the password first.
    page = profile.visitor.get("/signup/confirm")
    assert page.path == "/signup/profile?said=password_again"
    assert "パスワードをもう一度入力してください。" in page.text
    page = page.submit("確認する", password="Himitsu12")
    assert page.path == "/signup/confirm"
    assert page.submit("仮登録する").path == "/signup/done"


def test_screen_3_before_screen_2(profile: Page) -> None:
    page = profile.visitor.get("/signup/confirm")
    assert page.path == "/signup/profile"
    assert not page.title.startswith("エラー")


def test_a_mistyped_domain_is_asked_about_and_never_refused(profile: Page, database: Database) -> None:
    page = profile.submit("確認する", **{**PROFILE, "email": "taro@gmial.com"})
    assert page.path == "/signup/confirm"
    assert "「gmail.com」のお間違いではありませんか？" in page.text
    right = page.submit("taro@gmail.com に直す")
    assert right.path == "/signup/confirm"
    assert "gmial" not in right.html
    right.submit("仮登録する")
    assert mails(database)[-1][1] == "taro@gmail.com"


def test_a_mistyped_domain_that_is_meant_goes_on(profile: Page, database: Database) -> None:
    page = profile.submit("確認する", **{**PROFILE, "email": "taro@gmial.com"}).submit("仮登録する")
    assert mails(database)[-1][1] == "taro@gmial.com"
    assert "「gmail.com」のお間違いではありませんか？" in page.text
    page = page.submit("taro@gmail.com に直す")
    assert page.path == "/signup/done?said=address_corrected"
    assert mails(database)[-1] == ("provisional_registration", "taro@gmail.com", 2)


def test_a_carrier_s_address_with_dots_is_accepted(profile: Page, database: Database) -> None:
    profile.submit("確認する", **{**PROFILE, "email": "a..b.@docomo.ne.jp"}).submit("仮登録する")
    assert mails(database)[-1][1] == "a..b.@docomo.ne.jp"


def test_terms_and_purpose_are_linked_and_their_version_is_kept(profile: Page, database: Database) -> None:
    confirm = profile.submit("確認する", **PROFILE)
    for page in (profile, confirm):
        assert "2026-04-01" in page.follow("利用規約").text
        assert page.follow("利用目的").root.first("h1").text() == "利用目的"
    confirm.submit("仮登録する")
    with database.reading() as connection:
        assert connection.execute(select(registration.c.terms_version)).scalar_one() == "2026-04-01"


def test_after_half_an_hour_one_begins_anew_and_is_told_why(profile: Page, clock: Path) -> None:
    move_clock(clock, timedelta(minutes=31))
    page = profile.submit("確認する", **dict.fromkeys(PROFILE, ""))
    assert page.path == "/signup?said=draft_expired"
    assert "しばらく操作がなかったため" in page.text
    assert profile.visitor.get("/signup/confirm").path == "/signup?said=draft_expired"


def test_reload_and_double_click_register_once(profile: Page, database: Database) -> None:
    confirm = profile.submit("確認する", **PROFILE)
    confirm.submit("仮登録する")
    again = confirm.submit("仮登録する")
    assert again.path == "/signup/done"
    assert profile.submit("確認する", **PROFILE).path == "/signup/done"
    assert confirm.submit("入力画面に戻る").path == "/signup/done"
    assert len(mails(database)) == 1


def test_an_old_form_after_the_activation_says_that_all_is_done(profile: Page, database: Database) -> None:
    confirm = profile.submit("確認する", **PROFILE)
    confirm.submit("仮登録する")
    now, owner = datetime.now(UTC), Person(database)
    owner.activate(owner.token(signed_at=now), now)
    for page in (confirm.submit("仮登録する"), profile.submit("確認する", **PROFILE)):
        assert "すでに本登録がお済みです" in page.text


def test_a_form_of_another_tab_s_customer_is_not_taken_for_this_one_s(
    profile: Page, database: Database
) -> None:
    hanako = {"customer_number": "777", "phone": "0312345678", "name_kana": "サトウ　ハナコ"}
    publish_customers(database, a_customer("777", phone="0312345678", name_kana="サトウ　ハナコ"))
    first_tab_confirm = profile.submit("確認する", **PROFILE)
    second_tab = profile.visitor.get("/signup").submit("認証", **hanako)
    page = profile.submit("確認する", **PROFILE)
    assert page.path == "/signup/profile?said=draft_other"
    assert 'value="tarou"' not in page.html
    second_tab.submit("確認する", **{**PROFILE, "login_id": "hanako"})
    page = first_tab_confirm.submit("仮登録する")
    assert page.path == "/signup/confirm?said=draft_other"
    assert "サトウ ハナコ" in page.text
    assert mails(database) == []


def test_two_tabs_of_one_customer_go_on_with_the_latest_state(profile: Page) -> None:
    profile.submit("確認する", **PROFILE)
    second_tab = profile.visitor.get("/signup").submit("認証", **TAROU)
    assert 'value="tarou"' in second_tab.html
    assert profile.submit("確認する", **{**PROFILE, "login_id": "tarou2"}).path == "/signup/confirm"
    assert "tarou2" in profile.visitor.get("/signup/confirm").text


def test_somebody_was_quicker_with_the_id(profile: Page, database: Database) -> None:
    publish_customers(database, a_customer("777", phone="0312345678"))
    confirm = profile.submit("確認する", **PROFILE)
    Person(database, browser="other").sign_up(datetime.now(UTC), customer_number="777", phone="0312345678")
    page = confirm.submit("仮登録する")
    assert page.path == "/signup/profile?said=login_id_taken_meanwhile"
    assert "ご入力中に、このアカウントIDをほかの方が登録されました。" in page.text
    assert (
        page.submit("確認する", **{**PROFILE, "login_id": "tarou2"}).submit("仮登録する").path
        == "/signup/done"
    )


def test_somebody_was_quicker_with_the_number(profile: Page, database: Database) -> None:
    confirm = profile.submit("確認する", **PROFILE)
    other = Person(database, browser="other")
    other.sign_up(datetime.now(UTC), login_id="other")
    other.activate(other.token(signed_at=datetime.now(UTC)), datetime.now(UTC))
    assert ALREADY in confirm.submit("仮登録する").text
    assert accounts(database) == (1, 1)


def test_too_many_mails_in_a_day_are_told_with_the_time(app: Flask, database: Database) -> None:
    for _ in range(4):
        page = Visitor(app).get("/signup").submit("認証", **TAROU).submit("確認する", **PROFILE)
        page.submit("仮登録する")
    page = Visitor(app).get("/signup").submit("認証", **TAROU).submit("確認する", **PROFILE)
    page = page.submit("仮登録する")
    assert page.path == "/signup/confirm"
    assert re.search(r"回数を超えました。\d+年\d+月\d+日（.）\d+時\d+分を過ぎてから", page.text)
    assert len(mails(database)) == 4


def test_the_password_dropped_in_another_tab_is_asked_again(profile: Page) -> None:
    confirm = profile.submit("確認する", **PROFILE)
    profile.visitor.get("/signup/confirm").submit("入力画面に戻る")
    page = confirm.submit("仮登録する")
    assert page.path == "/signup/profile?said=password_again"


def test_the_signup_in_english(app: Flask, database: Database) -> None:
    page = Visitor(app).get("/signup", query={"lang": "en"})
    page = page.submit("Confirm", **{**TAROU, "phone": "0748621235"})
    assert "does not match the contract" in page.text
    page = page.submit("Confirm", **TAROU).submit("Check", **PROFILE).submit("Register")
    assert "You are provisionally registered." in page.text
    assert not re.search(
        r"[ぁ-ん]", re.sub(r"（[^）]*）|\([^)]*\)|“[^”]*”", "", page.root.first("main").text())
    )
    with database.reading() as connection:
        assert connection.execute(select(registration.c.language)).scalar_one() == "en"


@pytest.mark.parametrize(
    "strange", ["\x00", "\ud800", "😀" * 300, "<script>", "%00", "' OR 1=1 --", "あ" * 9000]
)
def test_nothing_typed_makes_an_error_page(app: Flask, strange: str) -> None:
    sent = strange.encode("utf-8", "replace").decode()
    page = Visitor(app).get("/signup")
    for name in TAROU:
        assert page.submit("認証", **{**TAROU, name: sent}).status < 500
    profile = page.submit("認証", **TAROU)
    for name in PROFILE:
        answer = profile.submit("確認する", **{**PROFILE, name: sent})
        assert answer.status < 500
        assert "<script>" not in answer.root.first("main").text() or sent == "<script>"
        assert profile.submit("IDチェック", **{**PROFILE, name: sent}).status < 500
