"""Requests for recovery that wait for the worker, and the mails that it wrote, with their links."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, exists, insert, select, update

from mypage.store.schema import recovery_mail, recovery_request


def add_request(connection: Connection, *, asked: str, typed: str, now: datetime) -> int:
    """Keep a request; its id."""
    row = {"asked": asked, "typed": typed, "requested_at": now}
    return int(
        connection.execute(insert(recovery_request).values(row).returning(recovery_request.c.id)).scalar_one()
    )


def waiting(connection: Connection, limit: int) -> Sequence[int]:
    """The ids of requests that wait, the oldest first."""
    query = select(recovery_request.c.id).order_by(recovery_request.c.id).limit(limit)
    return connection.execute(query).scalars().all()


def anything_waits(connection: Connection) -> bool:
    """Whether there is a request."""
    return bool(connection.execute(select(exists().where(recovery_request.c.id > 0))).scalar_one())


def take_request(connection: Connection, request_id: int) -> RowMapping | None:
    """A request, which is then gone with what was typed; None where another worker has it."""
    taken = delete(recovery_request).where(recovery_request.c.id == request_id).returning(*recovery_request.c)
    return connection.execute(taken).mappings().one_or_none()


def add_mail(connection: Connection, row: dict[str, Any]) -> int:
    """Remember a mail, and open the link in it; its serial."""
    return int(
        connection.execute(insert(recovery_mail).values(row).returning(recovery_mail.c.serial)).scalar_one()
    )


def newest(connection: Connection, account_id: str, purpose: str) -> RowMapping | None:
    """The newest mail of a purpose to an account."""
    query = (
        select(recovery_mail)
        .where(recovery_mail.c.account_id == account_id, recovery_mail.c.purpose == purpose)
        .order_by(recovery_mail.c.serial.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().one_or_none()


def change(connection: Connection, serial: int, **values: Any) -> None:
    """Write into a mail what became of it or its link."""
    connection.execute(update(recovery_mail).where(recovery_mail.c.serial == serial).values(**values))


def mails_to(connection: Connection, destination: str, since: datetime) -> list[datetime]:
    """When mails to a destination were written since then."""
    return _written(connection, recovery_mail.c.destination == destination, since)


def mails_of(connection: Connection, account_id: str, since: datetime) -> list[datetime]:
    """When mails of an account's own were written since then, wherever they went."""
    return _written(connection, recovery_mail.c.account_id == account_id, since)


def _written(connection: Connection, whose: ColumnElement[bool], since: datetime) -> list[datetime]:
    query = select(recovery_mail.c.enqueued_at).where(whose, recovery_mail.c.enqueued_at > since)
    return list(connection.scalars(query))
