"""The encoding of a text, decided from its bytes while they pass by (specification "formats", *Encoding*)."""

import codecs
from typing import Final

# What --encoding takes → Python's codec. Never shift_jis*: it lacks what NEC and IBM added.
FORCED: Final = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf16": "utf-16",
    "cp932": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
}
# Shown to the operator.
SHOWN: Final = {"utf-8-sig": "UTF-8 (BOM)", "utf-8": "UTF-8", "utf-16": "UTF-16", "cp932": "CP932"}

# Half-width kana in CP932 can be valid UTF-8, but then it is two-byte letters: Latin, Greek, Cyrillic, Arabic.
_LATIN_TO_ARABIC = bytes(set(range(256)) - set(range(0xC2, 0xE0)))
_JAPANESE = bytes(set(range(256)) - set(range(0xE2, 0xF4)))
_YEN_SIGN = "¥".encode()
_ENOUGH = 20_000


class EncodingDecision:
    """Feed it every chunk, then ask for the codec."""

    def __init__(self) -> None:
        self._start = b""
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._japanese = 0
        self._other = 0

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        if len(self._start) < 3:
            self._start += chunk[:3]
        if self._decoder is None:
            return
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._decoder = None
            return
        if self._japanese + self._other < _ENOUGH:
            yen = chunk.count(_YEN_SIGN)
            self._japanese += len(chunk.translate(None, _JAPANESE)) + yen
            self._other += len(chunk.translate(None, _LATIN_TO_ARABIC)) - yen

    def codec(self) -> str:
        """Python's name of the encoding."""
        if self._start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if self._start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        return "utf-8" if self._is_utf8() else "cp932"

    def _is_utf8(self) -> bool:
        if self._decoder is None:
            return False
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return self._japanese >= self._other
