"""What the shift's page says: what a list is called, what a wait is for, which mail it is."""

from collections.abc import Mapping
from typing import Final

from mypage.domain.customer_state import WaitFor
from mypage.words.staff_timeline import MAILS as MAILS_TO_CUSTOMERS

# Nothing is refused here; the table makes the subject one of those that have sentences.
SENTENCES: Final[Mapping[str, str]] = {}

# By list: its heading, and what stands above the lines.
REGISTRATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "missed": (
        "認証できていない方（今日）",
        "お客様番号は合っていて、電話番号かお名前が一致しませんでした。",
    ),
    "matched": ("認証できて、仮登録がまだの方（今日）", "画面2・3（初期情報の入力、確認）で止まっています。"),
    "unsent": (
        "仮登録のメールを送信中の方",
        "メールがまだメールサーバーに渡っていません。24時間の期限は、渡ってから始まります。",
    ),
    "waiting": ("本登録待ちの方", "仮登録のメールを送りました。長くお待ちの方から並んでいます。"),
    "voided": (
        "仮登録が無効になった方（今日）",
        "24時間の期限が過ぎたか、取り消されました。画面1からやり直していただきます。",
    ),
    "activated": ("本登録が完了した方（今日）", ""),
}

MAILS: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("送信待ちのメール", "新しいものから並んでいます。自動で送り直します。"),
    "refused": ("断られたメール", "宛先のメールサーバーが受け取りませんでした。アドレスの訂正が必要です。"),
    "given_up": ("送れずに期限が過ぎたメール", "メールサーバーにつながらないまま、期限が過ぎました。"),
}

MAIL_KINDS: Final[Mapping[str, str]] = {
    **MAILS_TO_CUSTOMERS,
    "staff_invitation": "スタッフの招待",
    "staff_notice": "スタッフへのお知らせ",
    "staff_looked_much": "閲覧件数のお知らせ",
    "staff_trail_doubted": "操作履歴が控えと合わないお知らせ",
}

WAITS: Final[Mapping[WaitFor, str]] = {
    WaitFor.SIGNUP: "登録の認証",
    WaitFor.ID_CHECK: "IDチェック",
    WaitFor.ACTIVATION: "本登録",
    WaitFor.LOGIN: "ログイン",
    WaitFor.PASSWORD_CHANGE: "パスワードの変更",
    WaitFor.RECOVERY: "ID・パスワードの再発行",
}

# Counters by the beginning of their names, the longer beginning first.
_SCOPES: Final = (
    ("identity.address", "登録の認証（接続元ごと）"),
    ("identity", "登録の認証（お客様番号・電話番号ごと）"),
    ("signup.id-check", "IDチェック"),
    ("activation", "本登録（リンクごと）"),
    ("login-address", "ログイン（接続元ごと）"),
    ("login", "ログイン（アカウント・端末ごと）"),
    ("recovery-address", "ID・パスワードの再発行（接続元ごと）"),
    ("recovery", "ID・パスワードの再発行（宛先ごと）"),
    ("password-change", "パスワードの変更"),
    ("support-code", "お電話用の確認番号"),
    ("staff", "スタッフのログイン"),
    ("factor", "二段階認証"),
)


def scope(name: str) -> str:
    """What a counter of tries counts; one of a later release by its bare name."""
    return next((words for beginning, words in _SCOPES if name.startswith(beginning)), name)
