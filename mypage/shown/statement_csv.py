"""The list of bills as a CSV file that opens in Excel: one row a bill, newest month first."""

import csv
import io
from collections.abc import Iterable

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.domain.spreadsheet import as_text
from mypage.shown.statement_list import payment_word
from mypage.words.catalogue import translate
from mypage.words.gettext import N_

_HEADINGS = (
    N_("請求年月"),
    N_("請求番号"),
    N_("ご請求額（円）"),
    N_("お支払い方法"),
    N_("お支払い期日"),
    N_("お支払い状況"),
    N_("備考"),
)


def table(months: Iterable[MonthOfBills], language: str) -> bytes:
    """The file, in UTF-8 with the mark that Excel needs to read it as such."""
    written = io.StringIO(newline="")
    out = csv.writer(written)
    out.writerow([translate(heading, language) for heading in _HEADINGS])
    withdrawn, corrected = translate(N_("取り消されました"), language), translate(N_("訂正"), language)
    for each in months:
        for version, earlier in each.bills:
            remark = withdrawn if version.withdrawn else corrected if earlier else ""
            out.writerow(
                [
                    str(BillingMonth.from_int(version.month)),
                    version.number,
                    "" if version.withdrawn else version.total,
                    as_text(version.payment_method or ""),
                    version.due_on.isoformat() if version.due_on else "",
                    payment_word(version.payment_state, language) if version.payment_state else "",
                    remark,
                ]
            )
    return written.getvalue().encode("utf-8-sig")
