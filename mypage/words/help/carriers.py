"""How to allow the sender's domain, carrier by carrier, and where mail services put what they take for spam (C-01).

The carriers rename and move these settings from time to time, so each way names the words that have stayed for
years, and the last sentence helps where even they are gone.
"""

from typing import Final

from mypage.words.gettext import N_
from mypage.words.help.page import Part, Section

ALLOW_THE_SENDER: Final = Section(
    N_("携帯電話会社ごとの、受信の設定"),
    sentences=(N_("お使いの携帯電話会社の設定で、「{domain}」を、受け取る相手として登録してください。"),),
    parts=(
        Part(
            N_("ドコモ・ahamo（docomo.ne.jp）"),
            (
                N_("「My docomo」または「dメニュー」を開き、「メール設定」に進みます。"),
                N_("「迷惑メール/SMS対策」の「受信リスト設定」を開き、「設定を利用する」を選びます。"),
                N_("「受信するメールアドレス」に「{domain}」を追加して、「設定を確定する」を押します。"),
            ),
        ),
        Part(
            N_("au・UQ mobile・povo（au.com、ezweb.ne.jp）"),
            (
                N_(
                    "「My au」（UQ mobileの方は「My UQ mobile」）または、メールのアプリの設定から、「迷惑メールフィルター」を開きます。"
                ),
                N_("「受信リスト設定」を開き、「有効にする」を選んで、「{domain}」を入力します。"),
                N_("「変更する」を押します。"),
                N_(
                    "povoの方は、auのメールを「持ち運び」でお使いの場合だけ、この設定です。ほかのメールは、下の「迷惑メールのフォルダー」をご覧ください。"
                ),
            ),
        ),
        Part(
            N_("ソフトバンク・ワイモバイル・LINEMO（softbank.ne.jp、ymobile.ne.jp など）"),
            (
                N_("「My SoftBank」または「My Y!mobile」を開き、「メール設定」に進みます。"),
                N_(
                    "「迷惑メール対策」の「詳細設定」から、お使いのメール（S!メール、Eメール（i）など）の「受信許可リスト」（許可するメールの登録）を開きます。"
                ),
                N_("「{domain}」を入力し、「後方一致」または「ドメイン」を選んで、登録します。"),
                N_(
                    "LINEMOの方は、ソフトバンクのメールを「持ち運び」でお使いの場合だけ、この設定です。ワイモバイルのyahoo.ne.jpの方は、下の「Yahoo!メール」をご覧ください。"
                ),
            ),
        ),
        Part(
            N_("楽天モバイル（rakumail.jp）"),
            (
                N_("「my 楽天モバイル」を開き、メール（楽メール）の設定に進みます。"),
                N_("「迷惑メール」または「受信許可」の設定に、「{domain}」を登録します。"),
                N_("「Rakuten Link」のアプリで、迷惑メールのフォルダーも確かめてください。"),
            ),
        ),
        Part(
            N_("どの会社でも確かめたいこと"),
            (
                N_(
                    "「URL付きメール」を拒否する設定になっていたら、外してください。お送りするメールには、URLが書かれています。"
                ),
                N_(
                    "「パソコンからのメール」を拒否する設定や、なりすまし規制の「高」「強」も、外すか弱めてください。"
                ),
                N_(
                    "画面の言葉が変わっていて見つからないときは、携帯電話会社のお店や窓口で、「{domain}からのメールを受け取れるようにしたい」とお伝えください。"
                ),
            ),
        ),
    ),
)

SPAM_FOLDERS: Final = Section(
    N_("迷惑メールのフォルダーの見かた"),
    parts=(
        Part(
            N_("Gmail（gmail.com）"),
            (
                N_(
                    "左上の「三」の形を押し、「迷惑メール」を開きます。「プロモーション」と「すべてのメール」も見てください。"
                ),
                N_("見つかったら、そのメールを開いて、「迷惑メールではない」を押します。"),
            ),
        ),
        Part(
            N_("Yahoo!メール（yahoo.co.jp、yahoo.ne.jp）"),
            (
                N_("フォルダーの一覧から、「迷惑メール」を開きます。"),
                N_("見つかったら、そのメールを選んで、「迷惑メールでない」を押します。"),
                N_(
                    "見つからないときは、設定の「フィルター」や「受信拒否」に、「{domain}」が入っていないか確かめてください。"
                ),
            ),
        ),
        Part(
            N_("iCloud（icloud.com、me.com）"),
            (
                N_(
                    "「メール」のアプリで、左上の「＜」を押して「メールボックス」に戻り、「迷惑メール」を開きます。"
                ),
                N_("見つかったら、メールを「受信」に移動します。"),
                N_("見つからないときは、「{mail_from}」を連絡先に登録してから、メールを再送してください。"),
            ),
        ),
    ),
)
