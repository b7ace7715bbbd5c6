"""``mypage audit``: whether the trail is as it was written, and what stands in it."""

import click

from mypage.cli.audit_ask import search_command, staff_command
from mypage.cli.audit_questions import looks_command, released_command
from mypage.cli.audit_verify import verify_command


@click.group("audit")
def audit_command() -> None:
    """操作履歴を確かめる・調べる / The trail: verify it, ask it."""


for _command in (verify_command, search_command, looks_command, staff_command, released_command):
    audit_command.add_command(_command)
