"""Letters go to be posted: which ones, to whom, with which code, and in which file they stand.

The deeds of ``works.letters``, which writes the file. Letters belong to a file before it is written, and its row of
the trail stands before any code does: a repeat after a crash writes the same letters again, and no others.

Source: specification §2 (further proof).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import letter as rules
from mypage.domain.letter import Recipient, State
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.identity import today
from mypage.services.letters import codes, is_asked, letter_of
from mypage.store import holders
from mypage.store import letter_exports as store
from mypage.store.letter_exports import Export, LetterKey


@dataclass(frozen=True, slots=True)
class PostedLetter:
    """A letter as it is printed: a mere notice where ``code`` and ``good_until`` are None.

    It cannot be posted where ``recipient`` is None. ``for_call``: its code is read out on the telephone.
    """

    customer_key: str
    account_id: str
    serial: int
    asked_at: datetime
    number: str
    recipient: Recipient | None
    registered_on: date
    code: str | None
    good_until: date | None
    for_call: bool = False

    @property
    def letter(self) -> LetterKey:
        """Which letter it is."""
        return LetterKey(self.customer_key, self.account_id, self.serial, self.code is not None)


def waiting(
    connection: Connection, *, settings: Settings, now: datetime, coded_only: bool = False
) -> Iterator[PostedLetter]:
    """The letters that stand in no file yet; those without an address cannot be posted. Reads only."""
    return _printed(connection, store.waiting(connection, coded_only=coded_only), settings, now)


def begin(
    connection: Connection, letters: Sequence[LetterKey], *, file: str, actor: str, now: datetime
) -> int:
    """Let letters stand in one file, which is to be written; the file's id."""
    with_code = sum(each.with_code for each in letters)
    export_id = store.add(
        connection, actor=actor, begun_at=now, letters=len(letters), codes=with_code, file=file
    )
    store.assign(connection, export_id, letters)
    _record(connection, Action.LETTERS_EXPORTED, export_id, len(letters), with_code, actor, now)
    return export_id


def move(connection: Connection, export_id: int, file: str) -> None:
    """A file that was begun is written under another name."""
    store.change(connection, export_id, file=file, sha256=None)


def seal(connection: Connection, export_id: int, sha256: str) -> None:
    """The file is whole, and gets its name in a moment."""
    store.change(connection, export_id, sha256=sha256)


def finish(connection: Connection, export_id: int, *, now: datetime) -> None:
    """The file is there: the 30 days of its codes begin."""
    store.change(connection, export_id, written_at=now)
    store.post(connection, export_id, posted_at=now, expires_at=now + rules.LIFE)


def note_again(connection: Connection, exports: Iterable[Export], *, actor: str, now: datetime) -> None:
    """Files that were lost are to be written once more: as they were, but for codes that are good no more."""
    for export in exports:
        _record(
            connection, Action.LETTERS_EXPORTED_AGAIN, export.id, export.letters, export.codes, actor, now
        )


def letters_of(
    connection: Connection, export_id: int, *, settings: Settings, now: datetime
) -> Iterator[PostedLetter]:
    """The letters of a file. Reads only."""
    return _printed(connection, store.of_export(connection, export_id), settings, now)


def _printed(
    connection: Connection, pages: Iterable[Sequence[RowMapping]], settings: Settings, now: datetime
) -> Iterator[PostedLetter]:
    """The letters of those whom the master knows and does not keep from the web (Web登録 不可).

    What staff have sent proves something on the telephone, and opens no login.
    """
    for rows in pages:
        masters = holders.of_keys(connection, [row["customer_key"] for row in rows])
        for row in rows:
            master = masters.get(row["customer_key"])
            code = _code(row, settings, now)
            # A letter that was asked for later is there for its code only.
            is_of_use = row["serial"] == 1 or code is not None
            may_be_posted = master is not None and (master["web_registration"] or _is_for_call(row))
            if master is not None and may_be_posted and is_of_use:
                yield _letter(row, master, code, now)


def _letter(row: RowMapping, master: RowMapping, code: str | None, now: datetime) -> PostedLetter:
    return PostedLetter(
        customer_key=row["customer_key"],
        account_id=row["account_id"],
        serial=row["serial"],
        asked_at=row["asked_at"],
        number=master["shown_number"],
        recipient=rules.recipient(dict(master)),
        registered_on=today(row["since"]),
        code=code,
        good_until=None if code is None else today(row["expires_at"] or now + rules.LIFE),
        for_call=_is_for_call(row),
    )


def _is_for_call(row: RowMapping) -> bool:
    """Whether staff had it sent, and no page asks for its code."""
    return row["asked_by"] is not None and not row["awaits_letter"]


def _code(row: RowMapping, settings: Settings, now: datetime) -> str | None:
    """The code to print, None where it would open nothing."""
    on_page = is_asked(row, settings) and row["awaits_letter"]
    asked = (on_page or row["asked_by"] is not None) and row["with_code"] and row["is_newest"]
    if not asked or rules.state(letter_of(row), now) not in (State.WAITING, State.POSTED):
        return None
    newest = codes(settings, row["customer_key"], row["account_id"], row["serial"])[0]
    return rules.printed(newest)


def _record(
    connection: Connection,
    action: Action,
    export_id: int,
    letters: int,
    with_code: int,
    actor: str,
    now: datetime,
) -> None:
    trail.record(
        connection, action, actor=actor, now=now, export_id=export_id, letters=letters, codes=with_code
    )
