"""The causes for which a first try fails: code and title, as people look for it in the help.

Error messages show the code in small print; staff type it into their search. One table, so that the help pages, the
messages and the trail cannot name different things. Beside it stands which causes cannot happen yet, and by which
sentences people are told of a cause.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from mypage.words.gettext import N_

CAUSES: Final[Mapping[str, str]] = {
    "A-01": N_("お客様番号の書き方が分からない"),
    "A-02": N_("お名前（カナ）の書き方が分からない"),
    "A-03": N_("契約者情報と一致しないと表示される"),
    "A-04": N_("しばらくお待ちくださいと表示される"),
    "A-05": N_("お客様番号の形と異なると表示される"),
    "A-06": N_("解約したあと、またはご契約の開始前に登録したい"),
    "A-07": N_("すでに会員登録がお済みですと表示される"),
    "A-08": N_("登録した覚えがないのに、登録済みと表示される"),
    "A-09": N_("入力していない項目があると表示される"),
    "B-01": N_("アカウントIDが使えない"),
    "B-02": N_("パスワードが使えない"),
    "B-03": N_("メールアドレスの打ち間違いかと尋ねられる"),
    "B-04": N_("ドットが続くメールアドレスを使いたい"),
    "B-05": N_("家族と同じメールアドレスを使いたい"),
    "B-06": N_("メールアドレスを持っていない"),
    "C-01": N_("メールが届かない"),
    "C-02": N_("メールアドレスを間違えて登録した"),
    "C-03": N_("メールがなかなか届かない"),
    "C-04": N_("メールのURLを開くと、URLが途中で切れていると表示される"),
    "C-05": N_("本登録の期限（24時間）が過ぎたと表示される"),
    "C-06": N_("新しいメールをお送りしていますと表示される"),
    "C-07": N_("すでに本登録がお済みですと表示される"),
    "C-08": N_("別のスマートフォンやパソコンでメールを開いた"),
    "C-09": N_("メールのURLを、開く前に何かが開いたようだ"),
    "C-10": N_("仮登録で決めたパスワードを忘れた"),
    "D-01": N_("アカウントIDまたはパスワードが一致しないと表示される"),
    "D-02": N_("しばらくログインできないと表示される"),
    "D-03": N_("アカウントIDやパスワードを忘れた"),
    "D-04": N_("認証アプリやパスキーの入った機器をなくした"),
    "D-05": N_("入力している間にログアウトされた"),
    "E-01": N_("クッキー（Cookie）を許可してくださいと表示される"),
    "E-02": N_("画面が古くなっていると表示される、同じ画面が二つ開いている"),
    "E-03": N_("画面がうまく表示されない、ボタンが動かない"),
    "E-04": N_("古い携帯電話でつながらない"),
    "E-05": N_("時計が合っていない、海外から使う"),
    "F-01": N_("メールの送信が遅れていると表示される"),
    "F-02": N_("ただいま混み合っていますと表示される"),
    "F-03": N_("メンテナンス中と表示される"),
}


class Untried(Enum):
    """Why no test makes a cause happen."""

    SECOND_FACTOR = "subscribers have no second factor yet"
    MAINTENANCE = "no maintenance can be announced yet"
    OUT_OF_REACH = (
        "such a device never reaches the portal: what helps is the printed guide, staff, and the help page"
    )


UNTRIED: Final[Mapping[str, Untried]] = {
    "D-04": Untried.SECOND_FACTOR,
    "E-04": Untried.OUT_OF_REACH,
    "F-03": Untried.MAINTENANCE,
}

# By the sentences with these codes people are told of a cause: so a form knows which causes it shows.
TOLD_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "A-02": ("name_kana_kanji", "name_kana_too_long"),
    "A-03": ("identity_missed", "activation_proof_wrong"),
    "A-04": ("identity_wait", "activation_wait", "activation_proof_wait", "signup_replacements"),
    "A-05": (
        "customer_number_pattern",
        "customer_number_is_email",
        "customer_number_is_phone",
        "customer_number_is_reference",
        "customer_number_like_phone",
        "phone_pattern",
    ),
    "A-09": (
        "customer_number_empty",
        "phone_empty",
        "name_kana_empty",
        "registration_key_empty",
        "login_id_empty",
        "password_empty",
        "email_empty",
        "nickname_empty",
        "activation_password_empty",
        "login_id_missing",
        "login_password_missing",
        "old_password_missing",
        "reset_login_id_empty",
    ),
    "B-01": (
        "login_id_too_short",
        "login_id_too_long",
        "login_id_has_space",
        "login_id_not_half_width",
        "login_id_taken",
        "login_id_taken_meanwhile",
        "login_id_checks_used_up",
        "login_id_checks_wait",
    ),
    "B-02": (
        "password_under_8",
        "password_over_16",
        "password_not_half_width",
        "password_one_kind",
        "password_under_15",
        "password_over_128",
        "password_unprintable",
        "password_common",
        "password_is_login_id",
        "password_is_customer_number",
        "password_is_phone",
        "password_is_name",
        "new_password_same",
    ),
    "B-03": (
        "email_too_long",
        "email_forbidden_character",
        "email_has_space",
        "email_no_at",
        "email_local_part",
        "email_domain",
        "email_typo",
    ),
    "B-06": ("email_empty",),
    "C-01": ("resend_too_soon", "signup_mails"),
    "C-02": ("signup_addresses",),
    "C-04": ("link_rest_empty", "link_rest_wrong"),
    "C-10": ("activation_password_wrong",),
    "D-01": ("login_wrong", "old_password_wrong"),
    "D-02": ("login_wait", "password_change_wait"),
    "D-03": ("recovery_wait", "reset_wait", "reset_login_id_other"),
    "E-02": ("draft_expired", "draft_other", "password_again"),
}


def told_by(code: str) -> tuple[str, ...]:
    """The causes of which the sentence with this code tells; none where it refuses nothing."""
    return tuple(cause for cause, codes in TOLD_BY.items() if code in codes)
