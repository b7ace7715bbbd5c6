"""What stands in the trail, in plain Japanese: a title for every action, a name for every fact, and who did it.

Staff and auditors read it, nobody else: it speaks Japanese only. ``trail.`` and the action's word is a title's code.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from mypage.domain.api_token import Deed
from mypage.domain.customer_state import Standing
from mypage.domain.identity import MissedItem
from mypage.domain.personal import Personal
from mypage.domain.second_factor import Method
from mypage.domain.staff import STATE_LABELS, Role
from mypage.domain.support_act import SupportAct
from mypage.domain.support_call import Caller, Verified
from mypage.domain.support_reason import Reason
from mypage.domain.trail import Action, PurgeKind
from mypage.domain.trail_check import Fault
from mypage.domain.view_reason import ViewReason
from mypage.words.batch import KINDS
from mypage.words.causes import CAUSES
from mypage.words.filters import TOKYO
from mypage.words.staff_identity import WAYS
from mypage.words.staff_search import MATCHES
from mypage.words.staff_shift import WAITS, scope

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
    "trail.notices.turned_on": "請求確定のお知らせを受け取ることにした",
    "trail.notices.turned_off": "請求確定のお知らせを停止した",
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
    "trail.batch.approval_asked": "料金データの公開の承認を依頼した",
    "trail.batch.missed": "料金データを、予約の日時より遅れて公開した",
    "trail.batch.to_check_again": "料金データの検査のやり直しを頼んだ",
    "trail.batch.discarded": "検査の済んだ料金データを却下した",
    "trail.batch.refused": "料金データを却下した",
    "trail.batch.given_up": "料金データの検査を取りやめた",
    "trail.batch.published": "料金データを公開した",
    "trail.batch.scheduled": "料金データの公開を予約した",
    "trail.batch.called_off": "料金データの公開の予約を取り消した",
    "trail.batch.schedule_failed": "予約した料金データを公開できなかった",
    "trail.batch.taken_back": "料金データの公開を取り消した",
    "trail.batch.identity_shown": "料金データで変わる契約者情報を表示した",
    "trail.batch.settled": "取り消した料金データに基づく登録を確かめた",
    "trail.approval.awaited": "変更されたばかりの契約者情報での登録の承認を依頼した",
    "trail.approval.given": "変更されたばかりの契約者情報での登録を承認した",
    "trail.approval.proven": "郵送の確認コードにより、承認が要らなくなった",
    "trail.approval.expired": "承認が期限までに終わらず、登録を取り消した",
    "trail.account.withdrawn": "契約者データの公開の取り消しにより、利用を停止した",
    "trail.batch.sample_looked": "公開の前に、明細の見本を見た",
    "trail.batch.compared": "2つの料金データを比べた",
    "trail.batch.seen_listed": "料金データの明細を誰が見たか調べた",
    "trail.batch.seen_exported": "明細を誰が見たかの一覧を、ファイルに書き出した",
    "trail.batch.report_exported": "料金データのエラーの一覧を、ファイルに書き出した",
    "trail.file.downloaded": "料金データのファイルをダウンロードした",
    "trail.file.deleted": "渡された料金データのファイルを消した",
    # Staff: their accounts and logins
    "trail.staff.invited": "スタッフを招待した",
    "trail.staff.invited_again": "スタッフをもう一度招待した",
    "trail.staff.joined": "招待に応じて登録を終えた",
    "trail.staff.role_changed": "スタッフの役割を変更した",
    "trail.staff.suspended": "スタッフの利用を停止した",
    "trail.staff.resumed": "スタッフの停止を解除した",
    "trail.staff.reset": "スタッフの認証をやり直しにした",
    "trail.staff.password_proven": "サポート画面のパスワードが一致した",
    "trail.staff.logged_in": "サポート画面にログインした",
    "trail.token.made": "APIトークンを作った",
    "trail.token.revoked": "APIトークンを取り消した",
    "trail.token.refused": "APIトークンが使えなかった",
    "trail.batch.report_read": "取込のエラーの一覧を、APIで読み出した",
    "trail.staff.login_refused": "サポート画面にログインできなかった",
    "trail.staff.login_throttled": "サポート画面のログインの回数が多く、待ち時間になった",
    "trail.staff.logged_out": "サポート画面からログアウトした",
    "trail.staff.searched": "お客様を検索した",
    "trail.staff.listed": "お客様の一覧を見た",
    "trail.staff.looked_much": "1日の検索や閲覧が目安を超え、監査担当に知らせた",
    "trail.staff.sessions_ended": "自分のほかの端末をログアウトさせた",
    "trail.staff.password_changed": "自分のパスワードを変更した",
    "trail.staff.password_refused": "確認のためのパスワードが一致しなかった",
    "trail.factor.added": "認証の方法を登録した",
    "trail.factor.removed": "認証の方法を削除した",
    "trail.factor.codes_made": "回復コードを作った",
    "trail.factor.refused": "認証アプリ・パスキー・回復コードが一致しなかった",
    "trail.factor.throttled": "認証の回数が多く、待ち時間になった",
    # The telephone
    "trail.support_code.made": "お電話用の確認番号を表示した",
    "trail.support_code.redeemed": "お電話用の確認番号で本人を確認した",
    "trail.support_code.refused": "お電話用の確認番号が合わなかった",
    "trail.support_code.throttled": "お電話用の確認番号の間違いが続き、待ち時間になった",
    "trail.support_code.expired": "お電話用の確認番号の期限が切れた",
    "trail.phone_signup.made": "お電話での会員登録をした",
    # What staff do for a caller
    "trail.call.noted": "お電話の相手と確認のしかたを記録した",
    "trail.call.ended": "お電話の記録を終えた",
    "trail.call.number_shown": "かけ直す電話番号を表示した",
    "trail.call.call_back_made": "かけ直して話した",
    "trail.call.code_proven": "郵送した確認コードで本人を確認した",
    "trail.call.code_refused": "郵送した確認コードが違っていた",
    "trail.request.asked": "ほかのスタッフの承認を求めた",
    "trail.request.approved": "承認した",
    "trail.request.refused": "承認できなかった",
    "trail.request.declined": "承認しなかった",
    "trail.request.withdrawn": "承認の依頼を取り下げた",
    "trail.request.overtaken": "状態が変わり、承認の依頼が無効になった",
    "trail.request.opened": "承認の依頼を開いた",
    "trail.request.revealed": "承認の依頼で、隠れている内容を表示した",
    "trail.act.form_opened": "お客様のための操作の画面を開いた",
    "trail.act.done": "お客様のための操作をした",
    # Looks of staff at a customer
    "trail.customer.opened": "お客様の画面を開いた",
    "trail.customer.revealed": "お客様の隠れている内容を表示した",
    "trail.view.opened": "お客様と同じ画面を見はじめた",
    "trail.view.looked": "お客様と同じ画面で明細を見た",
    "trail.view.ended": "お客様と同じ画面を見終えた",
    # The trail itself
    "trail.trail.searched": "操作履歴を検索した",
    "trail.trail.row_opened": "操作履歴の1件を開いた",
    "trail.trail.detail_shown": "操作履歴の詳しい内容を表示した",
    "trail.trail.exported": "操作履歴を書き出した",
    "trail.trail.looks_told": "お客様の情報を誰が見たかを調べた",
    "trail.trail.release_told": "解除された登録で何が見られたかを調べた",
    "trail.trail.details_purged": "保存期間を過ぎた詳しい内容を消した",
    "trail.trail.guarded": "操作履歴を守るトリガーを作り直した",
    "trail.trail.doubted": "操作履歴が控えと合わないことを、監査担当に知らせた",
}

# What a fact is, in front of its value. A fact without a name here is one that only machines compare.
FACTS: Final[Mapping[str, str]] = {
    "account_id": "アカウント",
    "act": "操作",
    "after": "あと",
    "answers": "見つかった件数",
    "asked_by": "頼んだ人",
    "batch": "取込",
    "before": "まえ",
    "by": "どこから",
    "call_back": "本人の確認（かけ直し・コード）",
    "call_id": "お電話の記録",
    "caller": "お電話の相手",
    "cause": "原因",
    "codes": "確認コードの数",
    "count": "件数",
    "deed": "しようとした操作",
    "deeds": "できること",
    "ended": "終わらせた仮登録",
    "epoch": "公開の回",
    "errors": "エラーの件数",
    "expires_at": "有効期限",
    "export_id": "書き出しの番号",
    "fault": "合わないこと",
    "fields": "表示した項目",
    "file_kinds": "ファイルの種類",
    "filters": "条件",
    "form": "画面",
    "guards": "トリガー",
    "kept": "そのまま続く登録",
    "kind": "種類",
    "kinds": "見つかった手がかり",
    "left_out": "除いた件数",
    "letters": "手紙の数",
    "limit": "目安",
    "list": "一覧",
    "look": "数えたもの",
    "message_id": "メールの番号",
    "method": "方法",
    "missed": "一致しなかった項目",
    "number": "かけた電話番号（何番目か）",
    "older_links": "前のリンクに出る案内",
    "owner": "だれの",
    "page": "見た画面",
    "part": "ページ",
    "proof": "二人目の承認か、郵送のコードか",
    "pub_seq": "公開の順番",
    "publish_at": "公開する日時",
    "purpose": "目的",
    "reached": "話した相手",
    "file_id": "ファイルの番号",
    "reason": "理由",
    "registration_id": "登録の番号",
    "replaces": "前の番号の取り消し",
    "reply": "メールサーバーの応答",
    "request_id": "申し込みの番号",
    "revealed": "開いていた項目",
    "role": "役割",
    "rows": "件数",
    "rules": "入力の誤り",
    "scope": "数えた単位",
    "seconds": "遅れた秒数",
    "seq": "履歴の番号",
    "serial": "回数",
    "server": "メールサーバー",
    "sessions_ended": "終わったログイン",
    "sha256": "ファイルの指紋",
    "since": "いつから",
    "staff_id": "スタッフ",
    "suspended": "停止した登録",
    "state": "状態",
    "step": "画面",
    "terms_read_out": "読み上げて同意を得た利用規約の版",
    "through": "ここまで",
    "token_id": "APIトークン",
    "told": "知らせた人",
    "too_wide": "広すぎる検索",
    "tries_left": "残りの回数",
    "until": "いつまで",
    "way": "確かめ方",
    "verified": "確認したもの",
    "view_id": "閲覧の番号",
    "warnings": "注意の件数",
    "with_batch": "比べた取込",
}

_ACTORS: Final[Mapping[str, str]] = {
    "visitor": "ログインしていない人",
    "worker": "自動処理",
    "cli": "サーバーのコマンド",
    "demo": "見本の準備",
    "account": "会員",
    "staff": "スタッフ",
    "token": "APIトークン",
}
_ITEMS: Final[Mapping[str, str]] = {
    MissedItem.CUSTOMER_NUMBER: "お客様番号",
    MissedItem.PHONE: "電話番号",
    MissedItem.NAME_KANA: "お名前（カナ）",
    MissedItem.REGISTRATION_KEY: "登録キー",
    MissedItem.NOT_YET_CONTRACTED: "契約日の前",
    MissedItem.ENDED_TOO_LONG_AGO: "解約から長い",
    MissedItem.WEB_REGISTRATION_OFF: "Web登録不可",
    MissedItem.DEFICIENT: "契約者の情報の不足",
}
_STATES: Final[Mapping[str, str]] = {
    **{state.value: label for state, label in STATE_LABELS.items()},
    "active": "利用中",
    "suspended": "停止中",
    "released": "解除済",
    "pending": "仮登録中",
    "activated": "本登録済",
    "void": "無効",
    Standing.NOT_REGISTERED: "未登録",
    Standing.PROVISIONAL: "仮登録中",
    "address": "メールアドレス",
    "password_reset": "再設定のメール",
    "letter": "確認コードの手紙",
    "second_factor": "二段階認証",
    "objected": "異議あり",
    **{wait.value: f"待ち時間（{label}）" for wait, label in WAITS.items()},
    **{role.word: role.label for role in Role},
}
# How often, or of how many.
_NUMBERED: Final[Mapping[str, str]] = {"serial": "{}通目のメール", "sessions": "ログイン中の端末 {}台"}
_PERSONAL: Final = {fact.word: fact.label for fact in Personal}
_CALLERS: Final = {caller.word: caller.label for caller in Caller}
# By the fact's name, what its values are called; values that stand nowhere here are shown as they are.
_VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "act": {act.word: act.label for act in SupportAct},
    "by": {"profile": "登録情報の変更", "link": "お知らせのメールのリンク"},
    "caller": _CALLERS,
    "call_back": {"phone 1": "1番目の電話番号", "phone 2": "2番目の電話番号", "code": "郵送した確認コード"},
    "deeds": {deed.word: deed.label for deed in Deed},
    "fault": {
        Fault.CHANGED: "変えられた行",
        Fault.MOVED: "入れ替えられた行",
        Fault.INSERTED: "差し込まれた行",
        Fault.REMOVED: "取り除かれた行",
        Fault.RENUMBERED: "番号が詰められた行",
        Fault.BROKEN_LINK: "つながらない行",
        Fault.DETAIL_CHANGED: "変えられた詳しい内容",
        Fault.DETAIL_FORGED: "足された詳しい内容",
        Fault.DETAIL_REMOVED: "消された詳しい内容",
        Fault.CUT: "取り除かれた末尾",
        Fault.REWRITTEN: "作り直された履歴",
        Fault.HEAD_FORGED: "書き換えられた控え",
    },
    "fields": _PERSONAL,
    "file_kinds": KINDS,
    "kind": {
        **KINDS,
        PurgeKind.SEARCHES: "検索した言葉",
        PurgeKind.OTHERS: "検索した言葉のほか",
        "login_id": "アカウントID",
        "password": "パスワード",
        "staff-invite": "スタッフの招待",
        "staff-role": "スタッフの役割の変更",
        "staff-reset": "スタッフの認証のやり直し",
        "phone-signup": "お電話での会員登録",
        "identity-approval": "変更されたばかりの契約者情報での登録",
        **{act.word: act.label for act in SupportAct},
    },
    "kinds": {**MATCHES, "cause": "原因の番号", "request_number": "受付番号"},
    "look": {"searches": "検索", "customers": "開いたお客様"},
    "method": {Method.APP: "認証アプリ", Method.PASSKEY: "パスキー", Method.RECOVERY_CODE: "回復コード"},
    "missed": _ITEMS,
    "page": {"list": "ご利用料金の一覧"},
    "proof": {"second": "二人目の承認", "letter": "郵送の確認コード"},
    "purpose": {"authority": "監督官庁への報告", "customer": "お客様へのお知らせ"},
    "reached": _CALLERS,
    "reason": {
        **{reason.word: reason.label for reason in Reason},
        **{reason.word: reason.label for reason in ViewReason},
        "batch_taken_back": "料金データの公開の取り消し",
        "expired": "期限切れ",
        "revoked": "取り消し済み",
        "stopped": "作った人が料金担当として利用中でない",
        "unknown": "知らないトークン",
        "token_deed": "許されていない操作",
        "token_kind": "許されていない種類のファイル",
        "limited": "回数の上限",
        "suspended": "停止中",
        "kept_from_web": "Web登録不可",
    },
    "revealed": _PERSONAL,
    "role": {role.word: role.label for role in Role},
    "state": _STATES,
    "way": WAYS,
    "verified": {verified.word: verified.label for verified in Verified},
}
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
# Facts that say who: ``staff:`` and an id, or the id alone.
STAFF_FACTS: Final = frozenset(("staff_id", "asked_by", "told"))


# What stands in a detail, which may be personal.
_DETAILS: Final[Mapping[str, str]] = {
    "address": "接続元のアドレス",
    "after": "あと",
    "before": "まえ",
    "email": "メールアドレス",
    "email_before": "前のメールアドレス",
    "last_four": "電話番号の下4桁",
    "login_id": "アカウントID",
    "name": "名前",
    "nickname": "ニックネーム",
    "nickname_before": "前のニックネーム",
    "note": "メモ",
    "reason": "理由",
    "reply": "メールサーバーの応答",
    "term": "検索した言葉",
}


def detail_name(name: str) -> str:
    """What a part of a detail is called."""
    return _DETAILS.get(name, name)


def title(word: str) -> str:
    """What an action is called; an action of a later release by its bare word."""
    return SENTENCES.get(f"trail.{word}", word)


def actor_kind(actor: str) -> str:
    """What kind of somebody an actor of the trail (``kind`` or ``kind:id``) is."""
    kind = actor.partition(":")[0]
    return _ACTORS.get(kind, kind)


def fact(name: str, value: object) -> tuple[str, str]:
    """A fact as its name and its value, in words where there are any."""
    if name == "scope":
        return FACTS[name], scope(str(value))
    if name in ("before", "after") and isinstance(value, str):
        return FACTS[name], _was(value)
    return FACTS.get(name, name), _value(value, _VALUES.get(name, {}))


def _was(state: str) -> str:
    """What a deed found or left: ``serial-2``, or one or several words with dots between."""
    name, _, number = state.partition("-")
    if name in _NUMBERED:
        return _NUMBERED[name].format(number)
    return "・".join(_STATES.get(each, each) for each in state.split("."))


def moment(at: datetime) -> str:
    """``2026-11-27 09:05:03``, Asia/Tokyo: dense, for tables and files."""
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def _value(value: object, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "・".join(_value(each, words) for each in value) or "なし"
    if value is None:
        return "なし"
    text = str(value)
    if _INSTANT.fullmatch(text):
        return moment(datetime.fromisoformat(text))
    if text in CAUSES:
        return f"{text} {CAUSES[text]}"
    return words.get(text, text)


ACTIONS: Final[Mapping[str, str]] = {action.word: title(action.word) for action in Action}
