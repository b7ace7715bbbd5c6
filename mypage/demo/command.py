"""``mypage demo``: the main job on an embedded database with the sample operator. ``./run`` calls it."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

import click

from mypage.demo.crew import Crew
from mypage.demo.home import Home, Sample
from mypage.domain.staff import Role

_SECONDS_TO_ANSWER = 30.0
_OURS = (
    "DEMO",
    "DATABASE_URL",
    "PUBLIC_URL",
    "PORT",
    "BIND",
    "SMTP_URL",
    "MAILBOX",
    "CLOCK_FILE",
    "SECRET_KEYS_FILE",
    "FACTOR_KEYS_FILE",
)


class _Ended(Exception):
    """Somebody asked the demo to end."""


@click.command("demo")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="機械のための形 / for machines")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="置き場所 / where it lives [.demo]"
)
def demo_command(port: int, as_json: bool, folder: Path | None) -> None:
    """見本の事業者で動かす / Run with the sample operator."""
    if not _free(port):
        click.echo(
            f"ポート {port} は使われています。`./run --port {port + 1}` のように、別の番号で動かしてください。\n"
            f"Port {port} is taken. Use another one: ./run --port {port + 1}",
            err=True,
        )
        sys.exit(1)
    home = Home(folder.resolve()) if folder else Home.here()
    with _interruptible(), contextlib.suppress(_Ended):
        sample = home.prepare(lambda what: click.echo(what, err=True))
        crew = Crew(home.logs, {**_outside(), **home.environment(port, _free_port())})
        try:
            _serve(crew, port, sample, as_json)
        finally:
            crew.end()


def _serve(crew: Crew, port: int, sample: Sample, as_json: bool) -> None:
    for name in ("mail-server", "web", "worker"):
        crew.start(name, *(("demo-mail-server",) if name == "mail-server" else (name,)))
    address = f"http://127.0.0.1:{port}"
    _wait_until_it_answers(crew, f"{address}/readyz")
    click.echo(_facts(address, sample) if as_json else _told(address, sample))
    sys.stdout.flush()
    while crew.ended() is None:
        time.sleep(0.5)
    _give_up(crew)


def _wait_until_it_answers(crew: Crew, url: str) -> None:
    until = time.monotonic() + _SECONDS_TO_ANSWER
    while time.monotonic() < until and crew.ended() is None:
        if _answers(url):
            return
        time.sleep(0.05)
    _give_up(crew)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _give_up(crew: Crew) -> None:
    ended = crew.ended() or "web"
    click.echo(f"{ended} が止まりました。ログ: {crew.logs / ended}.log", err=True)
    for line in crew.last_words(ended):
        click.echo(f"  {line}", err=True)
    crew.end()
    sys.exit(1)


def _facts(address: str, sample: Sample) -> str:
    return json.dumps(
        {
            "address": f"{address}/login",
            "identities": sample.identities,
            "accounts": sample.accounts,
            "staff_address": f"{address}/staff/login",
            "staff": sample.staff,
            "authenticator": f"{address}/dev/authenticator",
            "mailbox": f"{address}/dev/mailbox",
        },
        ensure_ascii=False,
    )


def _told(address: str, sample: Sample) -> str:
    lines = [
        f"マイページが動いています / MyPage is running:  {address}/login",
        "",
        "はじめて登録できるお客様（見本） / Can sign up:",
    ]
    lines += [
        f"  お客様番号 {one['customer_number']}  電話番号 {one['phone']}  お名前(カナ) {one['name_kana']}"
        for one in sample.identities
    ]
    lines += ["", "登録済みのアカウント / Registered:"]
    lines += [f"  アカウントID {one['login_id']}  パスワード {one['password']}" for one in sample.accounts]
    lines += ["", f"サポート画面（スタッフ） / Staff console:  {address}/staff/login"]
    lines += [f"  アカウントID {one['login_id']}  {Role.named(one['role']).label}" for one in sample.staff]
    lines += [
        f"  パスワード（全員） {sample.staff[0]['password']}",
        f"  6桁のコード / Codes of the app:  {address}/dev/authenticator",
        "",
        f"届いたメール / Mailbox:  {address}/dev/mailbox",
        "",
        "終わるときは Ctrl-C / Ctrl-C ends it.",
    ]
    return "\n".join(lines)


def _outside() -> Mapping[str, str]:
    """The caller's environment; the operator's facts may be tried out, what the demo needs is the demo's."""
    return {name: value for name, value in os.environ.items() if name.removeprefix("MYPAGE_") not in _OURS}


def _free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        raise _Ended

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    yield
