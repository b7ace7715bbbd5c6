"""Every statement that goes to a database, as the driver sends it."""

from typing import Any

import psycopg
from sqlalchemy import event

from mypage.store.engine import Database


def listen(database: Database) -> list[str]:
    """What any connection of ``database`` sends from now on, transactions and pragmas included.

    Told by the drivers: what goes past SQLAlchemy is counted too.
    """
    statements: list[str] = []

    class Told(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            statements.append(str(query))
            return super().execute(query, *arguments, **options)

        def executemany(self, query: Any, *arguments: Any, **options: Any) -> None:
            statements.append(str(query))
            super().executemany(query, *arguments, **options)

    @event.listens_for(database.engine, "connect")
    def tell(connection: Any, _record: Any) -> None:
        if database.is_sqlite:
            connection.set_trace_callback(statements.append)
        else:
            connection.cursor_factory = Told

    database.close()  # connections that are open already would not tell
    return statements
