"""Mails to the billing staff about batches: what waits for them, what was late or failed, what somebody took back."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, RowMapping

from mypage.domain.mail import MailKind
from mypage.domain.staff import Role, StaffState
from mypage.services import first_person, outbox
from mypage.store import staff as store
from mypage.store.batches import Batch
from mypage.words.batch_publishing import failure
from mypage.words.filters import moment_ja
from mypage.words.sentences import sentence

_ROLES = (Role.BILLING, Role.ADMIN)


class What(StrEnum):
    """What is told; the words stand in ``templates/mail/staff_batch.txt``."""

    ASKED = "asked"
    ASKED_AGAIN = "asked_again"
    # Nobody is there who could ask again.
    TO_ASK = "to_ask"
    MISSED = "missed"
    FAILED = "failed"
    TAKEN_BACK = "taken_back"
    # What was agreed on holds no more, and nobody called it off.
    LAPSED = "lapsed"


class Facts(NamedTuple):
    """What is told besides: for which time, how many seconds late, why (a code), by which actor; the request to decide."""

    due: datetime | None = None
    late: int = 0
    reason: str = ""
    by: str = ""
    request_id: str = ""


_NONE: Final = Facts()


def tell_everybody(
    connection: Connection,
    what: What,
    members: Sequence[Batch],
    facts: Facts = _NONE,
    *,
    but: Sequence[str] = (),
    now: datetime,
) -> None:
    """Tell all billing staff, the administrators where there is none; without ``but`` (ids)."""
    for role in _ROLES:
        told = [row for row in store.at_work(connection, role) if row["id"] not in but]
        for row in told:
            _tell(connection, row, what, members, facts, now)
        if told:
            return


def tell_concerned(
    connection: Connection, what: What, members: Sequence[Batch], facts: Facts = _NONE, *, now: datetime
) -> None:
    """Tell who asked and who approved; all billing staff where none of them is there any more."""
    actors = dict.fromkeys(each for batch in members for each in (batch.asked_by, batch.approved_by) if each)
    rows = [store.by_id(connection, first_person.of_actor(connection, each)) for each in actors]
    told = {row["id"]: row for row in rows if row is not None and _is_there(row)}
    for row in told.values():
        _tell(connection, row, what, members, facts, now)
    if not told:
        tell_everybody(connection, what, members, facts, now=now)


def _is_there(row: RowMapping) -> bool:
    return row["state"] == StaffState.ACTIVE and Role.named(row["role"]) in _ROLES


def _tell(
    connection: Connection,
    row: RowMapping,
    what: What,
    members: Sequence[Batch],
    facts: Facts,
    now: datetime,
) -> None:
    kinds = dict.fromkeys(batch.kind for batch in members)
    page = f"requests/{facts.request_id}" if facts.request_id else str(members[0].id)
    outbox.enqueue(
        connection,
        MailKind.STAFF_BATCH.word,
        recipient=row["email"],
        language="ja",
        facts={
            "name": row["name"],
            "what": what.value,
            "ids": [batch.id for batch in members],
            "kinds": [sentence(f"batch.kind.{kind.value}", "ja") for kind in kinds],
            "due": "" if facts.due is None else moment_ja(facts.due),
            # Whole minutes, never none: who is told that it was late wants to know by how much.
            "late": max(1, facts.late // 60),
            "reason": failure(facts.reason) if facts.reason else "",
            "by": _name(connection, facts.by),
            "page": f"/staff/batches/{page}",
            "at": now.isoformat(),
        },
        now=now,
    )


def _name(connection: Connection, who: str) -> str:
    """Whoever it was, by name: of everybody who is not of the staff the text says what they are."""
    row = store.by_id(connection, first_person.of_actor(connection, who)) if who else None
    return "" if row is None else str(row["name"])
