"""What the console says of a question to the trail that it cannot ask."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "trail_day_wrong": "日付は「2026-11-01」、時刻は「09:00」のように入れてください。",
    "trail_day_missing": "時刻だけでは探せません。日付も入れてください。",
    "trail_until_before_since": "「この日まで」が「この日から」より前になっています。日付を入れ直してください。",
    "trail_customer_wrong": "お客様番号を入れてください。お名前や電話番号では探せません（お客様の検索で番号が分かります）。",
    "trail_batch_wrong": "取込の番号は、取込の一覧にある数字です（例 12）。",
    "trail_actor_unknown": "「だれが」を一覧から選び直してください。",
    "trail_account_wrong": "アカウントの番号は、履歴の1件の画面から選んでください。",
    "trail_action_unknown": "「したこと」を一覧から選び直してください。",
}
