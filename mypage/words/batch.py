"""What is said of billing files and batches: by code, what is wrong and how to put it right (直し方)."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

_RETYPE_AS_TEXT = N_("Excelで桁が失われています。列の書式を文字列にして保存し直してください。")
_OUTPUT_AGAIN = N_("元のシステムから出力し直してください。")

# code: (what is wrong, how to put it right)
TOLD: Final[Mapping[str, tuple[str, str]]] = {
    # A cell
    "empty": (N_("必須の項目が空です。"), N_("値を入れてください。")),
    "control_character": (
        N_("{at}文字目に、文字ではない制御コード（{mark}）があります。"),
        N_("制御コードを除いてください。"),
    ),
    "gaiji": (
        N_("{at}文字目に、外字（{mark}）があります。"),
        N_("外字を、ほかの漢字かカナに置き換えてください。"),
    ),
    "undecodable": (
        N_("{at}文字目が、この文字コードでは読めません。"),
        N_("文字コードを確かめてください（--encoding で指定できます）。"),
    ),
    "too_long": (N_("文字が多すぎます。"), N_("{longest}文字以内にしてください。")),
    "excel_error": (
        N_("Excelの計算エラー（{error}）です。"),
        N_("Excelの式を直し、値を入れて保存し直してください。"),
    ),
    "excel_hashes": (
        N_("Excelの列の幅が足りず、#だけになっています。"),
        N_("列の幅を広げて保存し直してください。"),
    ),
    "excel_digits_lost": (_RETYPE_AS_TEXT, _OUTPUT_AGAIN),
    "excel_serial_date": (
        N_("Excelの日付が番号（シリアル値）になっています。"),
        N_("列の書式を日付（2026/10/27 の形）にして保存し直してください。"),
    ),
    "excel_month_name": (
        N_("Excelが年月を英語の月の名前に変えています。"),
        N_("列の書式を文字列にし、2026-10 の形で入れ直してください。"),
    ),
    "not_a_number": (N_("数字として読めません。"), N_("1,234 や -500 のような数字にしてください。")),
    "not_whole": (N_("小数があります。"), N_("1円単位の整数にしてください。")),
    "not_a_count": (N_("1以上の整数ではありません。"), N_("1、2、3 のような数字にしてください。")),
    "too_large": (N_("桁が多すぎます。"), N_("数字を確かめてください。")),
    "too_many_decimals": (N_("小数の桁が多すぎます。"), N_("小数は{most}桁までにしてください。")),
    "not_a_date": (N_("日付として読めません。"), N_("2026-10-27 や 令和8年10月27日 の形にしてください。")),
    "no_such_date": (N_("暦にない日付です。"), N_("日付を確かめてください。")),
    "not_a_month": (N_("年月として読めません。"), N_("2026-10 や 2026年10月 の形にしてください。")),
    "no_such_month": (N_("1月から12月までの月ではありません。"), N_("年月を確かめてください。")),
    "no_such_era_year": (N_("その元号にない年です。"), N_("年を確かめてください。")),
    "year_out_of_range": (N_("1900年から2100年までの年ではありません。"), N_("年を確かめてください。")),
    "unknown_word": (N_("この列の決まった言葉ではありません。"), N_("決まった言葉のどれかにしてください。")),
    "not_a_customer_number": (
        N_("お客様番号として読めません。"),
        N_("1〜20桁の数字にしてください（形は設定で変えられます）。"),
    ),
    # A row
    "too_many_cells": (
        N_("見出しは{columns}列ですが、この行には{cells}列あります。"),
        N_('値の中のコンマを確かめ、コンマのある値は " で囲んでください。'),
    ),
    "record_broken": (
        N_("行を列に分けられません。"),
        N_('閉じていない " がないか、確かめてください。'),
    ),
    # Customers
    "customer_twice": (N_("同じお客様が{row}行目にもあります。"), N_("1行だけ残してください。")),
    "customer_twice_but_zeros": (
        N_("{row}行目のお客様番号「{number}」と、頭の0だけが違います。"),
        N_("同じお客様として扱われます。1行だけ残してください。"),
    ),
    "kana_changed": (
        N_("名義番号が同じまま、カナ氏名が「{before}」から「{after}」に変わります。"),
        N_("改姓や訂正ならこのままで構いません。契約者が替わったなら、名義番号を変えてください。"),
    ),
    "kana2_changed": (
        N_("カナ氏名2が「{before}」から「{after}」に変わります。"),
        N_("ご本人を確かめる項目です。正しければこのままで構いません。"),
    ),
    "name_changed": (
        N_("名義番号が同じまま、契約者名が「{before}」から「{after}」に変わります。"),
        N_("改姓や訂正ならこのままで構いません。契約者が替わったなら、名義番号を変えてください。"),
    ),
    "phone_changed": (
        N_("電話番号が「{before}」から「{after}」に変わります。"),
        N_("ご本人を確かめる項目です。正しければこのままで構いません。"),
    ),
    "phone2_changed": (
        N_("電話番号2が「{before}」から「{after}」に変わります。"),
        N_("ご本人を確かめる項目です。正しければこのままで構いません。"),
    ),
    "kana_empty": (
        N_("カナ氏名がないか、比べられる文字がありません。"),
        N_("カナ氏名を入れてください。直るまで、このお客様はWeb登録ができません。"),
    ),
    "kana_unreadable": (
        N_("カナ氏名に読めない文字があります。"),
        N_("カナに直してください。直るまで、このお客様はWeb登録ができません。"),
    ),
    "kana_lookalike": (
        N_("カナ氏名に、カタカナに似た漢字（力・口・二など）があります。"),
        N_("カタカナに直してください。直るまで、このお客様はWeb登録ができません。"),
    ),
    "kana_kanji": (
        N_("カナ氏名に漢字があります。"),
        N_("カタカナに直してください。直るまで、このお客様はWeb登録ができません。"),
    ),
    "phone_empty": (
        N_("電話番号がありません。"),
        N_("電話番号を入れてください。入るまで、このお客様はWeb登録ができません。"),
    ),
    "phone_dummy": (
        N_("電話番号が仮の番号です。"),
        N_("本当の番号を入れてください。入るまで、このお客様はWeb登録ができません。"),
    ),
    "phone_unreadable": (
        N_("電話番号として読めません。"),
        N_("番号を1つだけ入れてください。直るまで、このお客様はWeb登録ができません。"),
    ),
    "snapshot_ends_many": (
        N_("お客様{known}件のうち{ended}件が、ファイルにないため解約済になります。"),
        N_("正しければ --confirm を付けてやり直してください。全件のファイルか確かめてください。"),
    ),
    # Contracts and charges
    "unknown_customer": (
        N_("お客様が契約者ファイルにありません。"),
        N_("先に（または一緒に）契約者ファイルを取り込むか、お客様番号を直してください。"),
    ),
    "unknown_holder": (
        N_("この名義番号は契約者ファイルにありません。"),
        N_("名義番号を直すか、契約者ファイルを取り込んでください。"),
    ),
    "contract_twice": (N_("同じ契約番号が{row}行目にもあります。"), N_("1行だけ残してください。")),
    "holder_not_certain": (
        N_(
            "ご利用月の契約者が決まりません（名義開始日より前のご利用など）。この明細は誰にも表示されません。"
        ),
        N_("名義番号の列を付けて、もう一度取り込んでください。"),
    ),
    "line_number_repeated": (
        N_("同じ明細番号（{numbers}）が1つの明細に2回以上あります。"),
        N_("明細番号を1、2、3…と付け直してください。"),
    ),
    "total_differs": (
        N_("明細の合計は{sum}円ですが、請求金額合計は{total}円です（差 {difference}円）。"),
        N_("金額か請求金額合計を直してください。税抜の金額なら、金額区分を税抜にしてください。"),
    ),
    "tax_differs": (
        N_("消費税（{rate}%）は{tax}円ですが、{base}円から計算すると{expected}円です。"),
        N_("このまま表示されますが、この明細のPDFは適格請求書になりません。"),
    ),
    "differs_in_statement": (
        N_("同じ明細の{row}行目と値が違います。"),
        N_("1つの明細のすべての行に、同じ値を入れてください。"),
    ),
    "nothing_to_withdraw": (
        N_("取り消す明細がまだありません。"),
        N_(
            "請求年月と請求番号を確かめてください。このままでは、お客様に「取り消されました」とだけ表示されます。"
        ),
    ),
    "statement_of_several": (
        N_("お客様番号が変わる前の番号のうち、2つ以上にこの明細があります。"),
        N_("明細が出された時のお客様番号で渡してください。"),
    ),
    "under_two_numbers": (
        N_("同じ明細が、変更前と変更後のお客様番号で2回あります。"),
        N_("どちらか1つだけ残してください。"),
    ),
    # Payments
    "statement_not_certain": (
        N_("どの契約者の明細か決まりません（その明細のある契約者が1人ではありません）。"),
        N_("名義番号を入れるか、請求年月と請求番号を確かめてください。"),
    ),
    "unknown_statement": (
        N_("この明細は、まだ公開されていません。"),
        N_("請求年月と請求番号を確かめてください。正しければ、明細が公開されたときに表示されます。"),
    ),
    "payment_twice": (N_("同じ明細の入金が{row}行目にもあります。"), N_("1行だけ残してください。")),
    # Customer numbers that change
    "number_unchanged": (N_("新しいお客様番号が、元の番号と同じです。"), N_("番号を確かめてください。")),
    "number_change_twice": (N_("同じ変更が{row}行目にもあります。"), N_("1行だけ残してください。")),
    "number_goes_on_twice": (
        N_("この番号の行が{row}行目にもあります。変更・統合される番号は、1つの番号にだけ移れます。"),
        N_("どちらか1つだけ残してください。"),
    ),
    "number_change_circular": (
        N_("移る先の番号をたどると、元の番号に戻ります。"),
        N_("正しい向きの行だけ残してください。"),
    ),
    "not_the_same_person": (
        N_("元の番号の契約者と、カナ氏名または電話番号が一致しません。ログインと明細を引き継げません。"),
        N_(
            "番号を確かめるか、契約者ファイルのカナ氏名と電話番号を直してください。別の方なら承継か分割にしてください。"
        ),
    ),
    # The file as a whole
    "same_as_last_month": (
        N_("前月と比べられるお客様{customers}件の請求額が、すべて前月と同じです。"),
        N_("前月のファイルではないか、請求年月を確かめてください。"),
    ),
    "total_far": (
        N_("請求額の合計{now}円は、前月の{before}円と大きく違います。"),
        N_("金額の桁や、抜けているお客様がないかを確かめてください。"),
    ),
    "month_skips": (
        N_("請求年月{month}（{statements}件）は、公開中の最も新しい月{newest}のすぐ次の月ではありません。"),
        N_("請求年月を確かめ、間の月のファイルを先に取り込んでください。"),
    ),
    "month_ahead": (
        N_("請求年月{month}（{statements}件）は、まだ先の月です。"),
        N_("請求年月を確かめてください。"),
    ),
    "month_not_shown": (
        N_("請求年月{month}（{statements}件）は、表示する{shown}か月より前の月です。"),
        N_("公開しても、お客様には表示されません。請求年月を確かめてください。"),
    ),
    "column_unknown": (
        N_("読み込まない列があります: {columns}"),
        N_("必要な列なら、見出しを直してください。"),
    ),
    "column_missing": (N_("必要な列がありません: {columns}"), N_("見出しの行を確かめてください。")),
    "column_twice": (N_("同じ列が2つあります: {columns}"), N_("1つだけ残してください。")),
    "kind_unknown": (
        N_("見出しから、何のファイルか分かりません: {headings}"),
        N_("1行目に見出しがあるか確かめるか、--kind で指定してください。"),
    ),
    "nothing_is_right": (
        N_("誤りのない行が1つもありません。"),
        N_("ファイルを直して、もう一度渡してください。"),
    ),
    "no_rows": (N_("見出しのほかに行がありません。"), _OUTPUT_AGAIN),
    "file_empty": (N_("ファイルが空です。"), _OUTPUT_AGAIN),
    "file_not_found": (N_("ファイルがありません。"), N_("名前と場所を確かめてください。")),
    "file_not_readable": (N_("ファイルを開けません。"), N_("ファイルの権限を確かめてください。")),
    "not_a_file": (
        N_("ふつうのファイルではありません（フォルダー、リンクなど）。"),
        N_("ファイルそのものを渡してください。"),
    ),
    "file_twice": (N_("同じ中身のファイルが2つ渡されました。"), N_("1つだけ渡してください。")),
    "file_changed": (
        N_("検査のあとでファイルの中身が変わっています。"),
        N_("ファイルの名前で、もう一度渡してください。"),
    ),
    "line_too_long": (
        N_("{longest}文字を超える行があります。"),
        N_("改行が失われていないか確かめてください。"),
    ),
    "unpacks_too_large": (
        N_("展開すると{ratio}倍を超える大きさになります。"),
        N_("圧縮していないファイルを渡してください。"),
    ),
    "packed_file_broken": (
        N_("圧縮ファイルが壊れているか、パスワードが付いています。"),
        N_("圧縮し直すか、圧縮していないファイルを渡してください。"),
    ),
    "zip_of_several": (
        N_("ZIPの中にファイルが{files}個あります。"),
        N_("ファイルが1つだけのZIPにするか、それぞれを渡してください。"),
    ),
    "check_given_up": (
        N_("検査が途中で止まったままになったため、取りやめました。"),
        N_("必要なら、同じファイルをもう一度渡してください。"),
    ),
    "sheet_not_readable": (N_("Excelファイルとして読めません。"), N_("CSVで保存し直して渡してください。")),
    "sheet_too_large": (
        N_("Excelファイルが大きすぎて、決められたメモリーでは読めません。"),
        N_("CSVで保存し直して渡してください。"),
    ),
}

# Why nothing was done with a batch
_DEEDS: Final[Mapping[str, str]] = {
    "no_such_batch": N_("番号{id}の取込はありません。番号を `mypage batch list` で確かめてください。"),
    "state_forbids": N_("取込{id}は「{state}」のため、公開できません。"),
    "has_errors": N_("取込{id}には誤りがあるため、公開できません。直したファイルを渡してください。"),
    "published_since_check": N_(
        "取込{id}の検査のあとで別の取込が公開されました。ファイルの名前で、もう一度渡してください。"
    ),
    "not_published": N_("取込{id}は「{state}」で、公開も予約もされていません。"),
    "loaded_elsewhere": N_(
        "同じファイルを別のプロセスが取り込んでいます。終わるのを待って、もう一度実行してください。"
    ),
    "check_running": N_("ただいま検査しています。終わるまでお待ちください。"),
    "check_stopped": N_(
        "検査の途中で、プロセスが止まりました。公開中の内容は変わっていません。同じコマンドをもう一度実行すると、続きから行います。"
        "取りやめるなら `mypage batch take-back {id}` を実行してください（{days}日たつと自動で取りやめます）。"
    ),
    "check_stopped_scheduled": N_(
        "検査の途中で、プロセスが止まりました。公開中の内容は変わっていません。予約の日時に、workerがもう一度検査して公開します。"
        "取りやめるなら `mypage batch take-back {id}` を実行してください。"
    ),
    "can_leave_out": N_(
        "誤りのある請求だけを除いて公開できます: `mypage batch publish {id} --without-errors`（除いた請求は、直してからあらためて取り込みます）"
    ),
    "not_scheduled": N_("取込{id}は「{state}」で、公開の予約も承認の依頼もありません。"),
    "needs_second_person": N_(
        "取込{id}は確認済です。公開には、別の担当者の承認が必要です。コマンドだけでは公開できません。"
    ),
    "second_person_asked": N_(
        "取込{ids}は確認済です。公開には別の担当者の承認が必要なため、承認を依頼しました（公開するとき：{when}）。"
        "サポート画面の「承認待ち」（{path}）で、{until}までに承認してください。"
    ),
    "asked_by_another": N_(
        "取込{id}の承認は、コマンドではなくスタッフが依頼しています。サポート画面で取り下げてください。"
    ),
    "in_force": N_("取込{id}として、同じファイルがすでに公開されています。何もしていません。"),
}

STATES: Final[Mapping[str, str]] = {
    "received": N_("受付"),
    "checking": N_("検査中"),
    "checked": N_("確認済"),
    "approved": N_("承認済"),
    "scheduled": N_("予約"),
    "published": N_("公開中"),
    "taken_back": N_("公開取消"),
    "refused": N_("却下"),
}

# What a check is at.
STEPS: Final[Mapping[str, str]] = {
    "receive": "受付",
    "check": "検査",
    "settle": "照合",
    "preview": "前月との比較",
    "stage": "取込",
}

KINDS: Final[Mapping[str, str]] = {
    "customers": N_("契約者"),
    "contracts": N_("契約内容"),
    "charges": N_("請求"),
    "payments": N_("入金"),
    "number_changes": N_("お客様番号の変更"),
}

SENTENCES: Final[Mapping[str, str]] = {
    **{f"batch.{code}": wrong for code, (wrong, _) in TOLD.items()},
    **{f"batch.{code}.fix": fix for code, (_, fix) in TOLD.items()},
    **{f"batch.deed.{code}": text for code, text in _DEEDS.items()},
    **{f"batch.state.{code}": text for code, text in STATES.items()},
    **{f"batch.kind.{code}": text for code, text in KINDS.items()},
}
