"""What is said at the login, and where the password is changed."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "login_id_missing": N_("アカウントIDを入力してください。"),
    "login_password_missing": N_("パスワードを入力してください。"),
    "login_wrong": N_("アカウントIDまたはパスワードが一致しません。もう一度ご確認のうえ、入力してください。"),
    "login_wait": N_(
        "入力が続けて一致しなかったため、しばらくログインできません。約{minutes}分後に、もう一度お試しください。"
    ),
    "old_password_missing": N_("現在のパスワードを入力してください。"),
    "old_password_wrong": N_("現在のパスワードが一致しません。もう一度ご確認のうえ、入力してください。"),
    "new_password_same": N_("現在のパスワードと同じです。別のパスワードを入力してください。"),
    "password_change_wait": N_(
        "現在のパスワードが続けて一致しなかったため、しばらく変更できません。約{minutes}分後に、もう一度お試しください。"
    ),
}
