"""The words of a mail: ``templates/mail/KIND.txt`` in the person's language. Plain text only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from mypage.config.settings import Settings
from mypage.domain.billing_month import BillingMonth
from mypage.words.catalogue import LANGUAGES
from mypage.words.filters import filters
from mypage.words.templates import environment

# A fact stands within a line; whatever would begin a new one could tell a story of its own.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class MailText:
    """What a person reads: one line, and the text."""

    subject: str
    body: str


class MailTexts:
    """All mails of one operator. Made once: templates are compiled at their first use."""

    def __init__(self, settings: Settings) -> None:
        self._environments = {
            language: environment(
                language,
                filters(language),
                {
                    "operator": settings,
                    "language": language,
                    "portal_host": urlsplit(settings.public_url).netloc,
                },
                autoescape=False,
            )
            for language in LANGUAGES
        }

    def render(self, kind: str, language: str, facts: Mapping[str, object]) -> MailText:
        """The mail of that kind. Of the facts ``at`` is an instant, as ISO text, and ``month`` a billing month (yyyymm).

        Raises ``jinja2.UndefinedError`` when a fact is missing.
        """
        told: dict[str, object] = {name: _on_one_line(fact) for name, fact in facts.items()}
        if "at" in told:
            told["at"] = datetime.fromisoformat(str(told["at"]))
        if "month" in told:
            told["month"] = BillingMonth.from_int(int(str(told["month"])))
        template = self._environments.get(language, self._environments["ja"]).get_template(f"mail/{kind}.txt")
        # One context for both: making it takes as long as filling in the words.
        context = template.new_context(told)
        subject = "".join(template.blocks["subject"](context))
        body = "".join(template.root_render_func(context))
        return MailText(" ".join(subject.split()), body.strip() + "\n")


def _on_one_line(fact: object) -> object:
    if isinstance(fact, list):
        return [_on_one_line(each) for each in fact]
    return _BREAKS.sub(" ", fact) if isinstance(fact, str) else fact
