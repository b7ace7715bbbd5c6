"""The base of every form: a CSRF token, and messages in the person's language."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field

from mypage.web.language import language
from mypage.words.catalogue import translate
from mypage.words.sentences import sentence


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose fields keep what was typed and whose errors are sentences.

    Labels are written in Japanese, wrapped in ``N_()``, and stand in the person's language on the page.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        # Our own sentences are used throughout; WTForms' catalogues would only cost time.
        locales = False

    def __init__(self, **options: Any) -> None:
        # Typed text only: Flask-WTF alone would also take files and JSON, and a field would hold what is no text.
        typed = request.form if request.method == "POST" else None
        super().__init__(**{"formdata": typed, **options})
        for field in self:
            field.label.text = translate(field.label.text, language())

    def refuse(self, field: Field, code: str, **facts: object) -> None:
        """Put the sentence of ``code`` beside ``field``; the summary at the top links to it."""
        said = sentence(code, language(), **facts)
        field.errors = (*self._said(field.errors), said)

    @staticmethod
    def _said(errors: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(errors or ())
