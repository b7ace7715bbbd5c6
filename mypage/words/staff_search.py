"""What the console says of a search: why nothing was looked for, by what somebody was found, how they stand."""

from collections.abc import Mapping
from typing import Final

from mypage.domain.customer_state import Standing
from mypage.domain.customers import Status

SENTENCES: Final[Mapping[str, str]] = {
    "search_empty": "お客様番号、電話番号、お名前（カナ）などを入力してください。",
    "search_too_long": "入力が長すぎます。200文字までで入力してください。",
}

MATCHES: Final[Mapping[str, str]] = {
    "customer_number": "お客様番号",
    "phone": "電話番号",
    "contract": "契約番号",
    "login_id": "アカウントID",
    "email": "メールアドレス",
    "support_code": "お電話用の確認番号",
    "kana": "カナ（はじめから）",
    "kana_part": "カナ（途中の一部）",
    "name": "お名前（漢字）",
    "address": "住所",
}

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.NOT_REGISTERED: "未登録",
    Standing.PROVISIONAL: "仮登録中",
    Standing.REGISTERED: "本登録済",
    Standing.SUSPENDED: "一時停止中",
}

STATUSES: Final[Mapping[str, str]] = {
    Status.ACTIVE.value: "契約中",
    Status.SUSPENDED.value: "休止中",
    Status.ENDED.value: "解約済",
}

# What somebody saw who was shown a request number.
FAULTS: Final[Mapping[int, str]] = {
    500: "こちらの不具合で、画面を表示できませんでした",
    503: "データベースにつながらず、「ただいま混み合っています」の画面を表示しました",
}
