"""D-01 … D-03, D-05: the login."""

from pathlib import Path

import pytest

from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account
from tests.first_try.story import PASSWORD as SIGNUP_PASSWORD
from tests.first_try.story import SUPPORT, Story, causes, summary, typed_in
from tests.smtp_server import MailServer
from tests.visitor import Page

WRONG = "アカウントIDまたはパスワードが一致しません。もう一度ご確認のうえ、入力してください。"


@pytest.fixture
def story(database: Database, tmp_path: Path, server: MailServer) -> Story:
    """A portal in which Tarou has an account."""
    story = Story(database, tmp_path, server)
    an_account(database, "12345678", login_id="tarou")
    return story


def _log_in(page: Page, password: str = PASSWORD, login_id: str = "tarou") -> Page:
    return page.submit("ログイン", login_id=login_id, password=password)


@pytest.mark.cause("D-01")
def test_a_wrong_id_and_a_wrong_password_are_told_alike(story: Story) -> None:
    for login_id, password in (("tarou-san", PASSWORD), ("tarou", "Chigau-7-no-hana")):
        page = story.visitor().get("/login")
        for misses in (1, 2, 3):
            page = _log_in(page, password, login_id)
            assert WRONG in summary(page)
            assert causes(page) == ["D-01"]
            assert typed_in(page, "login_id") == login_id
            # After the third the message itself leads to the recovery, and to a human.
            assert ("アカウントIDがわからないとき" in summary(page)) == (misses >= 3)
            assert (SUPPORT in summary(page)) == (misses >= 3)
        assert story.rows()[-1] == ("login.refused", None, '{"cause":"D-01"}')
    told = [(entry.what, entry.causes, entry.actor) for entry in story.timeline()]
    assert told == [("login.refused", ("D-01",), "visitor")] * 3, (
        "those at the account, not those at nobody's id"
    )
    assert _log_in(page).path == "/"
    assert story.entry("login.done").causes == ()


@pytest.mark.cause("D-01")
def test_what_the_keyboard_did_is_hinted_at(story: Story) -> None:
    for typed, hint in (
        ("KISETSU-7-NO-HANA", "CapsLockがオンになっていないか"),
        ("ｋｉｓｅｔｓｕ７", "全角の文字が入力されています。"),
    ):
        page = _log_in(story.visitor().get("/login"), typed)
        assert WRONG in summary(page)
        assert hint in summary(page)
        assert typed not in page.html
    assert _log_in(page).path == "/"


@pytest.mark.cause("D-01")
def test_an_id_that_is_registered_provisionally_only_opens_nothing_and_staff_see_whose_it_is(
    story: Story,
) -> None:
    link = story.registered(
        customer_number="777", phone="0312345678", name_kana="サトウハナコ", login_id="hanako"
    )
    page = story.visitor().get("/login")
    for _ in range(3):
        page = _log_in(page, SIGNUP_PASSWORD, "hanako")
        assert WRONG in summary(page)
    # The way out is told to whoever fails three times, whether or not it is theirs.
    assert "「本登録手続きURL」から、先に本登録をしてください。" in summary(page)
    assert story.entry("login.refused", "777").causes == ("D-01",)
    _log_in(page, SIGNUP_PASSWORD, "hanako")
    story.wait(seconds=20)
    waiting = _log_in(page, SIGNUP_PASSWORD, "hanako")
    assert causes(waiting) == ["D-02"]
    assert story.entry("login.throttled", "777").causes == ("D-02",)
    story.wait(minutes=1)
    story.visitor().get(link).submit("本登録する", password=SIGNUP_PASSWORD)
    assert _log_in(waiting, SIGNUP_PASSWORD, "hanako").path == "/"


@pytest.mark.cause("A-09")
def test_an_empty_field_of_the_login_is_told_beside_it(story: Story) -> None:
    page = _log_in(story.visitor().get("/login"), "", " ")
    assert "アカウントIDを入力してください。" in summary(page)
    assert "パスワードを入力してください。" in summary(page)
    assert causes(page) == ["A-09"]
    assert story.rows() == []
    assert story.stumbles() == {
        ("login", "A-09", "login_id_missing"): 1,
        ("login", "A-09", "login_password_missing"): 1,
    }
    assert _log_in(page).path == "/"


@pytest.mark.cause("D-02")
def test_too_many_tries_wait_longer_each_time_and_are_told_in_minutes(story: Story) -> None:
    page = story.visitor().get("/login")
    for _ in range(4):
        page = _log_in(page, "Chigau-7")
    for minutes in (1, 2):
        page = _log_in(page)
        assert f"しばらくログインできません。約{minutes}分後に、もう一度お試しください。" in summary(page)
        assert "しばらくお待ちください" in summary(page)
        assert causes(page) == ["D-02"]
        assert page.headers["Retry-After"] == str(minutes * 60)
        assert page.follow("パスワードがわからないとき").path == "/recover/password"
        assert story.entry("login.throttled").causes == ("D-02",)
        story.wait(minutes=minutes)
        page = _log_in(page, "Chigau-7")
        assert WRONG in summary(page)
    story.wait(minutes=4)
    assert _log_in(page).path == "/"


@pytest.mark.cause("D-02")
def test_the_owner_on_a_known_device_is_not_shut_out(story: Story) -> None:
    owner = _log_in(story.visitor().get("/login")).submit("ログアウト")
    stranger = story.visitor().get("/login")
    while "D-02" not in causes(stranger):
        stranger = _log_in(stranger, "Chigau-7")
    assert "D-02" in causes(_log_in(stranger)), "with the right password too, for it may be a guess"
    assert _log_in(owner.visitor.get("/login")).path == "/"


@pytest.mark.cause("D-03")
def test_who_forgot_id_or_password_is_one_step_from_the_recovery(story: Story) -> None:
    page = story.visitor().get("/login")
    for _ in range(3):
        page = _log_in(page, "Chigau-7")
    assert story.entry("login.refused").causes == ("D-01",)
    for words, path in (
        ("アカウントIDがわからないとき", "/recover/id"),
        ("パスワードがわからないとき", "/recover/password"),
        ("アカウントIDをお忘れの方", "/recover/id"),
        ("パスワードをお忘れの方", "/recover/password"),
    ):
        recovery = page.follow(words)
        assert (recovery.path, recovery.status) == (path, 200)
        # Where the mail address is dead as well, a human helps.
        assert SUPPORT in recovery.root.first("main").text()


@pytest.mark.cause("D-05")
def test_a_session_that_ended_while_typing_leads_back_to_the_same_form(story: Story) -> None:
    form = _log_in(story.visitor().get("/login")).follow("パスワードの変更")
    story.wait(minutes=31)
    page = form.submit("変更する", old_password=PASSWORD, password="Atarashii9")
    assert page.path == "/login?next=%2Fprofile%2Fpassword"
    back = _log_in(page)
    assert back.path == "/profile/password"
    changed = back.submit("変更する", old_password=PASSWORD, password="Atarashii9")
    assert "パスワードを変更しました" in changed.text
    assert [entry.what for entry in story.timeline()][:3] == ["login.done", "login.done", "password.changed"]


@pytest.mark.cause("B-02")
def test_the_change_of_the_password_shows_its_causes(story: Story) -> None:
    page = _log_in(story.visitor().get("/login")).follow("パスワードの変更")
    assert causes(page.submit("変更する")) == ["A-09"]
    weak = page.submit("変更する", old_password=PASSWORD, password="Abc12")
    assert causes(weak) == ["B-02"]
    assert story.entry("password.change_refused").causes == ("B-02",)
    assert causes(page.submit("変更する", old_password=PASSWORD, password=PASSWORD)) == ["B-02"]
    for _ in range(4):
        page = page.submit("変更する", old_password="Chigau-7", password="Atarashii9")
        assert causes(page) == ["D-01"]
    page = page.submit("変更する", old_password=PASSWORD, password="Atarashii9")
    assert causes(page) == ["D-02"]
    assert story.entry("password.change_refused").causes == ("D-02",)
    story.wait(minutes=1)
    changed = page.submit("変更する", old_password=PASSWORD, password="Atarashii9")
    assert "パスワードを変更しました" in changed.text
