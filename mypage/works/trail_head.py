"""The head of the trail, written outside the database from time to time, and held against what was written before.

Who has all rights in the database can make the chain anew; they cannot make the heads anew that lie elsewhere.
"""

import json
import logging
from datetime import datetime
from itertools import chain

from mypage.adapters import head_file
from mypage.adapters.head_keys import HeadKeys, Signature
from mypage.config.settings import Settings
from mypage.domain.trail_check import Checker, Fault, Finding
from mypage.domain.trail_head import WRITTEN_EVERY, Head
from mypage.services import trail_alarm
from mypage.services.trail import CHAIN
from mypage.store import trail as store
from mypage.store.engine import Database
from mypage.store.schema.metadata import instant_of, instant_text

log = logging.getLogger("mypage.audit")


class HeadWriter:
    """Of one worker. What goes wrong with the file is told in the log and stops nobody; it is tried again."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._file = settings.audit_head_file
        self._keys = HeadKeys(settings.secret_keys)
        self._database = database
        self._last: Head | None = None

    def round(self, now: datetime) -> bool:
        """Write the head if an hour has gone since the last one. Whether one was written (to the log at least).

        Raises the database's errors.
        """
        if self._file is None:
            return self._to_log_only(now)
        written: list[Head] = []

        def line(last: Head | None) -> str | None:
            head = self._due(last, now)
            if head is None:
                return None
            written.append(head)
            return json.dumps(head.as_json)

        try:
            head_file.add(self._file, line)
        except OSError as error:
            log.error(
                "audit head not written: see MYPAGE_AUDIT_HEAD_FILE", extra={"fault": type(error).__name__}
            )
            return self._to_log_only(now)
        return self._tell(written)

    def _to_log_only(self, now: datetime) -> bool:
        head = self._due(self._last, now)
        return self._tell([] if head is None else [head])

    def _tell(self, written: list[Head]) -> bool:
        for head in written:
            self._last = head
            log.info("audit head", extra={"head": head.as_json})
        return bool(written)

    def _due(self, last: Head | None, now: datetime) -> Head | None:
        """The signed head of now, None where the last one is young, or there is no row yet."""
        if last is not None and abs(now - instant_of(last.at)) < WRITTEN_EVERY:
            return None
        if last is not None:
            self._hold_against(last, now)
        with self._database.reading() as connection:
            end = store.last(connection, CHAIN)
        if end is None:
            return None
        head = Head(CHAIN, *end, instant_text(now))
        key, signature = self._keys.sign(head.signed_text)
        return Head(head.chain, head.seq, head.hash, head.at, key, signature)

    def _hold_against(self, last: Head, now: datetime) -> None:
        """Check what came since the last head; what is wrong goes into the log and to the auditors."""
        if self._keys.judge(last.signed_text, last.key, last.signature) is Signature.FORGED:
            log.error("the last audit head is forged: run `mypage audit verify`", extra={"seq": last.seq})
            self._alarm(last.seq, Fault.HEAD_FORGED, now)
            return
        found = since_head(self._database, last)
        if found:
            extra = {"seq": found[0].seq, "fault": found[0].fault.value}
            log.error("the audit trail does not fit its last head: run `mypage audit verify`", extra=extra)
            self._alarm(found[0].seq, found[0].fault, now)

    def _alarm(self, seq: int, fault: Fault, now: datetime) -> None:
        with self._database.writing() as connection:
            trail_alarm.raise_alarm(connection, seq=seq, fault=fault.value, actor="worker", now=now)


def since_head(database: Database, last: Head) -> list[Finding]:
    """What is wrong with the rows since a head, and with the row that it names.

    What came before that row is not looked at: it says itself what it follows.
    """
    with database.reading() as connection:
        rows = store.checked_rows(connection, CHAIN, after=last.seq - 1)
        first = next(rows, None)
        checker = Checker([last.seen], begins=(last.seq - 1, first.previous_hash if first else ""))
        checker.take_all([] if first is None else chain([first], rows))
    return list(checker.findings())
