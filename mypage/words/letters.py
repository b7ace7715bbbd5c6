"""What is said of a letter with a code: on its page, and in the letter itself."""

from collections.abc import Mapping
from typing import Final

from mypage.words.gettext import N_

SENTENCES: Final[Mapping[str, str]] = {
    "letter_code_empty": N_("手紙に書かれた確認コードを入力してください。"),
    "letter_code_incomplete": N_(
        "確認コードは10文字です。手紙をご覧になり、10文字すべてを入力してください。"
    ),
    "letter_code_wrong": N_(
        "確認コードが一致しません。手紙をご覧になり、もう一度入力してください。あと{tries}回入力できます。"
    ),
    "letter_expired": N_("この手紙の確認コードは、期限（30日）が過ぎました。新しい手紙をご依頼ください。"),
    "letter_used_up": N_(
        "確認コードが5回一致しなかったため、この手紙のコードは使えなくなりました。新しい手紙をご依頼ください。"
    ),
    "letter_waiting": N_(
        "手紙をお送りする前ですので、新しい手紙は、まだご依頼いただけません。届くまで、しばらくお待ちください。"
    ),
    "letter_on_its_way": N_(
        "手紙は、すでにお送りしています。{until}を過ぎても届かないときに、新しい手紙をご依頼いただけます。"
    ),
    "letter_limit": N_(
        "30日間にお送りできる手紙の数（3通）を超えました。{until}を過ぎてから、もう一度ご依頼ください。"
    ),
    "letter_asked": N_(
        "新しい手紙のご依頼を受け付けました。前の手紙の確認コードは、お使いになれなくなりました。"
    ),
    # In the letter: the operator's own template may put it anywhere.
    "letter_registered": N_(
        "{day}に、お客様のご契約（{label} {number}）が、{operator}のお客様マイページに登録されました。"
    ),
    "letter_with_code": N_(
        "お客様マイページ（{url}）にログインし、確認コード {printed} を、{until}までに入力してください。"
    ),
    "letter_for_call": N_(
        "お電話でのお手続きのための確認コードは {printed} です。{until}までに、{phone}（受付時間：{hours}）へ"
        "お電話のうえ、お伝えください。"
    ),
    "letter_not_you": N_(
        "お心当たりのない場合は、お手数ですが、{phone}（受付時間：{hours}）までお電話ください。"
    ),
}
