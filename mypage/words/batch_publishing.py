"""What the console and its mails say of publishing batches: why not, and what to do next (Japanese only)."""

from collections.abc import Mapping
from typing import Final

# Why what was to be published at a time was not: by the code that the batch keeps.
_FAILURES: Final[Mapping[str, str]] = {
    "has_errors": (
        "公開の前の検査でエラーが見つかりました。エラーの一覧を確かめ、直したファイルをもう一度渡してください。"
    ),
    "file_not_found": (
        "検査し直すためのファイルが、渡されたときの場所にありません。同じファイルをもう一度渡してください。"
    ),
    "file_changed": "検査のあとで、ファイルの中身が変わっていました。ファイルをもう一度渡してください。",
    "other_files": (
        "予約したファイルの一部だけか、ほかのファイルを加えたものが、あらためて渡されました。予約は、そのときのファイルだけのものです。"
        "内容を確かめて、もう一度公開か予約をしてください。"
    ),
    "token_revoked": (
        "予約に使われたトークンが取り消されました。公開するときは、内容を確かめて、サポート画面か別のトークンで、もう一度公開か予約をしてください。"
    ),
    "published_since_check": (
        "検査し直すたびに別の取込が公開されたため、公開できませんでした。ほかの公開が終わってから、[検査し直す]を押してください。"
    ),
}
_FAILED: Final = "公開の前にファイルを読み直せなかったため、公開できませんでした。ファイルをもう一度渡すか、[検査し直す]を押してください。"


def failure(code: str) -> str:
    """Why it was not published, and what to do."""
    return _FAILURES.get(code, _FAILED)


# What was done, on the page that comes next.
DONE: Final[Mapping[str, str]] = {
    "batch_did_publish": "公開しました。",
    "batch_did_schedule": "公開を予約しました。",
    "batch_did_call_off": "公開の予約を取り消しました。",
    "batch_did_ask": "公開の承認を依頼しました。別の担当者が承認すると公開されます。",
    "batch_did_take_back": "公開を取り消しました。ほかの料金担当にメールでお知らせします。",
    "batch_did_check_again": "検査をやり直します。終わるまで、この画面でお待ちになる必要はありません。",
    "batch_did_check_first": (
        "検査のあとで別の取込が公開されたため、検査し直してから公開します。この画面を閉じても続きます。"
    ),
    "batch_did_check_first_ask": (
        "検査のあとで別の取込が公開されたため、検査し直してから承認を依頼します。この画面を閉じても続きます。"
    ),
    "batch_did_leave_out": (
        "エラーの請求を除いて検査し直しています。終わると、除いた請求と合計を確かめてから公開できます。"
    ),
    "batch_did_discard": "却下しました。公開することはできません。必要になったら、[検査し直す]を押してください。",
    "batch_did_approve": "承認し、公開しました。",
    "batch_did_approve_schedule": "承認し、公開を予約しました。",
    "batch_did_decline": "依頼を断りました。依頼した方に理由が表示されます。",
    "batch_did_withdraw": "依頼を取り下げました。",
}

SENTENCES: Final[Mapping[str, str]] = {
    **DONE,
    "batch_outdated": (
        "この画面を開いたあとで状態が変わったため、何もしていません。いまの状態を確かめて、もう一度操作してください。"
    ),
    "batch_reason_empty": "取り消す理由を入力してください。操作履歴に残ります。",
    "batch_reason_too_long": "取り消す理由が長すぎます。{most}文字以内で入力してください。",
    "batch_day_empty": "公開する日を入力してください。",
    "batch_time_empty": "公開する時刻を入力してください。",
    "batch_day_unreadable": "公開する日を「2026-12-01」の形で入力してください。",
    "batch_time_unreadable": "公開する時刻を「09:00」の形で入力してください。",
    "batch_time_over": "公開する日時が過ぎています。これからの日時を入力してください。",
    "batch_time_far": "公開する日時が先すぎます。{days}日以内の日時を入力してください。",
    "batch_refused_unknown": "この番号の取込はありません。",
    "batch_refused_check_again": "検査のあとで別の取込が公開されました。[検査し直す]を押してください。",
    "batch_refused_state": "いまは「{state}」のため、公開できません。いまの状態を確かめてください。",
    "batch_refused_errors": "エラーがあるため、公開できません。直したファイルを渡してください。",
    "batch_refused_not_published": "いまは「{state}」で、公開されていません。いまの状態を確かめてください。",
    "batch_refused_not_scheduled": "いまは「{state}」で、公開の予約はありません。いまの状態を確かめてください。",
    "batch_refused_not_to_check": "いまは「{state}」のため、検査し直せません。いまの状態を確かめてください。",
    "batch_refused_not_to_discard": (
        "いまは「{state}」のため、却下できません。予約は取り消してから、公開中のものは公開を取り消してから行ってください。"
    ),
    "batch_refused_second_person": "公開には、別の担当者の承認が必要です。[公開の承認を依頼する]を押してください。",
    "batch_refused_no_second_person": "この取込の公開には、別の担当者の承認は要りません。[公開する]を押してください。",
    "batch_request_overtaken": "この依頼は、公開する内容が変わったため、終わりました。必要なときは、もう一度依頼してください。",
    # Why a request ended
    "batch_published_since_asked": "依頼のあとで別の取込が公開されたため、検査し直してから、あらためて依頼します。",
    "batch_changed_since_asked": "依頼のあとで、公開する内容が変わりました。もう一度依頼してください。",
    "batch_checked_again": "依頼のあとで検査をやり直したため、この依頼は終わりました。",
    "batch_discarded": "依頼のあとで却下されたため、この依頼は終わりました。",
    "batch_asked_otherwise": "同じ取込について、日時やお知らせを変えて依頼し直したため、この依頼は終わりました。",
    "batch_token_revoked": "依頼に使われたトークンが取り消されたため、この依頼は終わりました。",
}
