"""Examine an installation part by part; each finding says what to do."""

import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mypage.adapters.clock import Clock
from mypage.adapters.sealing import Sealer
from mypage.config.settings import Settings
from mypage.domain.batch import SecondPerson
from mypage.domain.colour import contrast
from mypage.domain.staff import FIRST_ADMINS
from mypage.services import letter_exports, second_factor, staff_directory
from mypage.services.letters import LETTER
from mypage.store import migrate
from mypage.store.engine import POSTGRESQL_MINIMUM, SQLITE_MINIMUM, Database, sqlite_module
from mypage.store.schema.metadata import instant_of
from mypage.works import doctor_files, doctor_trail
from mypage.works.finding import Finding, Level

FONTS = Path(__file__).resolve().parents[1] / "adapters" / "fonts"
_CLOCK_MAY_DIFFER = timedelta(seconds=5)
_SECONDS_FOR_MAIL = 10
_LETTERS_MAY_WAIT = timedelta(days=1)
_NAMED = 10


def examine(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """All findings, in the order in which an operator mends them."""
    yield from _appearance(settings)
    yield from _database(settings, clock)
    yield _mail(settings)
    yield _fonts()


def _appearance(settings: Settings) -> Iterator[Finding]:
    ratio = contrast(settings.key_colour, "#ffffff")
    if ratio < 4.5:
        yield Finding(
            Level.WRONG,
            "基本色",
            f"MYPAGE_KEY_COLOUR {settings.key_colour} は白との明度差が {ratio:.1f}:1 です。4.5:1 以上の色にしてください。",
        )
    if settings.signup_proof == "none":
        yield Finding(
            Level.NOTE,
            "本人確認",
            "MYPAGE_SIGNUP_PROOF が none です。お客様番号・電話番号・お名前を知っている他人でも登録できます。"
            "key（登録キー）か letter（郵送する確認コード）を検討してください。",
        )
    if SecondPerson(settings.second_person) is SecondPerson.ALL:
        # Whoever has a shell here has the database, too: no rule of ours keeps them, only who they are.
        yield Finding(
            Level.NOTE,
            "二人目の承認",
            "コマンドは、誰が使ったかを記録できず、設定を変えれば一人でも公開できます。"
            "`mypage batch` を使える人には、サポート画面の料金担当や管理者の役割を与えないでください。",
        )


def _database(settings: Settings, clock: Clock) -> Iterator[Finding]:
    database = Database(settings.database_url)
    try:
        yield _version(database)
        yield _revision(database)
        yield _clock(database, clock)
        yield from doctor_trail.examine(settings, database, clock.now())
        if migrate.current(database) == migrate.head():
            yield from _letters(settings, database, clock.now())
            yield from _staff(settings, database)
            yield from doctor_files.examine(settings, database)
    except DBAPIError:
        yield Finding(
            Level.WRONG,
            "データベース",
            "接続できません。MYPAGE_DATABASE_URL と、データベースが動いているかを確かめてください。",
        )
    finally:
        database.close()


def _version(database: Database) -> Finding:
    if database.is_sqlite:
        version = tuple(int(part) for part in sqlite_module().sqlite_version.split("."))
        if version < SQLITE_MINIMUM:
            return Finding(
                Level.WRONG, "データベース", "SQLiteが古すぎます。pysqlite3 0.6.1 以上を入れてください。"
            )
        return Finding(Level.WELL, "データベース")
    with database.reading() as connection:
        number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if number < POSTGRESQL_MINIMUM * 10_000:
        return Finding(
            Level.WRONG,
            "データベース",
            f"PostgreSQL {POSTGRESQL_MINIMUM} 以上にしてください（今は {number // 10_000}）。",
        )
    return Finding(Level.WELL, "データベース")


def _revision(database: Database) -> Finding:
    revision = migrate.current(database)
    if revision == migrate.head():
        return Finding(Level.WELL, "表")
    return Finding(
        Level.WRONG,
        "表",
        f"版が {revision or '（空）'} です。`mypage db upgrade` で {migrate.head()} にしてください。",
    )


def _clock(database: Database, clock: Clock) -> Finding:
    question = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')" if database.is_sqlite else "SELECT now()"
    with database.reading() as connection:
        said = connection.execute(text(question)).scalar_one()
    theirs = instant_of(said) if isinstance(said, str) else said
    apart = abs(clock.now() - theirs)
    if apart > _CLOCK_MAY_DIFFER:
        return Finding(
            Level.WRONG,
            "時計",
            f"このマシンとデータベースの時計が {apart.total_seconds():.0f} 秒違います。時刻同期（NTP）を確かめてください。",
        )
    return Finding(Level.WELL, "時計")


def _letters(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    """Whatever ``signup_proof`` says, a code may stand for the second person of a signup on the telephone."""
    asked = settings.signup_proof == LETTER
    with database.reading() as connection:
        found = letter_exports.waiting(connection, settings=settings, now=now, coded_only=not asked)
        waiting = [each for each in found if asked or each.code is not None]
    nowhere = [each.number for each in waiting if each.recipient is None]
    late = sum(each.recipient is not None and now - each.asked_at > _LETTERS_MAY_WAIT for each in waiting)
    said = []
    if late:
        said.append(
            f"{late}通が、1日以上書き出されていません。`mypage letters export FILE` を毎日実行してください。"
        )
    if nowhere:
        said.append(f"住所がないため、手紙をお送りできないお客様がいます: {'、'.join(nowhere[:_NAMED])}")
    if said or asked:
        yield Finding(Level.NOTE if said else Level.WELL, "確認コードの手紙", "".join(said))


def _staff(settings: Settings, database: Database) -> Iterator[Finding]:
    with database.reading() as connection:
        admins = staff_directory.admins_at_work(connection)
        unreadable = second_factor.unreadable_apps(connection, Sealer(settings.factor_keys))
    if admins == 0:
        yield Finding(
            Level.NOTE,
            "管理者",
            "サポート画面にログインできる管理者がいません。`mypage staff invite --name 名前 --email アドレス` で2人招待してください。",
        )
    elif admins < FIRST_ADMINS:
        yield Finding(
            Level.NOTE,
            "管理者",
            "管理者が1人だけです。承認には、もう1人必要です。`mypage staff invite` で招待してください。",
        )
    else:
        yield Finding(Level.WELL, "管理者")
    if not settings.factor_keys and not settings.demo:
        yield Finding(
            Level.WRONG if admins else Level.NOTE,
            "認証アプリの鍵",
            "MYPAGE_FACTOR_KEYS がありません。32文字以上の鍵を作り、データベースの控えとは別の場所に保管して、設定してください。",
        )
    elif unreadable:
        yield Finding(
            Level.WRONG,
            "認証アプリの鍵",
            f"{unreadable}人の認証アプリを読み取れません。前の鍵を MYPAGE_FACTOR_KEYS の後ろに戻してください。",
        )
    else:
        yield Finding(Level.WELL, "認証アプリの鍵")


def _mail(settings: Settings) -> Finding:
    server = settings.smtp
    where = f"{server.host}:{server.port}"
    try:
        if server.security == "tls":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=_SECONDS_FOR_MAIL, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=_SECONDS_FOR_MAIL)
        with smtp:
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.username:
                smtp.login(server.username, server.password or "")
            smtp.noop()
    except smtplib.SMTPAuthenticationError:
        return Finding(
            Level.WRONG,
            "メール",
            f"{where} にログインできません。MYPAGE_SMTP_URL の名前とパスワードを確かめてください。",
        )
    except (OSError, smtplib.SMTPException):
        return Finding(
            Level.WRONG,
            "メール",
            f"{where} につながりません。MYPAGE_SMTP_URL とメールサーバーを確かめてください。",
        )
    return Finding(Level.WELL, "メール")


def _fonts() -> Finding:
    fonts = sorted(FONTS.glob("*.ttf"))
    if not fonts or any(font.read_bytes()[:4] != b"\x00\x01\x00\x00" for font in fonts):
        return Finding(
            Level.WRONG, "フォント", f"{FONTS} に日本語フォントがありません。配布物を取り直してください。"
        )
    return Finding(Level.WELL, "フォント")
