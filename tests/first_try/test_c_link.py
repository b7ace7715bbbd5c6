"""C-04 … C-10: the link of the mail."""

from datetime import timedelta

import pytest

from mypage.works.clean_up import clean_up
from tests.first_try.story import PASSWORD, Story, causes, moment, summary
from tests.visitor import Page, form_values

EXPIRED = "本登録の期限（24時間）が過ぎました。お手数ですが、最初からお手続きください"
USED = "すでに本登録がお済みです"
FORGOTTEN = "仮登録のパスワードをお忘れの場合は、最初からお手続きください"


@pytest.fixture
def link(story: Story) -> str:
    """The path of the link in the mail that has just arrived."""
    return story.registered()


def _enter(page: Page, password: str = PASSWORD) -> Page:
    return page.submit("本登録する", password=password)


def _begin_again(page: Page) -> Page:
    begun = page.follow("最初からやり直す")
    assert begun.path == "/signup"
    return begun


@pytest.mark.cause("C-04")
def test_a_link_that_was_cut_is_put_together_again(story: Story, link: str) -> None:
    before = story.rows()
    for kept in (len("/signup/activate"), 40, len(link) - 5):
        page = story.visitor().get(link[:kept])
        assert "URLが途中で切れています" in page.text
        assert causes(page) == ["C-04"]
        assert story.rows() == before, "a GET leaves nothing"
    wrong = page.submit("URLを開く", rest="つづき")
    assert "URLを読み取れませんでした。" in summary(wrong)
    assert "C-04" in causes(wrong)
    assert story.stumbles() == {("link", "C-04", "link_rest_wrong"): 1}
    right = wrong.submit("URLを開く", rest=f" {link[kept : kept + 2]}\t{link[kept + 2 :]} ")
    assert right.path == link
    assert story.entry("activation.link_pasted").causes == ("C-04",)
    assert _enter(right).path == "/signup/complete"


@pytest.mark.cause("C-04")
def test_the_whole_address_may_be_pasted_or_the_mail_sent_again(story: Story) -> None:
    done = story.sign_up()
    story.deliver()
    link = story.link()
    page = done.visitor.get(link[:30])
    assert page.submit("URLを開く", rest=f"http://127.0.0.1:8080{link}").path == link
    story.wait(minutes=1)
    again = page.follow("仮登録の画面を開く").submit("メールを再送する")
    assert again.path == "/signup/done?said=mail_resent"
    story.deliver()
    assert _enter(again.visitor.get(story.link())).path == "/signup/complete"


@pytest.mark.cause("C-05")
def test_a_link_older_than_24_hours_leads_to_the_beginning(story: Story, link: str) -> None:
    form = story.visitor().get(link)
    story.wait(hours=23, minutes=59)
    assert story.visitor().get(link).form_with("本登録する")
    story.wait(minutes=1)
    before = story.rows()
    opened = story.visitor().get(link)
    assert story.rows() == before
    for page in (opened, _enter(form)):
        assert EXPIRED in page.text
        assert causes(page) == ["C-05"]
        assert _begin_again(page)
    # Whoever typed a password was a person; when it ended is known from the worker.
    entry = story.entry("activation.refused")
    assert (entry.causes, entry.actor) == (("C-05",), "visitor")
    clean_up(story.desk.settings, story.database, story.desk.clock.now())
    entry = story.entry("registration.voided")
    assert (entry.causes, entry.facts["reason"]) == (("C-05",), "expired")
    # The same id is free again, and the whole way works.
    story.sign_up(_begin_again(opened))
    story.deliver()
    assert _enter(story.visitor().get(story.link())).path == "/signup/complete"


@pytest.mark.cause("C-06")
def test_a_link_that_a_newer_mail_replaced_tells_when_that_went_out(story: Story) -> None:
    done = story.sign_up()
    story.deliver()
    older = story.link()
    form = story.visitor().get(older)
    story.wait(minutes=5)
    again = story.wait_for_full_minute()
    done.submit("メールを再送する")
    story.deliver()
    before = story.rows()
    opened = story.visitor().get(older)
    assert story.rows() == before
    for page in (opened, _enter(form)):
        assert "このURLは、新しいメールのURLに置き換わりました" in page.text
        assert f"新しいメールを{moment(again)}にお送りしています。" in page.text
        assert causes(page) == ["C-06"]
    assert story.entry("registration.resent").causes == ("C-01", "C-06")
    assert story.entry("activation.refused").causes == ("C-06",)
    assert _enter(story.visitor().get(story.link())).path == "/signup/complete"


@pytest.mark.cause("C-06")
def test_registering_again_replaces_as_well(story: Story, link: str) -> None:
    story.wait(minutes=2)
    story.registered(password="Betsuno34")
    assert causes(story.visitor().get(link)) == ["C-06"]
    assert story.entry("registration.replaced").causes == ("C-06",)
    assert _enter(story.visitor().get(story.link()), "Betsuno34").path == "/signup/complete"


@pytest.mark.cause("C-07")
def test_a_link_that_was_used_leads_to_the_login(story: Story, link: str) -> None:
    form = story.visitor().get(link)
    _enter(story.visitor().get(link)).submit("そのままログイン")
    assert story.entry("activation.done").causes == ("C-07",)
    before = story.rows()
    opened = story.visitor().get(link)
    assert story.rows() == before
    for page in (opened, _enter(form)):
        assert USED in page.text
        assert causes(page) == ["C-07"]
    assert story.entry("activation.refused").causes == ("C-07",)
    page = opened.follow("ログイン").submit("ログイン", login_id="tarou", password=PASSWORD)
    assert page.path == "/"


@pytest.mark.cause("C-07")
def test_the_page_of_the_signup_says_it_as_well(story: Story) -> None:
    done = story.sign_up()
    story.deliver()
    _enter(story.visitor().get(story.link()))
    page = done.visitor.get("/signup/done")
    assert USED in page.text
    assert causes(page) == ["C-07"]
    assert page.follow("ログイン").path == "/login"


@pytest.mark.cause("C-08")
def test_another_device_than_the_signup_s_works(story: Story) -> None:
    done = story.sign_up()
    story.deliver()
    assert "iPhone" not in str(done.visitor.headers)
    phone = story.visitor(**{"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X)"})
    page = _enter(phone.get(story.link())).submit("そのままログイン")
    assert page.path == "/"
    assert "タロウ 様" in page.text
    assert story.entry("login.done").what == "login.done"


@pytest.mark.cause("C-09")
def test_scanners_and_previews_that_came_first_change_nothing(story: Story, link: str) -> None:
    before = story.rows()
    for name in ("Mail-Scanner/1.0", "LinePreview/2", "Safe-Links"):
        scanner = story.visitor(**{"User-Agent": name})
        for _ in range(3):
            assert scanner.client.head(link, base_url=scanner.base_url).status_code == 200
            page = scanner.get(link)
            token = form_values(page.form_with("本登録する"))["csrf_token"]
            empty = scanner.post(link, {"csrf_token": token, "password": ""})
            assert "パスワードを入力してください。" in summary(empty)
            assert causes(empty) == ["A-09"]
    assert story.rows() == before
    # One that types guesses is a person to staff, and shuts nobody out.
    assert FORGOTTEN in _enter(page, "guess").text
    owner = story.visitor().get(link)
    assert _enter(owner).path == "/signup/complete"
    assert story.entry("activation.done").causes == ("C-07",)


@pytest.mark.cause("C-10")
def test_a_forgotten_password_of_the_signup_leads_to_the_beginning(story: Story, link: str) -> None:
    page = _enter(story.visitor().get(link), "Chigau-12")
    assert "パスワードが一致しません。" in summary(page)
    assert FORGOTTEN in summary(page)
    assert causes(page) == ["C-10"]
    assert "Chigau-12" not in page.html
    entry = story.entry("activation.refused")
    assert (entry.causes, entry.actor) == (("C-10",), "visitor")
    assert "CapsLock" in summary(_enter(page, "HIMITSU12"))
    assert "全角" in summary(_enter(page, "ｈｉｍｉｔｓｕ"))
    # The same id may be taken again, with another password; the old link is dead.
    story.wait(minutes=2)
    story.sign_up(_begin_again(page), password="Atarashii9")
    story.deliver()
    assert causes(story.visitor().get(link)) == ["C-06"]
    complete = _enter(story.visitor().get(story.link()), "Atarashii9")
    assert complete.submit("そのままログイン").path == "/"


@pytest.mark.cause("C-10")
def test_too_many_wrong_ones_at_the_link_wait_and_are_told_so(story: Story, link: str) -> None:
    page = story.visitor().get(link)
    for _ in range(4):
        page = _enter(page, "Chigau-12")
    story.wait(seconds=20)
    page = _enter(page)
    assert "しばらく本登録できません。約1分後に、もう一度お試しください。" in summary(page)
    assert causes(page) == ["A-04"]
    assert story.entry("activation.refused").causes == ("A-04",)
    assert _begin_again(page)
    story.wait(minutes=1)
    assert _enter(page).path == "/signup/complete"


@pytest.mark.cause("C-05")
def test_a_mail_that_never_went_out_ends_after_three_days(story: Story) -> None:
    story.server.stop()
    done = story.sign_up()
    story.deliver()
    story.wait(hours=72)
    page = done.visitor.get("/signup/done")
    assert EXPIRED in page.text
    assert causes(page) == ["C-05"]
    clean_up(story.desk.settings, story.database, story.desk.clock.now())
    story.server.start()
    story.deliver()
    assert story.server.mails == []
    assert story.entry("registration.voided").facts["reason"] == "expired"
    assert timedelta(hours=72) <= story.entry("registration.voided").at - story.entry("registration.made").at
    story.sign_up(_begin_again(page))
    story.deliver()
    assert _enter(story.visitor().get(story.link())).path == "/signup/complete"
