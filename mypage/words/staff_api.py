"""What is said to staff about tokens of the API, on the screen and on the command line."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "token_name_missing": "何に使うトークンか、名前を入力してください（例 基幹システムの夜間バッチ）。",
    "token_name_too_long": "名前は60文字以内で入力してください。",
    "token_kinds_missing": "ファイルの種類を、1つ以上選んでください。",
    "token_deeds_missing": "できることを、1つ以上選んでください。",
    "token_days_wrong": "有効期間は、1日から{days}日までの数字で入力してください。",
    "token_unknown": "このAPIトークンは見つかりません。一覧で確かめてください。",
}
