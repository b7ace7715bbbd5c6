"""``mypage batch take-back``: what is published is seen no more, what was to be published or checked is not."""

import sys

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened, opened
from mypage.domain.batch import State
from mypage.services import publication, schedule
from mypage.services.publication import Refused
from mypage.services.withdrawal import Withdrawn
from mypage.shown import batch_json
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.works.load.hold import LoadedElsewhere
from mypage.works.load.left import give_up


@click.command("take-back")
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--reason", default="", help="理由（操作履歴に残ります） / why, for the trail")
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def take_back_command(batch_id: int, reason: str, as_json: bool) -> None:
    """公開、予約、または途中で止まった検査を取り消す / Take a batch back, call it off, or give its check up."""
    with opened() as tools:
        batches, withdrawn = _taken_back(tools, batch_id, reason)
    if as_json:
        terminal.print_json([batch_json.as_json(batch) for batch in batches])
    else:
        for batch in batches:
            click.echo(terminal.batch_line(batch))
        if withdrawn.goes_on:
            click.echo(terminal.deed_sentence("withdrawal_goes_on"))
        elif withdrawn.customers:
            stopped = len(withdrawn.customers)
            click.echo(terminal.deed_sentence("withdrawal_stopped", count=f"{stopped:,}", id=batch_id))


def _taken_back(tools: Opened, batch_id: int, reason: str) -> tuple[tuple[Batch, ...], Withdrawn]:
    """The batches as they are now, and what became of the registrations that rested on them."""
    withdrawn = Withdrawn()
    with tools.database.writing() as connection:
        # In the order of all who publish, or two would wait for one another.
        store.locked_publication(connection)
        batch = store.locked(connection, batch_id)
        if batch is not None and batch.state is State.TAKEN_BACK:
            return (batch,), withdrawn  # a repeat finishes
        if batch is not None and batch.state is State.CHECKING:
            done: tuple[Batch, ...] | Refused | None = None
        elif batch is not None and batch.state is State.SCHEDULED:
            done = schedule.call_off(connection, batch_id, actor=tools.actor, now=tools.clock.now())
        else:
            taken = publication.take_back(
                connection, batch_id, reason=reason, actor=tools.actor, now=tools.clock.now()
            )
            done = taken if isinstance(taken, Refused) else (taken.batch,)
            withdrawn = withdrawn if isinstance(taken, Refused) else taken.withdrawn
    if done is None:
        return _given_up(tools, batch_id), withdrawn
    if isinstance(done, Refused):
        terminal.refuse(done)
        sys.exit(1)
    return done, withdrawn


def _given_up(tools: Opened, batch_id: int) -> tuple[Batch, ...]:
    """Give up a check that broke off, of all that was handed over together."""
    with tools.database.reading() as connection:
        asked = store.get(connection, batch_id)
        members = [] if asked is None else store.of_delivery(connection, asked.delivery)
    checking = [batch for batch in members if batch.state is State.CHECKING]
    try:
        give_up(tools.database, checking, actor=tools.actor, now=tools.clock.now())
    except LoadedElsewhere:
        click.echo(terminal.deed_sentence("loaded_elsewhere"), err=True)
        sys.exit(1)
    with tools.database.reading() as connection:
        found = (store.get(connection, batch.id) for batch in checking)
        return tuple(batch for batch in found if batch is not None)
