"""What is said during the signup, from the identity to the activation."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "customer_number_empty": N_("{label}を入力してください。"),
    "customer_number_pattern": N_(
        "{label}の形と異なります。お手元の登録書に「{label}」と書かれた番号（例：{example}）を入力してください。"
    ),
    "customer_number_is_email": N_(
        "{label}の形と異なります。メールアドレスが入力されているようです。"
        "お手元の登録書に「{label}」と書かれた番号（例：{example}）を入力してください。"
    ),
    "customer_number_is_phone": N_(
        "{label}の形と異なります。電話番号が入力されているようです。"
        "お手元の登録書に「{label}」と書かれた番号（例：{example}）を入力してください。"
    ),
    "customer_number_is_reference": N_(
        "{label}の形と異なります。請求書や払込票の、別の番号が入力されているようです。"
        "お手元の登録書に「{label}」と書かれた番号（例：{example}）を入力してください。"
    ),
    "customer_number_like_phone": N_(
        "{label}ではなく、電話番号が入力されているようです。"
        "お手元の登録書に「{label}」と書かれた番号（例：{example}）をご確認ください。"
        "この番号で間違いないときは、そのままもう一度[認証]を押してください。"
    ),
    "phone_empty": N_("電話番号を入力してください。"),
    "phone_pattern": N_("電話番号は、市外局番から数字で入力してください。例：0312345678"),
    "name_kana_empty": N_("お名前（カナ）を入力してください。"),
    "name_kana_kanji": N_(
        "お名前が漢字で入力されています。お名前（カナ）は、カタカナかひらがなで入力してください。例：ヤマダ　タロウ"
    ),
    "name_kana_too_long": N_("お名前（カナ）が長すぎます。100文字以内で入力してください。"),
    "registration_key_empty": N_("登録キーを入力してください。"),
    "identity_missed": N_(
        "入力された内容が契約者情報と一致しません。もう一度お手元の登録書をご確認ください。"
    ),
    "identity_wait": N_(
        "入力が続けて一致しなかったため、しばらくお手続きできません。約{minutes}分後に、もう一度お試しください。"
    ),
    "draft_expired": N_(
        "しばらく操作がなかったため、お手続きを最初からやり直します。お手数ですが、もう一度入力してください。"
    ),
    "draft_other": N_("別の画面で入力された内容を表示しています。よろしければ、このままお進みください。"),
    "password_again": N_("お手数ですが、パスワードをもう一度入力してください。"),
    "login_id_taken_meanwhile": N_(
        "ご入力中に、このアカウントIDをほかの方が登録されました。別のアカウントIDを入力してください。"
    ),
    "login_id_checks_used_up": N_(
        "アカウントIDを確認できる回数を超えました。お手数ですが、最初からお手続きください。"
    ),
    "login_id_checks_wait": N_(
        "アカウントIDの確認が続いたため、しばらく確認できません。約{minutes}分後に、もう一度お試しください。"
    ),
    "signup_mails": N_(
        "24時間にお送りできるメールの数を超えました。{until}を過ぎてから、もう一度お試しください。"
    ),
    "signup_addresses": N_(
        "24時間にお使いになれるメールアドレスの数を超えました。{until}を過ぎてから、もう一度お試しください。"
    ),
    "signup_replacements": N_(
        "24時間に仮登録をやり直せる回数を超えました。{until}を過ぎてから、もう一度お試しください。"
    ),
    "resend_too_soon": N_(
        "メールをお送りしたばかりです。約{minutes}分後に、もう一度[メールを再送する]を押してください。"
    ),
    "mail_resent": N_("メールを再送しました。前にお送りしたメールのURLは、お使いになれなくなりました。"),
    "address_corrected": N_(
        "メールアドレスを訂正し、新しい宛先にメールをお送りしました。前のメールのURLは、お使いになれなくなりました。"
    ),
    "activation_password_empty": N_("初期情報の画面で決めたパスワードを入力してください。"),
    "activation_password_wrong": N_(
        "パスワードが一致しません。初期情報の画面で決めたパスワードを、もう一度入力してください。"
    ),
    "activation_wait": N_(
        "パスワードが続けて一致しなかったため、しばらく本登録できません。約{minutes}分後に、もう一度お試しください。"
    ),
    "activation_proof_wrong": N_(
        "お客様番号または電話番号が、ご契約の内容と一致しません。お手元の登録書をご確認のうえ、もう一度入力してください。"
    ),
    "activation_proof_wait": N_(
        "入力が続けて一致しなかったため、しばらく本登録できません。約{minutes}分後に、もう一度お試しください。"
    ),
    "link_rest_empty": N_("メールに書かれたURLの続き、またはURL全体を貼り付けてください。"),
    "link_rest_wrong": N_(
        "貼り付けられた内容から、URLを読み取れませんでした。メールのURLを、はじめから終わりまで貼り付けてください。"
    ),
}
