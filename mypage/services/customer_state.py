"""How a customer stands: read for the console's page, and again under a lock by whatever act staff do on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import customer_state as rules
from mypage.domain.account import AccountState
from mypage.domain.activation import RegistrationState, void_at
from mypage.domain.customer_number import split_key
from mypage.domain.customer_state import CustomerState
from mypage.domain.identity import may_register
from mypage.domain.opening import closed_by
from mypage.domain.second_factor import Owner
from mypage.domain.support_act import FORMER_ADDRESS_KEPT
from mypage.domain.timeline import LOOKS
from mypage.services import identity, letters, successions, waits
from mypage.services.provisional import facts_of
from mypage.services.throttle import Counter
from mypage.store import accounts, former_addresses, holders, publications
from mypage.store import customer_states as store
from mypage.store import registrations as stored_registrations
from mypage.store import second_factor as factors


def lock(connection: Connection, customer_key: str, *, account: bool = True) -> None:
    """Let one deed at a time act on a customer: its registrations, then the account that owns it.

    The order is that of the customer's own deeds, so that staff and customer never wait for each other. ``account``:
    False for a deed on the counters of tries, which a login locks before it writes into the account.
    """
    keys = _keys(connection, customer_key)
    for key in sorted({customer_key, *keys}):
        stored_registrations.lock(connection, key)
    owner = accounts.owner_of(connection, keys) if account else None
    if owner is not None:
        accounts.lock(connection, owner["id"])


def counters(connection: Connection, state: CustomerState) -> tuple[Counter, ...]:
    """All counters of tries that are named by this customer."""
    masters = holders.of_keys(connection, list(state.keys))
    pending = stored_registrations.of_customer(connection, state.registration_key or "")
    return waits.counters(
        state.current_key,
        master=masters.get(state.current_key) or masters.get(state.customer_key),
        registration=pending,
        account=accounts.owner_of(connection, state.keys),
    )


def of_customer(
    connection: Connection, customer_key: str, *, settings: Settings, now: datetime
) -> CustomerState | None:
    """How the customer of that key stands at ``now``; None where nobody is known under it."""
    if not is_key(customer_key):
        return None
    together = successions.of_key(connection, customer_key)
    keys = together.keys
    masters = holders.of_keys(connection, list(keys))
    owner = accounts.owner_of(connection, keys)
    made = store.registrations(connection, keys)
    if not masters and owner is None and not made:
        return None
    master = masters.get(together.current) or masters.get(customer_key)
    pending = next((row for row in made if _is_pending(row, now)), None)
    counted = waits.counters(together.current, master=master, registration=pending, account=owner)
    return CustomerState(
        customer_key=customer_key,
        current_key=together.current,
        keys=keys,
        standing=rules.standing(
            has_account=owner is not None,
            is_suspended=owner is not None and owner["state"] == AccountState.SUSPENDED,
            is_provisional=pending is not None,
        ),
        web_registration=master is None or bool(master["web_registration"]),
        bars=_bars(master, settings, now),
        waits=waits.in_force(connection, counted, secret=settings.secret_keys[0], now=now),
        versions=(
            "" if owner is None else f"{owner['stamp']} {owner['email']}",
            "" if pending is None else f"{pending['email']}",
            str(store.newest_staff_act(connection, keys, looks=[look.word for look in LOOKS])),
        ),
        **_of_owner(connection, keys, owner, settings, now),
        **_of_registration(made, pending),
    )


def is_key(asked: str) -> bool:
    """Whether ``asked`` can be the key of a customer at all."""
    try:
        split_key(asked)
    except ValueError:
        return False
    return True


def shown_number(connection: Connection, customer_key: str) -> str:
    """The number as the customer's papers show it, with the holder where it had others. Reads only."""
    number, holder_no = split_key(customer_key)
    master = holders.of_key(connection, customer_key)
    shown = number if master is None else str(master["shown_number"])
    return f"{shown}（名義{holder_no}）" if holder_no > 1 else shown


def _keys(connection: Connection, customer_key: str) -> tuple[str, ...]:
    return successions.of_key(connection, customer_key).keys


def _is_pending(row: RowMapping, now: datetime) -> bool:
    """Its time may be over before the clean-up has ended it."""
    return row["state"] == RegistrationState.PENDING and now < void_at(facts_of(row))


def _bars(master: RowMapping | None, settings: Settings, now: datetime) -> tuple[Any, ...]:
    if master is None:
        return ()
    holder = identity.holder(master, fold_v=settings.fold_v)
    return may_register(holder, identity.today(now), settings.months_after_end)


def _of_owner(
    connection: Connection,
    keys: Sequence[str],
    owner: RowMapping | None,
    settings: Settings,
    now: datetime,
) -> dict[str, Any]:
    """What follows from the account that owns the customer, or from the release of one."""
    if owner is None:
        released = store.releases(connection, keys)
        objected = any(each["objected_at"] is not None for each in released)
        return {"is_released": bool(released), "objected": objected}
    link = store.links(connection, keys, owner["id"])[0]
    awaits_letter = link["awaits_letter"] and letters.is_asked(link, settings)
    objected = link["objected_at"] is not None
    shown_from = link["shown_from"] if link["shown_from"] is not None and now < link["shown_from"] else None
    return {
        "account_id": owner["id"],
        "account_key": link["customer_key"],
        "mail_refused": owner["mail_refused_at"] is not None,
        "former_address": former_addresses.kept(connection, owner["id"], since=now - FORMER_ADDRESS_KEPT)
        is not None,
        "second_factor": _has_factor(connection, owner["id"]),
        "devices": store.count_sessions(
            connection,
            owner["id"],
            owner["stamp"],
            touched_since=now - settings.session_idle,
            created_since=now - settings.session_absolute,
        ),
        "closed_by": closed_by(
            awaits_letter=awaits_letter,
            shown_from=shown_from,
            objected=objected,
            now=now,
            awaits_approval=link["awaits_approval"],
            settling=link["matched_batch_id"] in publications.now_published(connection).unsettled,
        ),
        "awaits_letter": awaits_letter,
        "awaits_approval": link["awaits_approval"],
        "withdrawn": owner["state"] == AccountState.SUSPENDED and link["taken_back_batch_id"] is not None,
        "shown_from": shown_from,
        "objected": objected,
    }


def factor_owner(account_id: str) -> Owner:
    """A web login as the owner of second factors."""
    return Owner("account", account_id)


def _has_factor(connection: Connection, account_id: str) -> bool:
    whose = factor_owner(account_id)
    return factors.app(connection, whose) is not None or bool(factors.passkeys(connection, whose))


def _of_registration(made: Sequence[RowMapping], pending: RowMapping | None) -> dict[str, Any]:
    if pending is not None:
        return {
            "registration_id": pending["registration_id"],
            "registration_key": pending["customer_key"],
            "serial": pending["serial"],
            "provisional_until": pending["expires_at"],
            "mail_handed_over": pending["handed_over_at"] is not None,
            "by_phone": pending["made_by"] is not None,
        }
    newest = made[0] if made else None
    if newest is None or newest["state"] == RegistrationState.ACTIVATED:
        return {}
    return {"lapsed_at": newest["ended_at"] or void_at(facts_of(newest))}
