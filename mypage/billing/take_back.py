"""``mypage batch take-back``: what is published is seen no more, what was to be published is not."""

import json
import sys

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened, opened
from mypage.domain.batch import State
from mypage.services import publication, schedule
from mypage.services.publication import Refused
from mypage.store import batches as store
from mypage.store.batches import Batch


@click.command("take-back")
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--reason", default="", help="理由（操作履歴に残ります） / why, for the trail")
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def take_back_command(batch_id: int, reason: str, as_json: bool) -> None:
    """公開を取り消す、または公開の予約を取り消す / Take a published batch back, or call a scheduled one off."""
    with opened() as tools:
        batches = _taken_back(tools, batch_id, reason)
    if as_json:
        rows = [terminal.as_json(batch) for batch in batches]
        click.echo(json.dumps({"batches": rows}, ensure_ascii=False, indent=2))
    else:
        for batch in batches:
            click.echo(terminal.batch_line(batch))


def _taken_back(tools: Opened, batch_id: int, reason: str) -> tuple[Batch, ...]:
    with tools.database.writing() as connection:
        batch = store.locked(connection, batch_id)
        if batch is not None and batch.state is State.TAKEN_BACK:
            return (batch,)  # a repeat finishes
        if batch is not None and batch.state is State.SCHEDULED:
            done = schedule.call_off(connection, batch_id, actor=tools.actor, now=tools.clock.now())
        else:
            taken = publication.take_back(
                connection, batch_id, reason=reason, actor=tools.actor, now=tools.clock.now()
            )
            done = taken if isinstance(taken, Refused) else (taken.batch,)
    if isinstance(done, Refused):
        terminal.refuse(done)
        sys.exit(1)
    return done
