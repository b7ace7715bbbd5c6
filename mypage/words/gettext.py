"""The mark for texts that are translated later."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for the mark
    """Mark ``text`` for the catalogue; :func:`mypage.words.catalogue.translate` says it in a language."""
    return text
