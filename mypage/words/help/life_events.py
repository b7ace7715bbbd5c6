"""What people look for when something changes in their life: the operator's own text stands in a setting.

Around it stands only what is true of MyPage with every operator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mypage.words.gettext import N_


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """A page of the help with a fixed address. ``setting`` holds the operator's text; ``notes`` tell of MyPage."""

    title: str
    setting: str
    prepare: tuple[str, ...]
    notes: tuple[str, ...]


CUSTOMER_NUMBER: Final = N_("{label}（登録書や請求書に書かれています）")
_HOLDER: Final = N_("ご契約者のお名前と、お届けの電話番号")

LIFE_EVENTS: Final[Mapping[str, LifeEvent]] = {
    "moving": LifeEvent(
        N_("引っ越し"),
        "help_moving",
        (
            CUSTOMER_NUMBER,
            _HOLDER,
            N_("引っ越しの日と、新しいご住所"),
        ),
        (
            N_("マイページでは、住所の変更はできません。"),
            N_(
                "引っ越しのあとも、アカウントIDとパスワードは変わりません。ご契約の番号が変わったときは、新しい番号で会員登録をお願いします。"
            ),
        ),
    ),
    "cancellation": LifeEvent(
        N_("解約"),
        "help_cancellation",
        (CUSTOMER_NUMBER, _HOLDER),
        (
            N_("マイページでは、解約のお手続きはできません。"),
            N_(
                "ご利用料金の明細を手元に残したい方は、解約の前に、明細の画面を印刷しておくと安心です。最大{months_shown}か月分をご覧になれます。"
            ),
        ),
    ),
    "payment-method": LifeEvent(
        N_("口座・カードの変更"),
        "help_payment_method",
        (
            CUSTOMER_NUMBER,
            _HOLDER,
            N_("新しい口座の通帳とお届け印、または新しいクレジットカード"),
        ),
        (
            N_(
                "マイページには、口座やカードの番号を入力する画面はありません。番号をたずねる画面やメールは、にせものです。入力せずに、お問い合わせ窓口にお知らせください。"
            ),
            N_("お支払い方法がいつから変わったかは、「ご利用料金」でご覧になれます。"),
        ),
    ),
    "holder-change": LifeEvent(
        N_("名義変更"),
        "help_holder_change",
        (
            CUSTOMER_NUMBER,
            N_("いまのご契約者と、新しいご契約者のお名前"),
        ),
        (
            N_("マイページでは、名義の変更はできません。"),
            N_(
                "変更が終わったら、新しいご契約者のお名前で、もう一度、会員登録をしていただきます。前のご契約者のご利用料金は、新しいご契約者には表示されません。"
            ),
        ),
    ),
    "bereavement": LifeEvent(
        N_("ご契約者が亡くなられたとき"),
        "help_bereavement",
        (
            CUSTOMER_NUMBER,
            N_("亡くなられた方のお名前"),
            N_("お電話をくださる方のお名前と、ご連絡先"),
        ),
        (
            N_(
                "アカウントIDやパスワードがわからなくても、お手続きいただけます。お調べになる必要はありません。"
            ),
            N_(
                "ご契約を引き継がれる方は、名義の変更が終わってから、ご自身のお名前で、会員登録をお願いします。"
            ),
        ),
    ),
    "receipt": LifeEvent(
        N_("領収書がほしい"),
        "help_receipt",
        (CUSTOMER_NUMBER, _HOLDER, N_("領収書が必要な月")),
        (N_("ログインして「ご利用料金」から月を選ぶと、その月の明細を印刷できます。"),),
    ),
}
