"""API tokens: what their text looks like, what one may do, and when one is dead.

The core billing system holds the text and no session; whoever has the text has what it opens. So it opens little (kinds
of file, deeds), ends by itself, and can be recognised where it was left lying about: ``mpb_``, 43 letters and digits of
chance (256 bits), and six of a checksum, by which secret scanners and this door tell a token from something that
looks like one without asking anybody.
"""

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from enum import Enum, StrEnum
from hashlib import sha256
from typing import Final

PREFIX: Final = "mpb_"
RANDOM_BYTES: Final = 32
LONGEST_NAME: Final = 60
# What the form and the command line offer where nothing else is asked for.
USUAL_DAYS: Final = 90
# So many days before its end a token is shown as one that ends soon.
SOON_DAYS: Final = 14
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHANCE_LENGTH: Final = 43  # the shortest that holds every number of 256 bits
_SUM_LENGTH: Final = 6
_SHAPE: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_CHANCE_LENGTH + _SUM_LENGTH}}}")


class Deed(Enum):
    """What a token may be good for. ``label`` is the word on the screen; the state of batches is told to every token."""

    CHECK = ("check", "ファイルを渡して検査する")
    PUBLISH = ("publish", "公開する・予約する")
    TAKE_BACK = ("take-back", "公開を取り消す")
    REPORT = ("report", "エラーの一覧を読む（お客様番号や入力値を含みます）")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label

    @classmethod
    def named(cls, word: str) -> "Deed":
        """The deed of that word. ``ValueError`` where there is none."""
        for deed in cls:
            if deed.word == word:
                return deed
        raise ValueError(f"no deed is called {word!r}")


class Dead(StrEnum):
    """Why a token of ours opens nothing. ``STOPPED``: whoever made it is suspended, or not of billing any more."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    STOPPED = "stopped"


STATE_LABELS: Final[Mapping[Dead | None, str]] = {
    None: "利用できます",
    Dead.REVOKED: "取り消し済み",
    Dead.EXPIRED: "期限切れ",
    Dead.STOPPED: "停止中（作った人が料金担当として利用中でないため）",
}


def text_of(random: bytes) -> str:
    """The token made of :data:`RANDOM_BYTES` bytes of chance."""
    chance = _written(int.from_bytes(random, "big"), _CHANCE_LENGTH)
    return PREFIX + chance + _checksum(chance)


def is_whole(text: str) -> bool:
    """Whether this can be a token: its shape and its checksum are right. A mistyped one is not."""
    if _SHAPE.fullmatch(text) is None:
        return False
    chance = text[len(PREFIX) : -_SUM_LENGTH]
    return text[-_SUM_LENGTH:] == _checksum(chance)


def hashed(text: str) -> str:
    """What is stored of a token, and by which it is found.

    A plain hash is enough: nobody guesses 256 bits. Nor does the look-up's time tell anything that a sender could use,
    since what the index compares is the hash, of which they cannot choose a single digit.
    """
    return sha256(text.encode()).hexdigest()


def death(
    *, revoked_at: datetime | None, expires_at: datetime, maker_is_at_work: bool, now: datetime
) -> Dead | None:
    """Why a token is dead at ``now``, None while it lives."""
    if revoked_at is not None:
        return Dead.REVOKED
    if now >= expires_at:
        return Dead.EXPIRED
    return None if maker_is_at_work else Dead.STOPPED


def actor(token_id: str) -> str:
    """How a token stands in the trail, and as whoever handed a batch over."""
    return f"token:{token_id}"


def token_id_of(actor: str) -> str | None:
    """The id of the token that this actor is; None for everybody else."""
    kind, _, token_id = actor.partition(":")
    return token_id if kind == "token" else None


def network_of(address: str) -> str:
    """As much of a client address as is kept for "last used from": IPv4 by /24; an IPv6 home is a network already."""
    return re.sub(r"\.[0-9]+$", ".*", address)


def _checksum(chance: str) -> str:
    return _written(zlib.crc32(chance.encode()), _SUM_LENGTH)


def _written(number: int, length: int) -> str:
    signs = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        signs.append(_DIGITS[digit])
    return "".join(reversed(signs))
