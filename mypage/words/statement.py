"""What a statement says in fixed words: payment states, tax classes, and totals that need a sentence."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "payment_billed": N_("請求済"),
    "payment_paid": N_("お支払い済み"),
    "payment_partly_paid": N_("一部お支払い済み"),
    "payment_unconfirmed": N_("お支払いの確認ができていません"),
    "payment_failed": N_("口座振替ができませんでした"),
    "payment_refunded": N_("返金済み"),
    "payment_billed_note": N_("お引き落としの結果は、{n}営業日ほどで表示されます。"),
    "payment_unconfirmed_note": N_(
        "行き違いの場合はご容赦ください。お支払い方法は、お問い合わせ窓口でご案内します。"
    ),
    "payment_failed_note": N_("お支払い方法は、お問い合わせ窓口でご案内します。"),
    "payment_partly_paid_note": N_("残りのお支払い方法は、お問い合わせ窓口でご案内します。"),
    "payment_paid_note": N_("{day}にお支払いを確認しました。"),
    "payment_retry_note": N_("{day}に再度お引き落としします。"),
    "payment_partly_paid_on_note": N_(
        "{day}に{amount}のお支払いを確認しました。残りのお支払い方法は、お問い合わせ窓口でご案内します。"
    ),
    "payment_partly_paid_amount_note": N_(
        "{amount}のお支払いを確認しました。残りのお支払い方法は、お問い合わせ窓口でご案内します。"
    ),
    "total_zero": N_("今回のお支払いはありません"),
    "total_refund": N_("ご返金・次回充当"),
    "tax_10": N_("10%対象"),
    "tax_8": N_("8%対象（軽減税率）"),
    "tax_exempt": N_("非課税"),
    "tax_out_of_scope": N_("不課税"),
    "tax_0": N_("消費税対象外"),
    "tax_pass_through": N_("立替"),
    "contract_active": N_("契約中"),
    "contract_suspended": N_("休止中"),
    "contract_ended": N_("解約済"),
}
