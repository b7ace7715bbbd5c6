"""The base of every form: a CSRF token, and messages in the person's language."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field

from mypage.web import kept_form
from mypage.web.language import language
from mypage.words.catalogue import translate
from mypage.words.causes import told_by
from mypage.words.sentences import sentence


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose fields keep what was typed (also before a login, see ``kept_form``) and whose errors are sentences.

    Labels are written in Japanese, wrapped in ``N_()``, and stand in the person's language on the page.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        # Our own sentences are used throughout; WTForms' catalogues would only cost time.
        locales = False

    def __init__(self, **options: Any) -> None:
        # Typed text only: Flask-WTF alone would also take files and JSON, and a field would hold what is no text.
        typed = request.form if request.method == "POST" else kept_form.taken_up()
        super().__init__(**{"formdata": typed, **options})
        # What was refused: by cause, the codes of the sentences. The summary shows the causes in small print.
        self.refused: dict[str, list[str]] = {}
        for field in self:
            field.label.text = translate(field.label.text, language())

    def refuse(self, field: Field, code: str, **facts: object) -> None:
        """Put the sentence of ``code`` beside ``field``; the summary at the top links to it."""
        said = sentence(code, language(), **facts)
        field.errors = (*self._said(field.errors), said)
        self._note(code)

    def tell(self, code: str, **facts: object) -> None:
        """Say the sentence of ``code`` in the summary, where no field alone is wrong."""
        self.form_errors.append(sentence(code, language(), **facts))
        self._note(code)

    def _note(self, code: str) -> None:
        for cause in told_by(code):
            self.refused.setdefault(cause, []).append(code)

    @staticmethod
    def _said(errors: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(errors or ())
