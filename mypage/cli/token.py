"""``mypage token``: tokens of the API, for operators who have no console yet, or a shell in their hands."""

import json
import sys
from typing import Any, NoReturn

import click

from mypage.adapters.clock import Clock
from mypage.command import open_database, settings
from mypage.domain.api_token import STATE_LABELS, USUAL_DAYS, Deed
from mypage.domain.batch import Kind
from mypage.domain.staff import COMMAND_LINE
from mypage.services import api_tokens
from mypage.services.api_tokens import Not, Token
from mypage.shown.batch_json import instant
from mypage.words.batch import KINDS
from mypage.words.filters import moment_ja
from mypage.words.sentences import sentence

_json_option = click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")


@click.group("token")
def token_command() -> None:
    """APIトークン / Tokens of the API."""


@token_command.command("create")
@click.option("--name", prompt="名前（何に使うか）", help="何に使うか / what it is for")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    required=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="扱えるファイルの種類、いくつでも / kind of file, several times",
)
@click.option(
    "--deed",
    "deeds",
    multiple=True,
    required=True,
    type=click.Choice([deed.word for deed in Deed]),
    help="できること、いくつでも / what it may do, several times",
)
@click.option("--days", type=click.IntRange(min=1), help="有効期間（日） / days that it lives")
@_json_option
def create_command(
    name: str, kinds: tuple[str, ...], deeds: tuple[str, ...], days: int | None, as_json: bool
) -> None:
    """トークンを作り、一度だけ表示する / Make a token; its text is printed now and never again."""
    found = settings()
    longest = found.api_token_days
    with open_database(found.database_url) as database, database.writing() as connection:
        made = api_tokens.make(
            connection,
            name=name,
            kinds=[Kind(kind) for kind in kinds],
            deeds=[Deed.named(deed) for deed in deeds],
            days=min(USUAL_DAYS, longest) if days is None else days,
            longest=longest,
            by=COMMAND_LINE,
            now=Clock(found.clock_file).now(),
        )
    if isinstance(made, Not):
        _fail(made, 2)
    if as_json:
        click.echo(json.dumps({**_as_json(made.token), "token": made.text}, ensure_ascii=False))
        return
    click.echo(
        f"「{made.token.name}」のトークンを作りました（番号 {made.token.id}、{moment_ja(made.token.expires_at)}まで）。"
        "次の行は、この一度しか表示されません。"
    )
    click.echo(made.text)


@token_command.command("list")
@_json_option
def list_command(as_json: bool) -> None:
    """トークンの一覧 / All tokens, never their texts."""
    found = settings()
    with open_database(found.database_url) as database, database.reading() as connection:
        tokens = api_tokens.listed(connection, now=Clock(found.clock_file).now())
    if as_json:
        click.echo(
            json.dumps({"tokens": [_as_json(token) for token in tokens]}, ensure_ascii=False, indent=2)
        )
        return
    for token in tokens:
        used = moment_ja(token.last_used_at) if token.last_used_at else "未使用"
        kinds = "・".join(KINDS[kind] for kind in Kind if kind in token.kinds)
        deeds = ",".join(deed.word for deed in Deed if deed in token.deeds)
        click.echo(
            f"{token.id}  {STATE_LABELS[token.dead]}  {moment_ja(token.expires_at)}まで  最後の利用 {used}  "
            f"{kinds}  {deeds}  {token.maker_name or token.made_by}  {token.name}"
        )
    if not tokens:
        click.echo("APIトークンは、まだありません。")


@token_command.command("revoke")
@click.argument("token_id", metavar="ID")
def revoke_command(token_id: str) -> None:
    """トークンを取り消す / Let a token open nothing any more, at once."""
    found = settings()
    with open_database(found.database_url) as database, database.writing() as connection:
        done = api_tokens.revoke(connection, token_id, by=COMMAND_LINE, now=Clock(found.clock_file).now())
    if isinstance(done, Not):
        _fail(done, 1)
    click.echo(f"「{done.name}」のトークンを取り消しました。もう使えません。")


def _as_json(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "state": token.dead.value if token.dead else "live",
        "kinds": [kind.value for kind in Kind if kind in token.kinds],
        "deeds": [deed.word for deed in Deed if deed in token.deeds],
        "made_by": token.made_by,
        "made_at": instant(token.made_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
        "last_used_from": token.last_used_from,
    }


def _fail(refused: Not, status: int) -> NoReturn:
    click.echo(sentence(refused.code, "ja", days=refused.days), err=True)
    sys.exit(status)
