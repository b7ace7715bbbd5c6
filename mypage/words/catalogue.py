"""Translations. Japanese is the source language; the English catalogue is a .po file read as it is.

Flask-free and cheap: the catalogue is read once, and templates ask it when they are compiled, not when they are
rendered.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("ja", "en")
_LOCALE = Path(__file__).with_name("locale")


@cache
def _messages(language: str) -> dict[str, str]:
    if language == "ja":
        return {}
    with (_LOCALE / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string}


def translate(text: str, language: str, **facts: object) -> str:
    """``text`` (Japanese) in ``language`` with its ``{placeholders}`` filled from ``facts``.

    A text that the catalogue lacks stays Japanese; a test keeps the catalogue complete.
    """
    said = _messages(language).get(text, text)
    return said.format(**facts) if facts else said
