"""What the console says of a number that a caller read out (お電話用の確認番号)."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "support_code_misheard": (
        "確認番号として読み取れません。聞き違いか打ち違いがあるようです。"
        "3桁ずつ、もう一度読み上げていただいてください。"
    ),
    "support_code_unknown": (
        "この確認番号は使えません。新しい番号が発行されたか、聞き違いがあるようです。"
        "マイページの「お電話用の確認番号」で、いま表示されている番号を読み上げていただいてください。"
    ),
    "support_code_expired": (
        "この確認番号は、有効期限（10分）が過ぎています。"
        "マイページで［新しい番号を発行する］を押していただき、新しい番号をお聞きください。"
    ),
    "support_code_used": (
        "この確認番号は、すでに使われています（1回限りです）。"
        "マイページで［新しい番号を発行する］を押していただき、新しい番号をお聞きください。"
    ),
    "support_code_of_another": (
        "この確認番号は、別のお客様のものです。お客様番号をもう一度お確かめください。"
        "契約が複数ある方には、お問い合わせのお客様番号を選んでから、番号を発行していただいてください。"
    ),
    "support_code_staff_wait": (
        "一致しない確認番号が続いたため、約{minutes}分間、確認番号は使えません。"
        "お名前・電話番号などで、ご本人を確認してください。"
    ),
}
