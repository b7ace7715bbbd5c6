"""Check the whole trail: its rows, their details, the heads that were written elsewhere, and the guards."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mypage.adapters.head_keys import HeadKeys, Signature
from mypage.domain.trail_check import TOLD_AT_MOST, Checker, Fault, Finding, SignedHead
from mypage.domain.trail_head import Head
from mypage.services.trail import CHAIN
from mypage.store import trail as store
from mypage.store import trail_details, trail_guards
from mypage.store.engine import Database

_TOLD_EVERY = 2000


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a file: what is held against the rows, and what is not worth it.

    ``unknown``: of a key that is not in the settings (any more); they are held against the rows all the same.
    ``unreadable``: lines that hold no head, as one that was cut off while it was written.
    """

    seen: Sequence[SignedHead] = ()
    forged: Sequence[SignedHead] = ()
    unknown: int = 0
    unreadable: int = 0
    newest_at: str | None = None

    @property
    def count(self) -> int:
        """How many heads there are."""
        return len(self.seen) + len(self.forged)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. ``details`` are there, ``purged`` are not; ``good_heads`` fit the chain."""

    findings: Sequence[Finding]
    more: Mapping[Fault, int]
    rows: int
    details: int
    purged: int
    heads: Heads
    good_heads: int
    first_at: str | None
    last_at: str | None
    last_seq: int
    last_hash: str

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong, as far as it can be known."""
        return not self.findings


def judged(lines: Iterable[Head | None], keys: HeadKeys) -> Heads:
    """The heads of a file, judged by their signatures."""
    seen: list[SignedHead] = []
    forged: list[SignedHead] = []
    unknown = unreadable = 0
    newest = None
    for head in lines:
        if head is None or head.chain != CHAIN:
            unreadable += 1
            continue
        judgement = keys.judge(head.signed_text, head.key, head.signature)
        (forged if judgement is Signature.FORGED else seen).append(head.seen)
        unknown += judgement is Signature.UNKNOWN_KEY
        if judgement is Signature.GOOD:
            newest = max(newest or "", head.at)
    return Heads(seen, forged, unknown, unreadable, newest)


def check(database: Database, heads: Heads, progress: Callable[[int, int], None]) -> Checked:
    """Read all of the trail once; ``progress`` is told how many rows of how many were read."""
    checker = Checker(heads.seen)
    with database.reading() as connection:
        for head in heads.forged:
            checker.tell(Finding(Fault.HEAD_FORGED, head.seq, head.seq, head.at))
        for name in trail_guards.missing(connection):
            checker.tell(Finding(Fault.GUARD_MISSING, 0, 0, name=name))
        for name in trail_guards.strangers(connection):
            checker.tell(Finding(Fault.GUARD_STRANGE, 0, 0, name=name))
        for name, seq in store.other_chains(connection, CHAIN, TOLD_AT_MOST):
            checker.tell(Finding(Fault.OTHER_CHAIN, seq, seq, name=name))
        end = store.last(connection, CHAIN)
        whole = end[0] if end else 0
        for row in store.checked_rows(connection, CHAIN):
            checker.take(row)
            if not checker.rows % _TOLD_EVERY:
                progress(checker.rows, whole)
        for name, seq in trail_details.without_row(connection, TOLD_AT_MOST):
            checker.tell(Finding(Fault.DETAIL_ALONE, seq, seq, name=name))
    return Checked(
        checker.findings(),
        checker.more(),
        checker.rows,
        checker.details,
        checker.purged,
        heads,
        checker.good_heads,
        checker.first_at,
        checker.last_at,
        checker.last_seq,
        checker.last_hash,
    )
