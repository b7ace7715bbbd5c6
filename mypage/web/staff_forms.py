"""The base of the console's forms: as every form, without the causes of the first try, which are for subscribers."""

from mypage.web import forms


class Form(forms.Form):
    """A form of the console; its sentences stand in ``words/staff….py``."""

    def _note(self, code: str) -> None:
        """The help that a cause leads to tells subscribers' rules."""
