"""What is said of お電話用の確認番号 to its subscriber, and how its digits are read out."""

from collections.abc import Mapping, Sequence
from typing import Final

from mypage.domain.support_code import groups
from mypage.words.catalogue import translate
from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "support_code_wait": N_(
        "確認番号を続けて発行されたため、しばらく発行できません。約{minutes}分後に、もう一度お試しください。"
        "お急ぎのときは、お名前などをお電話でお伝えください。"
    ),
}

# As they are told apart on the telephone: イチ and シチ, シ and シチ are not.
_READINGS: Final[Mapping[str, str]] = {
    "0": N_("ゼロ"),
    "1": N_("イチ"),
    "2": N_("ニ"),
    "3": N_("サン"),
    "4": N_("ヨン"),
    "5": N_("ゴ"),
    "6": N_("ロク"),
    "7": N_("ナナ"),
    "8": N_("ハチ"),
    "9": N_("キュウ"),
}


def readings(digits: str, language: str) -> Sequence[Sequence[str]]:
    """How the digits are said, in their groups."""
    return [[translate(_READINGS[digit], language) for digit in group] for group in groups(digits)]
