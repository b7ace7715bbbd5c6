"""``mypage batch call-off``: what was to be published at a time is not, and what was asked of a second person neither."""

import sys

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened, opened
from mypage.domain.batch import State
from mypage.domain.staff import COMMAND_LINE
from mypage.services import batch_requests, schedule
from mypage.services.approvals import StaffRequest, Unfit
from mypage.services.publication import Refused
from mypage.shown import batch_json
from mypage.store import batches as store
from mypage.store.batches import Batch


@click.command("call-off")
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def call_off_command(batch_id: int, as_json: bool) -> None:
    """公開の予約、または承認の依頼を取り消す / Call a scheduled publishing off, or withdraw what was asked."""
    with opened() as tools:
        batches = _called_off(tools, batch_id)
    if as_json:
        terminal.print_json([batch_json.as_json(batch) for batch in batches])
    else:
        for batch in batches:
            click.echo(terminal.batch_line(batch))


def _called_off(tools: Opened, batch_id: int) -> tuple[Batch, ...]:
    actor, now = tools.actor, tools.clock.now()
    with tools.database.writing() as connection:
        withdrawn = batch_requests.withdraw_from(connection, batch_id, first=COMMAND_LINE, by=actor, now=now)
        done = schedule.call_off(connection, batch_id, actor=actor, now=now)
        batch = store.get(connection, batch_id)
    if isinstance(withdrawn, Unfit):
        click.echo(terminal.deed_sentence("asked_by_another", id=batch_id), err=True)
    if not isinstance(done, Refused):
        return done
    if isinstance(withdrawn, StaffRequest) and batch is not None:
        return (batch,)
    # A repeat finishes: what is 確認済 and waits for nobody was called off already.
    if batch is not None and batch.state is State.CHECKED and not isinstance(withdrawn, Unfit):
        return (batch,)
    if not isinstance(withdrawn, Unfit):
        terminal.refuse(done)
    sys.exit(1)
