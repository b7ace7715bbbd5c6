"""``mypage staff invite``: the first two administrators of the console; they invite everybody else on the screen."""

import json
import sys
from datetime import UTC
from typing import NoReturn

import click

from mypage.adapters.clock import Clock
from mypage.adapters.tokens import Tokens
from mypage.command import open_database, settings
from mypage.domain import email_address
from mypage.domain.staff import INVITATION_LIFE, LONGEST_NAME, one_line
from mypage.services import staff_first
from mypage.services.staff_invitation import PATH, PURPOSE
from mypage.words.filters import moment_ja
from mypage.words.sentences import sentence

_KEY = """python3 -c "import secrets; print(secrets.token_urlsafe(32))\""""


@click.group("staff")
def staff_command() -> None:
    """サポート画面のスタッフ / Staff of the console."""


@staff_command.command("invite")
@click.option("--name", prompt="名前", help="名前 / the person's name")
@click.option("--email", prompt="メールアドレス", help="メールアドレス / the person's mail address")
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def invite_command(name: str, email: str, as_json: bool) -> None:
    """最初の2人の管理者を招待する / Invite one of the first two administrators.

    招待のリンクは、この端末にだけ表示します（1人が1回、72時間以内）。3人目からは、管理者が画面で招待します。
    """
    found = settings()
    called, address = one_line(name), email_address.read(email)
    if not called or len(called) > LONGEST_NAME:
        _fail(sentence("staff_name_too_long" if called else "staff_name_missing", "ja"), 2)
    if address.problem is not None:
        _fail(sentence(address.problem, "ja"), 2)
    if not found.factor_keys:
        _fail(
            "MYPAGE_FACTOR_KEYS がありません。認証アプリの秘密を暗号化する鍵を作って設定してから、もう一度実行してください。\n"
            f"鍵の作りかた: {_KEY}\n"
            "データベースの控え（バックアップ）とは、別の場所に保管してください。",
            2,
        )
    with open_database(found.database_url) as database:
        now = Clock(found.clock_file).now()
        with database.writing() as connection:
            invited = staff_first.invite(connection, name=called, email=address.address, now=now)
    if invited is None:
        _fail(
            "管理者が、もう2人います。ほかの人は、管理者がサポート画面の「スタッフ」から招待してください: "
            f"{found.public_url}/staff/people/invite",
            1,
        )
    link = found.public_url + PATH + Tokens(found.secret_keys).sign(PURPOSE, invited.payload, now)
    until = now + INVITATION_LIFE
    if as_json:
        click.echo(
            json.dumps(
                {
                    "staff_id": invited.staff_id,
                    "link": link,
                    "expires_at": until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                }
            )
        )
        return
    click.echo(
        f"{called} さんを管理者として招待しました。次のリンクを、本人だけに渡してください（{moment_ja(until)}まで）。"
    )
    click.echo(link)
    click.echo("本人がリンクを開き、パスワードと、認証アプリまたはパスキーを登録すると、招待は終わります。")


def _fail(said: str, status: int) -> NoReturn:
    click.echo(said, err=True)
    sys.exit(status)
