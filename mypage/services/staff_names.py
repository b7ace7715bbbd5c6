"""The names of members of staff, as their colleagues read them."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from mypage.store import staff


def of(connection: Connection, staff_ids: Iterable[str]) -> Mapping[str, str]:
    """By their ids; whoever is unknown is left out. Reads only."""
    return staff.names(connection, staff_ids)
