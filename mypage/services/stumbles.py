"""Refusals that no throttle bounds: counted for the shift, and the first in a minute in the customer's timeline.

Nobody must be able to flood the chained trail with rubbish. So what concerns nobody (an empty form, a form without
token) is a count by minute, step (the screen), cause and rule, and nothing else. Of a customer who is known (by a
draft, a registration or a link) the first refusal of its kind in a minute leaves its row, and the others are counted
with it. Misses that are compared with something leave a row each: those the throttles bound.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import stumbles as store


def count(
    connection: Connection,
    step: str,
    cause: str,
    *,
    now: datetime,
    rule: str = "",
    customer_key: str = "",
    times: int = 1,
) -> bool:
    """Count a refusal on the screen ``step``; True if it is the first of its kind in this minute.

    ``rule`` is the code of the sentence that told it, where there are several for a cause.
    """
    minute = now.replace(second=0, microsecond=0)
    return store.count(connection, customer_key, minute, step, cause, rule, times) == times


def leave(
    connection: Connection,
    action: Action,
    step: str,
    cause: str,
    *,
    customer_key: str,
    actor: str,
    now: datetime,
    **facts: Any,
) -> None:
    """Count a refusal; the first in a minute of a customer who is known (no empty key) leaves the row of ``action``."""
    is_first = count(connection, step, cause, rule=action.word, customer_key=customer_key, now=now)
    if is_first and customer_key:
        trail.record(
            connection, action, actor=actor, now=now, customer_key=customer_key, cause=cause, **facts
        )


def note(
    connection: Connection,
    step: str,
    refused: Mapping[str, Sequence[str]],
    *,
    customer_key: str,
    actor: str,
    now: datetime,
) -> None:
    """What a form of a known customer's signup did not take: by cause, the codes of the rules that were broken.

    Never what was typed.
    """
    # In one order always, so that two forms of the same customer never wait for each other.
    for cause, rules in sorted(refused.items()):
        fresh = [
            rule
            for rule in sorted(rules)
            if count(connection, step, cause, rule=rule, customer_key=customer_key, now=now)
        ]
        if fresh:
            trail.record(
                connection,
                Action.SIGNUP_STUMBLED,
                actor=actor,
                now=now,
                customer_key=customer_key,
                step=step,
                cause=cause,
                rules=fresh,
            )
