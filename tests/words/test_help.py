"""The texts of the help: a page for each cause and a cause for each page, and nothing in them that leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mypage.domain import password
from mypage.domain.help_search import folded
from mypage.words.catalogue import LANGUAGES, translate
from mypage.words.causes import CAUSES
from mypage.words.help import rules
from mypage.words.help.asked import ASKED
from mypage.words.help.life_events import LIFE_EVENTS
from mypage.words.help.notions import NOTIONS
from mypage.words.help.page import CausePage
from mypage.words.help.pages import BESIDES, CAUSE_PAGES, GROUPS, OFTEN

ROOT = Path(__file__).resolve().parents[2]


def texts(page: CausePage) -> Iterator[str]:
    """Every text of the page of a cause."""
    yield from (*page.happened, *page.steps, *(step.label for step in page.next_steps))
    for section in page.sections:
        yield from (section.title, *section.sentences, *section.points)
        for part in section.parts:
            yield from (part.title, *part.steps)


def test_every_cause_has_its_page_and_every_page_its_cause() -> None:
    assert list(CAUSE_PAGES) == list(CAUSES)


def test_every_cause_stands_in_a_group_and_every_group_has_causes() -> None:
    assert {code[0] for code in CAUSES} == GROUPS.keys()
    assert set(OFTEN) <= CAUSES.keys()


@pytest.mark.parametrize("code", CAUSE_PAGES)
def test_a_page_tells_what_happened_what_to_do_and_where_else_to_look(code: str) -> None:
    page = CAUSE_PAGES[code]
    assert page.happened
    assert len(page.steps) >= 2
    assert set(page.related) <= (CAUSES.keys() | LIFE_EVENTS.keys()) - {code}
    assert len(page.related) == len(set(page.related)) >= 2
    said = list(texts(page))
    assert len(said) == len(set(said)), "a sentence that stands twice"


@pytest.mark.parametrize("code", CAUSE_PAGES)
def test_a_page_speaks_politely_and_plainly(code: str) -> None:
    for text in texts(CAUSE_PAGES[code]):
        assert not re.search("不正|無効|エラーコード|クリック|サーバエラー", text), text
        # A sentence of an old telephone's screen at most: what is longer is read by nobody.
        assert len(text) <= 150, text
    for text in (*CAUSE_PAGES[code].happened, *CAUSE_PAGES[code].steps):
        assert text.endswith(("。", "）", "}")), text


def test_no_two_pages_are_the_same_advice() -> None:
    assert len({page.steps for page in CAUSE_PAGES.values()}) == len(CAUSE_PAGES)


def test_every_page_is_found_by_words_and_words_lead_to_pages_only() -> None:
    assert ASKED.keys() == {*CAUSES, *LIFE_EVENTS, *BESIDES}
    for name, ways in ASKED.items():
        assert len(ways) >= 5, name
        assert len(ways) == len(set(ways)), name
        assert all(folded(way) for way in ways), name


def test_what_is_said_in_many_ways_means_one_thing() -> None:
    meant: dict[str, str] = {}
    for notion, ways in NOTIONS.items():
        for way in ways:
            assert folded(way) > "一" or len(folded(way)) > 1, f"{way} would be heard everywhere"
            assert meant.setdefault(folded(way), notion) == notion, (
                f"{way}: {notion} or {meant[folded(way)]}?"
            )


def test_life_events_have_what_a_caller_needs() -> None:
    titles = [event.title for event in LIFE_EVENTS.values()]
    assert titles == [
        "引っ越し",
        "解約",
        "口座・カードの変更",
        "名義変更",
        "ご契約者が亡くなられたとき",
        "領収書がほしい",
    ]
    assert all(event.prepare and event.notes for event in LIFE_EVENTS.values())


@pytest.mark.parametrize("profile", ["operator", "strict"])
def test_the_password_of_the_example_would_be_accepted(profile: password.ProfileName) -> None:
    assert password.weaknesses(rules.PASSWORD_EXAMPLE[profile], profile) == ()
    assert rules.PASSWORD_RULE.keys() == password.PROFILES.keys()


def test_files_of_texts_stay_readable() -> None:
    for module in (ROOT / "mypage/words/help").glob("*.py"):
        assert len(module.read_text(encoding="utf-8").splitlines()) <= 300, module.name


def test_texts_are_translated_and_not_only_repeated() -> None:
    assert LANGUAGES == ("ja", "en")
    for code, page in CAUSE_PAGES.items():
        same = [text for text in texts(page) if translate(text, "en") == text]
        # Addresses that are mistyped look the same in both.
        assert all(text == "{password_rule}" or ".com" in text or ".jp" in text for text in same), (
            code,
            same,
        )
