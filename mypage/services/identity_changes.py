"""What a batch changes of who its customers are, as staff look at it before publishing and before they approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.domain import identity_change
from mypage.domain.identity_change import Change, What
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.trail import Event
from mypage.store import customers
from mypage.store import identity_changes as store


@dataclass(frozen=True, slots=True)
class Changed:
    """A customer of whom row ``row`` of the file changes something. ``has_account``: somebody registered it."""

    customer_key: str
    row: int
    changes: tuple[Change, ...]
    has_account: bool


def of_batch(
    connection: Connection, batch_id: int, *, after: str = "", limit: int, with_account: bool = False
) -> list[Changed]:
    """The changes of a batch behind the key ``after``, by customer. Reads only."""
    rows = store.of_batch(connection, batch_id, after=after, limit=limit, with_account=with_account)
    return [_changed(row) for row in rows]


def show(
    connection: Connection, batch_id: int, shown: Sequence[Changed], *, actor: str, now: datetime
) -> None:
    """Somebody lets the values of these customers be shown: each stands in the trail as looked at."""
    trail.record_all(
        connection,
        [
            Event(
                action=Action.BATCH_IDENTITY_SHOWN,
                actor=actor,
                at=now,
                customer_key=each.customer_key,
                batch_id=batch_id,
                facts={"batch": batch_id},
            )
            for each in shown
        ],
    )


def lately(
    connection: Connection, customer_key: str, changed_batch_id: int, *, fold_v: bool
) -> tuple[Change, ...]:
    """What the master said before a batch, and what it says now; nothing where the batch was taken back. Reads only."""
    versions = customers.published_versions(connection, customer_key)
    places = [place for place, version in enumerate(versions) if version["batch_id"] == changed_batch_id]
    if not places or places[0] + 1 >= len(versions):
        return ()
    before, now = dict(versions[places[0] + 1]), dict(versions[0])
    return tuple(identity_change.changes(before, now, fold_v=fold_v))


def _changed(row: RowMapping) -> Changed:
    changes = tuple(Change(What(what), before, after) for what, before, after in row["changes"])
    return Changed(row["customer_key"], row["row"], changes, bool(row["has_account"]))
