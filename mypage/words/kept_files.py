"""What is said of files that are handed over, by code: to the operator at the screen and to whoever writes a client."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "no_such_file": "このファイルはありません。はじめからアップロードしてください。",
    "file_gone": "このファイルは消されています。はじめからアップロードしてください。",
    "upload_expired": "アップロードが途中のまま時間が過ぎたため、消しました。はじめからアップロードしてください。",
    "file_too_large": "ファイルが大きすぎます。{largest}MBまでです。ZIPかgzipに圧縮するか、分けて渡してください。",
    "too_many_uploads": "途中のアップロードが{most}個あります。終わるのを待つか、いらないものを取り消してください。",
    "wrong_offset": "続きの位置が違います。{offset}バイト目から送ってください。",
    "upload_busy": "このファイルは、ほかの送信を受け取っている途中です。少し待ってから、続きを送ってください。",
    "longer_than_declared": "はじめに伝えられた大きさより長いため、受け取りませんでした。はじめからアップロードしてください。",
    "checksum_differs": "送る途中で中身が変わりました（チェックサムが違います）。同じところから、もう一度送ってください。",
    "file_not_whole": "「{name}」は、まだ全部届いていません。アップロードが終わってから、もう一度渡してください。",
    "file_in_use": "このファイルは取り込まれています。アップロードの取消ではなく、取込を取り消してください。",
    "store_full": "ファイルの置き場所がいっぱいです。届いたところまでは残っています。空きができたら、続きを送ってください。",
    "store_away": "ファイルの置き場所につながりません。届いたところまでは残っています。しばらくしてから、続きを送ってください。",
    "download_away": "ファイルの置き場所につながりません。しばらくしてから、もう一度お試しください。続くときは、システム担当に、ファイルの置き場所（MYPAGE_FILES）を確かめるよう伝えてください。",
    "download_lost": "ファイルの置き場所に、このファイルの全部がないか、暗号化の鍵が足りません。システム担当に、MYPAGE_FILE_KEYS の古い鍵を確かめるよう伝えてください。",
    "uploads_taken": "ほかのファイルの受け渡しの途中です。少し待ってから、もう一度お試しください。",
    "version_unknown": "このサーバーは tus 1.0.0 だけに対応しています。",
    "length_missing": "Upload-Length に、ファイルの大きさ（バイト）を入れてください。",
    "offset_missing": "Upload-Offset に、送る位置（バイト）を入れてください。",
    "metadata_wrong": "Upload-Metadata を、名前とbase64の値の組にしてください（例 filename Y2hhcmdlcy5jc3Y=）。",
    "checksum_wrong": "Upload-Checksum を、sha1 か sha256 と、base64の値にしてください。",
    "type_wrong": "Content-Type を application/offset+octet-stream にしてください。",
    "method_wrong": "このアドレスでは使えない方法です。",
}


def sentence(code: str, **facts: object) -> str:
    """The sentence of a code."""
    return SENTENCES[code].format(**facts)
