"""What the console says of acts for a caller: why one does not fit, what it does, and that it is done."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # Why an act does not fit the state of the customer.
    "act_not_registered": "このお客様は、まだ登録していません。ご本人による登録か、電話での登録をご案内ください。",
    "act_lapsed": "仮登録は、期限切れか取り消しで終わっています。最初からの登録か、電話での登録をご案内ください。",
    "act_provisional": "このお客様は仮登録中で、本登録が終わっていません。まず本登録のメールをご案内ください。",
    "act_registered": "このお客様は、すでに本登録が済み、ご利用中です。",
    "act_suspended": "このお客様は、いま利用を停止しています。必要なときは、先に[停止を解除]してください。",
    "act_released": "このお客様の登録は解除されています。新しい登録が済むまで、この操作はできません。",
    "act_kept_from_web": (
        "このお客様は「Web登録不可」です。ログインにつながる操作はできません。お手続きは書面などでご案内ください。"
    ),
    "act_barred": (
        "いまの契約者情報では本登録できないため、メールを送っても手続きが終わりません。"
        "契約の状態（契約日・解約日）をご確認ください。"
    ),
    "act_mail_refused": (
        "登録のメールアドレスには、メールが届きません。先に[メールアドレスを訂正]してください。"
    ),
    "act_no_former_address": "戻せるメールアドレスがありません。戻せるのは、訂正から72時間のあいだです。",
    "act_no_second_factor": "このお客様は、二段階認証を設定していません。",
    "act_no_waits": "いま、このお客様の待ち時間はありません。",
    "act_no_devices": "いま、ログイン中の端末はありません。",
    "act_not_released": "解除された登録がないか、次の登録への72時間の表示停止が終わっています。",
    "act_not_objected": "いま、解除への異議はありません。",
    "act_objected_already": "解除への異議は、すでに受け付けています。表示は止まっています。",
    # What is lacking.
    "act_call_needed": (
        "先に、お電話の相手と確認の方法を記録してください（通話の記録は、30分使わないと終わります）。"
    ),
    "act_code_only": (
        "お電話用の確認番号だけでは、この操作はできません。ほかの方法でも確認し、通話を記録し直してください。"
    ),
    "act_call_back_needed": (
        "先に、契約者情報の電話番号へ折り返すか、郵送した確認コードを確認し、記録してください。"
    ),
    "act_reason_empty": "理由を選んでください。",
    "act_note_empty": "「その他」を選んだときは、理由を入力してください。",
    "act_note_too_long": "くわしい理由が長すぎます。{most}文字以内で入力してください。",
    "act_same_address": "いま登録されているメールアドレスと同じです。新しいメールアドレスを入力してください。",
    # Why it cannot be done at this moment.
    "act_outdated": (
        "この画面を開いたあとで、お客様の状態が変わりました。操作は行っていません。いまの状態をご確認ください。"
    ),
    "act_changed": "依頼のあとで、お客様の状態か契約者情報が変わりました。",
    "act_resend_too_soon": "メールを送ったばかりです。約{minutes}分後に、もう一度お試しください。",
    "act_signup_mails": "24時間に送れるメールの数を超えました。{until}を過ぎてから、もう一度お試しください。",
    "act_signup_addresses": "24時間に使えるメールアドレスの数を超えました。{until}を過ぎてから、もう一度お試しください。",
    "act_recovery_limited": (
        "24時間に送れる再設定のメールの数を超えました。{until}を過ぎてから、もう一度お試しください。"
    ),
    "act_recovery_suspended": "利用を停止しているため、再設定のメールは送れません。",
    "act_recovery_kept_from_web": (
        "このアカウントには、マイページで表示できるご契約がないため、再設定のメールは送れません。"
    ),
    "act_recovery_bounced": (
        "登録のメールアドレスには、メールが届きません。先に[メールアドレスを訂正]してください。"
    ),
    "act_no_postal_address": "契約者情報に住所がないため、手紙を送れません。",
    "act_letter_waiting": "確認コードの手紙は、郵送の準備中です。届くまでお待ちいただくよう、ご案内ください。",
    "act_letter_on_its_way": (
        "確認コードの手紙は、すでに郵送しています。{until}を過ぎても届かないときは、もう一度送れます。"
    ),
    "act_letter_limit": "30日間に送れる手紙の数（3通）を超えました。{until}を過ぎてから、もう一度お試しください。",
    "act_already_asked": "同じ操作の依頼が、すでに承認を待っています。依頼を開いて、内容をご確認ください。",
    # What an act does, told before it is done.
    "act_tells_resend": "本登録のメールを、同じアドレスにもう一度送ります。前のメールのURLは使えなくなります。",
    "act_tells_cancel": (
        "仮登録を終わらせます。メールのURLは使えなくなり、アカウントIDは空きます。元には戻せません。"
    ),
    "act_tells_address": "仮登録のメールを、訂正したアドレスに送り直します。前のメールのURLは使えなくなります。",
    "act_tells_address_registered": (
        "登録のメールアドレスを訂正します。元のアドレスにもお知らせします。72時間のあいだは元に戻せます。"
    ),
    "act_tells_restore-address": (
        "訂正する前のメールアドレスに戻し、すべての端末からログアウトさせます。両方のアドレスにお知らせします。"
    ),
    "act_tells_password-reset": (
        "登録のメールアドレスに、パスワードを決め直すためのURLを送ります。URLは1時間、1回だけ使えます。"
    ),
    "act_tells_lift-waits": (
        "お客様番号・電話番号・アカウントについて数えた入力の間違いを消し、すぐに試せるようにします。"
        "ご利用の回線（IPアドレス）についての待ち時間は、残ることがあります。"
    ),
    "act_tells_end-sessions": "すべての端末からログアウトさせます。お送りした再設定などのURLも使えなくなります。",
    "act_tells_suspend": (
        "すべての端末からログアウトさせ、停止を解除するまでログインできなくします。[停止を解除]で元に戻せます。"
    ),
    "act_tells_resume": "これまでのアカウントIDとパスワードで、またログインできるようにします。",
    "act_tells_post-code": (
        "契約者の住所に、確認コードの手紙を送ります。届いたらお電話で読み上げていただき、折り返しの代わりにします。"
        "前の手紙のコードは使えなくなります。"
    ),
    "act_tells_remove-factor": (
        "認証アプリ・パスキー・リカバリーコードをすべて消し、すべての端末からログアウトさせます。"
        "元には戻せません（お客様が設定し直します）。"
    ),
    "act_tells_release": (
        "いまのアカウントから、このご契約を外します。すぐに使えなくなり、ほかの方が新しく登録できます。"
        "新しい登録には72時間何も表示せず、異議があれば表示を止めます。元には戻せません。"
    ),
    "act_tells_object": (
        "登録の解除に異議があったことを記録し、次に登録した方への表示を止めます。[異議を解決済みにする]まで続きます。"
    ),
    "act_tells_settle": (
        "異議を終わらせ、いまの登録への表示を（本登録から72時間が過ぎていれば）始めます。"
        "異議が正しいときは、もう一度[登録を解除する]を行ってください。"
    ),
    # What was done.
    "act_did_resend": "仮登録メールを再送しました。",
    "act_did_cancel": "仮登録を取り消しました。ご本人にメールでお知らせします。",
    "act_did_address": "メールアドレスを訂正しました。新しいアドレスに、仮登録のメールを送ります。",
    "act_did_restore-address": "前のメールアドレスに戻しました。両方のアドレスにお知らせします。",
    "act_did_password-reset": "パスワード再設定のメールを送ります。",
    "act_did_lift-waits": "待ち時間を解除しました。すぐにお試しいただけます。",
    "act_did_end-sessions": "すべての端末からログアウトさせました。ご本人にメールでお知らせします。",
    "act_did_suspend": "利用を停止しました。ご本人にメールでお知らせします。",
    "act_did_resume": "停止を解除しました。ご本人にメールでお知らせします。",
    "act_did_post-code": "確認コードの手紙を送ります。届いたら、もう一度お電話いただくようご案内ください。",
    "act_did_remove-factor": "二段階認証を解除しました。ご本人にメールでお知らせします。",
    "act_did_release": "登録を解除しました。元のアドレスにメールでお知らせします。",
    "act_did_object": "異議を受け付け、表示を止めました。",
    "act_did_settle": "異議を解決済みにしました。",
    "act_did_ask": "承認を依頼しました。別のスタッフが承認すると、すぐに行われます。",
    # The call and the call-back.
    "call_caller_empty": "お電話の相手を選んでください。",
    "call_verified_empty": "確認した方法を、1つ以上選んでください。",
    "call_name_empty": "ご本人でないときは、お電話の方のお名前を入力してください。",
    "call_name_too_long": "お名前が長すぎます。{most}文字以内で入力してください。",
    "call_code_empty": "お客様が読み上げた確認番号（9桁）を入力してください。",
    "call_did_note": "通話を記録しました。",
    "call_did_end": "通話の記録を終えました。",
    "call_did_call_back": "折り返しを記録しました。",
    "call_did_prove": "確認コードが一致しました。",
    "call_back_number_empty": "どの番号に折り返したかを選んでください。",
    "call_back_reached_empty": "どなたにつながったかを選んでください。",
    "call_proof_empty": "お客様が読み上げた確認コード（10文字）を入力してください。",
    "call_proof_incomplete": "確認コードは10文字です。もう一度お聞きください。",
    "call_proof_wrong": "確認コードが一致しません。あと{tries}回確認できます。",
    "call_proof_none": "いま使える確認コードの手紙がありません。折り返しのお電話で確認してください。",
}
