"""What is said while login id, password or mail address are recovered."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "recovery_wait": N_(
        "続けてお申し込みになったため、しばらく受け付けられません。約{minutes}分後に、もう一度お試しください。"
        "それまでに、届いたメールがないかご確認ください。"
    ),
    "reset_login_id_empty": N_("アカウントIDを入力してください。メールには書かれていません。"),
    "reset_login_id_other": N_(
        "このURLは、入力されたアカウントIDのものではありません。アカウントIDをもう一度ご確認ください。"
    ),
    "reset_wait": N_(
        "アカウントIDが続けて一致しなかったため、しばらく再設定できません。約{minutes}分後に、もう一度お試しください。"
    ),
}
