"""The base of every form: a CSRF token, and messages in the person's language."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import Field

from mypage.web.language import language
from mypage.words.sentences import sentence


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose fields keep what was typed and whose errors are sentences."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        # Our own sentences are used throughout; WTForms' catalogues would only cost time.
        locales = False

    def refuse(self, field: Field, code: str, **facts: object) -> None:
        """Put the sentence of ``code`` beside ``field``; the summary at the top links to it."""
        said = sentence(code, language(), **facts)
        field.errors = (*self._said(field.errors), said)

    @staticmethod
    def _said(errors: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(errors or ())
