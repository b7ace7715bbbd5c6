"""Recovery of login id and password: asked at the door, answered by the worker.

Decisions "Recovery": the door always keeps one request and answers; it never looks for an account, so its answer
tells nothing, in words or in time. The worker looks, writes the mail, and leaves why it wrote none in the trail, for
staff. What was typed goes with the request.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain.recovery import REQUEST_LIFE, Asked
from mypage.domain.throttle import LOOSER_PER_ADDRESS
from mypage.domain.trail import Action
from mypage.services import account_link, login, recovery_mail, throttle, trail
from mypage.services.throttle import Counter, Waiting
from mypage.store import accounts
from mypage.store import recovery as store

ACTOR: Final = "worker"
# The counter of what was typed, whoever types it.
TARGET: Final = "recovery-target-all"
CAUSE: Final = "D-03"
UNKNOWN, BOUNCED, LIMITED, TOO_OLD = "unknown", "bounced", "limited", "too_old"


def target(asked: Asked, typed: str) -> str:
    """The key under which requests for this id or address are counted."""
    return f"{asked.value} {typed.casefold()}"


def ask(
    connection: Connection,
    asked: Asked,
    typed: str,
    *,
    address: str,
    settings: Settings,
    actor: str,
    now: datetime,
) -> int | Waiting:
    """Keep a request for the worker; its id. ``typed`` is a mail address or a login id that could be one.

    Limited by what was typed, existing or not: strictly for each client, and loosely for all of them together, so
    that a stranger who asks for an account hardly makes its owner wait. A request is never given back.
    """
    key = target(asked, typed)
    counters = (
        Counter("recovery-target", f"{key} {address}"),
        Counter(TARGET, key, LOOSER_PER_ADDRESS),
        throttle.per_address("recovery-address", address),
    )
    reserved = throttle.reserve(connection, counters, secret=settings.secret_keys[0], now=now)
    if isinstance(reserved, Waiting):
        trail.record(
            connection,
            Action.RECOVERY_THROTTLED,
            actor=actor,
            now=now,
            kind=asked.value,
            scope=reserved.scope,
            cause=CAUSE,
        )
        return reserved
    request_id = store.add_request(connection, asked=asked.value, typed=typed, now=now)
    trail.record(
        connection,
        Action.RECOVERY_REQUESTED,
        actor=actor,
        now=now,
        detail={"address": address},
        kind=asked.value,
        request_id=request_id,
    )
    return request_id


def answer(connection: Connection, request_id: int, *, settings: Settings, now: datetime) -> bool:
    """Look for the accounts of a request and write the mail; False when another worker has the request.

    The request is gone afterwards, whatever came of it.
    """
    request = store.take_request(connection, request_id)
    if request is None:
        return False
    asked, secret = Asked(request["asked"]), settings.secret_keys[0]
    if now - request["requested_at"] >= REQUEST_LIFE:
        _record(connection, request, None, TOO_OLD, now)
    elif asked is Asked.LOGIN_ID:
        _send_login_ids(connection, request, secret, now)
    else:
        _send_link(connection, request, secret, now)
    return True


def _send_login_ids(connection: Connection, request: RowMapping, secret: str, now: datetime) -> None:
    found = accounts.at_address(connection, request["typed"])
    outcomes: list[tuple[RowMapping, str | None]] = []
    # Letters in another case may be another mailbox: a mail goes only where a link was once opened from.
    for email, group in groupby(sorted(found, key=_address), key=_address):
        here = [(account, refusal(connection, account)) for account in group]
        served = [account for account, reason in here if reason is None]
        if served and recovery_mail.limit(connection, email, account_id=None, secret=secret, now=now):
            here = [(account, reason or LIMITED) for account, reason in here]
        elif served:
            recovery_mail.send_login_ids(connection, served, secret=secret, now=now)
        outcomes += here
    _record_all(connection, request, outcomes, now)


def _send_link(connection: Connection, request: RowMapping, secret: str, now: datetime) -> None:
    account = accounts.by_login_key(connection, request["typed"])
    if account is None:
        _record_all(connection, request, (), now)
        return
    reason = refusal(connection, account)
    if reason is None and recovery_mail.limit(
        connection, account["email"], account_id=account["id"], secret=secret, now=now
    ):
        reason = LIMITED
    if reason is None:
        send_link(connection, account, secret=secret, now=now)
    _record_all(connection, request, ((account, reason),), now)


def send_link(connection: Connection, account: RowMapping, *, secret: str, now: datetime) -> None:
    """Write the mail with the link to a new password, to the account's own address."""
    recovery_mail.send_link(
        connection,
        account_link.PASSWORD_RESET,
        account,
        "password_reset",
        secret=secret,
        now=now,
        nickname=account["nickname"],
    )


def _address(account: RowMapping) -> str:
    return str(account["email"])


def refusal(connection: Connection, account: RowMapping) -> str | None:
    """Why nothing of an account is recovered by mail, None if it is."""
    barred = login.barred(connection, account["id"], account["state"])
    return barred or (BOUNCED if account["mail_refused_at"] is not None else None)


def _record_all(
    connection: Connection,
    request: RowMapping,
    outcomes: Sequence[tuple[RowMapping, str | None]],
    now: datetime,
) -> None:
    if not outcomes:
        _record(connection, request, None, UNKNOWN, now)
    for account, reason in outcomes:
        _record(connection, request, account["id"], reason, now)


def _record(
    connection: Connection, request: RowMapping, account_id: str | None, reason: str | None, now: datetime
) -> None:
    said = {"kind": request["asked"], "request_id": request["id"]}
    if reason is None:
        trail.record(connection, Action.RECOVERY_SENT, actor=ACTOR, now=now, account_id=account_id, **said)
        return
    trail.record(
        connection,
        Action.RECOVERY_REFUSED,
        actor=ACTOR,
        now=now,
        account_id=account_id,
        reason=reason,
        cause=CAUSE,
        **said,
    )
