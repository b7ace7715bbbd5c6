"""``mypage batch``: check and publish (now or at a time) the files of the core billing system (specification §6)."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from mypage.adapters.reading.encoding import FORCED
from mypage.billing import preview, second_person, terminal
from mypage.billing.call_off import call_off_command
from mypage.billing.listing import list_command, show_command
from mypage.billing.opened import Opened, opened
from mypage.billing.report import report_command
from mypage.billing.seen import seen_command
from mypage.billing.take_back import take_back_command
from mypage.billing.terminal import refuse
from mypage.billing.times import instant_to_come
from mypage.domain.batch import PUBLISHABLE, Kind, State
from mypage.services import schedule
from mypage.services.publication import Refusal, Refused
from mypage.shown import batch_json
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.works.load.delivery import HandedFile, Outcome, check, check_again
from mypage.works.load.hold import LoadedElsewhere
from mypage.works.load.publish import publish

# A longer number is that of no batch: no database counts so far.
_MOST_DIGITS: Final = 9

_file_options: Final = (
    click.option(
        "--kind",
        type=click.Choice([kind.value for kind in Kind]),
        help="ファイルの種類（ふつうは見出しから分かります） / kind of the file",
    ),
    click.option(
        "--encoding",
        type=click.Choice(sorted(FORCED), case_sensitive=False),
        help="文字コード（ふつうは中身から分かります） / encoding of the file",
    ),
    click.option(
        "--snapshot",
        is_flag=True,
        help="契約者ファイルは全件: 載っていないお客様は解約済になります / customers not named are ended",
    ),
    click.option(
        "--confirm",
        is_flag=True,
        help="多くのお客様が解約済になる --snapshot を認める / accept a snapshot that ends many",
    ),
    click.option(
        "--without-errors",
        is_flag=True,
        help="エラーの請求を除いて公開する（請求・入金） / leave out statements with errors",
    ),
)
_json_option: Final = click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")


def _with_file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_file_options):
        command = option(command)
    return command


@click.group("batch")
def batch_command() -> None:
    """料金データ取込 / Batches of the billing side."""


for _command in (
    list_command,
    show_command,
    report_command,
    call_off_command,
    take_back_command,
    seen_command,
):
    batch_command.add_command(_command)


@batch_command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@_with_file_options
@_json_option
def check_command(
    files: tuple[Path, ...],
    kind: str | None,
    encoding: str | None,
    snapshot: bool,
    confirm: bool,
    without_errors: bool,
    as_json: bool,
) -> None:
    """ファイルを検査する（公開はしない） / Check files; nothing is seen by anybody."""
    handed = _handed(files, kind, encoding, snapshot, confirm, without_errors)
    with opened() as tools:
        outcome = _checked(tools, handed)
        _tell(tools, outcome, outcome.batches, as_json)
    sys.exit(0 if outcome.is_well else 1)


@batch_command.command("publish")
@click.argument("files_or_ids", nargs=-1, required=True, metavar="FILE…|ID…")
@_with_file_options
@click.option(
    "--at",
    metavar="TIME",
    callback=instant_to_come,
    help="公開する日時（例 2026-11-27T09:00、時差がなければ日本時間） / when to publish",
)
@click.option(
    "--no-notices",
    is_flag=True,
    help="「請求確定のお知らせ」のメールを送らない / tell subscribers nothing by mail",
)
@_json_option
def publish_command(
    files_or_ids: tuple[str, ...],
    kind: str | None,
    encoding: str | None,
    snapshot: bool,
    confirm: bool,
    at: datetime | None,
    no_notices: bool,
    without_errors: bool,
    as_json: bool,
) -> None:
    """ファイルを検査して公開する、または検査済の取込を公開する / Publish files, or checked batches by id.

    別の担当者の承認が必要なものは、承認を依頼して終了ステータス3で終わる / Where a second person must approve, they are asked, and the exit status is 3.
    """
    are_ids = [each.isascii() and each.isdigit() for each in files_or_ids]
    if any(are_ids) and not all(are_ids):
        raise click.UsageError("番号とファイルは一緒に指定できません。どちらかだけを指定してください。")
    with opened() as tools:
        if at is not None and at <= tools.clock.now():
            raise click.UsageError("--at の日時は過ぎています。これからの日時を指定してください。")
        if all(are_ids):
            outcome = _of_ids(tools, files_or_ids, without_errors)
        else:
            paths = [Path(each) for each in files_or_ids]
            outcome = _checked(tools, _handed(paths, kind, encoding, snapshot, confirm, without_errors))
        published, status = outcome.batches, 0 if outcome.is_well else 1
        if outcome.is_well and published:
            tells = not no_notices
            deed = (
                partial(_published, notices=tells)
                if at is None
                else partial(_scheduled, at=at, notices=tells)
            )
            published, status = deed(tools, published)
        _tell(tools, outcome, published, as_json)
    sys.exit(status)


def _handed(
    files: Sequence[Path],
    kind: str | None,
    encoding: str | None,
    snapshot: bool,
    confirm: bool,
    without_errors: bool,
) -> list[HandedFile]:
    forced = None if kind is None else Kind(kind)
    return [HandedFile(path, forced, encoding, snapshot, confirm, without_errors) for path in files]


def _checked(tools: Opened, handed: Sequence[HandedFile]) -> Outcome:
    progress = terminal.progress()
    try:
        return check(
            tools.database,
            handed,
            rules=tools.rules,
            scratch=tools.settings.scratch,
            actor=tools.actor,
            clock=tools.clock.now,
            progress=progress,
        )
    except LoadedElsewhere:
        progress.end()
        click.echo(terminal.deed_sentence("loaded_elsewhere"), err=True)
        sys.exit(1)
    finally:
        progress.end()


def _of_ids(tools: Opened, ids: Sequence[str], without_errors: bool) -> Outcome:
    found: list[Batch] = []
    in_force: list[Batch] = []
    with tools.database.reading() as connection:
        for batch_id in ids:
            batch = store.get(connection, int(batch_id)) if len(batch_id) <= _MOST_DIGITS else None
            if batch is None:
                click.echo(terminal.deed_sentence("no_such_batch", id=batch_id), err=True)
                sys.exit(1)
            (in_force if batch.state is State.PUBLISHED else found).append(batch)
    # A check that broke off is taken up again, as by the files themselves.
    to_check = {State.CHECKING, State.REFUSED} if without_errors else {State.CHECKING}
    if any(batch.state in to_check for batch in found):
        again = [_checked_again(tools, batch.id, without_errors=without_errors) for batch in found]
        return Outcome(
            tuple({each.id: each for one in again for each in one.batches}.values()),
            (*in_force, *(each for one in again for each in one.in_force)),
            tuple(refused for one in again for refused in one.refused_files),
        )
    for batch in found:
        if batch.state not in PUBLISHABLE:
            refuse(Refused(Refusal.STATE, batch.id, batch.state))
            sys.exit(1)
    return Outcome(tuple(found), tuple(in_force))


def _checked_again(tools: Opened, batch_id: int, *, without_errors: bool) -> Outcome:
    """Check the delivery of a batch anew."""
    with tools.database.reading() as connection:
        batch = store.get(connection, batch_id)
        delivery = [] if batch is None else store.of_delivery(connection, batch.delivery)
    progress = terminal.progress()
    try:
        return check_again(
            tools.database,
            delivery,
            keeper=tools.keeper,
            rules=tools.rules,
            scratch=tools.settings.scratch,
            actor=tools.actor,
            clock=tools.clock.now,
            without_errors=without_errors,
            progress=progress,
        )
    except LoadedElsewhere:
        progress.end()
        click.echo(terminal.deed_sentence("loaded_elsewhere"), err=True)
        sys.exit(1)
    finally:
        progress.end()


def _published(tools: Opened, batches: Sequence[Batch], *, notices: bool) -> tuple[tuple[Batch, ...], int]:
    """Let them be seen now, or ask for that; what refuses it is told. The batches, and the exit status."""
    progress = terminal.progress()
    try:
        flip = publish(
            tools.database,
            batches,
            keeper=tools.keeper,
            rules=tools.rules,
            scratch=tools.settings.scratch,
            actor=tools.actor,
            clock=tools.clock.now,
            notices=notices,
            progress=progress,
        )
    except LoadedElsewhere:
        progress.end()
        click.echo(terminal.deed_sentence("loaded_elsewhere"), err=True)
        sys.exit(1)
    finally:
        progress.end()
    if flip.refused is not None:
        return _not_yet(tools, flip.batches, flip.refused, at=None, notices=notices)
    if flip.again is not None:
        _tell_refused(flip.again)
    return flip.batches, 0 if flip.is_well else 1


def _scheduled(
    tools: Opened, batches: Sequence[Batch], *, at: datetime, notices: bool
) -> tuple[tuple[Batch, ...], int]:
    """Let them be seen at a time, or ask for that. The batches, and the exit status."""
    with tools.database.writing() as connection:
        done = schedule.schedule(
            connection,
            [batch.id for batch in batches],
            at=at,
            actor=tools.actor,
            now=tools.clock.now(),
            second_person=tools.rules.second_person,
            notices=notices,
        )
    if isinstance(done, Refused):
        return _not_yet(tools, batches, done, at=at, notices=notices)
    return done, 0


def _not_yet(
    tools: Opened, batches: Sequence[Batch], refused: Refused, *, at: datetime | None, notices: bool
) -> tuple[tuple[Batch, ...], int]:
    """Where only a second person is missing, they are asked; else why nothing was done. The batches, and the exit status."""
    if refused.why is Refusal.SECOND_PERSON:
        return second_person.ask(tools, batches, at=at, notices=notices)
    refuse(refused)
    return tuple(batches), 1


def _tell(tools: Opened, outcome: Outcome, batches: Sequence[Batch], as_json: bool) -> None:
    """What became of each file, in the end."""
    if as_json:
        waits = second_person.of_batches(tools, batches)
        rows = [
            {**batch_json.as_json(batch), "request": waits.get(batch.id)}
            for batch in (*batches, *outcome.in_force)
        ]
        terminal.print_json(
            [*rows, *(batch_json.refused_as_json(refused) for refused in outcome.refused_files)]
        )
        return
    _tell_refused(outcome)
    for batch in outcome.in_force:
        click.echo(terminal.deed_sentence("in_force", id=batch.id))
    for batch in batches:
        with tools.database.reading() as connection:
            errors = store.errors_of(connection, batch.id)
        for line in terminal.batch_lines(batch, errors):
            click.echo(line)
        for line in preview.lines(tools, batch) if batch.state in PUBLISHABLE else ():
            click.echo(line)
        if batch.counts.get("can_leave_out"):
            click.echo(terminal.deed_sentence("can_leave_out", id=batch.id))


def _tell_refused(outcome: Outcome) -> None:
    for refused in outcome.refused_files:
        for line in terminal.refused_lines(refused):
            click.echo(line, err=True)
