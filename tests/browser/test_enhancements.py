"""What JavaScript adds to pages that work without it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Portal
from tests.browser.person import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def at_profile(portal: Portal, person: Callable[..., Person]) -> Person:
    """Somebody on the phone whose identity has been found, before the second screen of the signup."""
    visitor, who = person(width=360), portal.identity()
    visitor.go("/signup")
    visitor.type("お客様番号", who.customer_number)
    visitor.type("電話番号", who.phone)
    visitor.type("お名前(カナ)", who.name_kana)
    visitor.press("認証")
    return visitor


def test_the_password_can_be_shown_and_its_rules_tick_off(at_profile: Person) -> None:
    page = at_profile.page
    field = page.locator("#password")
    field.fill("abcdefg")
    met = page.locator("li.met")
    expect(met).to_have_count(1)
    field.fill("abcdefg1")
    expect(met).to_have_count(3)
    field.fill("ａｂｃ")
    assert at_profile.sees("全角文字が入力されています。")
    page.get_by_role("button", name="表示する").click()
    expect(field).to_have_attribute("type", "text")
    at_profile.look()
    page.get_by_role("button", name="隠す").click()
    expect(field).to_have_attribute("type", "password")


def test_a_likely_typo_of_a_domain_is_asked_about_with_one_button(at_profile: Person) -> None:
    field = at_profile.page.get_by_label(re.compile("^メールアドレス"))
    field.fill("taro@gmial.com")
    field.blur()
    assert at_profile.sees("「gmail.com」のお間違いではありませんか？")
    at_profile.look()
    at_profile.page.get_by_role("button", name="taro@gmail.com に直す").click()
    expect(field).to_have_value("taro@gmail.com")
    field.fill("taro@example.org")
    field.blur()
    assert not at_profile.sees("お間違いではありませんか")


def test_the_id_check_answers_without_leaving_the_page(at_profile: Person) -> None:
    page = at_profile.page
    page.locator("#password").fill("Kept2026")
    at_profile.type("アカウントID", "still.free.id")
    with page.expect_response("**/signup/id-check") as answered:
        page.get_by_role("button", name="IDチェック", exact=True).click()
    assert answered.value.status == 200
    expect(page.locator("[aria-live] .answer-yes")).to_be_visible()
    expect(page.locator("#password")).to_have_value("Kept2026")
    at_profile.look()


def test_a_double_click_sends_once(person: Callable[..., Person]) -> None:
    visitor, sent = person(), []
    visitor.go("/login")
    visitor.page.on("request", lambda request: sent.append(request.method))
    visitor.type("アカウントID", "nobody.here")
    visitor.type("パスワード", "Wrong2026")
    visitor.page.get_by_role("button", name="ログイン", exact=True).dblclick()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    assert sent.count("POST") == 1


def test_the_focus_is_on_the_summary_and_its_links_lead_into_the_fields(
    person: Callable[..., Person],
) -> None:
    visitor = person(width=360)
    visitor.go("/signup")
    visitor.press("認証")
    expect(visitor.page.locator("#errors")).to_be_focused()
    link = visitor.page.get_by_role("alert").get_by_role("link").nth(1)
    link.click()
    target = visitor.page.evaluate("document.activeElement.id")
    assert target
    assert (link.get_attribute("href") or "").removeprefix("#") == target
