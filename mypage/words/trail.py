"""What stands in the trail, in plain Japanese: a title for every action, a name for every fact, and who did it.

Staff and auditors read it, nobody else: it speaks Japanese only. ``trail.`` and the action's word is a title's code.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from mypage.domain.trail import Action
from mypage.words.causes import CAUSES
from mypage.words.filters import TOKYO

SENTENCES: Final[Mapping[str, str]] = {
    # Signup and activation
    "trail.identity.matched": "契約者の確認に成功した",
    "trail.identity.missed": "契約者の確認で、一致しない項目があった",
    "trail.identity.throttled": "契約者の確認の回数が多く、待ち時間になった",
    "trail.identity.already_registered": "すでに会員登録済みのお客様番号で、登録しようとした",
    "trail.signup.stumbled": "登録の画面で、入力の誤りがあった",
    "trail.registration.made": "仮登録した",
    "trail.registration.replaced": "仮登録をやり直した",
    "trail.registration.refused": "仮登録できなかった",
    "trail.registration.resent": "仮登録のメールを再送した",
    "trail.registration.address_corrected": "仮登録のメールアドレスを訂正した",
    "trail.registration.voided": "仮登録が無効になった",
    "trail.registration.released": "登録を解除した",
    "trail.release.objected": "登録の解除に異議があった",
    "trail.release.settled": "登録の解除への異議が解決した",
    "trail.activation.done": "本登録した",
    "trail.activation.refused": "本登録できなかった",
    "trail.activation.link_pasted": "途中で切れた本登録のURLを貼り直した",
    # Letters
    "trail.letter.asked": "確認コードの手紙を頼んだ",
    "trail.letter.refused": "確認コードが違っていた",
    "trail.letter.proven": "確認コードが合った",
    "trail.letters.exported": "郵送する手紙を書き出した",
    "trail.letters.exported_again": "郵送する手紙をもう一度書き出した",
    # Login, recovery, profile
    "trail.login.done": "ログインした",
    "trail.login.refused": "ログインできなかった",
    "trail.login.throttled": "ログインの失敗が続き、待ち時間になった",
    "trail.logout.done": "ログアウトした",
    "trail.form.kept": "入力の途中でログインが切れ、入力内容を預かった",
    "trail.nickname.changed": "ニックネームを変えた",
    "trail.password.changed": "パスワードを変えた",
    "trail.password.change_refused": "パスワードを変えられなかった",
    "trail.password.reset": "パスワードを再設定した",
    "trail.password.reset_refused": "パスワードを再設定できなかった",
    "trail.recovery.requested": "アカウントIDまたはパスワードの再設定を申し込んだ",
    "trail.recovery.throttled": "再設定の申し込みが多く、待ち時間になった",
    "trail.recovery.sent": "再設定のメールを用意した",
    "trail.recovery.refused": "再設定のメールを送らなかった",
    "trail.address.bounced": "メールアドレスに届かないことが分かった",
    "trail.address.confirmation_sent": "メールアドレスの確認メールを用意した",
    "trail.address.confirmation_refused": "メールアドレスの確認メールを送らなかった",
    "trail.address.confirmed": "メールアドレスを確認した",
    # Mail
    "trail.mail.handed_over": "メールをメールサーバーに渡した",
    "trail.mail.refused": "メールがメールサーバーに断られた",
    "trail.mail.given_up": "メールを送れないまま、期限が過ぎた",
    "trail.mail.voided": "不要になったメールを取りやめた",
    "trail.mail.server_lost": "メールサーバーにつながらなくなった",
    "trail.mail.server_back": "メールサーバーにつながるようになった",
    # Batches
    "trail.batch.received": "料金データを受け付けた",
    "trail.batch.checked": "料金データの検査が終わった",
    "trail.batch.without_errors": "エラーの請求を除くことにした",
    "trail.batch.approved": "料金データを承認した",
    "trail.batch.refused": "料金データを却下した",
    "trail.batch.given_up": "料金データの検査を取りやめた",
    "trail.batch.published": "料金データを公開した",
    "trail.batch.scheduled": "料金データの公開を予約した",
    "trail.batch.called_off": "料金データの公開の予約を取り消した",
    "trail.batch.schedule_failed": "予約した料金データを公開できなかった",
    "trail.batch.taken_back": "料金データの公開を取り消した",
    # The trail itself
    "trail.trail.searched": "操作履歴を検索した",
    "trail.trail.row_opened": "操作履歴の1件を開いた",
    "trail.trail.detail_shown": "操作履歴の詳しい内容を表示した",
    "trail.trail.exported": "操作履歴を書き出した",
    "trail.trail.looks_told": "お客様の情報を誰が見たかを調べた",
    "trail.trail.release_told": "解除された登録で何が見られたかを調べた",
    "trail.trail.details_purged": "保存期間を過ぎた詳しい内容を消した",
    "trail.trail.guarded": "操作履歴を守るトリガーを作り直した",
    # Search
    "trail.staff.searched": "お客様を検索した",
    "trail.staff.listed": "お客様の一覧を見た",
    "trail.staff.looked_much": "検索や表示の件数が1日の目安を超え、監査担当に知らせた",
    # Staff and second factors
    "trail.staff.invited": "スタッフを招待した",
    "trail.staff.invited_again": "スタッフをもう一度招待した",
    "trail.staff.joined": "招待に応じて登録を終えた",
    "trail.staff.role_changed": "スタッフの役割を変更した",
    "trail.staff.suspended": "スタッフの利用を停止した",
    "trail.staff.resumed": "スタッフの停止を解除した",
    "trail.staff.reset": "スタッフの認証をやり直しにした",
    "trail.staff.password_proven": "サポート画面のパスワードが一致した",
    "trail.staff.logged_in": "サポート画面にログインした",
    "trail.staff.login_refused": "サポート画面にログインできなかった",
    "trail.staff.login_throttled": "サポート画面のログインの回数が多く、待ち時間になった",
    "trail.staff.logged_out": "サポート画面からログアウトした",
    "trail.staff.sessions_ended": "自分のほかの端末をログアウトさせた",
    "trail.staff.password_changed": "自分のパスワードを変更した",
    "trail.staff.password_refused": "確認のためのパスワードが一致しなかった",
    "trail.factor.added": "認証の方法を登録した",
    "trail.factor.removed": "認証の方法を削除した",
    "trail.factor.codes_made": "回復コードを作った",
    "trail.factor.refused": "認証アプリ・パスキー・回復コードが一致しなかった",
    "trail.factor.throttled": "認証の回数が多く、待ち時間になった",
}

# What a fact is, in front of its value. A fact without a name here is one that only machines compare.
FACTS: Final[Mapping[str, str]] = {
    "account_id": "アカウント",
    "answers": "見つかった件数",
    "after": "あと",
    "before": "まえ",
    "cause": "原因",
    "codes": "確認コードの数",
    "count": "件数",
    "deed": "操作",
    "epoch": "公開の回",
    "errors": "エラーの件数",
    "export_id": "書き出しの番号",
    "filters": "条件",
    "form": "画面",
    "guards": "トリガー",
    "kind": "種類",
    "kinds": "一致した項目",
    "left_out": "除いた件数",
    "letters": "手紙の数",
    "limit": "1日の目安の件数",
    "list": "一覧",
    "look": "数えたもの",
    "message_id": "メールの番号",
    "method": "認証の方法",
    "missed": "一致しなかった項目",
    "older_links": "前のリンクに出る案内",
    "page": "ページ",
    "owner": "誰の",
    "pub_seq": "公開の順番",
    "publish_at": "公開する日時",
    "purpose": "目的",
    "reason": "理由",
    "registration_id": "登録の番号",
    "reply": "メールサーバーの応答",
    "request_id": "申し込みの番号",
    "role": "役割",
    "rows": "件数",
    "rules": "入力の誤り",
    "scope": "数えた単位",
    "seq": "履歴の番号",
    "serial": "回数",
    "server": "メールサーバー",
    "sessions_ended": "終わったログイン",
    "sha256": "ファイルの指紋",
    "since": "いつから",
    "staff_id": "スタッフ",
    "state": "状態",
    "step": "画面",
    "through": "ここまで",
    "told": "知らせた担当者",
    "too_wide": "該当が多すぎた",
    "tries_left": "残りの回数",
    "warnings": "注意の件数",
}

_ACTORS: Final[Mapping[str, str]] = {
    "visitor": "ログインしていない人",
    "worker": "自動処理",
    "cli": "サーバーのコマンド",
    "demo": "見本の準備",
    "account": "会員",
    "staff": "担当者",
}
_VALUES: Final[Mapping[str, str]] = {
    "phone": "電話番号",
    "name_kana": "お名前（カナ）",
    "customer_number": "お客様番号",
    "registration_key": "登録キー",
    "status": "契約の状態",
    "web_registration": "Web登録不可",
    "active": "本登録済",
    "suspended": "一時停止中",
    "released": "解除済",
    "kept_from_web": "Web登録不可",
    "login_id": "アカウントID",
    "password": "パスワード",
    "authority": "監督官庁への報告",
    "customer": "お客様へのお知らせ",
    "searches": "検索した言葉",
    "others": "検索した言葉のほか",
    "agent": "オペレーター",
    "billing": "料金担当",
    "admin": "管理者",
    "auditor": "監査担当",
    "invited": "招待中",
    "app": "認証アプリ",
    "passkey": "パスキー",
    "recovery_code": "回復コード",
    "wrong": "一致しない",
    "replayed": "一度使われたもの",
    "unreadable": "鍵がなく、読み取れない",
    "throttled": "待ち時間",
    "remove_factor": "認証の方法の削除",
    "app_added": "認証アプリの登録",
    "passkey_added": "パスキーの追加",
}


def title(word: str) -> str:
    """What an action is called; an action of a later release by its bare word."""
    return SENTENCES.get(f"trail.{word}", word)


def actor_kind(actor: str) -> str:
    """What kind of somebody an actor of the trail (``kind`` or ``kind:id``) is."""
    kind = actor.partition(":")[0]
    return _ACTORS.get(kind, kind)


def fact(name: str, value: object) -> tuple[str, str]:
    """A fact as its name and its value, in words where there are any."""
    return FACTS.get(name, name), _value(value)


def facts_line(facts: Mapping[str, object]) -> str:
    """All facts in one line."""
    return "、".join(f"{name}：{value}" for name, value in (fact(*each) for each in facts.items()))


def moment(at: datetime) -> str:
    """``2026-11-27 09:05:03``, Asia/Tokyo: dense, for tables and files."""
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "・".join(_value(each) for each in value)
    if value is None:
        return "なし"
    text = str(value)
    if text in CAUSES:
        return f"{text} {CAUSES[text]}"
    return _VALUES.get(text, text)


ACTIONS: Final[Mapping[str, str]] = {action.word: title(action.word) for action in Action}
