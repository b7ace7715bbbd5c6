"""A customer whose number changed: one customer under several keys, as long as the change is published.

Sources: specification "formats" (number_changes.csv) and "decisions" (*One version rule for all files*). Nothing is
rewritten: logins and statements stay under the key under which they came about, and are read together.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, RowMapping

from mypage.domain import succession
from mypage.domain.batch import Kind
from mypage.domain.succession import Together
from mypage.store import accounts, publications
from mypage.store import successions as store
from mypage.store.publications import Publications
from mypage.store.successions import Around, CustomerVersion


def seen_versions(
    versions: Iterable[CustomerVersion], publications: Publications
) -> dict[str, CustomerVersion]:
    """By key what the master says last of each customer; a snapshot that ends one without naming it says nothing."""
    pub_seq = publications.pub_seq
    newest: dict[str, CustomerVersion] = {}
    for version in versions:
        if version.batch_id in pub_seq and not version.tombstone:
            other = newest.get(version.customer_key)
            if other is None or pub_seq[other.batch_id] < pub_seq[version.batch_id]:
                newest[version.customer_key] = version
    return newest


def is_succeeded(
    key: str, versions: Iterable[CustomerVersion], publications: Publications, opened_seq: int
) -> bool:
    """Whether a customer got a next holder of its number after ``opened_seq``.

    Only the first one counts: the next but one takes nothing from the former holder any more.
    """
    pub_seq = publications.pub_seq
    batches = {version.succeeded_in for version in versions if version.customer_key == key}
    succeeded = [pub_seq[batch_id] for batch_id in batches if batch_id is not None and batch_id in pub_seq]
    return min(succeeded, default=0) > opened_seq


def together(key: str, around: Around, publications: Publications) -> Together:
    """The customer that a key is part of."""
    known = seen_versions(around.versions, publications).keys()
    return succession.together(key, around.steps, publications.pub_seq, known)


def of_key(connection: Connection, key: str) -> Together:
    """The same by one key, as published now."""
    published = publications.now_published(connection)
    if Kind.NUMBER_CHANGES not in published.kinds:
        return Together(key, (key,))
    return together(key, store.at_epoch(connection, key, published.epoch), published)


def owner_of(connection: Connection, key: str) -> RowMapping | None:
    """The account that owns a customer, under whichever of the customer's keys it registered; None where none did."""
    return accounts.owner_of(connection, of_key(connection, key).keys)


def other_keys(
    connection: Connection, keys: Iterable[str], carried: Mapping[str, Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    """By each key the others of its customer.

    ``carried`` are by new keys the old ones that a file carries to them which is not published yet: theirs count too.
    """
    published = publications.now_published(connection)
    asked = {key: (key, *carried.get(key, ())) for key in keys}
    around = store.around(connection, sorted({each for several in asked.values() for each in several}))
    return {
        key: tuple(
            sorted(
                {other for each in several for other in together(each, around[each], published).keys} - {key}
            )
        )
        for key, several in asked.items()
    }
