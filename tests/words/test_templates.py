"""Templates: texts are translated when they are compiled, facts are escaped, nothing undefined is drawn."""

from collections.abc import Callable

import pytest
from jinja2 import DictLoader, TemplateSyntaxError, UndefinedError

from mypage.words.filters import filters
from mypage.words.templates import LanguageEnvironment, environment


def speaking(language: str, source: str) -> Callable[..., str]:
    made = environment(language, filters(language), {})
    made.loader = DictLoader({"page.html": source})
    return made.get_template("page.html").render


def test_texts_become_constants_of_the_language() -> None:
    assert speaking("ja", '{{ _("ログアウト") }}')() == "ログアウト"
    assert speaking("en", '{{ _("ログアウト") }}')() == "Log out"


def test_facts_fill_the_text_and_are_escaped() -> None:
    said = speaking("ja", '{{ _("{name} 様 <b>", name=name) }}')(name="<script>")
    assert "<script>" not in said
    assert "&lt;script&gt; 様" in said


def test_the_text_of_a_translation_is_ours_but_no_markup_by_accident() -> None:
    assert speaking("ja", '{{ _("A & B") }}')() == "A &amp; B"


@pytest.mark.parametrize("source", ["{{ _(word) }}", '{{ _("a", "b") }}', "{{ _() }}"])
def test_a_text_that_cannot_be_translated_beforehand_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        speaking("ja", source)


def test_what_is_not_defined_is_an_error_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        speaking("ja", "{{ nobody }}")()


def test_the_environment_speaks_one_language() -> None:
    assert isinstance(environment("en", filters("en"), {}), LanguageEnvironment)
