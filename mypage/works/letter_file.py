"""The file of letters that go to be posted: a CSV that opens in Excel, readable by its owner only.

It is written under another name first and gets its own when it is whole: whoever finds it finds all of it.
"""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mypage.config.settings import Settings
from mypage.domain.letter import Recipient
from mypage.domain.spreadsheet import kept_text
from mypage.services.letter_exports import PostedLetter
from mypage.words.filters import day_ja
from mypage.words.sentences import sentence

HEADINGS: Final = (
    "郵便番号", "住所", "宛名", "お客様番号", "登録日", "確認コード", "確認コードの期限", "文面",
)  # fmt: skip
_POSTAL_CODE_DIGITS: Final = 7
_BLOCK: Final = 1 << 20


class LetterFile:
    """A file that is being written. Raises ``OSError`` where there is no room or no right to."""

    def __init__(self, file: Path) -> None:
        """Begin ``file`` under its other name, in place of what an ended process left there."""
        self._file, self._beside = file, beside(file)
        self._beside.unlink(missing_ok=True)
        descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._out = os.fdopen(descriptor, "wb")

    def write(self, letters: Iterable[PostedLetter], settings: Settings) -> str:
        """Write all letters, down to the disk; the digest of the whole."""
        digest = hashlib.sha256()
        with self._out:
            for line in _lines(letters, settings):
                digest.update(line)
                self._out.write(line)
            self._out.flush()
            os.fsync(self._out.fileno())
        return digest.hexdigest()

    def put_in_place(self) -> None:
        """Give the written file its name, for good."""
        self._beside.rename(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):
            self._out.close()
        self._beside.unlink(missing_ok=True)


def beside(file: Path) -> Path:
    """Where a file lies until it is whole."""
    return file.with_name(f"{file.name}.part")


def is_there(file: Path, sha256: str) -> bool:
    """Whether the whole file stands under its name."""
    digest = hashlib.sha256()
    try:
        with file.open("rb") as found:
            while block := found.read(_BLOCK):
                digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == sha256


def _lines(letters: Iterable[PostedLetter], settings: Settings) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(HEADINGS)
    for each in letters:
        yield _line(_cells(each, settings))


def _line(cells: Iterable[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _cells(letter: PostedLetter, settings: Settings) -> Iterator[str]:
    to = letter.recipient or Recipient("", "", "")
    for text in (_postal(to.postal_code), to.address, to.name, letter.number):
        yield kept_text(text)
    yield letter.registered_on.isoformat()
    yield letter.code or ""
    yield letter.good_until.isoformat() if letter.good_until else ""
    yield _words(letter, settings)


def _postal(text: str) -> str:
    """With its hyphen: a spreadsheet takes a postal code of digits alone for a number and drops the zero."""
    digits = text.strip()
    plain = digits.isascii() and digits.isdigit() and len(digits) == _POSTAL_CODE_DIGITS
    return f"{digits[:3]}-{digits[3:]}" if plain else digits


def _words(letter: PostedLetter, settings: Settings) -> str:
    """What the letter says, for an operator without words of its own."""
    facts = {
        "day": day_ja(letter.registered_on),
        "label": settings.customer_number_label,
        "number": letter.number,
        "operator": settings.operator_name,
        "url": settings.public_url,
        "printed": letter.code,
        "until": day_ja(letter.good_until) if letter.good_until else None,
        "phone": settings.support_phone,
        "hours": settings.support_hours,
    }
    with_code = "letter_for_call" if letter.for_call else "letter_with_code"
    said = ["letter_registered", *([with_code] if letter.code else []), "letter_not_you"]
    return "".join(sentence(each, "ja", **facts) for each in said)
