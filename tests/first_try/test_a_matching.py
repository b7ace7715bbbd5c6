"""A-03, A-04, A-06 … A-08: whether it is the customer, on screen 1."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.words.filters import TOKYO
from tests.bills import PASSWORD, an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.first_try.story import SUPPORT, Story, causes, summary, typed_in

MISSED = "入力された内容が契約者情報と一致しません。もう一度お手元の登録書をご確認ください。"
FAMILY = (
    "ご契約者がご家族のお名前になっていませんか。以前の電話番号で契約されていませんか。"
    "最近変更された場合は、反映まで数日かかります。"
)
ALREADY = "このお客様番号は、すでに会員登録がお済みです"


@pytest.mark.cause("A-03")
def test_a_miss_is_told_by_one_message_and_staff_see_which_item(story: Story) -> None:
    for item, typed in (("phone", "0748621235"), ("name_kana", "アイコム　ジロウ")):
        page = story.signup()
        for misses in (1, 2, 3):
            page = page.submit("認証", **{**TAROU, item: typed})
            assert page.path == "/signup"
            assert MISSED in summary(page)
            assert FAMILY in summary(page)
            assert causes(page) == ["A-03"]
            # From the third on the support window stands in the message.
            assert (SUPPORT in summary(page)) == (misses >= 3)
            # Never which one: no field is marked, and each keeps what was typed.
            assert not [each for each in page.root.all("input") if each.attributes.get("aria-invalid")]
            assert [typed_in(page, name) for name in TAROU] == list({**TAROU, item: typed}.values())
            entry = story.entry("identity.missed")
            assert entry.causes == ("A-03",)
            assert entry.facts["missed"] == [item]
        assert page.submit("認証", **{item: TAROU[item]}).path == "/signup/profile"
        assert story.entry("identity.matched").causes == ()


@pytest.mark.cause("A-03")
def test_a_number_that_nobody_has_is_told_alike(story: Story) -> None:
    page = story.signup().submit("認証", **{**TAROU, "customer_number": "99999999"})
    assert MISSED in summary(page)
    assert causes(page) == ["A-03"]
    assert story.rows() == [("identity.missed", None, '{"cause":"A-03","missed":["customer_number"]}')]
    assert page.submit("認証", customer_number="12345678").path == "/signup/profile"


@pytest.mark.cause("A-04")
def test_several_wrong_tries_bring_a_growing_wait_that_is_told_in_minutes(story: Story) -> None:
    page = story.signup()
    for _ in range(4):
        page = page.submit("認証", **{**TAROU, "phone": "0748621235"})
    for minutes in (1, 2, 4):
        page = page.submit("認証")
        assert f"約{minutes}分後に、もう一度お試しください。" in summary(page)
        assert "エラー：しばらくお待ちください" in summary(page)
        assert SUPPORT in summary(page)
        assert causes(page) == ["A-04"]
        assert [typed_in(page, name) for name in TAROU] == list({**TAROU, "phone": "0748621235"}.values())
        assert story.entry("identity.throttled").causes == ("A-04",)
        story.wait(minutes=minutes)
        page = page.submit("認証")
        assert MISSED in summary(page), "after the wait that was told one may try again"
    story.wait(minutes=8)
    assert page.submit("認証", phone=TAROU["phone"]).path == "/signup/profile"


@pytest.mark.cause("A-06")
def test_a_contract_over_or_to_come_is_told_like_any_miss_and_staff_see_why(story: Story) -> None:
    today = datetime.now(UTC).astimezone(TOKYO).date()
    for why, contract in (
        ("ended_too_long_ago", a_customer(status="ended", ended_on=today - timedelta(days=124))),
        ("not_yet_contracted", a_customer(contracted_on=today + timedelta(days=2))),
    ):
        publish_customers(story.database, contract)
        page = story.signup()
        for misses in (1, 2, 3):
            page = page.submit("認証", **TAROU)
            assert MISSED in summary(page)
            assert FAMILY in summary(page)
            assert causes(page) == ["A-03"], "the person is told no more than whoever misses"
            assert (SUPPORT in summary(page)) == (misses >= 3)
            entry = story.entry("identity.missed")
            assert (entry.causes, entry.facts["missed"]) == (("A-06",), [why])
        publish_customers(story.database, a_customer())
        assert page.submit("認証").path == "/signup/profile"


@pytest.mark.cause("A-07")
def test_who_is_registered_already_is_led_to_the_login_and_told_how_to_share(story: Story) -> None:
    account = an_account(story.database, "12345678", login_id="tarou", email="family@example.jp")
    page = story.signup().submit("認証", **TAROU)
    assert page.root.first("h1").text() == ALREADY
    assert "A-07" in causes(page)
    assert "ご家族でご覧になる方法を、ご登録の方からお問い合わせ窓口におたずねください。" in page.text
    entry = story.entry("identity.already_registered")
    assert entry.causes == ("A-07",)
    for way, path in (
        ("アカウントIDをお忘れの方", "/recover/id"),
        ("パスワードをお忘れの方", "/recover/password"),
    ):
        assert page.follow(way).path == path
    story.deliver()
    (mail,) = story.server.mails
    assert mail.recipient == "family@example.jp"
    assert story.entry("mail.handed_over").facts["kind"] == "already_registered"
    page = page.follow("ログイン").submit("ログイン", login_id="tarou", password=PASSWORD)
    assert page.path == "/"
    assert story.entry("login.done").actor == f"account:{account}"


@pytest.mark.cause("A-08")
def test_who_was_registered_by_somebody_else_is_told_how_to_call(story: Story) -> None:
    an_account(story.database, "12345678")
    page = story.signup().submit("認証", **TAROU)
    assert "登録した覚えがないとき" in page.text
    assert "お問い合わせ窓口にお電話ください。お調べして、登録を解除することもできます。" in page.text
    assert "A-08" in causes(page)
    assert f"tel:{SUPPORT}" in [link.attributes["href"] for link in page.root.all("a")]
    # The person cannot know which of the two it is, and neither can the portal: one row for both.
    assert story.entry("identity.already_registered").causes == ("A-07",)
    # A miss tells nobody that the number is registered.
    miss = story.signup().submit("認証", **{**TAROU, "phone": "0748621235"})
    assert ALREADY not in miss.text
    assert "A-08" not in causes(miss)
