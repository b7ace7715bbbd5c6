"""Personal details of the trail's rows: read one, and purge those whose time is over."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select

from mypage.domain.trail import SEARCHES, PurgeKind
from mypage.store.schema import audit_detail, audit_event

_event, _detail = audit_event.c, audit_detail.c
_OF_THEIR_EVENT = (_detail.chain == _event.chain) & (_detail.seq == _event.seq)
_PURGE = delete(audit_detail).where(
    _detail.chain == bindparam("of_chain"), _detail.seq == bindparam("of_seq")
)


def of_row(connection: Connection, chain: str, seq: int) -> tuple[str, str] | None:
    """Salt and text of the detail of a row, None where there is none (any more)."""
    query = select(_detail.salt, _detail.detail).where(_detail.chain == chain, _detail.seq == seq)
    row = connection.execute(query).first()
    return None if row is None else (row.salt, row.detail)


def without_row(connection: Connection, limit: int) -> list[tuple[str, int]]:
    """Details that belong to no row of any chain: nobody wrote such a thing."""
    query = (
        select(_detail.chain, _detail.seq)
        .outerjoin(audit_event, _OF_THEIR_EVENT)
        .where(_event.seq.is_(None))
        .order_by(_detail.chain, _detail.seq)
        .limit(limit)
    )
    return [(row.chain, row.seq) for row in connection.execute(query)]


def due(connection: Connection, chain: str, kind: PurgeKind, *, before: str, limit: int) -> list[int]:
    """The first rows of a chain that were written before an instant and have a detail of the kind."""
    newest = (
        select(_event.seq).where(_event.at < before).order_by(_event.at.desc(), _event.seq.desc()).limit(1)
    )
    # Where a clock jumped this may leave out a row: it goes with those that come after it.
    through = connection.scalar(newest)
    if through is None:
        return []
    is_search = _event.action.in_(SEARCHES)
    query = (
        select(_detail.seq)
        .join(audit_event, _OF_THEIR_EVENT)
        .where(_detail.chain == chain, _detail.seq <= through, _event.seq <= through, _event.at < before)
        .where(is_search if kind is PurgeKind.SEARCHES else ~is_search)
        .order_by(_detail.seq)
        .limit(limit)
    )
    return list(connection.scalars(query))


def still_there(connection: Connection, chain: str, seqs: Sequence[int]) -> list[int]:
    """Those of the rows that have their detail still, in order."""
    query = select(_detail.seq).where(_detail.chain == chain, _detail.seq.in_(seqs)).order_by(_detail.seq)
    return list(connection.scalars(query))


def purge(connection: Connection, chain: str, seqs: Sequence[int]) -> None:
    """Remove these details. The database refuses that unless the newest row of the chain covers them."""
    connection.execute(_PURGE, [{"of_chain": chain, "of_seq": seq} for seq in seqs])
