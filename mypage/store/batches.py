"""Batches: their rows, their errors, and the one row that says which publication is in force."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update

from mypage.domain.batch import Kind, State
from mypage.domain.row_error import RowError
from mypage.store.schema import batch, batch_error, left_out, publication

_LEFT_OUT_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of ``batch``."""

    id: int
    delivery: str
    kind: Kind
    state: State
    sha256: str
    options: Mapping[str, Any]
    filename: str
    source: str
    size: int
    encoding: str | None
    actor: str
    received_at: datetime
    checked_at: datetime | None
    checked_epoch: int | None
    published_at: datetime | None
    taken_back_at: datetime | None
    publish_at: datetime | None
    pub_seq: int | None
    newest_month: int | None
    counts: Mapping[str, Any]
    errors: int
    warnings: int
    checkpoint: Mapping[str, Any] | None
    report: str | None
    due_at: datetime | None = None
    late: int | None = None
    failure: str | None = None
    asked_by: str | None = None
    approved_by: str | None = None
    approved_report: str | None = None
    notices: bool = True

    @property
    def is_approved(self) -> bool:
        """Whether a second person approved it as it was checked last."""
        return self.report is not None and self.approved_report == self.report


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a batch was published without. ``row`` is Excel's; ``month`` (yyyymm) and ``number`` name a statement.

    ``code`` and ``facts`` say why, as of a :class:`RowError`.
    """

    row: int
    customer_number: str
    month: int | None
    number: int | None
    code: str
    column: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Publication:
    """What is in force: ``epoch`` counts flips, ``pub_seq`` is the newest that was given to a batch."""

    epoch: int
    pub_seq: int


def add(connection: Connection, **values: Any) -> int:
    """A new batch; its id."""
    found: int = connection.execute(insert(batch).values(**values).returning(batch.c.id)).scalar_one()
    return found


def get(connection: Connection, batch_id: int) -> Batch | None:
    """A batch by its id."""
    row = connection.execute(select(batch).where(batch.c.id == batch_id)).first()
    return None if row is None else _batch(row)


def locked(connection: Connection, batch_id: int) -> Batch | None:
    """A batch by its id; nobody else changes it until the end of the transaction."""
    row = connection.execute(select(batch).where(batch.c.id == batch_id).with_for_update()).first()
    return None if row is None else _batch(row)


def lock_all(connection: Connection, batch_ids: Iterable[int]) -> list[Batch]:
    """Batches as :func:`locked`, in the order of their ids.

    Whoever locks several does it here, and before the trail: so nobody waits for one who waits for them.
    """
    found = (locked(connection, batch_id) for batch_id in sorted(set(batch_ids)))
    return [each for each in found if each is not None]


def lock_deliveries(connection: Connection, deliveries: Iterable[str]) -> list[Batch]:
    """All batches of some deliveries, locked."""
    wanted = set(deliveries)
    return lock_all(connection, [each.id for each_of in wanted for each in of_delivery(connection, each_of)])


def latest(connection: Connection, limit: int) -> list[Batch]:
    """The newest batches first."""
    rows = connection.execute(select(batch).order_by(batch.c.id.desc()).limit(limit))
    return [_batch(row) for row in rows]


def page_before(
    connection: Connection, *, kinds: Iterable[Kind], state: State | None, before: int | None, limit: int
) -> list[Batch]:
    """Batches of these kinds (and in that state), the newest first, those before the id ``before``."""
    query = select(batch).where(batch.c.kind.in_([kind.value for kind in kinds]))
    if state is not None:
        query = query.where(batch.c.state == state.value)
    if before is not None:
        query = query.where(batch.c.id < before)
    return [_batch(row) for row in connection.execute(query.order_by(batch.c.id.desc()).limit(limit))]


def page(
    connection: Connection, *, kind: Kind | None, state: State | None, limit: int, offset: int
) -> list[Batch]:
    """The newest batches first, of one kind and in one state where these are asked for."""
    query = select(batch).order_by(batch.c.id.desc()).limit(limit).offset(offset)
    if kind is not None:
        query = query.where(batch.c.kind == kind.value)
    if state is not None:
        query = query.where(batch.c.state == state.value)
    return [_batch(row) for row in connection.execute(query)]


def in_states(connection: Connection, states: Iterable[State], limit: int) -> list[Batch]:
    """The newest batches in one of these states, newest first."""
    wanted = batch.c.state.in_([state.value for state in states])
    query = select(batch).where(wanted).order_by(batch.c.id.desc()).limit(limit)
    return [_batch(row) for row in connection.execute(query)]


def newest_published(connection: Connection, limit: int) -> list[Batch]:
    """What was published last and still is, the newest first."""
    query = select(batch).where(batch.c.pub_seq.is_not(None)).order_by(batch.c.pub_seq.desc()).limit(limit)
    return [_batch(row) for row in connection.execute(query)]


def of_delivery(connection: Connection, delivery: str) -> list[Batch]:
    """What was handed over together, in the order of the ids."""
    rows = connection.execute(select(batch).where(batch.c.delivery == delivery).order_by(batch.c.id))
    return [_batch(row) for row in rows]


def due(connection: Connection, now: datetime) -> list[Batch]:
    """Batches that are to be published by now, the earliest first: 予約, or left while they were checked again."""
    waits = batch.c.state.in_((State.SCHEDULED.value, State.CHECKING.value, State.CHECKED.value))
    query = select(batch).where(batch.c.publish_at <= now, waits).order_by(batch.c.publish_at, batch.c.id)
    return [_batch(row) for row in connection.execute(query)]


def wanted_by(connection: Connection, actor: str) -> list[Batch]:
    """Batches that this actor wants published, at a time or after a check, in the order of the ids."""
    wanted = and_(batch.c.publish_at.is_not(None), batch.c.asked_by == actor)
    return [_batch(row) for row in connection.execute(select(batch).where(wanted).order_by(batch.c.id))]


def waiting_for_worker(connection: Connection) -> list[Batch]:
    """Batches that the worker is to check: 受付, or 検査中 from a file that we keep; the longest received first."""
    query = select(batch).where(in_turn()).order_by(batch.c.received_at, batch.c.id)
    return [_batch(row) for row in connection.execute(query)]


def in_turn() -> ColumnElement[bool]:
    """What :func:`waiting_for_worker` gives, as a condition. A check of the command line goes on by itself."""
    begun = and_(batch.c.state == State.CHECKING.value, batch.c.source.like("kept:%"))
    return or_(batch.c.state == State.RECEIVED.value, begun)


def left_checking(connection: Connection, received_before: datetime) -> list[Batch]:
    """Batches that are 検査中 since then and are not to be published at a time, the oldest first."""
    since = and_(batch.c.state == State.CHECKING.value, batch.c.received_at < received_before)
    query = select(batch).where(since, batch.c.publish_at.is_(None)).order_by(batch.c.id)
    return [_batch(row) for row in connection.execute(query)]


def of_bytes(connection: Connection, kind: Kind, sha256: str) -> list[Batch]:
    """The batches of the same bytes, newest first."""
    found = and_(batch.c.sha256 == sha256, batch.c.kind == kind.value)
    rows = connection.execute(select(batch).where(found).order_by(batch.c.id.desc()))
    return [_batch(row) for row in rows]


def published_after(connection: Connection, kind: Kind, pub_seq: int) -> list[Batch]:
    """The published batches of a kind that lie above ``pub_seq``."""
    above = and_(batch.c.kind == kind.value, batch.c.pub_seq > pub_seq)
    return [_batch(row) for row in connection.execute(select(batch).where(above))]


def change(connection: Connection, batch_id: int, **values: Any) -> None:
    """Change columns of a batch."""
    connection.execute(update(batch).where(batch.c.id == batch_id).values(**values))


def forget_check(connection: Connection, delivery: str) -> None:
    """What was handed over together must be checked again before it is published."""
    connection.execute(update(batch).where(batch.c.delivery == delivery).values(checked_epoch=None))


def refused_with_rows(connection: Connection) -> list[Batch]:
    """Batches that are 却下 although they were checked and staged: somebody discarded them, or their time failed."""
    # JSON null is a value of its own where a checkpoint was written and taken away again.
    query = select(batch).where(batch.c.state == State.REFUSED.value, batch.c.checkpoint.is_not(None))
    found = [_batch(row) for row in connection.execute(query.order_by(batch.c.id))]
    return [each for each in found if each.checkpoint is not None]


def advance_checkpoint(
    connection: Connection,
    batch_id: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    state: State = State.CHECKING,
) -> bool:
    """Move the checkpoint of a batch that is being checked on; False where somebody else moved it, or finished.

    ``state``: in which the batch must be, 却下 for one of which nothing is wanted any more.
    """
    stands = batch.c.checkpoint.is_(None) if before is None else batch.c.checkpoint == before
    checking = and_(batch.c.id == batch_id, batch.c.state == state.value)
    moved = connection.execute(update(batch).where(checking, stands).values(checkpoint=after))
    return moved.rowcount == 1


def newest_month(connection: Connection) -> int | None:
    """The newest published billing month (yyyymm), as of this transaction; None while no charges are published."""
    charges = and_(batch.c.kind == Kind.CHARGES.value, batch.c.pub_seq.is_not(None))
    found: int | None = connection.scalar(select(func.max(batch.c.newest_month)).where(charges))
    return found


def publication_now(connection: Connection) -> Publication:
    """What is in force."""
    row = connection.execute(select(publication.c.epoch, publication.c.pub_seq)).one()
    return Publication(row.epoch, row.pub_seq)


def locked_publication(connection: Connection) -> Publication:
    """What is in force; nobody else publishes until the end of the transaction."""
    row = connection.execute(select(publication.c.epoch, publication.c.pub_seq).with_for_update()).one()
    return Publication(row.epoch, row.pub_seq)


def hold_publication(connection: Connection) -> None:
    """Let nobody publish until the end of the transaction; whoever only looks is not kept from it."""
    connection.execute(select(publication.c.epoch).with_for_update(read=True)).one()


def set_publication(connection: Connection, following: Publication) -> None:
    """Put another publication in force."""
    connection.execute(update(publication).values(epoch=following.epoch, pub_seq=following.pub_seq))


def replace_errors(connection: Connection, batch_id: int, errors: Sequence[RowError]) -> None:
    """Keep the first errors of a batch instead of those of an earlier check."""
    connection.execute(delete(batch_error).where(batch_error.c.batch_id == batch_id))
    if errors:
        connection.execute(insert(batch_error), list(_error_rows(batch_id, errors)))


def errors_of(connection: Connection, batch_id: int, limit: int = 1000) -> list[RowError]:
    """The kept errors of a batch in the order of its rows."""
    rows = connection.execute(
        select(batch_error).where(batch_error.c.batch_id == batch_id).order_by(batch_error.c.seq).limit(limit)
    )
    return [
        RowError(row.code, row.row, row.column_name, row.customer_number, row.value, row.facts, row.warning)
        for row in rows
    ]


def left_out_of(connection: Connection, batch_id: int) -> Iterator[LeftOut]:
    """All that a batch was published without: first the rows that name no statement, then by customer number."""
    seq = 0
    while True:
        further = select(left_out).where(left_out.c.batch_id == batch_id, left_out.c.seq > seq)
        rows = connection.execute(further.order_by(left_out.c.seq).limit(_LEFT_OUT_AT_ONCE)).all()
        for row in rows:
            yield LeftOut(
                row.row,
                row.customer_number,
                row.billing_month,
                row.number,
                row.code,
                row.column_name,
                row.facts,
            )
        if len(rows) < _LEFT_OUT_AT_ONCE:
            return
        seq = rows[-1].seq


def _error_rows(batch_id: int, errors: Iterable[RowError]) -> Iterable[dict[str, Any]]:
    for seq, error in enumerate(errors, 1):
        yield {
            "batch_id": batch_id,
            "seq": seq,
            "warning": error.warning,
            "row": error.row,
            "column_name": error.column,
            "customer_number": error.customer_number,
            "value": error.value,
            "code": error.code,
            "facts": dict(error.facts),
        }


def _batch(row: Row[Any]) -> Batch:
    values = dict(row._mapping)
    values["kind"], values["state"] = Kind(values["kind"]), State(values["state"])
    return Batch(**values)
