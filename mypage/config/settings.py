"""All settings, in one table: this class. It is read, checked, printed and documented from here.

A setting comes from ``MYPAGE_`` + its name in the environment, else from the file that ``MYPAGE_…_FILE`` names,
else from the TOML file that ``MYPAGE_CONFIG`` names, else from the working sample value below.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mypage.config import values
from mypage.domain.billing_month import BillingMonth


def setting(
    default: str, read: Callable[[str], Any], what: str, what_en: str, *, secret: bool = False
) -> Any:
    """A row of the table: sample value as text, its reader, and what it is for in both languages."""
    return field(
        metadata={"default": default, "read": read, "what": what, "what_en": what_en, "secret": secret}
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The operator's facts and the machine's, checked. Made by :func:`mypage.config.load.load`."""

    # The operator
    operator_name: str = setting("サンプルケーブル", values.filled, "事業者の名前", "Name of the operator")
    support_phone: str = setting(
        "0120-000-000", values.filled, "お問い合わせ窓口の電話番号", "Telephone number of the support window"
    )
    support_hours: str = setting(
        "9:00〜18:00（年末年始を除く）",
        values.filled,
        "お問い合わせ窓口の受付時間",
        "Hours of the support window",
    )
    customer_number_label: str = setting(
        "お客様番号", values.filled, "お客様番号の呼び名", "What the customer number is called"
    )
    customer_number_example: str = setting(
        "0012345678", values.filled, "お客様番号の例", "Example of a customer number"
    )
    customer_number_pattern: re.Pattern[str] | None = setting(
        "",
        values.pattern,
        "お客様番号に文字や枝番がある場合の正規表現（空: 数字1〜20桁）",
        "Regular expression of customer numbers that hold letters or branches (empty: 1 to 20 digits)",
    )
    key_colour: str = setting("#0017c1", values.colour, "画面の基本色", "Key colour of the pages")
    invoice_number: str = setting(
        "T1234567890123",
        values.text,
        "適格請求書発行事業者の登録番号",
        "Qualified-invoice registration number",
    )
    first_month: BillingMonth = setting(
        "2020-07", values.month, "表示する最初の請求年月", "First billing month that is shown"
    )
    months_shown: int = setting("15", values.count, "表示する月数", "Number of months shown")
    payment_result_days: int = setting(
        "5",
        values.count,
        "お引き落としの結果が表示されるまでの営業日数（案内の文に使う）",
        "Business days until the result of a direct debit is shown (told to the subscriber)",
    )
    tax_rounding: str = setting(
        "down",
        values.one_of("down", "half_up", "up"),
        "請求ファイルにない消費税の端数: down 切り捨て、half_up 四捨五入、up 切り上げ",
        "Rounding of a tax that the charges file does not tell: down, half_up, up",
    )
    snapshot_percent: int = setting(
        "5",
        values.whole,
        "全件の契約者ファイルで、確認なしに解約済にしてよいお客様の割合（%）",
        "Share of customers (%) that a snapshot of the master may end without being confirmed",
    )
    terms_version: str = setting(
        "2026-04-01", values.filled, "利用規約・利用目的の版", "Version of the terms and the privacy notice"
    )
    terms_text: str = setting(
        "このサービスは、ご契約者ご本人がご利用料金などを確認するためのものです。アカウントIDとパスワードは、"
        "ご自身で大切に管理してください。",
        values.filled,
        "利用規約の文",
        "Text of the terms",
    )
    privacy_text: str = setting(
        "ご入力いただいた内容は、ご本人の確認と、マイページのご提供のためだけに使います。",
        values.filled,
        "利用目的の文",
        "Text of the privacy notice",
    )

    # The help: what subscribers read when something changes in their life
    help_moving: tuple[str, ...] = setting(
        r"お引っ越しの日が決まったら、2週間前までに、お問い合わせ窓口へお電話ください。\n"
        r"引っ越し先でも続けてご利用になる場合は、工事の日をご相談します。続けてご利用になれない場合は、"
        r"解約のお手続きと、機器のご返却の方法をご案内します。",
        values.told,
        "「引っ越し」の案内（1行が1段落。https:// で始まる行はリンクになる。環境変数では改行を \\n と書く）",
        "Text for moving house (a paragraph a line; a line that is an https address becomes a link; \\n ends a line)",
    )
    help_cancellation: tuple[str, ...] = setting(
        r"解約をご希望の方は、お問い合わせ窓口へお電話ください。\n"
        r"最後のご請求と、機器のご返却の方法をご案内します。",
        values.told,
        "「解約」の案内（書き方は「引っ越し」と同じ）",
        "Text for ending the contract (written like the one for moving house)",
    )
    help_payment_method: tuple[str, ...] = setting(
        r"お支払いの口座やクレジットカードを変更される方は、お問い合わせ窓口へお電話ください。変更の用紙をお送りします。\n"
        r"変更が終わるまでの間は、これまでの方法でお支払いください。",
        values.told,
        "「口座・カードの変更」の案内（書き方は「引っ越し」と同じ）",
        "Text for changing the bank account or card (written like the one for moving house)",
    )
    help_holder_change: tuple[str, ...] = setting(
        r"ご結婚やご家族への引き継ぎなどで、ご契約者の名義を変更される方は、お問い合わせ窓口へお電話ください。\n"
        r"変更の用紙と、必要な書類をご案内します。",
        values.told,
        "「名義変更」の案内（書き方は「引っ越し」と同じ）",
        "Text for changing the contract holder (written like the one for moving house)",
    )
    help_bereavement: tuple[str, ...] = setting(
        r"心よりお悔やみ申し上げます。\n"
        r"お気持ちが落ち着かれてからでかまいませんので、お問い合わせ窓口へお電話ください。"
        r"ご契約を引き継がれる場合も、解約される場合も、必要なお手続きをご案内します。",
        values.told,
        "「ご契約者が亡くなられたとき」の案内（書き方は「引っ越し」と同じ）",
        "Text for when the contract holder has died (written like the one for moving house)",
    )
    help_receipt: tuple[str, ...] = setting(
        r"口座振替やクレジットカードでお支払いの場合は、通帳やカードの明細が、お支払いの記録になります。\n"
        r"領収書が必要な方は、お問い合わせ窓口へお電話ください。",
        values.told,
        "「領収書がほしい」の案内（書き方は「引っ越し」と同じ）",
        "Text for those who need a receipt (written like the one for moving house)",
    )

    # Signup and login
    password_profile: str = setting(
        "operator",
        values.one_of("operator", "strict"),
        "パスワードの規則: operator は8〜16文字で2種類以上、strict は15文字以上",
        "Password rules: operator is 8-16 characters of two kinds, strict at least 15",
    )
    signup_proof: str = setting(
        "none",
        values.one_of("none", "key", "letter"),
        "3項目のほかの本人確認: none なし、key 登録キー、letter 郵送する確認コード",
        "Proof beside the three items: none, key (registration key), letter (a code by post)",
    )
    fold_v: bool = setting(
        "false", values.yes_no, "ヴァ行をバ行と同じとみなす", "Take ヴァ ヴィ ヴ ヴェ ヴォ for バ ビ ブ ベ ボ"
    )
    months_after_end: int = setting(
        "3",
        values.whole,
        "解約日のあと登録できる月数",
        "Months after the end of a contract in which one may register",
    )
    session_idle: timedelta = setting(
        "30", values.minutes, "操作がないとログアウトするまでの分", "Minutes without a request until logout"
    )
    session_absolute: timedelta = setting(
        "720", values.minutes, "ログインが続く最長の分", "Minutes a login lasts at most"
    )

    # The console of staff
    staff_looks_a_day: int = setting(
        "100",
        values.count,
        "オペレーター1人が1日にこの件数を超えて検索するか、お客様の画面を開くと、監査担当に知らせる",
        "Searches, or customers opened, of a member of staff in a day beyond which the auditors are told",
    )
    identity_change_approval: bool = setting(
        "true",
        values.yes_no,
        "契約者ファイルで名前・電話番号が変わってから14日以内の会員登録は、窓口が承認するまで表示しない",
        "Show nothing of a registration that rests on a name or telephone that a customers file changed less than 14 "
        "days before, until staff approve it",
    )
    staff_request_life: timedelta = setting(
        "24",
        values.hours,
        "二人目の承認を待つ時間（過ぎると、もう一度依頼する）",
        "Hours that a request waits for a second member of staff; after that it must be asked again",
    )

    # The API of the core billing system
    api_token_days: int = setting(
        "365",
        values.count,
        "APIトークンの有効期限の上限（日）",
        "Days that a token of the API lives at most",
    )
    api_requests_a_minute: int = setting(
        "300",
        values.count,
        "APIが1つのトークンに1分間に答える要求の数（超えると429を返し、待つ秒数を知らせる）",
        "Requests a minute that the API answers to one token (more get 429 with the seconds to wait)",
    )
    api_strangers_a_minute: int = setting(
        "60",
        values.count,
        "APIが、使えるトークンを示さない1つのアドレスに1分間に答える要求の数",
        "Requests a minute that the API answers to one address that shows no living token",
    )

    second_person: str = setting(
        "number_changes",
        values.one_of("number_changes", "all"),
        "料金データの公開に二人目の承認がいるもの: number_changes お客様番号の変更だけ、all すべて",
        "Files that are published only after a second person approved: number_changes only, or all",
    )

    # Mail
    smtp: values.SmtpServer = setting(
        "smtp://127.0.0.1:25",
        values.smtp_server,
        "メールサーバー（名前は MYPAGE_SMTP_URL）",
        "Mail server (named MYPAGE_SMTP_URL)",
        secret=True,
    )
    mail_from: str = setting(
        "mypage@example.jp", values.mail_address, "差出人のアドレス", "From address of mails"
    )
    mail_envelope_from: str = setting(
        "",
        lambda raw: values.mail_address(raw) if raw.strip() else "",
        "エンベロープの差出人（空: 差出人と同じ）",
        "Envelope sender (empty: the From address)",
    )

    # The machine
    database_url: str = setting(
        "sqlite:///mypage.db", values.database_url, "データベース", "Database", secret=True
    )
    database_owner_url: str = setting(
        "",
        lambda raw: values.database_url(raw) if raw.strip() else "",
        "表の持ち主としての接続（PostgreSQL。移行と権限の付与に使う）",
        "Connection as the owner of the tables (PostgreSQL; for migrations and rights)",
        secret=True,
    )
    secret_keys: tuple[str, ...] = setting(
        "",
        values.secret_keys,
        "署名の鍵、新しいものから順に（新しい鍵を足しても、古い鍵は、郵送した確認コードが切れるまで30日残す。"
        "操作履歴の末尾の署名は、鍵を残すあいだ確かめられる）",
        "Signing keys, newest first (keep an old one for the 30 days of the codes that were posted under it; heads of"
        " the trail can be judged as long as their key is kept)",
        secret=True,
    )
    factor_keys: tuple[str, ...] = setting(
        "",
        values.sealing_keys,
        "認証アプリの秘密を暗号化する鍵、新しいものから順に（データベースの控えとは別の場所に保管する。新しい鍵を足すと、"
        "次に使われたときに暗号化し直される）",
        "Keys that encrypt the secrets of authenticator apps, newest first (keep them apart from the database's back-ups;"
        " under a new key each secret is encrypted again when it is next used)",
        secret=True,
    )
    files: str = setting(
        "database",
        values.one_of("database", "disk", "s3"),
        "ブラウザーやAPIで渡された料金データのファイルの置き場所: database データベース、disk フォルダー、s3 S3互換のストレージ",
        "Where files handed over by browser or API are kept: database, disk (a folder), s3 (S3-compatible)",
    )
    files_folder: Path | None = setting(
        "",
        values.path,
        "MYPAGE_FILES が disk のときのフォルダー（どのWebサーバーとワーカーからも同じものが見えること）",
        "Folder for MYPAGE_FILES=disk (the same one for all web servers and workers)",
    )
    files_bucket: values.S3Server | None = setting(
        "",
        values.s3_server,
        "MYPAGE_FILES が s3 のときの場所（https://アクセスキー:秘密のキー@ホスト/バケット?region=地域）",
        "Place for MYPAGE_FILES=s3 (https://KEY:SECRET@HOST/BUCKET?region=REGION)",
        secret=True,
    )
    file_keys: tuple[str, ...] = setting(
        "",
        values.sealing_keys,
        "渡されたファイルを暗号化する鍵、新しいものから順に（空: 暗号化しない。古い鍵は、それで暗号化したファイルが消えるまで残す）",
        "Keys that encrypt files handed over, newest first (empty: not encrypted; keep an old one until the files under"
        " it are deleted)",
        secret=True,
    )
    file_largest: int = setting(
        "2048",
        values.megabytes,
        "渡せるファイルの最大の大きさ（MB）",
        "Largest file that may be handed over (MB)",
    )
    file_uploads: int = setting(
        "20",
        values.count,
        "1人（1つのAPIトークン）が同時に途中にしておけるアップロードの数",
        "Number of unfinished uploads of one member of staff or API token",
    )
    file_unused: int = setting(
        "10240",
        values.megabytes,
        "1人（1つのAPIトークン）の、まだ取り込んでいないファイルの大きさの合計の上限（MB。途中のものは、届く予定の大きさで数える）",
        "Most that the files of one member of staff or API token may come to of which nothing was made yet (MB; an"
        " unfinished one counts in full)",
    )
    file_upload_life: timedelta = setting(
        "24",
        values.hours,
        "途中のアップロード、または渡したまま使われないファイルを消すまでの時間",
        "Hours until an unfinished upload, or a file of which nothing was made, is deleted",
    )
    file_days: timedelta = setting(
        "90",
        values.days,
        "取り込んだファイルを消すまでの日数（取込の記録は残ります。予約中・検査中のものは消えません）",
        "Days until a file that became a batch is deleted (the batch stays; none that waits or is checked)",
    )
    public_url: str = setting(
        "http://127.0.0.1:8080", values.public_url, "公開アドレス", "Public address of the portal"
    )
    trusted_proxies: tuple[values.IpNetwork, ...] = setting(
        "",
        values.networks,
        "X-Forwarded-For を信じてよい中継サーバー（名前に _ を含むヘッダーを通さないもの）",
        "Proxies whose X-Forwarded-For is believed (they must drop header names with an underscore)",
    )
    audit_head_file: Path | None = setting(
        "",
        values.path,
        "操作履歴の末尾を1時間ごとに書き足すファイル（データベースとは別のディスクに。空: ログだけ）",
        "File to which the head of the trail is added each hour (on another disk than the database; empty: log only)",
    )
    audit_search_days: timedelta = setting(
        "90",
        values.search_days,
        "操作履歴に、検索した言葉を残す日数（90日まで）",
        "Days for which the trail keeps what staff typed into the search (90 at most)",
    )
    audit_detail_days: timedelta = setting(
        "1095",
        values.detail_days,
        "操作履歴に、そのほかの詳しい内容（個人情報）を残す日数（90日から）。履歴そのものは消えません",
        "Days for which the trail keeps other details, which are personal (from 90); its rows are never removed",
    )
    bind: str = setting("127.0.0.1", values.filled, "待ち受けるアドレス", "Address to listen on")
    port: int = setting("8080", values.count, "待ち受けるポート", "Port to listen on")
    web_workers: int = setting("2", values.count, "Webのプロセス数", "Number of web processes")
    load_processes: int = setting(
        "2",
        values.count,
        "大きな請求ファイルを読むプロセス数（1または2）",
        "Number of processes that read a large charges file (1 or 2)",
    )
    scratch: Path | None = setting(
        "",
        values.path,
        "作業用フォルダー（空: システムの一時フォルダー）",
        "Scratch folder (empty: the system's)",
    )
    clock_file: Path | None = setting(
        "",
        values.path,
        "時計をずらすファイル（デモとテストだけ）",
        "File that moves the clock (demo and tests only)",
    )
    demo: bool = setting(
        "false", values.yes_no, "見本として動かす（./run が使う）", "Run as the demo (used by ./run)"
    )
    mailbox: Path | None = setting(
        "", values.path, "デモのメールが届くフォルダー", "Folder in which the demo's mails land"
    )

    @property
    def name(self) -> str:
        """The operator's name, as templates say it: ``operator.name``."""
        return self.operator_name

    @property
    def is_https(self) -> bool:
        """Whether subscribers reach the portal over https; cookie names and flags follow."""
        return self.public_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether the public address is this very machine."""
        return urlsplit(self.public_url).hostname in values.LOOPBACK_HOSTS

    @property
    def passkey_domain(self) -> str | None:
        """The domain that passkeys are bound to; None where the address is a number, to which browsers bind none."""
        host = urlsplit(self.public_url).hostname or ""
        is_number = ":" in host or host.rpartition(".")[2].isdigit()
        return None if is_number else host

    @property
    def sender_domain(self) -> str:
        """The domain that subscribers allow in their carrier's mail filter."""
        return self.mail_from.rpartition("@")[2]


def sample_secret() -> str:
    """A signing key for a demo, long enough."""
    return secrets.token_urlsafe(32)
