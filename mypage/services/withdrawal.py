"""What rested on a batch that is taken back does not go on (specification §6; "security": insider with one line in a file).

A registration rests on the version of the master's row that its identity matched. Is that version taken back, and does
what is seen then no longer prove the same person, then a provisional registration ends and an account is suspended until
staff have looked. Where it still proves them, the registration rests on what is seen, and nobody notices anything.

So many as one transaction takes without being noticed are settled in that of the take-back. Of more the batch is marked
(``unsettled_batch``): with that very flip all that rests on it is closed (``services.sessions``, ``services.activation``),
and the worker settles them by and by. Publishing the batch again brings nothing of it back: staff do, one by one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import identity_change, kana
from mypage.domain.account import AccountState
from mypage.domain.activation import RegistrationState
from mypage.domain.batch import Kind
from mypage.domain.trail import Action
from mypage.services import identity_waiting, outbox, trail
from mypage.services.trail import Event
from mypage.store import accounts, batches, customers, holders, login_names, registrations
from mypage.store import resting as store
from mypage.store import sessions as stored_sessions
from mypage.store.batches import Batch
from mypage.store.schema.metadata import instant_of

AT_ONCE: Final = 50
# So many are counted for the page of a batch; of more it says that there are more.
COUNTED: Final = 1_000
# Why a registration was ended, in its row of the trail.
REASON: Final = "batch_taken_back"
_TOLD: Final = (Action.REGISTRATION_VOIDED.word, Action.ACCOUNT_WITHDRAWN.word)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of some registrations: ended, suspended, or kept because what is seen still proves them.

    ``customers`` are those that were ended or suspended. ``events`` are for :func:`record`.
    """

    ended: int = 0
    suspended: int = 0
    kept: int = 0
    customers: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    # The worker goes on with the rest, of which nothing is shown meanwhile.
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What taking a batch back would do: ``resting`` registrations rest on it, of which ``ending`` would end.

    ``ending`` is None where there are too many to look at each, ``resting`` where there are more than ``COUNTED``.
    """

    resting: int | None
    ending: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A registration that was ended (``is_account`` false) or suspended, and when; ``seq`` is its place in the list."""

    seq: int
    at: datetime
    customer_key: str
    is_account: bool
    # What the account is now: suspended, active again (staff looked), released. None without account.
    state: AccountState | None


def begin(connection: Connection, batch: Batch, *, actor: str, now: datetime) -> Withdrawn:
    """In the flip that takes a batch back: settle what rests on it, or leave very many to the worker."""
    if batch.kind is not Kind.CUSTOMERS:
        return Withdrawn()
    keys = store.customers(connection, batch.id, AT_ONCE + 1)
    if len(keys) > AT_ONCE:
        store.put_unsettled(connection, batch.id, now)
        return Withdrawn(goes_on=True)
    return _settle(connection, batch.id, keys, actor, now)


def go_on(connection: Connection, batch_id: int, *, actor: str, now: datetime) -> bool:
    """Settle some more of a batch; False where nothing was left, and it is settled.

    When each was made is not asked: the clocks of two web servers differ. Whoever comes while the batch is not settled,
    though it be published again meanwhile, is proven without it (:func:`still_rests`) and goes on, or has a dead link.
    """
    batch = batches.get(connection, batch_id)
    keys = store.customers(connection, batch_id, AT_ONCE)
    if batch is None or not keys:
        store.remove_unsettled(connection, batch_id)
        return False
    withdrawn = _settle(connection, batch_id, keys, actor, now)
    record(connection, withdrawn, now=now)
    return True


def record(connection: Connection, withdrawn: Withdrawn, *, now: datetime) -> None:
    """Write into the trail what became of them, after whatever else the deed writes; nothing waits for staff any more."""
    trail.record_all(connection, withdrawn.events)
    for key in withdrawn.customers:
        identity_waiting.withdraw(connection, key, reason="approval_withdrawn", now=now)


def outlook(connection: Connection, batch: Batch) -> Outlook:
    """What taking a batch back would do to registrations (none rest on other kinds). Reads only."""
    keys = store.customers(connection, batch.id, COUNTED + 1)
    if len(keys) > AT_ONCE:
        return Outlook(len(keys) if len(keys) <= COUNTED else None, None)
    proven = _still_proven(connection, batch.id, keys)
    return Outlook(len(keys), len(keys) - len(proven))


def told(connection: Connection, batch_id: int, *, after: int = 0, limit: int) -> list[Told]:
    """What was ended and suspended when a batch was taken back, in order. Reads only."""
    found = []
    for row in store.told(connection, batch_id, _TOLD, after=after, limit=limit):
        is_account = row["action"] == Action.ACCOUNT_WITHDRAWN.word
        account = accounts.by_id(connection, row["account_id"]) if is_account else None
        state = None if account is None else AccountState(account["state"])
        found.append(Told(row["seq"], instant_of(row["at"]), row["customer_key"], is_account, state))
    return found


def is_settling(connection: Connection, batch_id: int) -> bool:
    """Whether the worker still goes on with a batch. Reads only."""
    return any(row["batch_id"] == batch_id for row in store.unsettled(connection))


def still_rests(connection: Connection, customer_key: str, matched_batch_id: int) -> bool:
    """Whether what matched is still seen, or what is seen instead proves the same. Reads only.

    Asked of whoever registers or activates at the very moment of a take-back, whom that could not see.
    """
    batch = batches.get(connection, matched_batch_id)
    if batch is None or (batch.pub_seq is not None and not is_settling(connection, matched_batch_id)):
        return True
    return bool(_still_proven(connection, matched_batch_id, [customer_key]))


def _still_proven(connection: Connection, batch_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Customers of whom what is seen without the batch proves the same person, and by which batch that is seen."""
    matched = customers.of_batch(connection, batch_id, keys)
    seen = holders.of_keys(connection, keys, without=batch_id)
    return {
        key: row["batch_id"] for key, row in seen.items() if key in matched and _proves(matched[key], row)
    }


def _proves(matched: RowMapping, seen: RowMapping) -> bool:
    """By the rule for ヴ by which the row was loaded that matched."""
    fold_v = matched["name_rule"] == kana.name_rule(fold_v=True)
    return identity_change.still_proves(dict(matched), dict(seen), fold_v=fold_v)


def _settle(
    connection: Connection, batch_id: int, keys: Sequence[str], actor: str, now: datetime
) -> Withdrawn:
    """Each waits for its customer's lock, then for its account's; all that before the trail's, which the caller takes."""
    for key in sorted(keys):
        registrations.lock(connection, key)
    pending = store.registrations(connection, batch_id, keys)
    links = store.links(connection, batch_id, keys)
    owners = {
        each: accounts.lock(connection, each) for each in sorted({link["account_id"] for link in links})
    }
    proven = _still_proven(connection, batch_id, keys)
    events: list[Event] = []
    for row in pending:
        if row["customer_key"] in proven:
            _rest_on(connection, row, proven[row["customer_key"]])
        else:
            events.append(_end(connection, row, batch_id, actor, now))
    suspended: set[str] = set()
    for link in links:
        if link["customer_key"] in proven:
            changed = {"matched_batch_id": proven[link["customer_key"]]}
            accounts.change_link(connection, link["customer_key"], link["account_id"], **changed)
            continue
        account = owners[link["account_id"]]
        assert account is not None  # noqa: S101 - a link has its account
        is_news = account["state"] == AccountState.ACTIVE and account["id"] not in suspended
        events.append(_suspend(connection, link, account, batch_id, is_news, actor, now))
        suspended.add(account["id"])
    ended = tuple(event.customer_key or "" for event in events)
    kept = len(pending) + len(links) - len(events)
    if events or kept:
        facts = {"ended": len(events) - len(suspended), "suspended": len(suspended), "kept": kept}
        events.append(Event(action=Action.BATCH_SETTLED, actor=actor, at=now, batch_id=batch_id, facts=facts))
    return Withdrawn(
        sum(each.action is Action.REGISTRATION_VOIDED for each in events),
        len(suspended),
        kept,
        ended,
        tuple(events),
    )


def _rest_on(connection: Connection, row: RowMapping, batch_id: int) -> None:
    registrations.change(connection, row["registration_id"], row["serial"], matched_batch_id=batch_id)


def _end(connection: Connection, row: RowMapping, batch_id: int, actor: str, now: datetime) -> Event:
    """A provisional registration: its link is dead and says so, its login id is free."""
    key = row["customer_key"]
    registrations.change(
        connection,
        row["registration_id"],
        row["serial"],
        state=RegistrationState.VOID.value,
        ended_at=now,
        password_hash=None,
        taken_back_batch_id=batch_id,
    )
    login_names.release(connection, row["login_key"], claimed_by=login_names.claim_of(key))
    outbox.enqueue(
        connection,
        "registration_withdrawn",
        recipient=row["email"],
        language=row["language"],
        facts={"at": now.isoformat()},
        now=now,
        customer_key=key,
        registration_id=row["registration_id"],
    )
    return Event(
        action=Action.REGISTRATION_VOIDED,
        actor=actor,
        at=now,
        customer_key=key,
        batch_id=batch_id,
        facts={"registration_id": row["registration_id"], "reason": REASON},
    )


def _suspend(
    connection: Connection,
    link: RowMapping,
    account: RowMapping,
    batch_id: int,
    is_news: bool,
    actor: str,
    now: datetime,
) -> Event:
    """An account: nothing of it goes on until staff have looked."""
    key = link["customer_key"]
    accounts.change_link(
        connection,
        key,
        account["id"],
        matched_batch_id=None,
        taken_back_batch_id=batch_id,
        awaits_approval=False,
    )
    if is_news:
        accounts.change(
            connection, account["id"], stamp=secrets.token_hex(16), state=AccountState.SUSPENDED.value
        )
        stored_sessions.remove_all(connection, account["id"])
        outbox.enqueue(
            connection,
            "account_withdrawn",
            recipient=account["email"],
            language=account["language"],
            facts={"nickname": account["nickname"], "at": now.isoformat()},
            now=now,
            customer_key=key,
            account_id=account["id"],
        )
    return Event(
        action=Action.ACCOUNT_WITHDRAWN,
        actor=actor,
        at=now,
        customer_key=key,
        account_id=account["id"],
        batch_id=batch_id,
        facts={"batch": batch_id, "before": account["state"], "after": AccountState.SUSPENDED.value},
    )
