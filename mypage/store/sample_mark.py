"""Whether a database holds the sample operator: what the demo loads is loaded by the actor ``demo``."""

from sqlalchemy import Connection, exists, select

from mypage.store.schema import batch

ACTOR = "demo"


def is_sample(connection: Connection) -> bool:
    """True once the demo has loaded anything: such a database never serves real subscribers."""
    return bool(connection.execute(select(exists().where(batch.c.actor == ACTOR))).scalar_one())
