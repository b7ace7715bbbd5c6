"""What staff may do for a caller: each act with its word, what it needs, and when it fits (specification §5).

Which acts fit, what each needs and what a failure is answered with are rules of this file only: the buttons of the
customer page, the forms and the deeds all ask here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from mypage.domain.customer_state import CustomerState, Standing

# How long staff's correction of an address can be taken back, as the subscriber's own (specification "security").
FORMER_ADDRESS_KEPT: Final = timedelta(hours=72)
_PROVISIONAL: Final = frozenset((Standing.PROVISIONAL,))
_REGISTERED: Final = frozenset((Standing.REGISTERED,))
_SUSPENDED: Final = frozenset((Standing.SUSPENDED,))
_ACTIVATED: Final = _REGISTERED | _SUSPENDED
_ANY: Final = frozenset(Standing)


class SupportAct(Enum):
    """An act: its word in addresses and in the trail, and the word on its button.

    ``fits``: the standings in which it says anything. ``undone_by``: the word of the act that takes it back, None
    where nothing does. ``on_web``: it opens or mails something to the web login, and so a customer who is kept from
    the web (Web登録不可) gets none of it. ``hands_over``: it can give the account, or what it shows, to somebody
    else, so the お電話用の確認番号 alone does not identify the caller for it.
    """

    RESEND = ("resend", "仮登録メールを再送", _PROVISIONAL, None, True, False)
    CANCEL = ("cancel", "仮登録を取り消す", _PROVISIONAL, None, False, False)
    CORRECT_ADDRESS = (
        "address",
        "メールアドレスを訂正",
        _PROVISIONAL | _ACTIVATED,
        "restore-address",
        True,
        True,
    )
    RESTORE_ADDRESS = ("restore-address", "前のメールアドレスに戻す", _ACTIVATED, None, True, True)
    SEND_PASSWORD_RESET = ("password-reset", "パスワード再設定メールを送る", _REGISTERED, None, True, False)
    LIFT_WAITS = ("lift-waits", "待ち時間を解除", _ANY, None, True, False)
    END_SESSIONS = ("end-sessions", "ログイン中の端末をすべてログアウト", _REGISTERED, None, False, False)
    SUSPEND = ("suspend", "利用を停止する", _REGISTERED, "resume", False, False)
    RESUME = ("resume", "停止を解除", _SUSPENDED, "suspend", True, True)
    POST_CODE = ("post-code", "確認コードを郵送する", _ACTIVATED, None, False, False)
    REMOVE_FACTOR = ("remove-factor", "二段階認証を解除する", _ACTIVATED, None, True, True)
    RELEASE = ("release", "登録を解除する", _ACTIVATED, None, False, True)
    OBJECT = ("object", "解除への異議を受け付ける", _ANY, "settle", False, False)
    SETTLE = ("settle", "異議を解決済みにする", _ANY, "object", True, True)

    def __init__(
        self,
        word: str,
        label: str,
        fits: frozenset[Standing],
        undone_by: str | None,
        on_web: bool,
        hands_over: bool,
    ) -> None:
        self.word = word
        self.label = label
        self.fits = fits
        self.undone_by = undone_by
        self.on_web = on_web
        self.hands_over = hands_over


_NAMED: Final = {act.word: act for act in SupportAct}
_DOUBLY_PROVEN: Final = frozenset(
    (
        SupportAct.CORRECT_ADDRESS,
        SupportAct.RESTORE_ADDRESS,
        SupportAct.REMOVE_FACTOR,
        SupportAct.RELEASE,
        SupportAct.SETTLE,
    )
)


def named(word: str) -> SupportAct | None:
    """The act of that word, None where there is none."""
    return _NAMED.get(word)


@dataclass(frozen=True, slots=True)
class Needs:
    """What an act needs beside a noted call and a reason: a call-back (or the posted code), a second person."""

    call_back: bool = False
    approval: bool = False


def needs(act: SupportAct, state: CustomerState) -> Needs:
    """Correcting a provisional registration's address one agent may: its link still needs the registrant's password.

    That of a signup on the telephone does not, so there a second person approves (specification §5).
    """
    doubly = act in _DOUBLY_PROVEN and (state.standing in _ACTIVATED or act is SupportAct.SETTLE)
    second = act is SupportAct.CORRECT_ADDRESS and state.by_phone
    return Needs(call_back=doubly, approval=doubly or second)


def refusal(act: SupportAct, state: CustomerState) -> str | None:
    """Why an act does not fit, as the code of a sentence; None where it does."""
    if state.standing not in act.fits:
        return _standing_told(state)
    if act.on_web and not state.web_registration:
        return "act_kept_from_web"
    match act:
        case SupportAct.RESEND | SupportAct.CORRECT_ADDRESS if state.standing is Standing.PROVISIONAL:
            # Its link would end at "not registered" however often it is mailed.
            return "act_barred" if state.bars else None
        case SupportAct.SEND_PASSWORD_RESET if state.mail_refused:
            return "act_mail_refused"
        case SupportAct.RESTORE_ADDRESS if not state.former_address:
            return "act_no_former_address"
        case SupportAct.REMOVE_FACTOR if not state.second_factor:
            return "act_no_second_factor"
        case SupportAct.LIFT_WAITS if not state.waits:
            return "act_no_waits"
        case SupportAct.END_SESSIONS if not state.devices:
            return "act_no_devices"
        case SupportAct.OBJECT if state.objected:
            return "act_objected_already"
        case SupportAct.OBJECT if not state.is_released and state.shown_from is None:
            return "act_not_released"
        case SupportAct.SETTLE if not state.objected:
            return "act_not_objected"
        case _:
            return None


def _standing_told(state: CustomerState) -> str:
    if state.standing is not Standing.NOT_REGISTERED:
        return f"act_{state.standing}"
    if state.is_released:
        return "act_released"
    return "act_not_registered" if state.lapsed_at is None else "act_lapsed"


def fitting(state: CustomerState) -> tuple[SupportAct, ...]:
    """The acts that a customer's page offers, in the order in which they stand there."""
    return tuple(act for act in SupportAct if refusal(act, state) is None)


# What mends a failure of the first try, the likelier first: of these the first that fits is the button beside it.
_ANSWERS: Final[Mapping[str, tuple[SupportAct, ...]]] = {
    "A-04": (SupportAct.LIFT_WAITS,),
    "A-07": (SupportAct.SEND_PASSWORD_RESET, SupportAct.RESUME),
    "A-08": (SupportAct.RELEASE,),
    "C-01": (SupportAct.RESEND,),
    "C-02": (SupportAct.CORRECT_ADDRESS,),
    "C-03": (SupportAct.RESEND,),
    "C-04": (SupportAct.RESEND,),
    "C-06": (SupportAct.RESEND,),
    "C-07": (SupportAct.SEND_PASSWORD_RESET, SupportAct.RESUME),
    "C-10": (SupportAct.CANCEL,),
    "D-01": (SupportAct.RESUME, SupportAct.SEND_PASSWORD_RESET, SupportAct.RESEND),
    "D-02": (SupportAct.LIFT_WAITS, SupportAct.SEND_PASSWORD_RESET),
    "D-03": (SupportAct.RESUME, SupportAct.SEND_PASSWORD_RESET, SupportAct.CORRECT_ADDRESS),
    "D-04": (SupportAct.REMOVE_FACTOR,),
}


def answer_to(cause: str, state: CustomerState) -> SupportAct | None:
    """The act that mends the failure with that code of the first try; None where no act does."""
    return next((act for act in _ANSWERS.get(cause, ()) if refusal(act, state) is None), None)


def bound(state: CustomerState, *facts: object) -> str:
    """What a second person's approval is bound to: the customer as it was when it was asked, and exactly these facts.

    Not the account's stamp nor what other acts staff did: whoever logs out or changes the password meanwhile must
    not make it void, else whoever registered a stranger's contract could keep it for ever.
    """
    counted = (
        state.current_key,
        state.standing,
        state.account_id,
        state.registration_id,
        state.serial,
        state.shown_from,
        state.objected,
        state.is_released,
        state.web_registration,
        *facts,
    )
    named = "\n".join(str(fact) for fact in counted)
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()
