"""All pages of the help: the causes in their groups, and the life events. Another file for each group's texts."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_
from mypage.words.help import credentials, identity, login, mail, ours, screens
from mypage.words.help.page import CausePage

# The letter of the codes, and what its causes have in common.
GROUPS: Final[Mapping[str, str]] = {
    "A": N_("ご本人の確認"),
    "B": N_("IDとパスワードなどを決める"),
    "C": N_("メール"),
    "D": N_("ログイン"),
    "E": N_("画面"),
    "F": N_("こちらの都合"),
}

# What most people come for, on top of the list, and what stands below it.
OFTEN_TITLE: Final = N_("よくあるお困りごと")
CONTRACT_TITLE: Final = N_("ご契約のお手続き")
OFTEN: Final = ("C-01", "A-03", "D-03", "C-05", "A-07", "D-01")

CAUSE_PAGES: Final[Mapping[str, CausePage]] = {
    **identity.PAGES,
    **credentials.PAGES,
    **mail.PAGES,
    **login.PAGES,
    **screens.PAGES,
    **ours.PAGES,
}

# What a search finds besides the pages of the help: title and path.
BESIDES: Final[Mapping[str, tuple[str, str]]] = {
    "signup": (N_("初めてログインされる方"), "/signup"),
    "contact": (N_("お問い合わせ窓口"), "/help#contact"),
    "notices": (N_("請求確定のお知らせの停止と再開"), "/profile#notices"),
}
