"""The search of the help by what people really type: kana only, wrong width, slips, whole sentences, English.

Each phrase finds its page among the first three. What people say is written down here as they say it, mistakes
included; most of these phrases stand in no table of ours.
"""

import re

import pytest

from mypage.shown.help import found, path_of
from mypage.words.catalogue import LANGUAGES
from mypage.words.help.asked import ASKED

TYPED = {
    "A-01": """
        お客様番号の入力方法／ハイフンいりますか／お客様番号 頭のゼロ／番号は全角ですか半角ですか
        半角で入れるの？
    """,
    "A-02": """
        なまえのかきかた／フリガナはひらがなでもいいですか／カタカナが打てない
        how do i enter my name in kana／名前はカタカナで入れるの？／濁点が入らない／法人の名前の入れ方
    """,
    "A-03": """
        契約者情報と一致しません／一致しないとでる／いっちしません／登録書のとおり入力したのに合わない
        認証できません／it says it doesn't match／本人確認ができない
        電話番号が違うのかな 登録できない／何度やっても一致しませんと出ます
        名前も番号も合っているのに登録できません／住所は合っているのに本人確認できない
        けいやくしゃじょうほうといっちしません／the details I entered are not accepted
        番号がちがうとでる／名義人じゃないと登録できないの／父の名前で契約している
        電話番号が昔のままかもしれない／旧姓で契約してる
        認証に失敗しました／契約者と一致しないって／けいたいばんごうがちがうといわれる
    """,
    "A-04": """
        何分待てばいいのか／お待ちくださいと出て進めない／何回も間違えたらロックされた
        30分待てと言われた／ロックがかかって登録できない／30分ロック
        10分待ってと出た
    """,
    "A-05": """
        お客様番号がわからない／お客様番号どこ／おきゃくさまばんごうはどこにかいてありますか
        登録書をなくしました／where do I find my customer number／お客様番号って何ですか
        どの番号を入れればいいかわかりません／請求書のどこを見ればいいの
        電話番号を入れたらエラーになった／お客さま番号が書いてある紙がない／番号の見本
        お客さまばんごうがみつからない／登録書ってなに／会員証の番号／I can't find the customer number
    """,
    "A-06": """
        解約したけど過去の明細を見たい／工事がまだなのに登録できない
    """,
    "A-07": """
        すでに会員登録がお済みです／もう登録されていますと出た／妻が登録したかもしれない
        number already registered／もう登録してあると言われたが覚えていない
        主人がすでに登録しているかも／it says already registered／登録済み
        もうすでにとうろくされている／おじいちゃんが登録したかも
    """,
    "A-08": """
        勝手に登録されてる／登録した覚えがない／誰かに登録されている／身に覚えのない登録
        隣の人に登録された／他人が登録
        別の人が登録してるみたい
    """,
    "A-09": """
        必須と出て進めない／入力していないところがあると言われる
    """,
    "B-01": """
        IDが使えません／アカウントidは何文字まで／ほかの方がお使いです／user id already taken
        IDが取られている／IDが重複
    """,
    "B-02": """
        パスワードの決まり／パスワードが短すぎる／パスワードが通らない 種類が足りない／password rules
        パスワードに使える文字／パスワードは何文字以上／記号は使えますか パスワード
        password is too short／英数字の組み合わせ
    """,
    "B-03": """
        gmail.comのお間違いではありませんか
    """,
    "B-04": """
        ドットが2つ続くアドレス／ピリオドが@の前にある
    """,
    "B-05": """
        夫と同じメールでもいいですか／家族のメールアドレスで登録／息子のメールを使ってもいい？
        メアドひとつしかない 夫婦
    """,
    "B-06": """
        メールアドレスを持っていません／メールやってない／i have no email
        スマホもパソコンも持っていない／メールアドレスの作り方がわからない／メールがない
        スマホがないです
    """,
    "C-01": """
        メールが来ない／めーるがこない／メール届きません／とうろくのメールがとどかない／ﾒｰﾙ ｺﾅｲ
        昨日登録したんですがメールがまだ来ません／認証メールが届かないのですが どうすればいいですか
        メイルがこない／メールか とどかない／ドコモのメールに届かない／auで受信できません
        迷惑メールの設定のしかた／ドメイン指定受信／softbank 受信許可／i never got the email
        Didn’t receive confirmation mail／check spam folder／楽天モバイルですがメールがきていない
        めいわくメール／メール 受け取れない／いつまでたってもメールが来ないんだけど
        ショートメールがこない／登録したのに返事が来ません／メールが１通も届いていません
        iCloudに届かない／Gmailを使っていますがメールが見当たりません／めーるきてないです
        the verification email never came／メールが配信されない／確認のめーるがきません
        登録完了メールが来ていません／メアドにメールが来てないよ
        メールこん／登録めーる 届かん／確認コードのメールが来ない／ソフバンでメール受信できない
        ezwebに届かない／メールボックスを見ても無い／email hasn't come yet
    """,
    "C-02": """
        メールアドレス間違えた／あどれすをまちがえてしまった／メアド打ち間違い／entered wrong email
        メールの宛先を直したい／メールアドレスを変更したい／間違ったアドレスに送ってしまった
        アドレスの入力ミス／メルアドを変えたので直したい／アドレスがちがってた
    """,
    "C-03": """
        メールが遅い／なかなかメールがこない／メールはいつ届きますか／email taking too long
        仮登録のメールはいつ来ますか
    """,
    "C-04": """
        URLが切れてる／リンクが途中で切れて開けない／ＵＲＬを押しても開きません／link doesnt work
        URLをクリックしても開けない
        URLをタップしても何も起きない
    """,
    "C-05": """
        24時間すぎてしまった／期限切れになりました／きげんがすぎた／本登録の期限／my link expired
        リンクの有効期限が切れていました／メールに気づかず一日たってしまった
        昨日のメールを今日開いたらだめだった／my link has expired／期限内に本登録できなかった
        仮登録が消えた
        URLが無効／期限きれ
    """,
    "C-06": """
        新しいメールをご覧くださいと言われた／同じメールが何通も来てどれを開けばいいのか
    """,
    "C-07": """
        本登録お済みですと出ます／リンクを２回押してしまった
    """,
    "C-08": """
        パソコンで登録 スマホでメール／違うスマホで開いても大丈夫？／本登録のやり方
    """,
    "C-09": """
        ウイルスソフトがリンクを開いた／変なメールが来た URLは押していい？
    """,
    "C-10": """
        仮登録のときのパスワードがわからない／本登録のパスワード忘れました／仮登録のままです
        本登録の画面でパスワードが通らない
    """,
    "D-01": """
        ログインできない／ろぐいんできません／ロクインテキナイ／マイページに入れない
        パスワードが違うと言われる／can't log in／ＩＤとパスワードは合ってるのにはいれない
        ろぐいんできなくなった／正しいパスワードなのに弾かれる／ログイン画面から進めない／login failed
        invalid password／パスワードを何回入れてもダメ／パスワードが無効
        ログインボタンを押しても入れない
        何回やってもログインできません／ログインすると違うと言われる／パスワードがちがいます
    """,
    "D-02": """
        ログインがロックされました／しばらくログインできませんと出る／account is locked
        ロック解除してほしい／アカウントロック／ロックされた
        locked out of my account
    """,
    "D-03": """
        パスワード忘れた／ぱすわーどわすれた／パスワードがわからなくなった／暗証番号を忘れました
        アカウントＩＤを忘れました／forgot password／パスワド忘／パスワードを再設定したい
        idもパスワードも思い出せない／i dont remember my user name／パスワードわすれちゃった
        ばすわーどがわからん／パスワードを控えた紙をなくしました／IDなんだっけ
        アカウントを忘れてログインできない／メールアドレスが変わってパスワードを再設定できない
        ユーザー名を忘れた／how can I reset my password?／i forgot my user id
        ログインパスワードを失念しました／PWを忘れた／パスワードを教えてください／アカウントIDを教えて
        パスワードなくした／パスワード変更したい／IDをわすれました／パスわすれ
        ログインパスワードの再発行／メールアドレスもパスワードもわからない
    """,
    "D-04": """
        認証アプリ／スマホをなくしてログインできない 認証コード／lost my authenticator phone
        機種変更したら認証できない／2段階認証のスマホが壊れた／スマホ失くした／携帯を替えた
    """,
    "D-05": """
        入力中に勝手にログアウトされた／書いてる途中で消えた／勝手にログアウトします
        途中で入力した内容が消えました／タイムアウト
    """,
    "E-01": """
        クッキー／Cookieを有効にしてください／cookies blocked／プライベートブラウズ
        ブラウザの設定 クッキーオン
        くっきー
    """,
    "E-02": """
        画面が古いと出た／２回押してしまった 二重にならないか／戻るボタンを押したらおかしくなった
        二重登録／再読み込みしたらおかしい
    """,
    "E-03": """
        ボタンが押せない／画面が真っ白／もじがちいさくてよめない／page is blank
        ボタンを押しても次に進まない／画面が動かない／スマホで見ると画面が崩れます
        字が小さくて見えない／ホームページが開かない／the button doesn't do anything／画面が進まない
        ページが表示されません／読み込みが終わらない
        がめんがまっしろ／ボタンおしてもだめ／スマホの字を大きくしたい
    """,
    "E-04": """
        ガラケーで見たい／古い携帯でつながらない／パソコンが古い／スマートフォンじゃない携帯
        ガラケーからは使えませんか／らくらくホン
    """,
    "E-05": """
        海外から見られますか／時計がくるってる
    """,
    "F-01": """
        メールの送信が遅れています
    """,
    "F-02": """
        混み合っています／サーバーエラー／server error／サイトが重い／つながりにくい
        画面にエラーが出ました／エラーがでました
    """,
    "F-03": """
        メンテナンスはいつまで
        メンテ中
    """,
    "moving": """
        引越し／ひっこしします／引っ越すので住所を変えたい／転居／I'm moving next month
        来月引っ越します／転勤になりました／じゅうしょがかわりました／i'm moving to a new house
        引越先でも使えますか／住所が変わります
        ひっこし手続き／実家に引っ越す／change my address
    """,
    "cancellation": """
        解約／やめたい／かいやくしたい／契約をやめたいんですけど／cancel contract／契約を終了したい
        テレビをやめたい／インターネットを解約するには／退会するにはどうすれば／how do i cancel
        施設に入るので解約／契約解除／サービスを停止したい
        もうやめます／かいやくのしかた
    """,
    "payment-method": """
        引き落とし口座を変更／クレジットカードの期限が変わった／銀行をかえたい／change credit card
        支払いをカードに変えたい／口座振替の変更／クレカが新しくなった／引落の銀行を変える
        how to change bank account／お支払い方法の変更／カードを新しくしました／通帳が変わった
        カードが変わった／ひきおとしこうざ
    """,
    "holder-change": """
        名義を息子に変えたい／結婚して苗字が変わりました／めいぎへんこう／離婚したので名義を変えたい
        契約者の名前を変更／名前が変わりました／契約者変更
        めいぎをかえる
    """,
    "bereavement": """
        父が亡くなりました／主人が死亡／契約者がなくなったので手続きしたい／my husband passed away
        母が亡くなったので解約したい／契約者が死亡した場合／おやがなくなりました／my father died／相続
        夫に先立たれました
        母がなくなりました
    """,
    "receipt": """
        領収書／りょうしゅうしょがほしい／確定申告に使う証明書／receipt／領収書の発行
        インボイス 領収書／医療費控除ではなく確定申告用の証明／領収書がいる／支払いの証明
        りょうしゅうしょ下さい
    """,
    "signup": """
        会員登録のしかた／登録方法がわからない
    """,
    "notices": """
        請求のお知らせメールをとめたい／配信停止／お知らせはいりません／毎月くるメールがいらない
        請求確定のお知らせが来ない／how do I unsubscribe／お知らせをまた受け取りたい
    """,
    "contact": """
        オペレーターと話したい
        でんわでききたい
    """,
}
PHRASES = {name: re.split(r"／|\n\s*", typed.strip()) for name, typed in TYPED.items()}
STRANGE = (
    "天気予報",
    "asdfghjkl",
    "ラーメン",
    "今日の晩御飯",
    "!!!",
    "",
    "　",
    "ｗｗｗｗ",
    "\U0001f62d",
    "\x00",
    "' OR 1=1 --",
)


def paths(typed: str, language: str = "ja") -> list[str]:
    return [topic.path for topic in found(typed, language)]


@pytest.mark.parametrize("name", PHRASES)
def test_it_is_among_the_first_three(name: str) -> None:
    missed = {typed: paths(typed) for typed in PHRASES[name] if path_of(name) not in paths(typed)[:3]}
    assert missed == {}


def test_the_table_is_large_and_knows_every_page() -> None:
    typed = [phrase for phrases in PHRASES.values() for phrase in phrases]
    assert len(typed) == len(set(typed)) > 300
    assert TYPED.keys() == ASKED.keys()
    first = sum(
        paths(phrase)[:1] == [path_of(name)] for name, phrases in PHRASES.items() for phrase in phrases
    )
    assert first >= 0.8 * len(typed)


@pytest.mark.parametrize("typed", STRANGE)
def test_nothing_is_found_where_there_is_nothing(typed: str) -> None:
    assert paths(typed) == []


def test_what_is_found_is_the_same_in_both_languages_and_said_in_the_persons() -> None:
    japanese, english = (found("メールが来ない", language) for language in LANGUAGES)
    assert [topic.path for topic in japanese] == [topic.path for topic in english]
    assert japanese[0].title == "メールが届かない"
    assert english[0].title == "The mail does not arrive"


@pytest.mark.parametrize("typed", ["画面にA-03と出て進めない", "Ｃ－０５って何ですか", "what does d01 mean"])
def test_a_code_within_a_sentence_comes_first(typed: str) -> None:
    assert paths(typed)[0] in ("/help/a-03", "/help/c-05", "/help/d-01")


def test_a_code_that_nobody_knows_is_only_a_word() -> None:
    assert "/help/c-01" in paths("Z-99 メールが来ない")
    assert paths("スマホはGalaxy A51です パスワードを忘れた")[0] == "/help/d-03"
