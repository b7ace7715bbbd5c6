"""The help in a browser: every page, and the way there and back without losing what was typed."""

from collections.abc import Callable

import pytest

from mypage.shown.help import path_of
from mypage.words.help.life_events import LIFE_EVENTS
from mypage.words.help.pages import CAUSE_PAGES
from tests.browser.conftest import Portal
from tests.browser.person import Person
from tests.browser.test_story import fill_identity

pytestmark = pytest.mark.browser
PATHS = ["/help", *map(path_of, (*CAUSE_PAGES, *LIFE_EVENTS))]


def fits(visitor: Person, width: int) -> bool:
    """Whether the page, as wide as that, is read without scrolling sideways."""
    visitor.page.set_viewport_size({"width": width, "height": 740})
    measure = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return bool(visitor.page.evaluate(measure) <= 0)


def test_every_page_of_the_help_on_the_phone_and_on_the_desk(person: Callable[..., Person]) -> None:
    visitor = person(width=360)
    for path in PATHS:
        visitor.go(path)
        assert [width for width in (320, 1280) if not fits(visitor, width)] == [], path
        visitor.page.set_viewport_size({"width": 360, "height": 740})


def test_each_kind_of_page_in_english_on_the_desk(person: Callable[..., Person]) -> None:
    visitor = person(width=1280, javascript=False, locale="en")
    for path in ("/help?q=mail", "/help?q=zzz", "/help/c-01", "/help/a-03?apart=1", "/help/moving"):
        visitor.go(path)
        assert visitor.page.locator("html").get_attribute("lang") == "en"
        assert [width for width in (320, 360) if not fits(visitor, width)] == [], path


def test_help_opens_beside_the_form_and_nothing_typed_is_lost(
    portal: Portal, person: Callable[..., Person]
) -> None:
    visitor = person(width=360)
    visitor.go("/signup")
    fill_identity(visitor, portal)
    visitor.type("電話番号", "0399990000")
    visitor.press("認証")
    typed = visitor.page.get_by_label("電話番号").input_value()
    assert typed == "0399990000"
    with visitor.context.expect_page() as opened:
        visitor.page.get_by_role("link", name="くわしい説明（新しい画面で開きます）").click()
    beside = opened.value
    beside.wait_for_load_state()
    assert "契約者情報と一致しないと表示される" in beside.locator("h1").inner_text().replace("\n", "")
    assert beside.evaluate("window.opener") is None
    # Here a button to an empty form would be a trap: the filled one waits in the other window.
    assert beside.get_by_role("link", name="会員登録の画面へ").count() == 0
    assert "もとの画面は、そのまま残っています" in beside.locator("main").inner_text()
    beside.close()
    assert visitor.page.get_by_label("電話番号").input_value() == typed


def test_help_is_printed_with_all_its_words(person: Callable[..., Person]) -> None:
    visitor = person(width=1280)
    visitor.go("/help")
    visitor.page.emulate_media(media="print")
    assert visitor.page.get_by_role("link", name="メールが届かない").first.is_visible()
    assert not visitor.page.locator("#chapters").is_visible()
    visitor.go("/help/c-01")
    assert visitor.page.get_by_text("受信リスト設定").first.is_visible()
    assert visitor.page.get_by_text("/help/c-01", exact=False).is_visible()
    assert not visitor.page.get_by_role("link", name="メールを再送する").is_visible()
