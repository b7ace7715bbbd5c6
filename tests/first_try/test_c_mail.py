"""C-01 … C-03: the mail of the provisional registration, through a real worker and a real mail server."""

import pytest

from tests.first_try.story import PASSWORD, PROFILE, TAROU_KEY, Story, causes, moment, summary
from tests.visitor import Page


@pytest.fixture
def done(story: Story) -> Page:
    """Screen 4, just reached; the mail waits for the worker."""
    return story.sign_up()


@pytest.mark.cause("C-01")
def test_whoever_gets_no_mail_is_told_what_to_allow_carrier_by_carrier(story: Story, done: Page) -> None:
    story.deliver()
    for told in ("迷惑メール", "「example.jp」", "指定受信", "ドコモ", "au", "ソフトバンク", "ワイモバイル"):
        assert told in done.text
    assert story.server.mails[0].sender.endswith("@example.jp"), "what is to be allowed is what sends"
    assert "C-01" in causes(done)


@pytest.mark.cause("C-01")
def test_the_mail_is_sent_again_and_the_new_link_works(story: Story, done: Page) -> None:
    story.deliver()
    early = done.submit("メールを再送する")
    assert "約1分後に、もう一度[メールを再送する]を押してください。" in summary(early)
    assert "C-01" in causes(early)
    assert story.entry("registration.refused").causes == ("C-01",)
    story.wait(minutes=1)
    later = early.submit("メールを再送する")
    assert "メールを再送しました。" in later.text
    story.deliver()
    assert [mail.recipient for mail in story.server.mails] == ["taro@example.jp"] * 2
    assert story.entry("registration.resent").causes == ("C-01", "C-06")
    page = story.visitor().get(story.link()).submit("本登録する", password=PASSWORD)
    assert page.path == "/signup/complete"


@pytest.mark.cause("C-01")
def test_after_five_mails_a_day_the_time_is_told(story: Story, done: Page) -> None:
    page = done
    for _ in range(5):
        story.wait(minutes=1)
        page = page.submit("メールを再送する")
    assert "24時間にお送りできるメールの数を超えました。" in summary(page)
    assert "を過ぎてから、もう一度お試しください。" in summary(page)
    assert story.entry("registration.refused").causes == ("C-01",)
    story.wait(hours=24)
    story.deliver()
    assert len(story.server.mails) == 1, "only the newest is still worth sending"
    assert (
        story.visitor().get(story.link()).submit("本登録する", password=PASSWORD).path == "/signup/complete"
    )


@pytest.mark.cause("C-02")
def test_a_wrong_address_is_corrected_without_starting_over(story: Story, done: Page) -> None:
    story.deliver()
    form = done.follow("メールアドレスを訂正する")
    wrong = form.submit("メールアドレスを訂正する", email="taro@")
    assert "「@」より後の部分をご確認ください。" in summary(wrong)
    assert causes(wrong) == ["B-03"]
    entry = story.entry("signup.stumbled")
    assert (entry.causes, entry.facts["step"]) == (("B-03",), "registration")
    page = wrong.submit("メールアドレスを訂正する", email="tarou@example.jp")
    assert page.path == "/signup/done?said=address_corrected"
    assert "tarou@example.jp" in page.text
    story.deliver()
    assert [mail.recipient for mail in story.server.mails] == ["taro@example.jp", "tarou@example.jp"]
    assert story.entry("registration.address_corrected").causes == ("C-02", "C-06")
    assert "example" not in str(story.rows()), "no address in the chain"
    # The link that went astray is dead; the new one needs nothing typed again but the password.
    assert causes(story.visitor().get(story.link(0))) == ["C-06"]
    page = story.visitor().get(story.link()).submit("本登録する", password=PASSWORD)
    assert page.submit("そのままログイン").path == "/"


@pytest.mark.cause("C-02")
def test_an_address_that_the_mail_server_refuses_is_told_and_corrected(story: Story, done: Page) -> None:
    story.server.manners.by_recipient = lambda address: (
        "550 5.1.1 no such user" if address == "taro@example.jp" else None
    )
    story.deliver()
    page = done.visitor.get("/signup/done")
    assert "メールをお届けできませんでした" in page.text
    assert "C-02" in causes(page)
    entry = story.entry("mail.refused")
    assert entry.causes == ("C-02",)
    form = page.follow("メールアドレスを訂正する")
    form.submit("メールアドレスを訂正する", email="tarou@example.jp")
    story.deliver()
    assert story.server.mails[-1].recipient == "tarou@example.jp"
    assert (
        story.visitor().get(story.link()).submit("本登録する", password=PASSWORD).path == "/signup/complete"
    )


@pytest.mark.cause("C-02")
def test_a_fourth_address_in_a_day_is_refused_with_the_time(story: Story, done: Page) -> None:
    page = done
    for name in ("b", "c", "d"):
        form = page.visitor.get("/signup/email")
        page = form.submit("メールアドレスを訂正する", email=f"{name}@example.jp")
    assert "24時間にお使いになれるメールアドレスの数を超えました。" in summary(page)
    assert causes(page) == ["C-02"]
    assert story.entry("registration.refused").causes == ("C-02",)
    story.wait(hours=24)
    page = page.submit("メールアドレスを訂正する")
    assert page.path == "/signup/done?said=address_corrected"


@pytest.mark.cause("C-03")
def test_a_mail_that_is_late_is_told_in_the_queue_and_when_it_went_out(story: Story, done: Page) -> None:
    story.server.manners.rcpt = "450 4.2.1 mailbox busy"
    story.deliver()
    page = done.visitor.get("/signup/done")
    assert "メールの送信" in page.text
    assert "24時間" in page.text, "the wait costs none of them"
    entry = story.entry("mail.waiting")
    assert (entry.causes, entry.facts["attempts"]) == (("C-03",), 1)
    story.server.manners.rcpt = None
    story.wait(hours=1)
    handed_over = story.wait_for_full_minute()
    story.deliver()
    page = page.visitor.get("/signup/done")
    assert moment(handed_over) in page.text
    assert f"127.0.0.1:{story.server.port}" in page.text
    entry = story.entry("mail.handed_over")
    assert entry.causes == ()
    assert entry.facts["server"] == f"127.0.0.1:{story.server.port}"
    # The next step: open it.
    assert (
        story.visitor().get(story.link()).submit("本登録する", password=PASSWORD).path == "/signup/complete"
    )
    assert [entry.what for entry in story.timeline(TAROU_KEY)] == [
        "identity.matched",
        "registration.made",
        "mail.handed_over",
        "activation.done",
        "mail.waiting",
    ]


@pytest.mark.cause("A-04")
def test_registering_again_too_often_in_a_day_is_told_with_the_time(story: Story) -> None:
    for _ in range(4):
        story.sign_up()
    page = story.signup().submit(
        "認証", customer_number=TAROU_KEY, phone="0748621234", name_kana="アイコムタロウ"
    )
    page = page.submit("確認する", **PROFILE).submit("仮登録する")
    assert "24時間に仮登録をやり直せる回数を超えました。" in summary(page)
    assert causes(page) == ["A-04"]
    assert story.entry("registration.refused").causes == ("A-04",)
    story.deliver()
    assert (
        story.visitor().get(story.link()).submit("本登録する", password=PASSWORD).path == "/signup/complete"
    )
