"""What is said while files are handed over in the console, and how far a check is. The console speaks Japanese only."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "batch_upload_none": "渡すファイルを選んでください。",
    "batch_upload_kind_wrong": "種類を、一覧から選んでください。",
    "batch_upload_encoding_wrong": "文字コードを、一覧から選んでください。",
    "batch_upload_elsewhere": "同じファイルを、ほかの処理が検査しています。終わるのを待って、もう一度渡してください。届いたファイルは残っています。",
    "batch_upload_refused": "「{name}」：{wrong}{fix}",
    # How far a check is
    "batch_turn_next": "まもなく検査を始めます。",
    "batch_turn_wait": "順番を待っています（前に{before}件）。",
    "batch_turn_stopped": "検査の途中で、サーバーの処理が止まりました。",
    "batch_turn_broken_off": "検査の途中で、ワーカーが止まりました。ワーカーが動きだすと、自動で検査し直します。",
    "batch_waits_store_away": "ファイルの置き場所につながらないため、待っています。つながると、自動で検査します。",
    "batch_waits_disk_full": "サーバーの作業用の場所がいっぱいのため、待っています。空きができると、自動で検査します。",
}

# What was done, as the next page says it.
DONE: Final[Mapping[str, str]] = {
    "batch_received": "受け付けました。順番に検査します。この画面を閉じても、検査は続きます。",
    "batches_received": "受け付けました。順番に検査します。この画面を閉じても、検査は続きます。",
    "batch_in_force": "同じファイルが、この取込としてすでに公開されています。何も変わっていません。",
    "batches_in_force": "同じファイルが、すでに公開されています。何も変わっていません。",
    "batch_known": "同じファイルが、この取込としてすでに検査されています。",
    "batches_known": "同じファイルが、すでに検査されています。",
    "upload_discarded": "届いていたファイルを取り消しました。",
}
