"""What a file changes of that by which a customer is known, and what rests on such a change (specification §6).

"Insider with one line in a file" ("security"): whoever can write one row of a customers file can put their own
telephone beside a stranger's number, and register as that person with it. So such changes are told before publishing
and mailed to the account; a registration soon after one waits until staff have looked; and what rests on a batch that
is taken back does not go on.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from mypage.domain import kana, phone
from mypage.domain.identity import ClaimKeys, Holder, fold_code

# For so long after its publishing what a file changed is news: a registration that rests on it waits (specification §6).
NEW_FOR: Final = timedelta(days=14)

_READINGS: Final = ("name_kana", "name_kana2")
_PHONES: Final = ("phone", "phone2")


class What(StrEnum):
    """What changes: a column of the master by which a customer is known, or the number itself, and how."""

    NAME = "name"
    NAME_KANA = "name_kana"
    NAME_KANA2 = "name_kana2"
    PHONE = "phone"
    PHONE2 = "phone2"
    RENUMBERED = "renumbered"
    MERGED = "merged"
    SPLIT = "split"
    INHERITED = "inherited"


# Columns of customers.csv, in the order in which they are told.
COLUMNS: Final = (What.NAME, What.NAME_KANA, What.NAME_KANA2, What.PHONE, What.PHONE2)


class Change(NamedTuple):
    """One value, as the files write it: empty where there was or is none."""

    what: What
    before: str
    after: str


class _Row(Protocol):
    def __getitem__(self, name: str, /) -> Any: ...


Version = TypeVar("Version", bound=_Row)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, fold_v: bool) -> list[Change]:
    """What two versions of a master's row say differently of who the customer is.

    What only is written differently (a telephone with hyphens, a name without its space) is no change: else a core
    system that writes all numbers anew would alarm everybody.
    """
    found = ((what, str(before[what] or ""), str(after[what] or "")) for what in COLUMNS)
    return [Change(*each) for each in found if not _same(*each, fold_v=fold_v)]


def still_proves(matched: Mapping[str, Any], seen: Mapping[str, Any], *, fold_v: bool) -> bool:
    """Whether everything that proves somebody by the row ``matched`` proves them by the row ``seen``, too.

    The name in kanji proves nothing: nobody is asked for it.
    """
    return all(
        any(
            _same(What(column), str(matched[column]), str(seen[other] or ""), fold_v=fold_v)
            for other in columns
        )
        for columns in (_READINGS, _PHONES)
        for column in columns
        if matched[column]
    )


def proves(claim: ClaimKeys, holder: Holder) -> bool:
    """Whether telephone and name of a claim are the holder's, whatever else may keep them from registering."""
    return claim.phone in holder.phone_keys and not claim.name_keys.isdisjoint(holder.name_keys)


def has_key(claim: ClaimKeys, holder: Holder) -> bool:
    """Whether the 登録キー of a claim is the holder's."""
    return claim.registration_key == fold_code(holder.registration_key or "")


def brought_by(versions: Sequence[Version], has: Callable[[Version], bool], now: datetime) -> Version | None:
    """The version that brought what the newest of ``versions`` (the newest first) has, if it is news at ``now``.

    That is the first of the newest run of versions that have it. None where no version before had anything else: who
    is new with a file is no change. Something that was there before, went and came back is news again.
    """
    for place, version in enumerate(versions):
        if not has(version):
            came = versions[place - 1] if place else None
            at: datetime | None = None if came is None else came["published_at"]
            return came if at is not None and now < at + NEW_FOR else None
    return None


def _same(what: What, before: str, after: str, *, fold_v: bool) -> bool:
    if before == after:
        return True
    if what in _PHONES:
        key = phone.fold(before)
        return key is not None and key == phone.fold(after)
    if what in _READINGS:
        return not kana.name_keys(before, fold_v=fold_v).isdisjoint(kana.name_keys(after, fold_v=fold_v))
    return _plain(before) == _plain(after)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())
