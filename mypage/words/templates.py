"""One Jinja environment a language, with the translations resolved when a template is compiled.

Looking up each text at each rendering costs a third of a page's whole budget; here ``_("…")`` has become a
constant before the first visitor comes.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from mypage.words.catalogue import translate

ROOT = Path(__file__).resolve().parents[2]


class _Translated(NodeTransformer):
    def __init__(self, language: str) -> None:
        self._language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's own naming
        self.generic_visit(node)
        if not (isinstance(node.node, nodes.Name) and node.node.name == "_"):
            return node
        text = node.args[0] if len(node.args) == 1 else None
        if not isinstance(text, nodes.Const) or not isinstance(text.value, str):
            raise TemplateSyntaxError("_() takes one literal text and named facts", node.lineno)
        said = nodes.Const(translate(text.value, self._language), lineno=node.lineno)
        if not node.kwargs:
            return said
        fill = nodes.Name("_fill", "load", lineno=node.lineno)
        return nodes.Call(fill, [said], node.kwargs, None, None, lineno=node.lineno)


class LanguageEnvironment(Environment):
    """An environment that speaks one language."""

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(**options)
        self.language = language
        self.globals["_fill"] = fill if self.autoescape else str.format

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        translated: nodes.Template = _Translated(self.language).visit(tree)
        return translated


def fill(text: str, **facts: object) -> Markup:
    """``text`` with its placeholders filled; the facts are escaped, the text is ours."""
    return Markup(text).format(**{name: escape(fact) for name, fact in facts.items()})  # noqa: S704 - a literal


def environment(
    language: str,
    filters: Mapping[str, Callable[..., Any]],
    constants: Mapping[str, Any],
    *,
    autoescape: bool = True,
) -> LanguageEnvironment:
    """The environment for pages in ``language``; ``autoescape=False`` for mails, which are plain text."""
    made = LanguageEnvironment(
        language,
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # All of them, in a plain dictionary: Jinja's own keeping searches its list at each use.
        cache_size=-1,
    )
    made.filters.update(filters)
    made.globals.update(constants)
    return made
