"""What the command line does where it may not publish alone: it asks for a second person, and says so (exit status 3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

from mypage.billing import terminal
from mypage.billing.opened import Opened
from mypage.domain.staff import COMMAND_LINE
from mypage.services import batch_requests
from mypage.services.batch_requests import Asked
from mypage.services.publication import Refused
from mypage.shown import batch_request
from mypage.store.batches import Batch
from mypage.words.filters import moment_ja

# Exit status: all is well but for the second person whom the command line is not.
STATUS = 3


def ask(
    tools: Opened, batches: Sequence[Batch], *, at: datetime | None, notices: bool
) -> tuple[tuple[Batch, ...], int]:
    """Put the request into the queue of the console and tell it. The batches, and the exit status."""
    with tools.database.writing() as connection:
        asked = batch_requests.ask(
            connection,
            [batch.id for batch in batches],
            first=COMMAND_LINE,
            by=tools.actor,
            at=at,
            notices=notices,
            second_person=tools.rules.second_person,
            life=tools.rules.request_life,
            now=tools.clock.now(),
        )
    if isinstance(asked, Refused):
        terminal.refuse(asked)
        return tuple(batches), 1
    for line in lines(asked):
        click.echo(line, err=True)
    return tuple(batches), STATUS


def lines(asked: Asked) -> Iterable[str]:
    """What waits now, for people."""
    for request in asked.requests:
        ids = "、".join(str(batch["id"]) for batch in request.facts["batches"])
        at = batch_requests.wanted_at(request)
        yield terminal.deed_sentence(
            "second_person_asked",
            ids=ids,
            when="承認されたらすぐ" if at is None else moment_ja(at),
            path=batch_request.path(request),
            until=moment_ja(request.expires_at),
        )


def of_batches(tools: Opened, batches: Iterable[Batch]) -> dict[int, dict[str, Any]]:
    """By the numbers of the batches what waits for a second person, for machines."""
    found = {}
    with tools.database.reading() as connection:
        for batch in batches:
            request = batch_requests.of_delivery(connection, batch.delivery, now=tools.clock.now())
            if request is not None:
                found[batch.id] = batch_request.as_json(request)
    return found
