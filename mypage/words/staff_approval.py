"""What the console says of requests that wait for a second member of staff."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "approver_is_asker": "ご自分の依頼は承認できません。別のスタッフに承認を頼んでください。",
    "approver_invited_by_asker": (
        "依頼したスタッフに招待された方は、この依頼を承認できません。別のスタッフに承認を頼んでください。"
    ),
    "approver_role_by_asker": (
        "依頼したスタッフから役割を受けた方は、この依頼を承認できません。別のスタッフに承認を頼んでください。"
    ),
    "approver_brought_asker": (
        "ご自分が招待した方や、役割を与えた方の依頼は承認できません。別のスタッフに承認を頼んでください。"
    ),
    "approver_brought_by_command": (
        "サーバーのコマンドで招待された方は、コマンドから渡されたものを承認できません。別のスタッフに承認を頼んでください。"
    ),
    "approver_too_new": (
        "いまの役割になってから24時間たっていないため、まだ承認できません。別のスタッフに承認を頼んでください。"
    ),
    "approver_asker_gone": (
        "依頼したスタッフは、いま停止されています。必要なときは、別のスタッフがお客様に確かめ、依頼し直してください。"
    ),
    "request_of_another": "ほかのスタッフの依頼は取り下げられません。断るときは、理由を書いて[承認しない]を押してください。",
    "request_gone": "この依頼は見つかりません。承認待ちの一覧をご確認ください。",
    "request_approved": "この依頼は、すでに承認されています。二重には行われません。",
    "request_declined": "この依頼は、すでに断られています。",
    "request_withdrawn": "この依頼は、依頼したスタッフが取り下げました。",
    "request_expired": "この依頼は、期限が過ぎました。必要なときは、もう一度依頼してください。",
    "request_overtaken": "この依頼は、お客様の状態が変わったため、終わりました。必要なときは、もう一度依頼してください。",
    "request_reply_empty": "断る理由を入力してください。依頼したスタッフに表示されます。",
    "request_reply_too_long": "断る理由が長すぎます。{most}文字以内で入力してください。",
    "request_did_approve": "承認し、実行しました。お客様にメールでお知らせします。",
    "request_did_decline": "依頼を断りました。依頼したスタッフに理由が表示されます。",
    "request_did_withdraw": "依頼を取り下げました。",
    "request_overtaken_now": "実行しませんでした。依頼のあとで状況が変わったためです：{why}",
}
