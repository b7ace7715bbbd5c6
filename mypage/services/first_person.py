"""Who is the first person of a batch, so that a second one can be told from them (specification §6)."""

from sqlalchemy import Connection

from mypage.domain.staff import COMMAND_LINE, actor


def of_actor(connection: Connection, who: str) -> str:
    """The member of staff behind an actor, or the command line: of the worker and of the sample, too, which it runs."""
    return who.removeprefix(actor("")) if who.startswith(actor("")) else COMMAND_LINE
