"""The waits that keep a customer from trying: told to staff, who may lift them ([待ち時間を解除]).

Counters are named by HMACs, so they can be asked for by what is known of the customer only: number, telephones,
account, registration. What is counted by client address stays out; staff neither know nor should lift it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.customer_number import split_key
from mypage.domain.customer_state import Wait, WaitFor
from mypage.domain.recovery import Asked
from mypage.services import activation, identity, login, password_change, recovery, signup, throttle
from mypage.services.throttle import Counter

_FOR: Final[Mapping[str, WaitFor]] = {
    identity.NUMBER: WaitFor.SIGNUP,
    identity.PHONE: WaitFor.SIGNUP,
    identity.KEY: WaitFor.SIGNUP,
    signup.ID_CHECKS: WaitFor.ID_CHECK,
    activation.BROWSER: WaitFor.ACTIVATION,
    activation.FIRST: WaitFor.ACTIVATION,
    activation.AGAIN: WaitFor.ACTIVATION,
    login.ACCOUNT: WaitFor.LOGIN,
    password_change.COUNTER: WaitFor.PASSWORD_CHANGE,
    recovery.TARGET: WaitFor.RECOVERY,
}


def counters(
    customer_key: str,
    *,
    master: RowMapping | None,
    registration: RowMapping | None,
    account: RowMapping | None,
) -> tuple[Counter, ...]:
    """All counters that are named by this customer. Each of the three is a row, None where there is none.

    ``registration`` is a provisional one that is still good.
    """
    number, _ = split_key(customer_key)
    named = [Counter(identity.NUMBER, number), Counter(identity.KEY, number)]
    named += [Counter(identity.PHONE, key) for key in (master["phone_keys"] if master is not None else ())]
    named.append(Counter(signup.ID_CHECKS, customer_key))
    if registration is not None:
        link = f"{registration['registration_id']} {registration['serial']}"
        named += [Counter(scope, link) for scope in (activation.BROWSER, activation.FIRST, activation.AGAIN)]
    if account is not None:
        named += _of_account(account)
    return tuple(named)


def _of_account(account: RowMapping) -> Iterator[Counter]:
    yield Counter(login.ACCOUNT, account["login_key"])
    yield Counter(password_change.COUNTER, account["id"])
    for asked, typed in ((Asked.PASSWORD, account["login_id"]), (Asked.LOGIN_ID, account["email"])):
        yield Counter(recovery.TARGET, recovery.target(asked, typed))


def in_force(
    connection: Connection, named: tuple[Counter, ...], *, secret: str, now: datetime
) -> tuple[Wait, ...]:
    """What somebody must wait for at ``now``, each once with its longest wait; in the order of :class:`WaitFor`."""
    longest: dict[WaitFor, datetime] = {}
    for counter, until in throttle.waits_in_force(connection, named, secret=secret, now=now).items():
        what = _FOR[counter.scope]
        longest[what] = max(until, longest.get(what, until))
    return tuple(Wait(what, longest[what]) for what in WaitFor if what in longest)


def lift(connection: Connection, named: tuple[Counter, ...], *, secret: str) -> None:
    """Forget the misses of these counters and their waits ([待ち時間を解除])."""
    for counter in named:
        throttle.lift(connection, counter, secret=secret)
