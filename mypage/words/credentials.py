"""What is said of a login id, a password, a mail address and a nickname: by code, a sentence that says what to do."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "login_id_empty": N_("アカウントIDを入力してください。"),
    "login_id_too_short": N_("アカウントIDは5文字以上で入力してください。"),
    "login_id_too_long": N_("アカウントIDは30文字以内で入力してください。"),
    "login_id_has_space": N_("アカウントIDにはスペースを使えません。スペースを除いて入力してください。"),
    "login_id_not_half_width": N_("アカウントIDは半角の英字・数字・記号で入力してください。"),
    "login_id_taken": N_("このアカウントIDは、ほかの方がお使いです。別のアカウントIDを入力してください。"),
    "login_id_free": N_("このアカウントIDはお使いになれます。"),
    "password_empty": N_("パスワードを入力してください。"),
    "password_under_8": N_("パスワードが短すぎます。8文字以上で入力してください。"),
    "password_over_16": N_("パスワードが長すぎます。16文字以内で入力してください。"),
    "password_not_half_width": N_(
        "パスワードに使えない文字があります。スペースを除く半角の英字・数字・記号で入力してください。"
    ),
    "password_one_kind": N_(
        "パスワードの文字の種類が足りません。英小文字・英大文字・数字のうち2種類以上を組み合わせてください。"
    ),
    "password_under_15": N_("パスワードが短すぎます。15文字以上で入力してください。"),
    "password_over_128": N_("パスワードが長すぎます。128文字以内で入力してください。"),
    "password_unprintable": N_(
        "パスワードに目に見えない文字があります。お手数ですが、キーボードで入力し直してください。"
    ),
    "password_common": N_(
        "このパスワードは推測されやすいため、お使いになれません。別のパスワードを入力してください。"
    ),
    "password_is_login_id": N_(
        "アカウントIDと同じパスワードはお使いになれません。別のパスワードを入力してください。"
    ),
    "password_is_customer_number": N_(
        "お客様番号と同じパスワードはお使いになれません。別のパスワードを入力してください。"
    ),
    "password_is_phone": N_(
        "電話番号と同じパスワードはお使いになれません。別のパスワードを入力してください。"
    ),
    "password_is_name": N_("お名前と同じパスワードはお使いになれません。別のパスワードを入力してください。"),
    "password_hint_caps_lock": N_("英字がすべて大文字です。CapsLockがオンになっていないかお確かめください。"),
    "password_hint_full_width": N_("全角の文字が入力されています。半角の英数字に切り替えてお試しください。"),
    "email_empty": N_("メールアドレスを入力してください。"),
    "email_too_long": N_("メールアドレスが長すぎます。254文字以内のメールアドレスを入力してください。"),
    "email_forbidden_character": N_(
        "メールアドレスに使えない文字があります。かぎ括弧・引用符・コンマ・改行などを除いて入力してください。"
    ),
    "email_has_space": N_("メールアドレスの途中にスペースがあります。スペースを除いて入力してください。"),
    "email_no_at": N_("メールアドレスには「@」を1つだけ入れてください。例：taro@example.jp"),
    "email_local_part": N_("「@」より前の部分をご確認ください。半角の英字・数字・記号で入力してください。"),
    "email_domain": N_("「@」より後の部分をご確認ください。例：taro@example.jp の example.jp の部分です。"),
    "email_typo": N_("「{domain}」のお間違いではありませんか？"),
    "nickname_empty": N_("ニックネームを入力してください。"),
    "nickname_too_long": N_("ニックネームは20文字以内で入力してください。"),
    "nickname_forbidden_character": N_(
        "ニックネームに使えない文字があります。記号や絵文字を除いて、文字・数字・スペースで入力してください。"
    ),
}

# The same rules as they stand beside the password field, to be ticked off as they are met.
PASSWORD_RULES: Final[Mapping[str, str]] = {
    "password_under_8": N_("8文字以上"),
    "password_over_16": N_("16文字以内"),
    "password_not_half_width": N_("半角の英字・数字・記号だけ（スペースは使えません）"),
    "password_one_kind": N_("英小文字・英大文字・数字のうち2種類以上"),
    "password_under_15": N_("15文字以上"),
    "password_over_128": N_("128文字以内"),
    "password_unprintable": N_("目に見えない文字を含まない"),
    "password_common": N_("推測されやすいものではない"),
    "password_is_login_id": N_("アカウントIDと同じではない"),
    "password_is_customer_number": N_("お客様番号と同じではない"),
    "password_is_phone": N_("電話番号と同じではない"),
    "password_is_name": N_("お名前と同じではない"),
}
