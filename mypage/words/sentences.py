"""Every sentence for people, by its code.

Each subject keeps its own table (``credentials``, ``batch``, ``signup`` …); this module is the one place that
says a code in a language.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import mypage.words
from mypage.words.catalogue import translate

_NOT_SUBJECTS = ("catalogue", "causes", "filters", "gettext", "sentences", "templates")


def _tables() -> Mapping[str, str]:
    sentences: dict[str, str] = {}
    for module in iter_modules(mypage.words.__path__):
        if module.name in _NOT_SUBJECTS or module.ispkg:
            continue
        table: Mapping[str, str] = import_module(f"mypage.words.{module.name}").SENTENCES
        if twice := sentences.keys() & table.keys():
            raise ValueError(f"codes with two sentences: {sorted(twice)}")
        sentences.update(table)
    return MappingProxyType(sentences)


SENTENCES = _tables()


def sentence(code: str, language: str, **facts: object) -> str:
    """What ``code`` means to a person who reads ``language``; ``facts`` fill its placeholders."""
    return translate(SENTENCES[code], language, **facts)
