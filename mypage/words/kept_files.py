"""What is said of files that are handed over, by code: to the operator at the screen and to whoever writes a client."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "no_such_file": N_("このファイルはありません。はじめからアップロードしてください。"),
    "file_gone": N_("このファイルは消されています。はじめからアップロードしてください。"),
    "upload_expired": N_(
        "アップロードが途中のまま時間が過ぎたため、消しました。はじめからアップロードしてください。"
    ),
    "file_too_large": N_(
        "ファイルが大きすぎます。{largest}MBまでです。ZIPかgzipに圧縮するか、分けて渡してください。"
    ),
    "too_many_uploads": N_(
        "途中のアップロードが{most}個あります。終わるのを待つか、いらないものを取り消してください。"
    ),
    "too_much_unused": N_(
        "まだ取り込んでいないファイルが多すぎます。{unused}個、合わせて{room}MBまでです。取り込むか、いらないものを取り消してください。"
    ),
    "wrong_offset": N_("続きの位置が違います。{offset}バイト目から送ってください。"),
    "upload_busy": N_(
        "このファイルは、ほかの送信を受け取っている途中です。少し待ってから、続きを送ってください。"
    ),
    "longer_than_declared": N_(
        "はじめに伝えられた大きさより長いため、受け取りませんでした。はじめからアップロードしてください。"
    ),
    "checksum_differs": N_(
        "送る途中で中身が変わりました（チェックサムが違います）。同じところから、もう一度送ってください。"
    ),
    "file_not_whole": N_(
        "「{name}」は、まだ全部届いていません。アップロードが終わってから、もう一度渡してください。"
    ),
    "file_in_use": N_(
        "このファイルは取り込まれています。アップロードの取消ではなく、取込を取り消してください。"
    ),
    "store_full": N_(
        "ファイルの置き場所がいっぱいです。届いたところまでは残っています。空きができたら、続きを送ってください。"
    ),
    "store_away": N_(
        "ファイルの置き場所につながりません。届いたところまでは残っています。しばらくしてから、続きを送ってください。"
    ),
    "scratch_full": N_(
        "サーバーの作業用フォルダーがいっぱいのため、受け取れませんでした。公開の状態は変わっていません。システム担当に、MYPAGE_SCRATCH のディスクに空きを作るよう伝えてから、もう一度渡してください。"
    ),
    "download_away": "ファイルの置き場所につながりません。しばらくしてから、もう一度お試しください。続くときは、システム担当に、ファイルの置き場所（MYPAGE_FILES）を確かめるよう伝えてください。",
    "download_lost": "ファイルの置き場所に、このファイルの全部がないか、暗号化の鍵が足りません。システム担当に、MYPAGE_FILE_KEYS の古い鍵を確かめるよう伝えてください。",
    "uploads_taken": N_("ほかのファイルの受け渡しの途中です。少し待ってから、もう一度お試しください。"),
    "version_unknown": N_("このサーバーは tus 1.0.0 だけに対応しています。"),
    "length_missing": N_("Upload-Length に、ファイルの大きさ（バイト）を入れてください。"),
    "offset_missing": N_("Upload-Offset に、送る位置（バイト）を入れてください。"),
    "metadata_wrong": N_(
        "Upload-Metadata を、名前とbase64の値の組にしてください（例 filename Y2hhcmdlcy5jc3Y=）。"
    ),
    "checksum_wrong": N_("Upload-Checksum を、sha1 か sha256 と、base64の値にしてください。"),
    "type_wrong": N_("Content-Type を application/offset+octet-stream にしてください。"),
    "method_wrong": N_("このアドレスでは使えない方法です。"),
}


def sentence(code: str, **facts: object) -> str:
    """The sentence of a code."""
    return SENTENCES[code].format(**facts)
