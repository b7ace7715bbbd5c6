"""B-01 … B-06: login id, password and mail address, on screens 2 and 3."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from tests.builders import TAROU
from tests.first_try.story import HANAKO, PASSWORD, PROFILE, SUPPORT, Story, causes, summary, typed_in
from tests.html import Element
from tests.signing_up import Person
from tests.visitor import Page, form_values

FAMILY = "ご家族のメールアドレスもお使いになれます。その方がパスワード再設定のメールを受け取れます"


@pytest.fixture
def screen_2(story: Story) -> Page:
    """Tarou's identity has matched."""
    return story.signup().submit("認証", **TAROU)


def _beside(page: Page, field: str) -> str:
    error = page.root.by_id(f"{field}-error")
    assert isinstance(error, Element), page.text
    return error.text()


@pytest.mark.cause("B-01")
def test_an_id_that_cannot_be_one_is_told_with_its_rule(story: Story, screen_2: Page) -> None:
    page = screen_2
    for typed, said, rule in (
        ("taro", "アカウントIDは5文字以上で入力してください。", "login_id_too_short"),
        ("t" * 31, "アカウントIDは30文字以内で入力してください。", "login_id_too_long"),
        ("tarou 2026", "アカウントIDにはスペースを使えません。", "login_id_has_space"),
        ("たろう2026", "アカウントIDは半角の英字・数字・記号で入力してください。", "login_id_not_half_width"),
    ):
        page = page.submit("確認する", **{**PROFILE, "login_id": typed})
        assert said in _beside(page, "login_id")
        assert said in summary(page)
        assert causes(page) == ["B-01"]
        assert typed_in(page, "login_id") == typed
        entry = story.entry("signup.stumbled")
        assert (entry.causes, entry.facts["rules"]) == (("B-01",), [rule])
        assert typed not in str(story.rows())
    assert page.submit("確認する", **PROFILE).path == "/signup/confirm"


@pytest.mark.cause("B-01")
def test_a_taken_id_comes_with_free_ones_of_which_one_leads_on(story: Story, screen_2: Page) -> None:
    story.sign_up(**HANAKO, login_id="tarou")
    page = screen_2.submit("確認する", **{**PROFILE, "login_id": "Tarou"})
    assert "このアカウントIDは、ほかの方がお使いです。" in _beside(page, "login_id")
    assert "次のIDは、いまご利用になれます。" in page.text
    assert causes(page) == ["B-01"]
    assert story.entry("signup.stumbled").facts["rules"] == ["login_id_taken"]
    free = [each.text() for each in page.root.all("span") if each.attributes.get("class") == "breakable"]
    assert len(free) == 3
    confirm = page.submit("確認する", **{**PROFILE, "login_id": free[0]})
    assert free[0] in confirm.text
    assert confirm.submit("仮登録する").path == "/signup/done"
    assert story.entry("registration.made").causes == ()


@pytest.mark.cause("B-01")
def test_the_id_check_tells_it_before_the_form_is_sent(story: Story, screen_2: Page) -> None:
    story.sign_up(**HANAKO, login_id="tarou")
    page = screen_2.submit("IDチェック", login_id="tarou")
    assert "このアカウントIDは、ほかの方がお使いです。" in page.text
    assert causes(page) == ["B-01"]
    page = page.submit("IDチェック", login_id="tarou-san")
    assert "このアカウントIDはお使いになれます。" in page.text
    assert causes(page) == []
    # While typing, where there is JavaScript.
    token = form_values(page.form_with("確認する"))["csrf_token"]
    answer = page.visitor.client.post(
        "/signup/id-check",
        base_url=page.visitor.base_url,
        data={"csrf_token": token, "login_id": "tarou"},
        headers={"Accept": "application/json"},
    )
    said = answer.get_json()
    assert (said["free"], len(said["suggestions"])) == (False, 3)
    assert page.submit("確認する", **{**PROFILE, "login_id": "tarou-san"}).path == "/signup/confirm"


@pytest.mark.cause("B-01")
def test_full_width_is_converted(screen_2: Page) -> None:
    page = screen_2.submit("確認する", **{**PROFILE, "login_id": "ｔａｒｏｕ＿２"})
    assert page.path == "/signup/confirm"
    assert "tarou_2" in page.text


@pytest.mark.cause("B-01")
def test_an_id_that_somebody_took_meanwhile_is_told_on_screen_2(story: Story, screen_2: Page) -> None:
    confirm = screen_2.submit("確認する", **PROFILE)
    story.sign_up(**HANAKO, login_id="tarou")
    page = confirm.submit("仮登録する")
    assert "ご入力中に、このアカウントIDをほかの方が登録されました。" in _beside(page, "login_id")
    assert causes(page) == ["B-01"]
    assert story.entry("registration.refused").causes == ("B-01",)
    page = page.submit("確認する", **{**PROFILE, "login_id": "tarou2"})
    assert page.submit("仮登録する").path == "/signup/done"


@pytest.mark.cause("B-02")
def test_the_message_names_the_rule_that_a_password_fails(story: Story, screen_2: Page) -> None:
    page, profile = screen_2, {**PROFILE, "login_id": "tarou-2026"}
    for typed, said, rule in (
        ("Zq7-w", "パスワードが短すぎます。8文字以上で入力してください。", "password_under_8"),
        ("Abcdefgh-98765432", "パスワードが長すぎます。16文字以内で入力してください。", "password_over_16"),
        ("himitsuhi", "英小文字・英大文字・数字のうち2種類以上を組み合わせてください。", "password_one_kind"),
        ("ひみつのことばa1", "パスワードに使えない文字があります。", "password_not_half_width"),
        ("Password1", "推測されやすいため、お使いになれません。", "password_common"),
        ("Tarou-2026", "アカウントIDと同じパスワードはお使いになれません。", "password_is_login_id"),
        ("0012345678", "お客様番号と同じパスワードはお使いになれません。", "password_is_customer_number"),
        ("0748621234", "電話番号と同じパスワードはお使いになれません。", "password_is_phone"),
        ("Aikomu-Tarou", "お名前と同じパスワードはお使いになれません。", "password_is_name"),
    ):
        page = page.submit("確認する", **{**profile, "password": typed})
        assert said in _beside(page, "password"), typed
        assert said in summary(page)
        assert causes(page) == ["B-02"]
        assert typed not in page.html
        rules = story.entry("signup.stumbled").facts["rules"]
        assert isinstance(rules, list)
        assert rule in rules
        assert typed not in str(story.rows())
        assert "8文字以上16文字以内" in page.text, "the rules stand beside the field, to be ticked off"
    assert page.submit("確認する", **profile).path == "/signup/confirm"


@pytest.mark.cause("B-02")
def test_each_rule_stands_once_a_minute_in_the_timeline(story: Story, screen_2: Page) -> None:
    page = screen_2
    story.wait_for_full_minute()
    for password in ("abc", "abc", "Zq7-w", "Password1"):
        page = page.submit("確認する", **{**PROFILE, "password": password})
    told = [entry.facts["rules"] for entry in story.timeline() if entry.what == "signup.stumbled"]
    assert told == [["password_one_kind", "password_under_8"], ["password_common"]]
    story.wait(minutes=1)
    page.submit("確認する", **{**PROFILE, "password": "Zq7-w"})
    assert story.entry("signup.stumbled").facts["rules"] == ["password_under_8"]


@pytest.mark.cause("B-03")
def test_a_mistyped_domain_is_asked_about_with_one_button(story: Story, screen_2: Page) -> None:
    for typed, meant in (
        ("taro@gmial.com", "gmail.com"),
        ("taro@docomo.co.jp", "docomo.ne.jp"),
        ("ｔａｒｏ＠ｅｚｗｅｂ．ｎｅ．ｊ", "ezweb.ne.jp"),
    ):
        page = screen_2.submit("確認する", **{**PROFILE, "email": typed})
        assert page.path == "/signup/confirm", "never refused"
        assert f"「{meant}」のお間違いではありませんか？" in page.text
        assert causes(page) == ["B-03"]
        right = page.submit(f"taro@{meant} に直す")
        assert right.path == "/signup/confirm"
        assert causes(right) == []
    entry = story.entry("signup.stumbled")
    assert (entry.causes, entry.facts["rules"]) == (("B-03",), ["email_typo"])
    right.submit("仮登録する")
    story.deliver()
    assert story.server.mails[-1].recipient == "taro@ezweb.ne.jp"


@pytest.mark.cause("B-03")
def test_a_strange_domain_that_is_meant_goes_on(story: Story, screen_2: Page) -> None:
    page = screen_2.submit("確認する", **{**PROFILE, "email": "taro@gmial.com"}).submit("仮登録する")
    assert page.path == "/signup/done"
    story.deliver()
    assert story.server.mails[-1].recipient == "taro@gmial.com"
    # There it is asked once more, for the mail will not come.
    assert "B-03" in causes(page)
    assert page.submit("taro@gmail.com に直す").path == "/signup/done?said=address_corrected"


@pytest.mark.cause("B-03")
def test_what_no_mail_can_go_to_is_told(story: Story, screen_2: Page) -> None:
    page = screen_2
    for typed, said, rule in (
        ("taro", "「@」を1つだけ入れてください。", "email_no_at"),
        ("taro@", "「@」より後の部分をご確認ください。", "email_domain"),
        ("ta ro@example.jp", "スペースを除いて入力してください。", "email_has_space"),
        ("<taro@example.jp>", "メールアドレスに使えない文字があります。", "email_forbidden_character"),
    ):
        page = page.submit("確認する", **{**PROFILE, "email": typed})
        assert said in _beside(page, "email")
        assert causes(page) == ["B-03"]
        assert typed_in(page, "email") == typed
        assert story.entry("signup.stumbled").facts["rules"] == [rule]
    assert page.submit("確認する", **PROFILE).path == "/signup/confirm"


@pytest.mark.cause("B-04")
def test_dots_that_the_standards_forbid_are_accepted_and_the_mail_goes_out(story: Story) -> None:
    for person, key, address in (
        (TAROU, "12345678", "a..b.@docomo.ne.jp"),
        (HANAKO, "777", "..hanako.@ezweb.ne.jp"),
    ):
        page = story.signup().submit("認証", **person)
        page = page.submit("確認する", **{**PROFILE, "login_id": f"id-{key}", "email": address})
        assert page.path == "/signup/confirm"
        assert causes(page) == []
        page.submit("仮登録する")
        story.deliver()
        (mail,) = [mail for mail in story.server.mails if mail.recipient == address]
        assert story.entry("mail.handed_over", key).facts["kind"] == "provisional_registration"
        page = story.visitor().get(urlsplit(mail.link).path).submit("本登録する", password=PASSWORD)
        assert page.path == "/signup/complete"
        assert story.entry("activation.done", key).actor == "visitor"


@pytest.mark.cause("B-05")
def test_one_address_serves_two_contracts(story: Story) -> None:
    for person, login_id in ((TAROU, "tarou"), (HANAKO, "hanako")):
        done = story.sign_up(**person, login_id=login_id, email="kazoku@example.jp")
        assert causes(done) == ["C-01"], "nothing is asked and nothing refused"
        story.deliver()
        page = story.visitor().get(story.link()).submit("本登録する", password=PASSWORD)
        assert page.submit("そのままログイン").path == "/"
    links = [mail for mail in story.server.mails if "/signup/activate/" in mail.body]
    assert [mail.recipient for mail in links] == ["kazoku@example.jp"] * 2
    assert len({urlsplit(mail.link).path for mail in links}) == 2
    for key in ("12345678", "777"):
        assert story.entry("activation.done", key).causes == ("C-07",)


@pytest.mark.cause("B-06")
def test_whoever_has_no_address_may_use_a_family_member_s_or_call(story: Story, screen_2: Page) -> None:
    assert FAMILY in screen_2.text, "it stands beside the field before anything went wrong"
    page = screen_2.submit("確認する", **{**PROFILE, "email": ""})
    assert "メールアドレスを入力してください。" in _beside(page, "email")
    assert FAMILY in summary(page)
    assert "書面でのお手続きをご案内します。" in summary(page)
    assert SUPPORT in summary(page)
    assert causes(page) == ["A-09", "B-06"]
    assert story.entry("signup.stumbled").causes == ("B-06",)
    page = page.submit("確認する", **{**PROFILE, "email": "musume@example.jp"})
    assert page.submit("仮登録する").path == "/signup/done"
    story.deliver()
    assert story.server.mails[-1].recipient == "musume@example.jp"


@pytest.mark.cause("A-07")
def test_somebody_who_was_quicker_with_the_number_leaves_a_sentence(story: Story, screen_2: Page) -> None:
    confirm, now = screen_2.submit("確認する", **PROFILE), datetime.now(UTC)
    other = Person(story.database, browser="other")
    other.sign_up(now, login_id="other")
    other.activate(other.token(signed_at=now), now)
    page = confirm.submit("仮登録する")
    assert "このお客様番号は、すでに会員登録がお済みです" in page.text
    assert "A-07" in causes(page)
    assert story.entry("registration.refused").causes == ("A-07",)
    assert page.follow("ログイン").path == "/login"
