"""What the console says of what files change of who customers are, and of registrations that rest on it."""

from collections.abc import Mapping
from typing import Final

from mypage.domain.identity_change import What

SENTENCES: Final[Mapping[str, str]] = {
    "approval_had_a_hand": (
        "このファイルを渡した人・公開を依頼した人・承認した人と、招待や役割の変更でその人とつながる人は、決められません。"
        "ほかのスタッフに頼んでください。"
    ),
    "approval_way_empty": "ご本人であることをどう確かめたか、選んでください。",
    "approval_note_empty": "だれに・何を確かめたか、入力してください。",
    "approval_note_too_long": "確かめた内容が長すぎます。{most}文字以内で入力してください。",
    "approval_overtaken": "この登録は、もう確認を待っていません（解除されたか、先に決まりました）。",
    "approval_proven": "お客様が、郵送の確認コードを入力したため、承認は要らなくなりました。",
    "approval_withdrawn": "もとになったファイルの公開が取り消されたため、登録は止まりました。",
    "approval_did_approve": "承認しました。お客様に、ご利用料金などが表示されます。メールでもお知らせします。",
    "approval_did_decline": "登録を解除しました。お客様にメールでお知らせします。",
}

# How an approver made sure, in few words.
WAYS: Final[Mapping[str, str]] = {
    "called": "変更前の電話番号に折り返した",
    "papers": "変更の届け出を確かめた",
    "known": "受け付けの記録を確かめた",
}

WHATS: Final[Mapping[What, str]] = {
    What.NAME: "契約者名",
    What.NAME_KANA: "契約者名カナ",
    What.NAME_KANA2: "契約者名カナ2",
    What.PHONE: "電話番号",
    What.PHONE2: "電話番号2",
    What.RENUMBERED: "番号の変更",
    What.MERGED: "番号の統合",
    What.SPLIT: "番号の分割",
    What.INHERITED: "番号の承継",
}
