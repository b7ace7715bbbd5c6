"""``mypage doctor``: what is wrong with this installation, and how to put it right."""

import os
import sys

import click

from mypage.adapters.clock import Clock
from mypage.config.load import ConfigError, load
from mypage.works import doctor
from mypage.works.finding import Level


@click.command("doctor")
def doctor_command() -> None:
    """設定・データベース・メール・時計・フォント・権限を調べる / Check the installation."""
    try:
        found = load(os.environ)
    except ConfigError as error:
        for sentence in error.sentences:
            click.echo(f"NG 設定: {sentence}")
        sys.exit(1)
    click.echo("OK 設定")
    wrong = False
    for finding in doctor.examine(found, Clock(found.clock_file)):
        wrong |= finding.level is Level.WRONG
        click.echo(
            f"{finding.level.value} {finding.part}{': ' + finding.sentence if finding.sentence else ''}"
        )
    sys.exit(1 if wrong else 0)
