"""What a page of the help is made of.

Texts are Japanese, marked with ``N_()``. What stands in braces is filled in from the settings
(``shown/help_facts.py``), so that the help tells the rules that are in force.
"""

from dataclasses import dataclass
from typing import Final

from mypage.words.gettext import N_


@dataclass(frozen=True, slots=True)
class NextStep:
    """Where one goes from here: a page of the portal, or (``path`` is ``tel:``) a call to the support window.

    ``begins_anew``: a form that comes up empty. Whoever left a filled one open beside the help is sent back to that.
    """

    label: str
    path: str
    begins_anew: bool = False


CALL: Final = NextStep(N_("お問い合わせ窓口に電話する"), "tel:")
OPEN: Final = NextStep(N_("マイページを開く"), "/", begins_anew=True)
FORGOT_LOGIN_ID: Final = NextStep(N_("アカウントIDをお忘れの方"), "/recover/id")
FORGOT_PASSWORD: Final = NextStep(N_("パスワードをお忘れの方"), "/recover/password")


@dataclass(frozen=True, slots=True)
class Part:
    """Numbered steps under a heading of their own: for one carrier, one kind of device."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """More to know: sentences, then points, then parts; each may be missing."""

    title: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePage:
    """The page of one cause: what happened, what to do step by step, where to go next.

    ``related`` names other pages of the help; ``shows_notice`` puts the picture of the printed notice beside the
    steps. The title stands in ``words.causes``, the words that lead here in ``words.help.asked``.
    """

    happened: tuple[str, ...]
    steps: tuple[str, ...]
    related: tuple[str, ...]
    next_steps: tuple[NextStep, ...] = ()
    sections: tuple[Section, ...] = ()
    shows_notice: bool = False
