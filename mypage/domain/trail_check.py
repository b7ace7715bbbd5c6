"""Whether the rows of the trail are what was written: one pass from the first to the last, memory stays flat.

A row is held against its own hash, against the row before it, against its detail and against the heads that were
signed outside the database. Everything that is wrong is found, not only the first of it.
"""

import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from mypage.domain.trail import GENESIS, Action, detail_digest, purge_kind, row_hash

# Of each fault so many places are told; the others are counted.
TOLD_AT_MOST: Final = 20
# How far from its place a row is looked for that does not fit where it stands.
_MOVED_AT_MOST: Final = 200
_SEARCHES: Final = 50


class CheckedRow(NamedTuple):
    """A row as stored, with its detail where there is one."""

    chain: str
    seq: int
    at: str
    action: str
    actor: str
    customer_key: str | None
    account_id: str | None
    batch_id: int | None
    facts: str
    detail_digest: str | None
    previous_hash: str
    hash: str
    salt: str | None = None
    detail: str | None = None


class SignedHead(NamedTuple):
    """What a signed head says: at ``at`` the chain ended with the row ``seq`` of that hash."""

    seq: int
    hash: str
    at: str


class Fault(StrEnum):
    """What can be wrong."""

    CHANGED = "changed"  # the row is not what was written
    MOVED = "moved"  # the row was written under another number
    INSERTED = "inserted"  # the rows after it were written under the number before
    REMOVED = "removed"  # there is no row of that number
    RENUMBERED = "renumbered"  # rows were removed and the numbers closed up
    BROKEN_LINK = "broken_link"  # the row does not follow the one before it
    DETAIL_CHANGED = "detail_changed"
    DETAIL_FORGED = "detail_forged"  # a detail where none was written
    DETAIL_REMOVED = "detail_removed"  # a detail is gone that was not to be purged yet
    DETAIL_ALONE = "detail_alone"  # a detail without a row
    CUT = "cut"  # rows at the end are gone that a head has seen
    REWRITTEN = "rewritten"  # the chain is whole and is not the one that a head has seen
    HEAD_FORGED = "head_forged"  # a head that was not signed with our key
    OTHER_CHAIN = "other_chain"  # rows under another chain, which nobody wrote
    GUARD_MISSING = "guard_missing"  # a trigger is gone
    GUARD_STRANGE = "guard_strange"  # a trigger or rule that is not ours


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at rows ``seq`` to ``last``; ``at`` and ``action`` are of the first of them where it is there.

    ``since``: the last instant at which it is known not to have been so, as text. ``shift``: how far rows were moved.
    """

    fault: Fault
    seq: int
    last: int
    at: str | None = None
    action: str | None = None
    since: str | None = None
    shift: int = 0
    name: str = ""


@dataclass(slots=True)
class _Purges:
    """Details of one kind that are gone, and what the trail's own rows say was purged of it."""

    before: str = ""
    told: int = 0
    gone: int = 0
    newest: list[tuple[str, int, str]] = field(default_factory=list)


class Checker:
    """Feed it the rows of a chain in order of ``seq``, then ask :meth:`findings`.

    ``heads``: from files outside the database. ``begins``: the row after which the rows begin, of a part of a chain.
    """

    def __init__(self, heads: Iterable[SignedHead] = (), *, begins: tuple[int, str] = (0, GENESIS)) -> None:
        self._heads: dict[int, list[SignedHead]] = {}
        for head in heads:
            self._heads.setdefault(head.seq, []).append(head)
        self._begins = begins[0]
        self._seq, self._hash = begins
        self._is_whole = True
        self._shift = 0
        self._searched = 0
        self._found: dict[Fault, list[Finding]] = {}
        self._more: dict[Fault, int] = {}
        self._bad_heads: list[SignedHead] = []
        self._good_head: SignedHead | None = None
        self._purges: dict[str, _Purges] = {}
        self.rows = self.details = self.purged = self.good_heads = 0
        self.first_at: str | None = None
        self.last_at: str | None = None

    @property
    def last_seq(self) -> int:
        """The number of the newest row so far."""
        return self._seq

    @property
    def last_hash(self) -> str:
        """Its hash."""
        return self._hash

    def take(self, row: CheckedRow) -> None:
        """The next row."""
        self.rows += 1
        if row.seq <= self._seq:
            # Only before the first row: the key lets no number stand twice.
            self._tell(self._at(Fault.INSERTED, row))
            return
        is_next, is_whole = row.seq == self._seq + 1, _hash_of(row) == row.hash
        if not is_next:
            self._tell(Finding(Fault.REMOVED, self._seq + 1, row.seq - 1, since=self.last_at))
        elif is_whole and self._is_whole and row.previous_hash != self._hash:
            self._tell(self._at(Fault.BROKEN_LINK, row))
        if is_whole:
            self._shift = 0
        else:
            self._tell(self._misplaced(row) or self._at(Fault.CHANGED, row))
        self._is_whole = is_whole
        self._check_detail(row)
        for head in self._heads.pop(row.seq, ()):
            self._check_head(head, row)
        self.first_at = self.first_at or row.at
        self._seq, self._hash, self.last_at = row.seq, row.hash, row.at

    def take_all(self, rows: Iterable[CheckedRow]) -> None:
        """Several rows."""
        for row in rows:
            self.take(row)

    def findings(self) -> Sequence[Finding]:
        """All that was found, by where it is. To be asked once, at the end."""
        for kind in self._purges.values():
            self._check_purges(kind)
        self._check_end()
        self._name_moves()
        found = [each for several in self._found.values() for each in several]
        return sorted(found, key=lambda each: (each.seq, each.fault))

    def more(self) -> Mapping[Fault, int]:
        """How many places of a fault were not told one by one."""
        return self._more

    def tell(self, finding: Finding) -> None:
        """Something that was found outside the rows."""
        self._tell(finding)

    def _at(self, fault: Fault, row: CheckedRow, shift: int = 0) -> Finding:
        return Finding(fault, row.seq, row.seq, row.at, row.action, since=row.at, shift=shift)

    def _tell(self, finding: Finding) -> None:
        """Rows that follow on each other with the same fault are one place."""
        several = self._found.setdefault(finding.fault, [])
        if several and several[-1].last + 1 == finding.seq and several[-1].shift == finding.shift:
            several[-1] = replace(several[-1], last=finding.last)
        elif len(several) < TOLD_AT_MOST:
            several.append(finding)
        else:
            self._more[finding.fault] = self._more.get(finding.fault, 0) + 1

    def _misplaced(self, row: CheckedRow) -> Finding | None:
        """The row was written as it is, under another number: it was moved, or those after an inserted or removed one."""
        shifts = [self._shift] if self._shift else []
        if self._searched < _SEARCHES:
            self._searched += 1
            near = range(1, _MOVED_AT_MOST + 1)
            shifts += [shift for distance in near for shift in (distance, -distance)]
        for shift in shifts:
            if _hash_of(row._replace(seq=row.seq - shift)) == row.hash:
                self._searched -= bool(self._searched)
                self._shift = shift
                return self._at(Fault.MOVED, row, shift=shift)
        self._shift = 0
        return None

    def _check_detail(self, row: CheckedRow) -> None:
        if row.action == Action.TRAIL_DETAILS_PURGED.word:
            self._note_purge(row.facts)
        if row.detail is not None:
            self.details += 1
            if row.detail_digest is None:
                self._tell(self._at(Fault.DETAIL_FORGED, row))
            elif detail_digest(row.salt or "", row.detail) != row.detail_digest:
                self._tell(self._at(Fault.DETAIL_CHANGED, row))
        elif row.detail_digest is not None:
            self.purged += 1
            kind = self._purges.setdefault(purge_kind(row.action), _Purges())
            kind.gone += 1
            entry = (row.at, row.seq, row.action)
            if len(kind.newest) < TOLD_AT_MOST:
                heapq.heappush(kind.newest, entry)
            else:
                heapq.heappushpop(kind.newest, entry)

    def _note_purge(self, facts: str) -> None:
        try:
            told = json.loads(facts)
            kind, before, count = str(told["kind"]), str(told["before"]), int(told["count"])
        except (ValueError, KeyError, TypeError):
            return  # such a row was never written: its hash says so
        purges = self._purges.setdefault(kind, _Purges())
        purges.before = max(purges.before, before)
        purges.told += count

    def _check_purges(self, kind: _Purges) -> None:
        too_young = [entry for entry in sorted(kind.newest) if entry[0] >= kind.before]
        for at, seq, action in sorted(too_young, key=lambda entry: entry[1]):
            self._tell(Finding(Fault.DETAIL_REMOVED, seq, seq, at, action, since=at))
        # A part of a chain does not see what was told before it.
        unseen = kind.gone - kind.told
        if not too_young and unseen > 0 and not self._begins:
            self._tell(Finding(Fault.DETAIL_REMOVED, 0, 0, name=str(unseen)))

    def _check_head(self, head: SignedHead, row: CheckedRow) -> None:
        if row.hash == head.hash:
            self.good_heads += 1
            if self._good_head is None or head.seq > self._good_head.seq:
                self._good_head = head
        else:
            self._bad_heads.append(head)

    def _name_moves(self) -> None:
        """Where all rows up to the end have moved the same way, rows were put in or taken out before them."""
        moves = self._found.pop(Fault.MOVED, [])
        if moves and moves[-1].last == self._seq:
            moved = moves.pop()
            turned = moves and moves[-1].last + 1 == moved.seq and moves[-1].shift * moved.shift < 0
            fault = Fault.MOVED if turned else Fault.INSERTED if moved.shift > 0 else Fault.RENUMBERED
            self._found.setdefault(fault, []).append(replace(moved, fault=fault))
        self._found.setdefault(Fault.MOVED, []).extend(moves)

    def _check_end(self) -> None:
        """Heads of rows that are not there: of a gap, which was told, or of an end that was cut."""
        beyond = [head for seq, several in self._heads.items() if seq > self._seq for head in several]
        if beyond:
            furthest = max(beyond)
            since = max(head.at for head in beyond)
            self._tell(Finding(Fault.CUT, self._seq + 1, furthest.seq, since=since))
        if self._bad_heads:
            first = min(self._bad_heads)
            good = [self._good_head.seq] if self._good_head and self._good_head.seq < first.seq else []
            since = max(head.at for head in self._bad_heads)
            begin = (good[0] if good else self._begins) + 1
            self._tell(Finding(Fault.REWRITTEN, begin, first.seq, since=since))


def _hash_of(row: CheckedRow) -> str:
    return row_hash(
        {
            "account_id": row.account_id,
            "action": row.action,
            "actor": row.actor,
            "at": row.at,
            "batch_id": row.batch_id,
            "chain": row.chain,
            "customer_key": row.customer_key,
            "detail_digest": row.detail_digest,
            "facts": row.facts,
            "previous_hash": row.previous_hash,
            "seq": row.seq,
        }
    )
