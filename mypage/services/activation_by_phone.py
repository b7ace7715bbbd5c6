"""Screen 5 of somebody whom staff signed up on the telephone: number, telephone, and the password is chosen there.

``decisions.md`` "Activation token", last sentence: there is no password of step 2, and what is asked instead stands in no
mail. The tries are those of any link (``services.activation``). What the password must not be is told in two steps:
first what anybody may know, and only to who has proven number and telephone what it has to do with this customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import customer_number, phone
from mypage.domain import identity as rules
from mypage.domain import password as passwords
from mypage.domain.activation import TokenFacts
from mypage.domain.identity import IdentityClaim
from mypage.services import activation, identity, successions
from mypage.services.activation import Attempt, Link, UnderWay
from mypage.services.throttle import Waiting
from mypage.store import holders, registrations


@dataclass(frozen=True)
class Typed:
    """What was typed on the page of the link."""

    customer_number: str
    phone: str
    password: str


@dataclass(frozen=True)
class Missed:
    """Number or telephone is not this customer's, and never which."""


@dataclass(frozen=True)
class Weak:
    """Both are right, and the password is not to be this customer's: codes of the rules that it breaks."""

    codes: Sequence[str]


def weaknesses(typed: Typed, settings: Settings) -> Sequence[str]:
    """The rules that the password breaks whoever chose it, or by what was typed beside it."""
    return passwords.weaknesses(
        typed.password,
        cast(passwords.ProfileName, settings.password_profile),
        customer_number=typed.customer_number,
        phone=typed.phone,
    )


def reserve(
    connection: Connection,
    token: TokenFacts,
    typed: Typed,
    *,
    address: str,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Attempt | Missed | Weak | Link | Waiting | UnderWay:
    """Count a try, and compare number and telephone with the master. What is right goes on with the attempt."""
    attempt = activation.reserve(
        connection,
        token,
        address=address,
        could_be_right=_could_be_right(typed, settings),
        by_phone=True,
        settings=settings,
        now=now,
    )
    if not isinstance(attempt, Attempt):
        return attempt
    masters = _masters(connection, attempt.customer_key)
    if not _is_theirs(typed, masters, settings):
        activation.refuse(connection, attempt, cause="A-03", settings=settings, actor=actor, now=now)
        return Missed()
    codes = _weak_for(connection, attempt, typed, masters, settings)
    if codes:
        activation.forgive(connection, attempt, settings=settings)
        return Weak(codes)
    return attempt


def _could_be_right(typed: Typed, settings: Settings) -> bool:
    """What most scanners submit is neither a number nor a telephone."""
    return (
        customer_number.looks_right(typed.customer_number, settings.customer_number_pattern)
        and phone.fold(typed.phone) is not None
    )


def _masters(connection: Connection, customer_key: str) -> list[RowMapping]:
    """What the master says of the customer, under each of its numbers: a bill may show an older one."""
    keys = {customer_key, *successions.of_key(connection, customer_key).keys}
    return list(holders.of_keys(connection, sorted(keys)).values())


def _is_theirs(typed: Typed, masters: Sequence[RowMapping], settings: Settings) -> bool:
    claim = IdentityClaim(typed.customer_number, typed.phone, "")
    keys = rules.claim_keys(claim, pattern=settings.customer_number_pattern, fold_v=settings.fold_v)
    return rules.has_number_and_phone(keys, [identity.holder(row, fold_v=settings.fold_v) for row in masters])


def _weak_for(
    connection: Connection,
    attempt: Attempt,
    typed: Typed,
    masters: Sequence[RowMapping],
    settings: Settings,
) -> Sequence[str]:
    row = registrations.by_id(connection, attempt.token.registration_id)
    assert row is not None  # noqa: S101 - the attempt is at its link
    known = [row[name] for row in masters for name in ("name", "name_kana", "name_kana2") if row[name]]
    return passwords.weaknesses(
        typed.password,
        cast(passwords.ProfileName, settings.password_profile),
        login_id=row["login_id"],
        customer_number=attempt.customer_key,
        phone=[row[name] for row in masters for name in ("phone", "phone2") if row[name]],
        names=[*known, row["nickname"]],
    )
