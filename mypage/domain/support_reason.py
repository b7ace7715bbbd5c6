"""Why staff do an act: a choice for each, so that the shift can count them, and whatever else in their own words."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from mypage.domain.support_act import SupportAct

LONGEST_NOTE: Final = 500


class Reason(Enum):
    """A reason: its word in the trail, and what stands beside the button."""

    NOT_ARRIVED = ("not_arrived", "メールが届かない")
    MAIL_LOST = ("mail_lost", "メールが見つからない・消した")
    LINK_BROKEN = ("link_broken", "URLが開けない")
    WRONG_INPUT = ("wrong_input", "入力を間違えた・やり直したい")
    PASSWORD_FORGOTTEN = ("password_forgotten", "パスワードを忘れた")
    ID_FORGOTTEN = ("id_forgotten", "アカウントIDもパスワードも忘れた")
    NOT_THEIRS = ("not_theirs", "本人に登録した覚えがない")
    ADDRESS_WRONG = ("address_wrong", "メールアドレスを間違えて登録した")
    ADDRESS_GONE = ("address_gone", "メールアドレスが使えなくなった")
    CORRECTION_WRONG = ("correction_wrong", "訂正が誤りだった")
    MANY_TRIES = ("many_tries", "入力の間違いが続いた")
    TRIED_BY_OTHERS = ("tried_by_others", "ほかの人の入力で待たされている")
    DEVICE_LOST = ("device_lost", "端末をなくした・盗まれた")
    FACTOR_BROKEN = ("factor_broken", "認証アプリ・パスキーが使えない")
    LEFT_LOGGED_IN = ("left_logged_in", "ほかの人の端末でログアウトし忘れた")
    STRANGE_LOGIN = ("strange_login", "心当たりのないログイン・操作がある")
    PHONE_GONE = ("phone_gone", "契約者情報の電話番号につながらない")
    ASKED = ("asked", "本人の希望")
    CLEARED = ("cleared", "確認が終わった")
    MISTAKEN = ("mistaken", "操作の誤りだった")
    REGISTERED_BY_OTHER = ("registered_by_other", "別の人が登録していた")
    HOLDER_CHANGED = ("holder_changed", "ご契約者が変わった・亡くなられた")
    FORMER_OBJECTS = ("former_objects", "前に登録していた方からの申し出")
    HOLDER_OBJECTS = ("holder_objects", "ご契約者・ご家族からの申し出")
    HOLDER_CONFIRMED = ("holder_confirmed", "いま登録している方がご契約者と確認できた")
    OBJECTION_WITHDRAWN = ("objection_withdrawn", "申し出が取り下げられた")
    OTHER = ("other", "その他")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label


_OF: Final[Mapping[SupportAct, tuple[Reason, ...]]] = {
    SupportAct.RESEND: (Reason.NOT_ARRIVED, Reason.MAIL_LOST, Reason.LINK_BROKEN),
    SupportAct.CANCEL: (Reason.WRONG_INPUT, Reason.PASSWORD_FORGOTTEN, Reason.NOT_THEIRS, Reason.ASKED),
    SupportAct.CORRECT_ADDRESS: (Reason.ADDRESS_WRONG, Reason.ADDRESS_GONE, Reason.ASKED),
    SupportAct.RESTORE_ADDRESS: (Reason.CORRECTION_WRONG, Reason.FORMER_OBJECTS, Reason.ASKED),
    SupportAct.SEND_PASSWORD_RESET: (Reason.PASSWORD_FORGOTTEN, Reason.ID_FORGOTTEN, Reason.STRANGE_LOGIN),
    SupportAct.LIFT_WAITS: (Reason.MANY_TRIES, Reason.TRIED_BY_OTHERS),
    SupportAct.END_SESSIONS: (Reason.DEVICE_LOST, Reason.LEFT_LOGGED_IN, Reason.STRANGE_LOGIN),
    SupportAct.SUSPEND: (Reason.STRANGE_LOGIN, Reason.DEVICE_LOST, Reason.ASKED),
    SupportAct.RESUME: (Reason.CLEARED, Reason.ASKED, Reason.MISTAKEN),
    SupportAct.POST_CODE: (Reason.PHONE_GONE, Reason.ASKED),
    SupportAct.REMOVE_FACTOR: (Reason.DEVICE_LOST, Reason.FACTOR_BROKEN, Reason.ASKED),
    SupportAct.RELEASE: (Reason.REGISTERED_BY_OTHER, Reason.HOLDER_CHANGED, Reason.ASKED),
    SupportAct.OBJECT: (Reason.FORMER_OBJECTS, Reason.HOLDER_OBJECTS),
    SupportAct.SETTLE: (Reason.HOLDER_CONFIRMED, Reason.OBJECTION_WITHDRAWN, Reason.MISTAKEN),
}
_NAMED: Final = {reason.word: reason for reason in Reason}


def reasons(act: SupportAct) -> tuple[Reason, ...]:
    """The choices beside an act, ending with その他, which asks for words."""
    return (*_OF[act], Reason.OTHER)


def named(word: str) -> Reason:
    """The reason of that word. ``KeyError`` where there is none."""
    return _NAMED[word]
