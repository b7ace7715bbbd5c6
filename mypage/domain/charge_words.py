"""The fixed words of charges.csv, in both languages (specification "formats")."""

from enum import StrEnum
from typing import Final

from mypage.domain.statement import AmountBasis, LineKind, PaymentState, TaxClass


class Action(StrEnum):
    """処理区分: 通常 / 取消."""

    NORMAL = "normal"
    WITHDRAW = "withdraw"


ACTIONS: Final = {
    "通常": Action.NORMAL,
    "normal": Action.NORMAL,
    "取消": Action.WITHDRAW,
    "withdraw": Action.WITHDRAW,
}
BASES: Final = {
    "税込": AmountBasis.TAX_INCLUDED,
    "税抜": AmountBasis.TAX_EXCLUDED,
    **{basis.value: basis for basis in AmountBasis},
}
LINE_KINDS: Final = {
    "料金": LineKind.CHARGE,
    "消費税": LineKind.TAX,
    "過月調整": LineKind.ADJUSTMENT,
    "繰越": LineKind.CARRIED_OVER,
    "前受金充当": LineKind.PREPAID_USED,
    "分割": LineKind.INSTALMENT,
    "延滞利息": LineKind.LATE_INTEREST,
    "返金": LineKind.REFUND,
    **{kind.value: kind for kind in LineKind},
}
TAX_CLASSES: Final = {
    "10%": TaxClass.STANDARD,
    "8%": TaxClass.REDUCED,
    "軽減8": TaxClass.REDUCED,
    "軽減8%": TaxClass.REDUCED,
    "0%": TaxClass.ZERO,
    "非課税": TaxClass.EXEMPT,
    "不課税": TaxClass.OUT_OF_SCOPE,
    "立替": TaxClass.PASS_THROUGH,
    **{tax_class.value: tax_class for tax_class in TaxClass},
}
PAYMENT_STATES: Final = {
    "請求済": PaymentState.BILLED,
    "支払済": PaymentState.PAID,
    "一部入金": PaymentState.PARTLY_PAID,
    "未確認": PaymentState.UNCONFIRMED,
    "振替不能": PaymentState.FAILED,
    "返金済": PaymentState.REFUNDED,
    **{state.value: state for state in PaymentState},
}
