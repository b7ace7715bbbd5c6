"""The ``mypage`` command: every subcommand by its name, loaded when it is called."""

from importlib import import_module

import click

_COMMANDS = {
    "audit": "mypage.cli.audit:audit_command",
    "batch": "mypage.billing.cli:batch_command",
    "config": "mypage.cli.config:config_command",
    "db": "mypage.cli.db:db_command",
    "demo": "mypage.demo.command:demo_command",
    "demo-mail-server": "mypage.demo.smtp_sink:demo_mail_server_command",
    "doctor": "mypage.cli.doctor:doctor_command",
    "identity": "mypage.cli.identity:identity_command",
    "letters": "mypage.cli.letters:letters_command",
    "sample": "mypage.cli.sample:sample_command",
    "staff": "mypage.cli.staff:staff_command",
    "token": "mypage.cli.token:token_command",
    "web": "mypage.cli.web:web_command",
    "worker": "mypage.cli.worker:worker_command",
}


class _Lazy(click.Group):
    """Loads a subcommand only when it is asked for, so that ``mypage list`` never pays for the web."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=_Lazy)
def main() -> None:
    """マイページの運用コマンド / Run and look after MyPage."""
