"""In which words people ask for each page of the help, beside its title: for the search only, so never translated.

Written the way it is said to the call centre; kana, width and slips are the search's work, and what is said in many
ways stands in ``notions``. ``signup`` and ``contact`` are no pages of
the help: the first screen of the registration, and the support window.
"""

from collections.abc import Mapping
from typing import Final

_ASKED: Final = {
    "A-01": "お客様番号の入れ方、ハイフンは入れるのか、頭の0は必要ですか、全角か半角か、番号はどう書けばいいか、スペースは入れるの、how to type the customer number、do I need the hyphens、leading zeros of the customer number",
    "A-02": "名前、名前の書き方、カタカナの入れ方、ひらがなでもいいか、フリガナの入力方法、姓と名の間は空けるのか、会社名の入れ方、漢字で入れられない、濁点が入らない、小さいッの入れ方、how to write my name in katakana、name in kana",
    "A-03": "一致しない、本人確認、一致しません、契約者情報と合わない、認証できない、本人確認ができない、認証に失敗する、登録書のとおりに入れたのに違うと出る、名前が違うと言われる、電話番号が違うと言われる、登録できない、父の名前で契約している、旧姓で契約している、昔の電話番号で契約している、does not match、it says no match、details do not match、cannot verify my identity",
    "A-04": "しばらくお手続きできません、待ってくださいと出る、約何分後にもう一度と出る、何分待てばいい、何回も間違えた、登録でロックされた、locked out of the registration、have to wait for minutes、too many wrong tries",
    "A-05": "お客様番号、お客様番号がどこにあるかわからない、お客様番号はどれですか、お客様番号はどこに書いてある、お客様番号がわからない、お客様番号の形が違う、番号の桁数、登録書が見つからない、登録書をなくした、お客様番号を忘れた、どの番号を入れるのか、電話番号の欄でエラーになる、where is my customer number、does not look like a customer number、I do not know my customer number",
    "A-06": "解約したあとに登録したい、解約後に明細を見たい、まだ開通していない、工事がまだ、工事前に登録したい、契約前に登録できない、register after cancellation、before my contract begins",
    "A-07": "すでに会員登録がお済みですと出る、もう登録されていると出る、登録済みと言われる、前に登録したか覚えていない、家族が登録したかもしれない、already registered、number is already registered",
    "A-08": "勝手に登録されている、知らない人に登録された、登録した覚えがない、誰かが登録している、なりすまされた、乗っ取られた、someone else registered my number、I never registered",
    "A-09": "必須と出る、入力してくださいと出る、空欄がある、入力もれ、先に進めない、次に進めない、必須項目、required field、left a field empty、something is missing",
    "B-01": "アカウントIDが使えない、IDがほかの人に使われている、IDの決め方、IDは何文字、IDの文字数、IDが取れない、IDが登録できない、IDに使える文字、account id is taken、user name not available、rules for the account id",
    "B-02": "パスワードが使えない、パスワードの条件、パスワードの決め方、パスワードは何文字、パスワードが短いと出る、パスワードが登録できない、パスワードの種類が足りない、推測されやすいと出る、password too short、password too weak、password not accepted、password rules",
    "B-03": "お間違いではありませんかと出る、メールアドレスが違うと聞かれる、gmail.comのお間違い、メールアドレスの打ち間違い、typo in my mail address、did you mean gmail.com",
    "B-04": "ドットが続くメールアドレス、点が二つ並んだアドレス、アットマークの前にピリオド、ドコモのアドレスが使えない、メールアドレスがエラーになる、メールアドレスが登録できない、two dots in my address、email address not accepted",
    "B-05": "家族と同じメールアドレスを使いたい、夫婦で同じアドレス、妻のアドレスで登録したい、メールアドレスが一つしかない、同じメールアドレスで二つ登録、same mail address as my husband、share one email address",
    "B-06": "メールアドレスを持っていない、メールをしていない、メールがない、メールアドレスがない、メールを使っていない、スマホを持っていない、インターネットができない、have no email、no email address、I do not have email、without email",
    "C-01": "メール、mail、迷惑メール、メールが来ない、メールが届かない、認証メールがこない、確認メールが届きません、迷惑メールに入る、メールを受信できない、登録のメールが来ない、ドメイン指定の仕方、指定受信の設定、ドコモでメールが受け取れない、auの受信設定、ソフトバンクの迷惑メール設定、迷惑メールフォルダーの見かた、仮登録のメールが届かない、パスワード再設定のメールが届かない、メールが見つからない、メールが一通も来ない、email did not arrive、no email received、mail in spam folder、allow your domain",
    "C-02": "メールアドレス、訂正、メールアドレスを間違えた、間違ったアドレスで登録した、メールアドレスを訂正したい、アドレスを打ち間違えた、宛先を直したい、別のアドレスに変えたい、wrong email address、correct my mail address、mistyped my email",
    "C-03": "メールが遅い、メールがなかなか来ない、メールはいつ届く、メールはいつ来る、送信したかどうか知りたい、まだメールが来ない、送信の順番を待っています、email is late、mail takes long",
    "C-04": "URL、リンク、URLが途中で切れている、リンクが切れている、URLが開けない、URLを押しても開かない、リンクが2行になっている、URLを貼り付けたい、link is cut off、link does not work、cannot open the link",
    "C-05": "期限、期限が過ぎた、24時間過ぎた、期限切れ、本登録の期限が切れた、メールに気づくのが遅れた、メールに気づかず一日たった、昨日のメールのURLが使えない、仮登録が消えた、仮登録が取り消された、link expired、24 hours are over",
    "C-06": "新しいメールをご覧くださいと出る、URLが置き換わった、メールが何通も来た、どのメールを開けばいい、古いメールを開いた、再送したらURLが使えない、newer mail was sent、several mails、which mail do I open",
    "C-07": "本登録がお済みですと出る、もう本登録されている、URLを二回押した、URLをもう一度開いた、link already used、already activated",
    "C-08": "別のスマホでメールを開いた、パソコンで登録してスマホでメールを見る、違う端末で本登録できるか、本登録のしかた、another device、opened the mail on my phone",
    "C-09": "URLを開く前に開かれた、セキュリティソフトがURLを開いた、ウイルス対策ソフト、勝手にURLが開かれた、怪しいメールが来た、URLを開いても大丈夫か、メールのプレビュー、scanner opened the link、antivirus",
    "C-10": "仮登録のパスワードを忘れた、本登録でパスワードが違うと出る、本登録のパスワードがわからない、さっき決めたパスワードを忘れた、本登録できない、forgot the password before activation、wrong password when completing the registration",
    "D-01": "ログイン、log in、ログインできない、パスワードが違うと出る、IDかパスワードが違う、正しく入れているのにログインできない、マイページに入れない、パスワードが合わない、cannot log in、wrong password、login does not work",
    "D-02": "ログインがロックされた、しばらくログインできません、何回も間違えてログインできない、アカウントがロックされた、約何分後にログイン、account locked、too many login attempts、cannot log in for a while",
    "D-03": "パスワード、アカウントID、password、再設定、忘れた、forgot、パスワードを忘れた、アカウントIDを忘れた、IDもパスワードもわからない、パスワードを再設定したい、パスワードを変えたい、ログインIDがわからない、登録したメールアドレスが使えない、パスワードを教えて、アカウントIDを教えて、暗証番号を忘れた、forgot my password、forgot my id、reset password、lost my password",
    "D-04": "認証アプリの機器をなくした、スマホを機種変更して認証できない、認証コードがわからない、パスキーが使えない、回復コードがない、二段階認証ができない、スマホを紛失した、lost my phone with the authenticator、lost passkey、recovery code",
    "D-05": "入力中にログアウトされた、途中で切れた、入力した内容が消えた、勝手にログアウトする、すぐログアウトされる、logged out while typing、session expired、everything I typed is gone",
    "E-01": "クッキーを許可してください、Cookieを有効にする方法、クッキーの設定、Cookieがブロック、how to allow cookies、cookies are blocked、enable cookies",
    "E-02": "画面が古くなっている、同じ画面が二つ開いている、戻るボタンを押した、二回押してしまった、二重に登録されないか、画面を開き直す、page too old、pressed twice、back button",
    "E-03": "画面、ボタン、画面が表示されない、ボタンが押せない、ボタンを押しても動かない、画面が真っ白、画面が崩れる、文字が小さい、読み込まない、画面が固まる、画面が進まない、スマホで見られない、button does not work、blank page、page looks broken、letters too small",
    "E-04": "ガラケーでつながらない、古い携帯で見られない、古いパソコンで開けない、昔のスマホでつながらない、feature phone、old phone cannot connect",
    "E-05": "時計がずれている、海外から使えるか、海外旅行中、時差、日本時間、プライバシーが保護されません、clock is wrong、I am abroad、use from overseas",
    "F-01": "メールの送信が遅れている、メールサーバーの障害、送信が遅れていますと出る、mail server down、mails are delayed",
    "F-02": "エラー、error、障害、ただいま混み合っています、混み合っていて開けない、サーバーエラー、受付番号が出た、画面を表示できませんでした、障害が起きている、エラー画面、server error、site is down、portal is busy",
    "F-03": "メンテナンス中、メンテナンスはいつ終わる、メンテナンスで使えない、under maintenance、when does the maintenance end",
    "moving": "引っ越し、引っ越しするとき、引越しの手続き、転居の手続き、住所が変わった、住所変更したい、moving house、change of address、relocation",
    "cancellation": "解約したい、やめたい、契約をやめる、退会したい、解約の方法、解約の手続き、cancel my contract、end my contract、close my account",
    "payment-method": "口座を変えたい、引き落とし口座の変更、クレジットカードを変えたい、カードの有効期限が切れた、支払い方法を変えたい、銀行を変えたい、カード払いにしたい、change my credit card、change bank account、payment method",
    "holder-change": "名義変更したい、名義を変えたい、契約者を変えたい、名字が変わった、結婚して姓が変わった、息子の名前にしたい、change the contract holder、I got married and changed my name",
    "bereavement": "契約者が亡くなった、父が亡くなりました、夫が死んだ、死亡の手続き、相続の手続き、主人が他界した、contract holder died、my father passed away",
    "receipt": "領収書がほしい、領収証を出してほしい、領収書はどこ、支払証明書がほしい、確定申告に使う、need a receipt、proof of payment",
    "signup": "登録、register、会員登録のしかた、登録の方法、登録したい、初めて使う、はじめて、新規登録、マイページの使い方、how to register、sign up、first time、new account",
    "contact": "電話、問い合わせ、オペレーターと話したい、電話で聞きたい、問い合わせ先、お問い合わせ窓口、電話番号を教えて、人と話したい、営業時間、受付時間、相談したい、contact、phone number of the support、talk to a human",
    "notices": "請求確定のお知らせ、お知らせメールを止めたい、請求のメールがいらない、メールの配信停止、お知らせを停止したい、お知らせを再開したい、請求のお知らせを受け取りたい、毎月のメールを止めたい、unsubscribe、stop the mails、turn off notices、notice of my bill",
}

ASKED: Final[Mapping[str, tuple[str, ...]]] = {key: tuple(words.split("、")) for key, words in _ASKED.items()}
