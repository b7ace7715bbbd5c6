"""Customers as a line of a list for staff: enough to recognise whom one speaks with, and masked (specification §5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from mypage.domain import customer_state, masking
from mypage.domain.account import AccountState
from mypage.domain.activation import void_at
from mypage.domain.batch import Kind
from mypage.domain.customer_number import split_key
from mypage.domain.customer_state import Standing
from mypage.services import successions
from mypage.services.provisional import facts_of
from mypage.store import holders, publications
from mypage.store import search as store


class CustomerRow(NamedTuple):
    """A customer, masked. ``status`` is None where the master does not know them (any more).

    ``newer_number`` is what the number is today, where it changed; ``is_former``: somebody else holds the number now.
    """

    key: str
    number: str
    holder_no: int
    is_former: bool
    name: str | None
    kana: str | None
    phone: str | None
    place: str | None
    status: str | None
    web_registration: bool
    newer_number: str | None
    standing: Standing


def of_keys(connection: Connection, keys: Sequence[str], *, now: datetime) -> dict[str, CustomerRow]:
    """The lines of some customers, by key; without those of whom neither the master nor a login knows. Reads only."""
    if not keys:
        return {}
    masters = holders.of_keys(connection, keys)
    together = _together(connection, keys)
    every = sorted({each for keys_ in together.values() for each in keys_})
    owners = store.owners(connection, every)
    pending = {
        row["customer_key"] for row in store.pending(connection, every) if now < void_at(facts_of(row))
    }
    newest = _newest_holders(connection, keys)
    rows = {}
    for key in keys:
        master, own = masters.get(key), together[key]
        states = [owners[each] for each in own if each in owners]
        has_registered = bool(states) or any(each in pending for each in own)
        if master is None and not has_registered:
            continue
        number, holder_no = split_key(key)
        rows[key] = CustomerRow(
            key,
            number if master is None else master["shown_number"],
            holder_no,
            holder_no < newest.get(number, holder_no),
            None if master is None else masking.name(master["name"]),
            None if master is None else masking.name(master["name_kana"]),
            None if master is None else masking.phone(master["phone"]),
            None if master is None else masking.municipality(master["address"]),
            None if master is None else master["status"],
            master is None or bool(master["web_registration"]),
            None if own[-1] == key else own[-1],
            customer_state.standing(
                has_account=bool(states),
                is_suspended=AccountState.SUSPENDED in states,
                is_provisional=any(each in pending for each in own),
            ),
        )
    return rows


def _together(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By key all that its customer had, the one of today last."""
    if Kind.NUMBER_CHANGES not in publications.now_published(connection).kinds:
        return {key: (key,) for key in keys}
    found = {}
    for key in keys:
        customer = successions.of_key(connection, key)
        others = [each for each in customer.keys if each != customer.current]
        found[key] = (*others, customer.current)
    return found


def _newest_holders(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """By number the newest holder that is published, where one of ``keys`` is not the first or only one."""
    return store.newest_holders(connection, sorted({split_key(key)[0] for key in keys}))
