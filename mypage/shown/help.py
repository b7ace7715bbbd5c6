"""The help as it is shown: its texts with the facts of the settings, its list, and what a search finds."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from mypage.config.settings import Settings
from mypage.domain import help_search, signup_mail
from mypage.domain.help_search import Entry, Index
from mypage.services.signup import MOST_ID_CHECKS
from mypage.words.catalogue import LANGUAGES, translate
from mypage.words.causes import CAUSES
from mypage.words.help import rules
from mypage.words.help.asked import ASKED
from mypage.words.help.life_events import LIFE_EVENTS
from mypage.words.help.notions import NOTIONS
from mypage.words.help.pages import BESIDES, CONTRACT_TITLE, GROUPS, OFTEN, OFTEN_TITLE

# Words written in kana or kanji, with the signs between them.
_JAPANESE: Final = re.compile("[ぁ-ヿ々㐀-鿿ｦ-ﾟ][ぁ-ヿ々㐀-鿿ｦ-ﾟ　（）・、。]*")


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of a list of pages. ``code`` is None where the page has none."""

    title: str
    path: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Topics under a heading; ``name`` is what an address can point at."""

    name: str
    title: str
    topics: tuple[Topic, ...]


def name_of(asked: str) -> str | None:
    """The name of the page at ``/help/<asked>``: its code for a cause, its word for a life event, None for no page."""
    code = help_search.code_of(asked)
    if code in CAUSES:
        return code
    word = asked.casefold()
    return word if word in LIFE_EVENTS else None


def path_of(name: str) -> str:
    """Where the page of that name stands."""
    return BESIDES[name][1] if name in BESIDES else f"/help/{name.lower()}"


def topics(names: Sequence[str], language: str) -> tuple[Topic, ...]:
    """The pages of these names, in this order."""
    return tuple(
        Topic(translate(_title(name), language), path_of(name), name if name in CAUSES else None)
        for name in names
    )


def groups(language: str) -> Iterator[Group]:
    """All pages of the help: what most people come for, each cause in its group, and the life events."""
    yield Group("often", translate(OFTEN_TITLE, language), topics(OFTEN, language))
    for letter, title in GROUPS.items():
        of_letter = [code for code in CAUSES if code.startswith(letter)]
        yield Group(f"group-{letter.lower()}", translate(title, language), topics(of_letter, language))
    yield Group("contract", translate(CONTRACT_TITLE, language), topics(tuple(LIFE_EVENTS), language))


def found(typed: str, language: str) -> tuple[Topic, ...]:
    """What the person may be looking for, the likeliest first; the page of a code that stands in it before all."""
    code = help_search.code_within(typed)
    named = (code,) if code in CAUSES and code is not None else ()
    return topics(tuple(dict.fromkeys((*named, *_index().find(typed)))), language)


def saying(settings: Settings, language: str) -> Callable[[str], Markup]:
    """Says a text of the help in ``language``, with the rules and names that are in force.

    Japanese words in an English text (what a carrier calls its settings) are marked as such, for whoever listens.
    """
    field = label = settings.customer_number_label
    if label == "お客様番号":
        field = translate(label, language)
        # Within an English sentence the name of the field is no heading.
        label = field.lower()
    ended = rules.ENDED if settings.months_after_end else rules.ENDED_AT_ONCE
    say = partial(
        translate,
        language=language,
        operator=settings.operator_name,
        field=field,
        label=label,
        example=settings.customer_number_example,
        domain=settings.sender_domain,
        mail_from=settings.mail_from,
        host=urlsplit(settings.public_url).netloc,
        months_shown=settings.months_shown,
        ended_rule=translate(ended, language, months=settings.months_after_end),
        password_rule=translate(rules.PASSWORD_RULE[settings.password_profile], language),
        password_example=rules.PASSWORD_EXAMPLE[settings.password_profile],
        idle_minutes=int(settings.session_idle.total_seconds() // 60),
        id_checks=MOST_ID_CHECKS,
        most_mails=signup_mail.MOST_MAILS,
        most_addresses=signup_mail.MOST_ADDRESSES,
        most_replacements=signup_mail.MOST_REPLACEMENTS,
    )
    return (lambda text: escape(say(text))) if language == "ja" else (lambda text: _marked(say(text)))


def _marked(text: str) -> Markup:
    return Markup(_JAPANESE.sub(r'<span lang="ja">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped just before


def _title(name: str) -> str:
    if name in CAUSES:
        return CAUSES[name]
    return LIFE_EVENTS[name].title if name in LIFE_EVENTS else BESIDES[name][0]


@cache
def _index() -> Index:
    """Made at the first search; both languages in one, for a person may type either on any page."""
    return Index(
        (
            Entry(name, (*(translate(_title(name), each) for each in LANGUAGES), *ways))
            for name, ways in ASKED.items()
        ),
        NOTIONS,
    )
