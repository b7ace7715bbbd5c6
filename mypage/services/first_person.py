"""Who is the first person of a batch, so that a second one can be told from them (specification §6)."""

from sqlalchemy import Connection

from mypage.domain.api_token import token_id_of
from mypage.domain.staff import COMMAND_LINE, actor
from mypage.store import api_tokens


def of_actor(connection: Connection, who: str) -> str:
    """The member of staff behind an actor, or the command line: of the worker and of the sample, too, which it runs.

    Behind a token is whoever made it.
    """
    token_id = token_id_of(who)
    if token_id is not None:
        token = api_tokens.by_id(connection, token_id)
        who = COMMAND_LINE if token is None else str(token["made_by"])
    return who.removeprefix(actor("")) if who.startswith(actor("")) else COMMAND_LINE
