"""What the API says of what it refuses (problem details, RFC 9457): by code the status, what is wrong, and what to do.

Codes are for programmes and are never changed; words are for whoever reads the log of one. ``docs/api.md`` has the same
codes as a table, and a test holds both against each other.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from mypage.words.gettext import N_
from mypage.words.kept_files import SENTENCES as UPLOADS


class Problem(NamedTuple):
    """A refusal: its HTTP status, its title, and its detail with what to do."""

    status: int
    title: str
    detail: str


_OF_REQUESTS: Final[Mapping[str, Problem]] = {
    "bad_request": Problem(
        400,
        N_("要求を読み取れません。"),
        N_("要求の形が正しくありません。直してから、もう一度送ってください。"),
    ),
    "fields_wrong": Problem(
        400,
        N_("値が正しくありません。"),
        N_("errors の項目を直して、もう一度送ってください。"),
    ),
    "token_missing": Problem(
        401,
        N_("トークンがありません。"),
        N_("Authorization ヘッダーに「Bearer 」と、APIトークンを続けて送ってください。"),
    ),
    "token_unknown": Problem(
        401,
        N_("トークンが正しくありません。"),
        N_("写し間違いや、途中で切れていないかを確かめてください。"),
    ),
    "token_expired": Problem(
        401,
        N_("トークンの期限が切れています。"),
        N_("料金担当に、新しいAPIトークンを作ってもらってください。"),
    ),
    "token_revoked": Problem(
        401,
        N_("トークンは取り消されています。"),
        N_("料金担当に、新しいAPIトークンを作ってもらってください。"),
    ),
    "token_stopped": Problem(
        401,
        N_("トークンは止められています。"),
        N_(
            "トークンを作った人が、料金担当として利用中ではありません。ほかの料金担当に、新しいAPIトークンを作ってもらってください。"
        ),
    ),
    "token_deed": Problem(
        403,
        N_("このトークンにはできない操作です。"),
        N_(
            "この操作には、次のどれかができるAPIトークンが必要です: {deeds}。料金担当に作ってもらってください。"
        ),
    ),
    "token_kind": Problem(
        403,
        N_("このトークンには扱えない種類のファイルです。"),
        N_("この種類のファイルを扱えるAPIトークンを、料金担当に作ってもらってください。"),
    ),
    "not_found": Problem(
        404, N_("このアドレスには何もありません。"), N_("パスを /api/v1/openapi.json と比べてください。")
    ),
    "no_such_batch": Problem(
        404,
        N_("この番号の取込はありません。"),
        N_("番号を GET /api/v1/batches の一覧で確かめてください。"),
    ),
    "method_not_allowed": Problem(
        405,
        N_("このアドレスでは使えないメソッドです。"),
        N_("使えるメソッドは Allow ヘッダーにあります。"),
    ),
    "state_forbids": Problem(
        409,
        N_("いまの状態では、この操作はできません。"),
        N_("取込{id}は「{state}」です。GET /api/v1/batches/{id} で状態を確かめてください。"),
    ),
    "has_errors": Problem(
        409,
        N_("エラーがあるため、公開できません。"),
        N_(
            "取込{id}のエラーを GET /api/v1/batches/{id}/report で読み、直したファイルを渡してください。"
            "請求・入金では without_errors でエラーの請求だけを除けます。"
        ),
    ),
    "asked_by_another": Problem(
        409,
        N_("ほかの人が頼んだ公開です。"),
        N_("取込{id}の公開は、ほかの人が承認を頼んでいます。取り下げられるのは、頼んだ人だけです。"),
    ),
    "loaded_elsewhere": Problem(
        409,
        N_("同じファイルが、ほかの受け渡しの一部として検査されています。"),
        N_("その検査が終わってから、もう一度渡してください。"),
    ),
    "being_checked": Problem(
        409,
        N_("ただいま検査しています。"),
        N_("取込{id}の検査が終わってから、もう一度送ってください。"),
    ),
    "too_slow": Problem(
        408,
        N_("本文の届き方が遅すぎます。"),
        N_(
            "受け取りを止めました。処理は行われていません。遅い回線では、/api/v1/uploads に分けて送ってください（続きから送れます）。"
        ),
    ),
    "length_required": Problem(
        411,
        N_("本文の長さが必要です。"),
        N_("Content-Length ヘッダーを付けて送ってください（curl では --data-binary @ファイル）。"),
    ),
    "too_large": Problem(
        413,
        N_("本文が大きすぎます。"),
        N_("大きなファイルは /api/v1/uploads に、再開できる形（tus 1.0）で送ってください。"),
    ),
    "unsupported_media_type": Problem(
        415,
        N_("Content-Type がこの操作に合いません。"),
        N_("application/json で送ってください。"),
    ),
    "files_refused": Problem(
        422,
        N_("受け付けられないファイルがあります。"),
        N_(
            "一緒に渡されたファイルは、1つも受け付けていません。errors を見て直し、すべてをもう一度渡してください。"
        ),
    ),
    "too_many_requests": Problem(
        429,
        N_("要求が多すぎます。"),
        N_("Retry-After ヘッダーの秒数だけ待ってから、もう一度送ってください。"),
    ),
    "too_many_wrong_tokens": Problem(
        429,
        N_("使えないトークンが続いています。"),
        N_("トークンを確かめ、Retry-After ヘッダーの秒数だけ待ってから、もう一度送ってください。"),
    ),
    "fault": Problem(
        500,
        N_("こちらの不具合です。"),
        N_(
            "処理は行われていません。しばらくしてから、もう一度送ってください。続くときは request の番号をお知らせください。"
        ),
    ),
    "unavailable": Problem(
        503,
        N_("ただいま利用できません。"),
        N_("処理は行われていません。Retry-After ヘッダーの秒数だけ待ってから、もう一度送ってください。"),
    ),
}

# Of files that arrive in pieces: the status is tus's own.
_OF_UPLOADS: Final[Mapping[str, int]] = {
    "length_missing": 400,
    "offset_missing": 400,
    "metadata_wrong": 400,
    "checksum_wrong": 400,
    "no_such_file": 404,
    "method_wrong": 405,
    "wrong_offset": 409,
    "file_not_whole": 409,
    "file_in_use": 409,
    "file_gone": 410,
    "upload_expired": 410,
    "version_unknown": 412,
    "file_too_large": 413,
    "longer_than_declared": 413,
    "type_wrong": 415,
    "upload_busy": 423,
    "too_many_uploads": 429,
    "too_much_unused": 429,
    "checksum_differs": 460,
    "uploads_taken": 503,
    "scratch_full": 503,
    "store_away": 503,
    "store_full": 503,
}
PROBLEMS: Final[Mapping[str, Problem]] = {
    **_OF_REQUESTS,
    **{code: Problem(status, UPLOADS[code], UPLOADS[code]) for code, status in _OF_UPLOADS.items()},
}

# What is wrong with a field, a parameter or a file of a request.
_ERRORS: Final[Mapping[str, str]] = {
    "json_broken": N_("JSONとして読めません。文字コードはUTF-8です。"),
    "json_no_object": N_("JSONのオブジェクト（波かっこで囲んだもの）を送ってください。"),
    "field_unknown": N_("この名前の項目はありません。"),
    "field_missing": N_("この項目は必要です。"),
    "field_no_text": N_("文字列にしてください。"),
    "field_empty": N_("空にはできません。"),
    "field_long": N_("{longest}文字以内にしてください。"),
    "field_no_boolean": N_("true か false にしてください。"),
    "field_no_list": N_("文字列を1つから{most}個まで並べたリストにしてください。"),
    "field_no_number": N_("{least}から{most}までの整数にしてください。"),
    "field_no_word": N_("次のどれかにしてください: {words}"),
    "field_no_instant": N_("2026-11-27T09:00:00Z のような日時にしてください（時差がなければ日本時間です）。"),
    "field_past": N_("過ぎた日時です。これからの日時にしてください。"),
    "field_far": N_("先すぎる日時です。1年以内の日時にしてください。"),
}

SENTENCES: Final[Mapping[str, str]] = {
    **{f"api.{code}": problem.title for code, problem in PROBLEMS.items()},
    **{f"api.{code}.detail": problem.detail for code, problem in PROBLEMS.items()},
    **{f"api.error.{code}": text for code, text in _ERRORS.items()},
}
