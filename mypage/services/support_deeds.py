"""The deeds behind the acts of staff, each in the transaction of its act: who may do it is asked elsewhere.

Whoever calls holds the customer's locks and knows that the act fits its state. A deed says what was before and what is
after; each but the lifting of waits writes the mail that tells its subscriber.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain.account import AccountState
from mypage.domain.customer_state import CustomerState, Standing
from mypage.domain.letter import NotYet
from mypage.domain.mail import MailKind
from mypage.domain.signup_mail import Limit
from mypage.domain.staff import actor
from mypage.domain.support_act import SupportAct
from mypage.services import (
    customer_state,
    identity_waiting,
    lapse,
    letters,
    outbox,
    recovery,
    recovery_mail,
    registration_mail,
    release,
    waits,
)
from mypage.services.letters import Unpostable
from mypage.services.registration_mail import TooSoon
from mypage.services.release import Objected, Released, Settled
from mypage.services.sessions import ACTIVE
from mypage.store import accounts, former_addresses, registrations, second_factor
from mypage.store import sessions as stored_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be done: ``email`` is read as good, ``reason`` as it stands in the trail's detail."""

    state: CustomerState
    staff_id: str
    reason: str
    email: str = ""
    settings: Settings
    now: datetime

    @property
    def secret(self) -> str:
        """The newest signing key, under which destinations and tries are counted."""
        return self.settings.secret_keys[0]


@dataclass(frozen=True, slots=True)
class Done:
    """What it was before and what it is after, in words of ours; ``detail`` is what of that is personal."""

    before: str | None
    after: str | None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hindered:
    """It cannot be done now: the code of a sentence, and until when."""

    code: str
    until: datetime | None = None


def carry_out(connection: Connection, act: SupportAct, task: Task) -> Done | Hindered:
    """Do what fits the customer's state."""
    return _DEEDS[act](connection, task)


def _resend(connection: Connection, task: Task) -> Done | Hindered:
    return _mail_again(connection, task, None)


def _mail_again(connection: Connection, task: Task, corrected: str | None) -> Done | Hindered:
    row = _registration(connection, task)
    outcome = registration_mail.send_again(
        connection, row, corrected, settings=task.settings, actor=actor(task.staff_id), now=task.now
    )
    match outcome:
        case TooSoon(until):
            return Hindered("act_resend_too_soon", until)
        case Limit(code, until):
            return Hindered(f"act_{code}", until)
    detail = {} if corrected is None else {"email_before": row["email"], "email": corrected}
    return Done(f"serial-{row['serial']}", f"serial-{outcome.serial}", detail)


def _cancel(connection: Connection, task: Task) -> Done:
    row = _registration(connection, task)
    lapse.end(connection, row, reason="cancelled_by_staff", actor=actor(task.staff_id), now=task.now)
    outbox.enqueue(
        connection,
        "registration_cancelled",
        recipient=row["email"],
        language=row["language"],
        facts={"at": task.now.isoformat()},
        now=task.now,
        customer_key=row["customer_key"],
        registration_id=row["registration_id"],
    )
    return Done(Standing.PROVISIONAL, Standing.NOT_REGISTERED)


def _correct_address(connection: Connection, task: Task) -> Done | Hindered:
    if task.state.standing is Standing.PROVISIONAL:
        return _mail_again(connection, task, task.email)
    account = _account(connection, task)
    before = _move(connection, task, account, task.email)
    former_addresses.put(connection, account_id=account["id"], email=before, replaced_at=task.now)
    # Nobody has opened anything from the new address yet: no name stands in its mail.
    _mail(connection, task, account, "address_corrected", to=task.email)
    _mail(connection, task, account, "address_replaced", to=before)
    return Done("address", "address", {"email_before": before, "email": task.email})


def _restore_address(connection: Connection, task: Task) -> Done:
    account = _account(connection, task)
    before = _move(connection, task, account, task.email)
    former_addresses.forget(connection, account["id"])
    # Whoever used the address that was wrong may have logged in with it.
    _end_all(connection, account)
    _mail(connection, task, account, "address_restored", to=task.email)
    _mail(connection, task, account, "address_replaced", to=before, names=False)
    return Done("address", "address", {"email_before": before, "email": task.email})


def _move(connection: Connection, task: Task, account: RowMapping, email: str) -> str:
    """Let another address stand for the account, which kills its mailed links; the one before."""
    accounts.change(connection, account["id"], email=email, mail_refused_at=None)
    return str(account["email"])


def _send_password_reset(connection: Connection, task: Task) -> Done | Hindered:
    account = _account(connection, task)
    refusal = recovery.refusal(connection, account)
    if refusal is not None:
        return Hindered(f"act_recovery_{refusal}")
    limit = recovery_mail.limit(
        connection, account["email"], account_id=account["id"], secret=task.secret, now=task.now
    )
    if limit is not None:
        return Hindered("act_recovery_limited", limit.until)
    recovery.send_link(connection, account, secret=task.secret, now=task.now)
    return Done(None, "password_reset")


def _lift_waits(connection: Connection, task: Task) -> Done:
    waits.lift(connection, customer_state.counters(connection, task.state), secret=task.secret)
    return Done(".".join(wait.what for wait in task.state.waits), None)


def _end_sessions(connection: Connection, task: Task) -> Done:
    account = _account(connection, task)
    ended = _end_all(connection, account)
    _mail(connection, task, account, "sessions_ended")
    return Done(f"sessions-{ended}", "sessions-0")


def _post_code(connection: Connection, task: Task) -> Done | Hindered:
    state = task.state
    outcome = letters.send_for_staff(
        connection, state.account_key or "", state.account_id or "", staff_id=task.staff_id, now=task.now
    )
    match outcome:
        case Unpostable():
            return Hindered("act_no_postal_address")
        case NotYet(code, until):
            return Hindered(f"act_{code}", until)
        case _:
            return Done(None, "letter")


def _remove_factor(connection: Connection, task: Task) -> Done:
    account = _account(connection, task)
    second_factor.remove_all(connection, customer_state.factor_owner(account["id"]))
    # Whoever has the lost device may be logged in.
    _end_all(connection, account)
    _mail(connection, task, account, "second_factor_removed")
    return Done("second_factor", None)


def _suspend(connection: Connection, task: Task) -> Done:
    account = _account(connection, task)
    _end_all(connection, account, state=AccountState.SUSPENDED.value)
    _mail(connection, task, account, "account_suspended")
    return Done(AccountState.ACTIVE, AccountState.SUSPENDED)


def _resume(connection: Connection, task: Task) -> Done:
    account = _account(connection, task)
    accounts.change(connection, account["id"], state=ACTIVE)
    _mail(connection, task, account, "account_resumed")
    return Done(AccountState.SUSPENDED, AccountState.ACTIVE)


def _end_all(connection: Connection, account: RowMapping, **changes: object) -> int:
    """End all sessions of an account and every link that was mailed to it; how many sessions."""
    accounts.change(connection, account["id"], stamp=secrets.token_hex(16), **changes)
    return stored_sessions.remove_all(connection, account["id"])


def _release(connection: Connection, task: Task) -> Done:
    account = _account(connection, task)
    outcome = release.release_account(
        connection,
        customer_key=task.state.customer_key,
        account_id=account["id"],
        acting_staff=task.staff_id,
        reason=task.reason,
        now=task.now,
    )
    assert isinstance(outcome, Released)  # noqa: S101 - the account owns it
    for key in task.state.keys:
        identity_waiting.withdraw(connection, key, reason="approval_overtaken", now=task.now)
    former_addresses.forget(connection, account["id"])
    return Done(account["state"], "released" if outcome.has_ended else account["state"])


def _object(connection: Connection, task: Task) -> Done:
    outcome = release.object_to_release(
        connection,
        customer_key=task.state.customer_key,
        acting_staff=task.staff_id,
        reason=task.reason,
        now=task.now,
    )
    assert isinstance(outcome, Objected)  # noqa: S101 - else the act would not fit
    _mail_owner(connection, task, "release_objected", task.now)
    return Done(None, "objected")


def _settle(connection: Connection, task: Task) -> Done:
    outcome = release.settle_objection(
        connection,
        customer_key=task.state.customer_key,
        acting_staff=task.staff_id,
        reason=task.reason,
        now=task.now,
    )
    assert isinstance(outcome, Settled)  # noqa: S101 - else the act would not fit
    _mail_owner(connection, task, "release_settled", max(outcome.shown_from or task.now, task.now))
    return Done("objected", None)


def _mail_owner(connection: Connection, task: Task, kind: str, at: datetime) -> None:
    """Tell the next account, where there is one yet."""
    if task.state.account_id is not None:
        _mail(connection, task, _account(connection, task), kind, at=at)


def _mail(
    connection: Connection,
    task: Task,
    account: RowMapping,
    kind: str,
    *,
    to: str | None = None,
    names: bool = True,
    at: datetime | None = None,
) -> None:
    said = {"nickname": account["nickname"] if names else "", "at": (at or task.now).isoformat()}
    outbox.enqueue(
        connection,
        kind,
        recipient=to or account["email"],
        language=account["language"],
        facts={name: said[name] for name in MailKind.named(kind).fact_names},
        now=task.now,
        customer_key=task.state.account_key,
        account_id=account["id"],
    )


def _registration(connection: Connection, task: Task) -> RowMapping:
    row = registrations.of_customer(connection, task.state.registration_key or "")
    assert row is not None  # noqa: S101 - the state was read under the customer's lock
    return row


def _account(connection: Connection, task: Task) -> RowMapping:
    row = accounts.by_id(connection, task.state.account_id or "")
    assert row is not None  # noqa: S101 - the state was read under the account's lock
    return row


_DEEDS: Final[Mapping[SupportAct, Callable[[Connection, Task], Done | Hindered]]] = {
    SupportAct.RESEND: _resend,
    SupportAct.CANCEL: _cancel,
    SupportAct.CORRECT_ADDRESS: _correct_address,
    SupportAct.RESTORE_ADDRESS: _restore_address,
    SupportAct.SEND_PASSWORD_RESET: _send_password_reset,
    SupportAct.LIFT_WAITS: _lift_waits,
    SupportAct.END_SESSIONS: _end_sessions,
    SupportAct.SUSPEND: _suspend,
    SupportAct.RESUME: _resume,
    SupportAct.POST_CODE: _post_code,
    SupportAct.REMOVE_FACTOR: _remove_factor,
    SupportAct.RELEASE: _release,
    SupportAct.OBJECT: _object,
    SupportAct.SETTLE: _settle,
}
