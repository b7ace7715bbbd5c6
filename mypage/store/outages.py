"""The outage of the mail server, as the workers found it."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import mail_outage

_END = delete(mail_outage).returning(mail_outage.c.server, mail_outage.c.since)


def current(connection: Connection) -> RowMapping | None:
    """The outage that lasts, None while all is well."""
    return connection.execute(select(mail_outage).order_by(mail_outage.c.since)).mappings().first()


def put(connection: Connection, *, server: str, since: datetime, tried_at: datetime, reply: str) -> None:
    """Write that ``server`` is away, in place of what was written before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(mail_outage).values(server=server, since=since, tried_at=tried_at, reply=reply)
    changed = {name: wanted.excluded[name] for name in ("since", "tried_at", "reply")}
    connection.execute(wanted.on_conflict_do_update(index_elements=["server"], set_=changed))


def end(connection: Connection) -> list[RowMapping]:
    """Remove what was written; what that was: server and since."""
    return list(connection.execute(_END).mappings())
