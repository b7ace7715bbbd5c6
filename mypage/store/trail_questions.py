"""What the trail and the marks of who saw which bill say of one customer and of one account."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Text, cast, func, or_, select

from mypage.domain.trail import Action
from mypage.domain.trail_search import TrailRow
from mypage.store.schema import audit_event, statement_view
from mypage.store.trail_search import selected

_event, _view = audit_event.c, statement_view.c
_BILL = cast(_view.billing_month, Text).concat("-").concat(cast(_view.number, Text))
# By these an account comes to be shown a customer.
_OPENINGS = (
    Action.REGISTRATION_MADE.word,
    Action.REGISTRATION_REPLACED.word,
    Action.ACTIVATION_DONE.word,
    Action.LETTER_PROVEN.word,
)


class Watcher(NamedTuple):
    """An account (or ``staff:`` and a member of staff) that was shown bills of a customer: how many, from when to when."""

    account_id: str
    bills: int
    first_at: datetime
    last_at: datetime


class SeenBill(NamedTuple):
    """A bill that was shown: of which batch it was, and when first."""

    month: int
    number: int
    batch_id: int
    at: datetime
    sessions: int


def of_staff(
    connection: Connection, chain: str, customer_keys: Sequence[str], *, limit: int
) -> list[TrailRow]:
    """What members of staff and commands did with a customer, looks included, newest first."""
    by_us = or_(_event.actor.startswith("staff:"), _event.actor == "cli")
    conditions = (_event.chain == chain, _event.customer_key.in_(customer_keys), by_us)
    return selected(connection, conditions, (_event.seq + 0).desc(), limit)


def openings(
    connection: Connection, chain: str, customer_keys: Sequence[str], account_id: str, *, before: int
) -> list[TrailRow]:
    """By what an account that has been released came to be shown a customer, oldest first.

    A registration is made before there is an account: the newest one before its activation.
    """
    conditions = (
        _event.chain == chain,
        _event.customer_key.in_(customer_keys),
        _event.action.in_(_OPENINGS),
        _event.seq < before,
    )
    rows = selected(connection, conditions, _event.seq + 0, None)
    theirs = [row for row in rows if row.account_id == account_id]
    begin = theirs[0].seq if theirs else before
    made = [row for row in rows if row.account_id is None and row.seq < begin]
    return [*made[-1:], *theirs]


def logins(connection: Connection, chain: str, account_id: str, *, before: int) -> list[TrailRow]:
    """The logins of an account, oldest first."""
    conditions = (
        _event.chain == chain,
        _event.account_id == account_id,
        _event.action == Action.LOGIN_DONE.word,
        _event.seq < before,
    )
    return selected(connection, conditions, _event.seq + 0, None)


def watchers(connection: Connection, customer_keys: Sequence[str]) -> list[Watcher]:
    """Who was shown bills of a customer on the web, whoever that was."""
    query = (
        select(
            _view.account_id,
            func.count(_BILL.distinct()),
            func.min(_view.at),
            func.max(_view.at),
        )
        .where(_view.customer_key.in_(customer_keys))
        .group_by(_view.account_id)
        .order_by(func.min(_view.at))
    )
    return [Watcher(*row) for row in connection.execute(query)]


def bills(
    connection: Connection, customer_keys: Sequence[str], account_id: str, *, until: datetime
) -> list[SeenBill]:
    """The bills of a customer that an account was shown before an instant, by month."""
    who = (_view.billing_month, _view.number, _view.batch_id)
    query = (
        select(*who, func.min(_view.at), func.count(_view.session_id.distinct()))
        .where(_view.customer_key.in_(customer_keys), _view.account_id == account_id, _view.at <= until)
        .group_by(*who)
        .order_by(*who)
    )
    return [SeenBill(*row) for row in connection.execute(query)]
