"""Rules that settings decide, in the words of the help."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

PASSWORD_RULE: Final[Mapping[str, str]] = {
    "operator": N_(
        "8文字から16文字の半角で、英小文字・英大文字・数字のうち、2種類以上を組み合わせてください。記号も使えます。"
    ),
    "strict": N_("15文字以上で決めてください。文字の種類の決まりはありません。"),
}
PASSWORD_EXAMPLE: Final[Mapping[str, str]] = {
    "operator": "Ringo7Kasa25",
    "strict": "ringo-kasa-densha-25",
}

ENDED: Final = N_("解約された方は、解約日から{months}か月の間は、登録できます。")
ENDED_AT_ONCE: Final = N_("解約された方は、登録できません。")
