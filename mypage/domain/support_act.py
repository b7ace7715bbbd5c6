"""What staff may do for a caller: each act with its word, what it needs, and when it fits (specification §5).

Which acts fit, what each needs and what a failure is answered with are rules of this file only: the buttons of the
customer page, the forms and the deeds all ask here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from mypage.domain.opening import ClosedBy


class Standing(StrEnum):
    """How far a customer's registration is.

    ``expired``: the last one was not activated in time, or was cancelled. ``released``: staff took the customer from
    its account, and nobody has registered since.
    """

    NONE = "none"
    PROVISIONAL = "provisional"
    EXPIRED = "expired"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RELEASED = "released"


ACTIVATED: Final = frozenset((Standing.ACTIVE, Standing.SUSPENDED))
_PROVISIONAL: Final = frozenset((Standing.PROVISIONAL,))
_ACTIVE: Final = frozenset((Standing.ACTIVE,))
_SUSPENDED: Final = frozenset((Standing.SUSPENDED,))
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
        _PROVISIONAL | ACTIVATED,
        "restore-address",
        True,
        True,
    )
    RESTORE_ADDRESS = ("restore-address", "前のメールアドレスに戻す", ACTIVATED, None, True, True)
    SEND_PASSWORD_RESET = ("password-reset", "パスワード再設定メールを送る", _ACTIVE, None, True, False)
    LIFT_WAITS = ("lift-waits", "待ち時間を解除", _ANY, None, True, False)
    END_SESSIONS = ("end-sessions", "ログイン中の端末をすべてログアウト", _ACTIVE, None, False, False)
    SUSPEND = ("suspend", "利用を停止する", _ACTIVE, "resume", False, False)
    RESUME = ("resume", "停止を解除", _SUSPENDED, "suspend", True, True)
    RELEASE = ("release", "登録を解除する", ACTIVATED, None, False, True)
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
    (SupportAct.CORRECT_ADDRESS, SupportAct.RESTORE_ADDRESS, SupportAct.RELEASE, SupportAct.SETTLE)
)


def named(word: str) -> SupportAct | None:
    """The act of that word, None where there is none."""
    return _NAMED.get(word)


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at one moment, as far as it decides what staff may do.

    ``kept_from_web``: the master says Web登録不可. ``closed_by``: what keeps an activated customer from being shown.
    ``released``: a release waits for its next account, or its 72 hours run; ``objected``: somebody objected to it.
    ``waits``: a counter of theirs holds tries. ``former_address``: the address before staff's correction is kept yet.
    """

    standing: Standing
    kept_from_web: bool = False
    closed_by: ClosedBy | None = None
    released: bool = False
    objected: bool = False
    waits: bool = False
    former_address: bool = False

    @property
    def is_activated(self) -> bool:
        """Whether there is an account."""
        return self.standing in ACTIVATED


@dataclass(frozen=True, slots=True)
class Needs:
    """What an act needs beside a noted call and a reason: a call-back (or the posted code), a second person."""

    call_back: bool = False
    approval: bool = False


def needs(act: SupportAct, situation: Situation) -> Needs:
    """Correcting a provisional registration's address one agent may: its link still needs the registrant's password."""
    doubly = act in _DOUBLY_PROVEN and (situation.is_activated or act is SupportAct.SETTLE)
    return Needs(call_back=doubly, approval=doubly)


_MISSING: Final[Mapping[SupportAct, tuple[str, str]]] = {
    SupportAct.RESTORE_ADDRESS: ("former_address", "act_no_former_address"),
    SupportAct.LIFT_WAITS: ("waits", "act_no_waits"),
    SupportAct.OBJECT: ("released", "act_not_released"),
    SupportAct.SETTLE: ("objected", "act_not_objected"),
}


def refusal(act: SupportAct, situation: Situation) -> str | None:
    """Why an act does not fit, as the code of a sentence; None where it does."""
    if situation.standing not in act.fits:
        return f"act_{situation.standing}"
    if act.on_web and situation.kept_from_web:
        return "act_kept_from_web"
    if act is SupportAct.OBJECT and situation.objected:
        return "act_objected_already"
    field, code = _MISSING.get(act, ("", ""))
    return code if field and not getattr(situation, field) else None


def fitting(situation: Situation) -> tuple[SupportAct, ...]:
    """The acts that a customer's page offers, in the order in which they stand there."""
    return tuple(act for act in SupportAct if refusal(act, situation) is None)


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
}


def answer_to(cause: str, situation: Situation) -> SupportAct | None:
    """The act that mends the failure with that code of the first try; None where no act does."""
    return next((act for act in _ANSWERS.get(cause, ()) if refusal(act, situation) is None), None)
