"""What the pages of the billing side say of a batch: what its state means, what comes next, and titles of causes.

The console speaks Japanese only. What a finding says of one row stands in ``words.batch``.
"""

import re
from collections.abc import Mapping
from typing import Final

from mypage.words.batch import TOLD

# By the state (and how it came about): what it means, and what comes next.
NEXT: Final[Mapping[str, str]] = {
    "received": "受け付けました。順番に検査します。この画面を閉じても、検査は続きます。",
    "checking": "検査しています。この画面を閉じても、検査は続きます。",
    "checking_elsewhere": "サーバーのコマンドで、検査しています。途中で止まったときは、同じコマンドをもう一度実行すると、続きから検査します。",
    "checked": "検査が終わり、エラーはありません。まだ、どなたにも表示されていません。"
    "内容と見本を確かめてから、公開してください。",
    "checked_left_out": "検査が終わりました。エラーのある請求を除いて公開します。まだ、どなたにも表示されていません。"
    "内容と見本を確かめてから、公開してください。",
    "approved": "二人目の承認が済みました。まだ、どなたにも表示されていません。",
    "scheduled": "{at}に、自動で公開されます。それまでは、どなたにも表示されません。",
    "published": "公開中です。{at}から、お客様に表示されています。",
    "taken_back": "{at}に、公開を取り消しました。お客様には表示されていません。",
    "refused": "エラーがあるため、公開できません。お客様に見えるものは、何も変わっていません。"
    "下の「直し方」のとおりにファイルを直して、もう一度渡してください。",
    "refused_can_leave_out": "エラーがあるため、このままでは公開できません。お客様に見えるものは、何も変わっていません。"
    "ファイルを直してもう一度渡すか、エラーの請求だけを除いて公開するか、どちらかを選べます。",
    "refused_by_other": "このファイルにエラーはありませんが、一緒に渡されたファイルにエラーがあるため、公開できません。"
    "エラーのあるファイルを直して、もう一度一緒に渡してください。",
}

# Causes whose sentences carry figures of one row, as a title for many rows.
TITLES: Final[Mapping[str, str]] = {
    "control_character": "文字ではない制御コードがあります。",
    "gaiji": "外字があります。",
    "undecodable": "この文字コードでは読めない文字があります。",
    "excel_error": "Excelの計算エラーです。",
    "too_many_cells": "見出しより多くの列があります。",
    "customer_twice": "同じお客様が2回以上あります。",
    "customer_twice_but_zeros": "頭の0だけが違うお客様番号があります。",
    "kana_changed": "名義番号が同じまま、カナ氏名が変わります。",
    "kana2_changed": "カナ氏名2が変わります。",
    "name_changed": "名義番号が同じまま、契約者名が変わります。",
    "phone_changed": "電話番号が変わります。",
    "phone2_changed": "電話番号2が変わります。",
    "snapshot_ends_many": "ファイルにない多くのお客様が、解約済になります。",
    "contract_twice": "同じ契約番号が2回以上あります。",
    "line_number_repeated": "同じ明細番号が、1つの明細に2回以上あります。",
    "total_differs": "明細の合計と請求金額合計が違います。",
    "tax_differs": "消費税が、金額から計算した額と違います。",
    "differs_in_statement": "同じ明細の中で、行によって値が違います。",
    "payment_twice": "同じ明細の入金が2回以上あります。",
    "number_change_twice": "同じ変更が2回以上あります。",
    "number_goes_on_twice": "1つの番号が、2つ以上の番号に移ろうとしています。",
    "same_as_last_month": "請求額が、すべて前月と同じです。",
    "total_far": "請求額の合計が、前月と大きく違います。",
    "month_skips": "公開中の最も新しい月の、すぐ次の月ではない請求年月があります。",
    "month_ahead": "まだ先の請求年月があります。",
    "month_not_shown": "表示する月より前の請求年月があります。",
    "column_unknown": "読み込まない列があります。",
    "column_missing": "必要な列がありません。",
    "column_twice": "同じ列が2つあります。",
    "kind_unknown": "見出しから、何のファイルか分かりません。",
    "line_too_long": "長すぎる行があります。",
    "unpacks_too_large": "展開すると大きくなりすぎるファイルです。",
    "zip_of_several": "ZIPの中に、ファイルが2つ以上あります。",
}

# How to put right in the console what on the command line is an option.
_FIXES: Final[Mapping[str, str]] = {
    "undecodable": "文字コードを確かめてください（「くわしい指定」で指定できます）。",
    "snapshot_ends_many": "全件のファイルか確かめてください。正しければ、確かめたうえで検査し直してください（もう一度渡すときは、"
    "「多くのお客様が解約済になることを確かめました」にチェックを付けてください）。",
    "kind_unknown": "1行目に見出しがあるか確かめるか、「くわしい指定」で種類を選んでください。",
}

SENTENCES: Final[Mapping[str, str]] = {
    **{f"batch.next.{code}": text for code, text in NEXT.items()},
    **{f"batch.{code}.title": text for code, text in TITLES.items()},
    "batch_sample_no_number": "お客様番号を入力してください。",
    "batch_sample_none": "この取込に、このお客様番号の明細はありません。お客様番号を確かめてください。",
    **{f"batch.{code}.console_fix": text for code, text in _FIXES.items()},
}

_GAP: Final = re.compile(r"\{\w+\}")


def title(code: str) -> str | None:
    """A cause as a title for many rows; None where each row is told in the same words."""
    return TITLES.get(code)


def fix(code: str) -> str | None:
    """How to put it right in the console, where that differs from the words for everybody."""
    return _FIXES.get(code)


def has_gaps(code: str) -> bool:
    """Whether the sentence of a cause carries facts of one row."""
    return bool(_GAP.search(TOLD[code][0]))
