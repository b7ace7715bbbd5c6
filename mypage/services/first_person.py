"""Who is the first person of a batch, so that a second one can be told from them (specification §6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain import api_token
from mypage.domain.staff import COMMAND_LINE, actor
from mypage.services import token_life
from mypage.store import api_tokens, batch_hands
from mypage.store.batches import Batch


def of_actor(connection: Connection, who: str) -> str:
    """The member of staff behind an actor, or the command line: of the worker and of the sample, too, which it runs.

    Behind a token stands whoever made it.
    """
    if who.startswith(api_token.actor("")):
        row = api_tokens.by_id(connection, who.removeprefix(api_token.actor("")))
        who = COMMAND_LINE if row is None else row["made_by"]
    return who.removeprefix(actor("")) if who.startswith(actor("")) else COMMAND_LINE


def is_dead_token(connection: Connection, who: str, *, now: datetime) -> bool:
    """Whether this actor is a token that opens nothing any more."""
    token_id = api_token.token_id_of(who)
    row = None if token_id is None else api_tokens.by_id(connection, token_id)
    return row is not None and token_life.death(row, now) is not None


def who_handed_over(connection: Connection, batches: Sequence[Batch]) -> list[str]:
    """Whoever handed the files of these batches over, at any time: none of them is a second person for them.

    Whoever has a file checked again hands nothing over. An old trail may be gone; the batch knows who came last.
    """
    actors = [batch.actor for batch in batches]
    actors += batch_hands.handed_over(connection, [batch.id for batch in batches])
    return list(dict.fromkeys(of_actor(connection, each) for each in actors))
