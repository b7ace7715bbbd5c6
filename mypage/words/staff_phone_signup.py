"""What the console says while staff sign somebody up on the telephone."""

from collections.abc import Mapping
from typing import Final

from mypage.domain.identity import MissedItem

SENTENCES: Final[Mapping[str, str]] = {
    "phone_signup_draft_gone": (
        "しばらく操作がなかったか、すでに送信されています。お客様のページで状態をご確認のうえ、"
        "必要なときは、最初からお手続きください。"
    ),
    "phone_signup_sent": (
        "この登録は、すでに送信されています。お客様のページか、承認待ちの一覧をご確認ください。"
    ),
    "phone_signup_call_needed": (
        "お電話の相手の記録が終わっています。お客様のページで記録してから、もう一度送信してください。"
    ),
    "phone_signup_already_registered": (
        "このお客様番号は、すでに会員登録がお済みです。お客様のページの操作をお使いください。"
    ),
    "phone_signup_barred": (
        "このお客様は、いま登録できません（Web登録不可、契約の開始前、または解約から期間が過ぎています）。"
        "お客様のページで契約の状態をご確認ください。"
    ),
    "phone_signup_master_changed": (
        "ご本人の確認をしたあとで、契約者情報が更新されました。もう一度、ご本人の確認からお手続きください。"
    ),
    "phone_signup_login_id_taken": (
        "このアカウントIDを、ほかの方が先に登録されました。別のアカウントIDを伺って、お手続きください。"
    ),
    "phone_signup_no_address": (
        "契約者情報に住所がないため、手紙をお送りできません。二人目の承認を依頼してください。"
    ),
    "phone_signup_consent": ("利用目的と利用規約を読み上げ、同意をいただいてから、チェックしてください。"),
    "phone_signup_language": "メールと画面の言語を選んでください。",
    "act_did_phone_signup": (
        "仮登録のメールをお送りしました。本登録のあと、郵送する確認コードを入力されるまで、"
        "ご利用料金などは表示されません。"
    ),
    "phone_signup_did_approve": "承認し、仮登録のメールをお送りしました。",
    "phone_signup_waits": (
        "入力が続けて一致しなかったため、約{minutes}分間、この番号では確認できません。"
        "「約{minutes}分後に、もう一度お電話ください」とご案内ください。"
        "ほかの方法でご本人と確認できたときは、お客様のページで待ち時間を解除できます。"
    ),
}

# Which item missed: for staff, never to be told to the caller.
MISSED: Final[Mapping[MissedItem, str]] = {
    MissedItem.CUSTOMER_NUMBER: "お客様番号（この番号の契約者はいません）",
    MissedItem.PHONE: "電話番号",
    MissedItem.NAME_KANA: "お名前（カナ）",
    MissedItem.REGISTRATION_KEY: "登録キー",
    MissedItem.NOT_YET_CONTRACTED: "契約日がまだ来ていません",
    MissedItem.ENDED_TOO_LONG_AGO: "解約から、登録できる期間が過ぎています",
    MissedItem.WEB_REGISTRATION_OFF: "Web登録不可のお客様です（お電話でも登録できません）",
    MissedItem.DEFICIENT: "契約者情報に不備があります（カナまたは電話番号。料金担当に連絡してください）",
}

_SIGNS: Final[Mapping[str, str]] = {
    "@": "アットマーク",
    ".": "ドット",
    "-": "ハイフン",
    "_": "アンダーバー",
    "+": "プラス",
    "/": "スラッシュ",
    "0": "数字のゼロ",
    "1": "数字のイチ",
}


def spelled(address: str) -> list[str]:
    """A mail address as it is read back to the caller, sign by sign; a capital letter is called one."""
    return [_SIGNS.get(sign, f"大文字の{sign}" if sign.isupper() else sign) for sign in address]
