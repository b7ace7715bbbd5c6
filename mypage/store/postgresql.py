"""Connections to PostgreSQL that give up on a server that is silent, and notice one that has hung up."""

import select
import time
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

# A server whose machine vanished says nothing: the kernel asks after half a minute, whoever waits.
KEEPALIVE: Final = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_LEFT: Final = "left"


class Impatient(psycopg.Connection[Any]):
    """A connection that waits ``patience`` seconds for an answer and no longer; None: as long as it takes.

    ``statement_timeout`` is kept by the server, and so not by one that hangs.
    """

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """What psycopg waits with for everything but connecting, which has ``connect_timeout``."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # The answer may still come, and would be taken for that of the next question.
                self.close()
            raise


def connect_impatiently(engine: Engine, patience: float) -> None:
    """Let ``engine`` open its connections with ``patience``."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Impatient:
        connection = Impatient.connect(*arguments, **options)
        connection.patience = patience
        return connection


def replace_those_that_hung_up(engine: Engine) -> None:
    """Let the pool look, before it lends a connection, whether the server has closed it meanwhile.

    That asks the kernel, not the server: after a restart of the server nobody meets a broken connection.
    """

    @event.listens_for(engine, "checkin")
    def left(_connection: Any, record: Any) -> None:
        record.info[_LEFT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        # One that has just been made is not looked at: what it has not read yet is part of the greeting.
        if _LEFT in record.info and has_hung_up(connection):
            raise DisconnectionError("the server has closed it")


def has_hung_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server closed an idle connection: then there is something to read though nothing was asked."""
    if connection.closed:
        return True
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    return bool(look.poll(0))
