"""The list of bills as a CSV file that opens in Excel: one row a bill, newest month first."""

import csv
import io
from collections.abc import Iterable
from datetime import date

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.domain.spreadsheet import kept_text
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
    N_("お支払い確認日"),
    N_("お支払い確認額（円）"),
    N_("再振替日"),
    N_("備考"),
)


def table(months: Iterable[MonthOfBills], language: str) -> bytes:
    """The file, in UTF-8 with the mark that Excel needs to read it as such."""
    written = io.StringIO(newline="")
    out = csv.writer(written)
    out.writerow([translate(heading, language) for heading in _HEADINGS])
    withdrawn, corrected = translate(N_("取り消されました"), language), translate(N_("訂正"), language)
    for each in months:
        for bill in each.bills:
            version, earlier, paid = bill
            remark = withdrawn if version.withdrawn else corrected if earlier else ""
            state = bill.payment_state
            out.writerow(
                [
                    str(BillingMonth.from_int(version.month)),
                    version.number,
                    "" if version.withdrawn else version.total,
                    kept_text(version.payment_method or ""),
                    _day(version.due_on),
                    payment_word(state, language) if state else "",
                    _day(paid.paid_on) if paid else "",
                    paid.paid_amount if paid and paid.paid_amount is not None else "",
                    _day(paid.retry_on) if paid else "",
                    remark,
                ]
            )
    return written.getvalue().encode("utf-8-sig")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
