"""What is said to staff about their own login and about their colleagues. The console speaks Japanese only."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # The login
    "staff_login_id_missing": "アカウントIDを入力してください。",
    "staff_password_missing": "パスワードを入力してください。",
    "staff_login_wrong": "アカウントIDまたはパスワードが一致しません。もう一度ご確認のうえ、入力してください。",
    "staff_login_wait": "入力が続けて一致しなかったため、しばらくログインできません。約{minutes}分後に、もう一度お試しください。",
    # The second factor
    "factor_wrong": "確認できませんでした。もう一度お試しください。認証アプリのコードは、一度使うと次のコードに変わるまで使えません。",
    "factor_wait": "確認できない入力が続いたため、しばらくお待ちください。約{minutes}分後に、もう一度お試しください。",
    "factor_unreadable": "認証アプリの登録を読み取れませんでした。システムの管理者に、MYPAGE_FACTOR_KEYS の設定を確かめるよう伝えてください。",
    "factor_code_empty": "認証アプリに表示されている6桁の数字を入力してください。",
    "factor_code_form": "認証アプリのコードは6桁の数字です。表示されている数字を入力してください。",
    "factor_code_not_of_app": "コードが一致しません。認証アプリに新しく表示された数字を入力してください。続くときは、スマートフォンの時計が合っているか確かめてください。",
    "factor_offer_over": "この画面の時間が過ぎたため、新しいQRコードに替えました。お手数ですが、もう一度読み取ってください。",
    "factor_last": "ほかに認証の方法がないため、削除できません。先に、新しい認証アプリかパスキーを追加してください。",
    "recovery_code_empty": "回復コードを入力してください。",
    "passkey_not_made": "パスキーを登録できませんでした。もう一度お試しになるか、認証アプリを登録してください。",
    "passkey_known": "このパスキーは、もう登録されています。",
    "passkey_too_many": "パスキーは10個まで登録できます。使っていないものを削除してから、追加してください。",
    # The own login
    "own_password_missing": "確認のため、いまのパスワードを入力してください。",
    "own_password_wrong": "いまのパスワードが一致しません。もう一度ご確認のうえ、入力してください。",
    "own_password_wait": "パスワードが続けて一致しなかったため、しばらく変更できません。約{minutes}分後に、もう一度お試しください。",
    "staff_login_id_taken": "このアカウントIDは、ほかの人が使っています。別のアカウントIDを入力してください。",
    # Colleagues
    "staff_name_missing": "名前を入力してください。",
    "staff_name_too_long": "名前は40文字以内で入力してください。",
    "staff_role_missing": "役割を選んでください。",
    "staff_reason_missing": "理由を入力してください。",
    "staff_reason_too_long": "理由は200文字以内で入力してください。",
    "staff_unknown": "この人は、スタッフの一覧にいません。",
    "staff_oneself": "自分自身には行えません。ほかの管理者に頼んでください。",
    "staff_last_admin": "ログインできる管理者がほかにいないため、行えません。先に、ほかの人を管理者にしてください。",
    "staff_same_role": "もうその役割です。",
    "staff_role_moved": "依頼のあとに役割が変わっていたため、行いませんでした。必要なら、もう一度依頼してください。",
    "staff_not_invited": "この人は、もう招待中ではありません。いまの状態をご確認ください。",
    "staff_not_active": "この人は、いま利用中ではありません。いまの状態をご確認ください。",
    "staff_not_suspended": "この人は、停止されていません。",
    "staff_suspended_already": "この人は、もう停止されています。",
    "staff_asker_gone": "依頼した人が管理者ではなくなっていたため、行いませんでした。",
    "approver_is_subject": "自分に関わる依頼は、自分では承認できません。ほかの管理者に頼んでください。",
}

# What was done, as the next page says it.
DONE: Final[Mapping[str, str]] = {
    "invited": "招待メールをお送りしました。72時間以内に、メールのリンクから登録してもらってください。",
    "role": "役割を変更しました。次の操作から、新しい役割になります。",
    "suspended": "利用を停止しました。ログイン中の端末は、すべてログアウトしました。",
    "resumed": "停止を解除しました。",
    "asked": "依頼しました。ほかの管理者の承認をお待ちください。",
    "asked_before": "同じ依頼が、もう出ています。",
    "ended": "ほかの端末をログアウトしました。",
    "password": "パスワードを変更しました。ほかの端末は、すべてログアウトしました。",
    "app": "認証アプリを登録しました。前の認証アプリのコードは、もう使えません。",
    "passkey": "パスキーを追加しました。",
    "removed": "削除しました。",
    "token_revoked": "APIトークンを取り消しました。もう使えません。",
}
