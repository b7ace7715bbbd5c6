"""What is said on the console's page of one customer, and in the view as the subscriber sees it."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "customer_call_needed": "先に、お電話の相手を記録してください。記録すると、［表示する］やお客様と同じ画面を使えます。",
    "customer_nothing_chosen": "表示する項目を選んでください。",
    "view_over": "お客様と同じ画面の表示を終えました。",
    "view_reason_missing": "画面を開く理由を選んでください。",
    "view_nothing_no_account": "本登録がお済みでないため、お客様に表示されている画面はありません。",
    "view_nothing_suspended": "利用を停止しているため、お客様には何も表示されていません。",
    "view_nothing_kept_from_web": "Web登録不可のため、お客様には何も表示されていません。",
    "view_nothing_objection": "登録の解除に異議があるため、お客様には何も表示されていません。",
    "view_nothing_release": "解除の後の登録から72時間がたっていないため、お客様にはまだ何も表示されていません。",
    "view_nothing_letter": "郵送の確認コードが入力されていないため、お客様にはまだ何も表示されていません。",
}
