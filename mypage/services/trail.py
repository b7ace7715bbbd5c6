"""The audit trail: each deed leaves its row in the transaction of the deed, appended last before the commit."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain import trail as rules
from mypage.domain.trail import Action
from mypage.store import trail as store
from mypage.store.schema.metadata import instant_text

CHAIN = "main"


def record(
    connection: Connection,
    action: Action,
    *,
    actor: str,
    now: datetime,
    customer_key: str | None = None,
    account_id: str | None = None,
    batch_id: int | None = None,
    detail: Mapping[str, object] | None = None,
    **facts: object,
) -> None:
    """Append one row to the chain.

    ``actor`` says who did it, as ``kind`` or ``kind:id`` (``visitor``, ``account:…``, ``cli``, ``worker``).
    ``facts`` are the ones that ``action`` names and hold no personal data; ``detail`` may, and can be purged.
    """
    action.check(facts)
    salt, written = secrets.token_hex(16), rules.canonical(detail) if detail else ""
    store.lock(connection)
    seq, previous_hash = store.last(connection, CHAIN) or (0, rules.GENESIS)
    row: dict[str, object] = {
        "chain": CHAIN,
        "seq": seq + 1,
        "at": instant_text(now),
        "action": action.word,
        "actor": actor,
        "customer_key": customer_key,
        "account_id": account_id,
        "batch_id": batch_id,
        "facts": rules.canonical({**action.always, **facts}),
        "detail_digest": rules.detail_digest(salt, written) if detail else None,
        "previous_hash": previous_hash,
    }
    store.append(connection, {**row, "hash": rules.row_hash(row)})
    if detail:
        store.keep_detail(connection, chain=CHAIN, seq=seq + 1, salt=salt, detail=written)


def broken_at(connection: Connection) -> int | None:
    """The sequence number at which the chain is broken (a row changed, removed or reordered), None if whole."""
    previous_seq, previous_hash = 0, rules.GENESIS
    for row in store.rows(connection, CHAIN):
        hashed = {name: value for name, value in row.items() if name != "hash"}
        follows = row["seq"] == previous_seq + 1 and row["previous_hash"] == previous_hash
        if not follows or rules.row_hash(hashed) != row["hash"]:
            return previous_seq + 1
        previous_seq, previous_hash = row["seq"], row["hash"]
    return None
