"""E-01, E-02, E-03, E-05: browsers and devices that are not as they might be."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.http import http_date
from werkzeug.test import Client

from tests.bills import PASSWORD, an_account
from tests.builders import TAROU
from tests.first_try.story import HANAKO, PROFILE, Story, causes, moment
from tests.first_try.story import PASSWORD as SIGNUP_PASSWORD
from tests.visitor import Page, form_values


@pytest.mark.cause("E-01")
def test_refused_cookies_are_told_with_how_to_allow_them(story: Story) -> None:
    an_account(story.database, "777", login_id="hanako")
    visitor, login = story.visitor(), {"login_id": "hanako", "password": PASSWORD}
    for path, button, typed, led_to in (
        ("/login", "ログイン", login, "/"),
        ("/signup", "認証", TAROU, "/signup/profile"),
    ):
        visitor.client = Client(story.app, use_cookies=False)
        page = visitor.get(path).submit(button, **typed)
        assert page.status == 400
        assert "Cookie（クッキー）を受け付けていないため、送信できませんでした" in page.text
        assert "何も変更されていません。" in page.text
        for told in ("このサイトのCookieを許可して", "iPhone・iPad", "Android"):
            assert told in page.text
        assert causes(page) == ["E-01"]
        visitor.client = Client(story.app)
        page = page.follow("画面を開き直す")
        assert page.path == path
        assert page.submit(button, **typed).path == led_to
    # Of what came without cookies nothing was compared.
    assert [action for action, *_ in story.rows()] == ["login.done", "identity.matched"]
    assert story.stumbles() == {("form", "E-01", "form_without_token"): 1}


@pytest.mark.cause("E-02")
def test_a_page_from_an_earlier_visit_is_told_with_the_way_on(story: Story) -> None:
    an_account(story.database, "12345678", login_id="tarou")
    page = story.visitor(**{"Accept-Language": "ja"}).get("/login?lang=ja")
    page.visitor.client.delete_cookie("form", domain="127.0.0.1")
    old = page.submit("ログイン", login_id="tarou", password=PASSWORD)
    assert old.status < 500
    assert "E-02" in causes(old)
    assert story.rows() == []
    assert story.stumbles() == {("form", "E-02", "form_without_token"): 1}
    again = old.visitor.get("/login").submit("ログイン", login_id="tarou", password=PASSWORD)
    assert again.path == "/"


@pytest.mark.cause("E-02")
def test_double_click_back_and_reload_register_once(story: Story) -> None:
    proof = story.signup()
    profile = proof.submit("認証", **TAROU)
    confirm = profile.submit("確認する", **PROFILE)
    first = confirm.submit("仮登録する")
    for page in (
        confirm.submit("仮登録する"),
        confirm.submit("入力画面に戻る"),
        profile.submit("確認する", **PROFILE),
    ):
        assert page.path == first.path == "/signup/done"
        assert "エラー" not in page.title
    story.deliver()
    assert len(story.server.mails) == 1
    assert [entry.what for entry in story.timeline()].count("registration.made") == 1
    assert story.stumbles()[("profile", "E-02", "draft_gone")] >= 1
    # The same at the end: two clicks, one account.
    link = story.visitor().get(story.link())
    for page in [link.submit("本登録する", password=SIGNUP_PASSWORD) for _ in range(2)]:
        assert page.path == "/signup/complete"
    assert [entry.what for entry in story.timeline()].count("activation.done") == 1
    assert page.submit("そのままログイン").path == "/"


@pytest.mark.cause("E-02")
def test_two_tabs_for_two_contracts_show_the_latest_state(story: Story) -> None:
    first = story.signup().submit("認証", **TAROU)
    confirm = first.submit("確認する", **PROFILE)
    second = first.visitor.get("/signup").submit("認証", **HANAKO)
    for page, path in (
        (first.submit("確認する", **PROFILE), "/signup/profile"),
        (second.submit("確認する", **{**PROFILE, "login_id": "hanako"}), "/signup/confirm"),
        (confirm.submit("仮登録する"), "/signup/confirm"),
    ):
        assert page.path.partition("?")[0] == path
    assert "別の画面で入力された内容を表示しています。" in page.text
    assert causes(page) == ["E-02"]
    assert "サトウ ハナコ" in page.text
    assert page.submit("仮登録する").path == "/signup/done"
    assert story.entry("registration.made", "777").causes == ()
    assert [entry.what for entry in story.timeline()] == ["identity.matched"]


@pytest.mark.cause("E-02")
def test_screens_left_open_over_lunch_lead_to_the_beginning(story: Story) -> None:
    profile = story.signup().submit("認証", **TAROU)
    story.wait(minutes=31)
    page = profile.submit("確認する", **PROFILE)
    assert page.path == "/signup"
    assert causes(page) == ["D-05"]
    page = page.submit("認証", **TAROU)
    assert page.path == "/signup/profile"
    assert PROFILE["email"] in page.html  # what was typed is there again, the password is not
    assert PROFILE["password"] not in page.html
    assert story.stumbles() == {("profile", "E-02", "draft_gone"): 1}


@pytest.mark.cause("E-02")
def test_a_password_dropped_by_going_back_is_asked_again(story: Story) -> None:
    confirm = story.signup().submit("認証", **TAROU).submit("確認する", **PROFILE)
    confirm.submit("入力画面に戻る")
    page = confirm.submit("仮登録する")
    assert "パスワードをもう一度入力してください。" in page.text
    assert causes(page) == ["E-02"]
    assert page.submit("確認する", password=SIGNUP_PASSWORD).submit("仮登録する").path == "/signup/done"


def _works_without_javascript(page: Page) -> None:
    """Nothing on the page waits for a script, and nothing keeps it from being enlarged."""
    (viewport,) = [each for each in page.root.all("meta") if each.attributes.get("name") == "viewport"]
    assert not re.search("maximum-scale|user-scalable|minimum-scale", viewport.attributes["content"] or "")
    assert page.root.all("noscript") == []
    assert all("defer" in each.attributes for each in page.root.all("script"))
    for each in page.root.walk():
        assert not {"disabled", "hidden"} & each.attributes.keys(), f"<{each.tag}> on {page.path}"
        href = each.attributes.get("href") or ""
        assert not href.startswith("javascript:")
        assert href != "#"
    for button in page.root.all("button"):
        assert button.attributes.get("type") in (None, "submit"), "a button that only a script can serve"
    assert all((form.attributes.get("method") or "get") in ("get", "post") for form in page.root.all("form"))


@pytest.mark.cause("E-03")
def test_the_whole_way_without_javascript_in_an_old_browser(story: Story) -> None:
    visitor = story.visitor(**{"User-Agent": "Mozilla/5.0 (Nintendo 3DS; U; ; ja) Version/1.7552.EU"})
    pages = [visitor.get("/login")]
    pages.append(pages[-1].follow("初めてログインされる方"))
    pages.append(pages[-1].submit("認証", customer_number="", phone="", name_kana=""))
    pages.append(pages[-1].submit("認証", **TAROU))
    pages.append(pages[-1].submit("IDチェック", **PROFILE))
    pages.append(pages[-1].submit("確認する", **PROFILE))
    pages.append(pages[-1].submit("仮登録する"))
    story.deliver()
    pages.append(visitor.get(story.link()))
    pages.append(pages[-1].submit("本登録する", password=SIGNUP_PASSWORD))
    pages.append(pages[-1].submit("そのままログイン"))
    for page in pages:
        _works_without_javascript(page)
    assert (pages[-1].path, "お客様メニューリスト" in pages[-1].text) == ("/", True)
    assert story.entry("login.done").what == "login.done"


@pytest.mark.cause("E-05")
def test_the_clock_of_the_device_plays_no_role(story: Story) -> None:
    """A device whose clock is years off, in another time zone: times are Japan's, and everything lasts as long."""
    for person, login_id, years in ((TAROU, "tarou", -12), (HANAKO, "hanako", 3)):
        theirs = http_date(datetime.now(UTC) + timedelta(days=365 * years))
        visitor = story.visitor(**{"Date": theirs, "If-Modified-Since": theirs, "Accept-Language": "ja-FR"})
        story.sign_up(visitor.get("/signup"), **person, login_id=login_id)
        handed_over = story.wait_for_full_minute()
        story.deliver()
        page = visitor.get("/signup/done")
        assert moment(handed_over) in page.text
        assert f"{moment(handed_over + timedelta(hours=24))}まで" in page.text
        page = visitor.get(story.link()).submit("本登録する", password=SIGNUP_PASSWORD)
        assert page.submit("そのままログイン").path == "/"
    for key in ("12345678", "777"):
        assert story.entry("login.done", key).causes == ()


@pytest.mark.cause("E-05")
def test_no_cookie_asks_the_device_for_the_time(story: Story) -> None:
    an_account(story.database, "777", login_id="hanako")
    kept = []
    for path, button, typed in (
        ("/signup", "認証", TAROU),
        ("/login?lang=ja", "ログイン", {"login_id": "hanako", "password": PASSWORD}),
    ):
        visitor = story.visitor()
        first = visitor.client.get(path, base_url=visitor.base_url)
        form = visitor.get(path).form_with(button)
        filled = {**form_values(form), **typed}
        answer = visitor.client.post(path, base_url=visitor.base_url, data=filled)
        assert answer.status_code == 303
        kept += [*first.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in kept}
    assert names == {"form", "lang", "signup", "session", "device"}
    # Browsers count Max-Age from when the cookie came, and heed an Expires beside it no more.
    assert [cookie for cookie in kept if "Expires=" in cookie and "Max-Age=" not in cookie] == []
