"""What guards the trail: the rights of the application's role, the triggers, and the heads outside the database."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import make_url

from mypage.adapters import head_file
from mypage.adapters.head_keys import HeadKeys, Signature
from mypage.config.settings import Settings
from mypage.domain.trail_head import MISSED_AFTER
from mypage.services.trail import CHAIN
from mypage.store import migrate, rights, trail_guards
from mypage.store import trail as store
from mypage.store.engine import Database
from mypage.store.schema.metadata import instant_of
from mypage.works.finding import Finding, Level

_RIGHTS, _GUARDS, _HEADS = "操作履歴の権限", "操作履歴のトリガー", "操作履歴の控え"


def examine(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    """What is to be said of the trail; whether its rows are whole says `mypage audit verify`, which reads them all."""
    if migrate.current(database) != migrate.head():
        yield Finding(Level.NOTE, _RIGHTS, "この版の表ができてから調べます。")
        return
    yield _owner_rights(settings, database)
    yield _guards(database)
    yield _heads(settings, database, now)


def _owner_rights(settings: Settings, database: Database) -> Finding:
    if database.is_sqlite:
        return Finding(Level.WELL, _RIGHTS, "SQLiteではトリガーが書き換えを止めます。")
    owner = settings.database_owner_url
    if not owner or make_url(owner).username == database.url.username:
        return Finding(
            Level.NOTE,
            _RIGHTS,
            "アプリの接続が表の持ち主です。MYPAGE_DATABASE_OWNER_URL に持ち主の接続を入れ、"
            "MYPAGE_DATABASE_URL を別の利用者にして `mypage db upgrade` を実行すると、履歴は追記だけになります。",
        )
    if rights.may_change_trail(database):
        return Finding(
            Level.WRONG,
            _RIGHTS,
            f"アプリの利用者 {database.url.username} が、履歴を変えたり消したりできます。持ち主や管理者の役割から外し、"
            "`mypage db upgrade` を実行してください（余分な権限が取り消されます）。",
        )
    return Finding(Level.WELL, _RIGHTS)


def _guards(database: Database) -> Finding:
    with database.reading() as connection:
        missing, strangers = trail_guards.missing(connection), trail_guards.strangers(connection)
    if missing:
        return Finding(
            Level.WRONG,
            _GUARDS,
            f"{'、'.join(missing)} がないか、止められています。いつ、だれが外したかを確かめ、`mypage audit verify` で"
            "履歴を調べてから、`mypage db upgrade` で作り直してください。",
        )
    if strangers:
        return Finding(
            Level.WRONG,
            _GUARDS,
            f"MyPageのものではない {'、'.join(strangers)} があり、履歴が書かれるのを止めているおそれがあります。"
            "いつ、だれが加えたかを確かめてから、取り除いてください。",
        )
    return Finding(Level.WELL, _GUARDS)


def _heads(settings: Settings, database: Database, now: datetime) -> Finding:
    file = settings.audit_head_file
    if file is None:
        return Finding(
            Level.NOTE,
            _HEADS,
            "MYPAGE_AUDIT_HEAD_FILE がありません。データベースとは別のディスクのファイルにすると、末尾が取り除かれたり"
            "全体が作り直されたりしても分かります（今は、ワーカーのログにだけ残ります）。",
        )
    try:
        last = head_file.last_head(file)
    except OSError as error:
        return Finding(
            Level.WRONG, _HEADS, f"{file} が読めません（{error.strerror}）。場所と権限を確かめてください。"
        )
    if last is None or now - instant_of(last.at) > MISSED_AFTER:
        when = "まだありません" if last is None else f"{last.at} が最後です"
        return Finding(
            Level.WRONG,
            _HEADS,
            f"{file} の控えは{when}。`mypage worker` が動いているか、そのログを確かめてください。",
        )
    judgement = HeadKeys(settings.secret_keys).judge(last.signed_text, last.key, last.signature)
    with database.reading() as connection:
        fits = store.hash_of(connection, CHAIN, last.seq) == last.hash
    if judgement is Signature.FORGED or not fits:
        return Finding(
            Level.WRONG,
            _HEADS,
            f"{file} の最後の控えが履歴と合いません。`mypage audit verify` で調べてください。",
        )
    return Finding(Level.WELL, _HEADS)
