"""When a mail that the server did not take is tried again (specification §7)."""

import hashlib
from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(seconds=15)
# A customer waits for the signup mail at the screen: after an outage no mail comes later than this.
LONGEST: Final = timedelta(minutes=10)
_GRAIN: Final = 1 << 32


def retry_delay(
    failures: int, seed: str, *, first: timedelta = FIRST, longest: timedelta = LONGEST
) -> timedelta:
    """The wait after that many failed tries (1, 2, …): doubling from ``first`` up to ``longest``, less jitter.

    The jitter takes up to a half away, so that mails that failed together do not come back together. It depends
    on ``seed`` (the message) and the number of the try alone: the same arguments give the same delay.
    ``ValueError`` below one failure.
    """
    if failures < 1:
        raise ValueError("a retry follows a failure")
    whole = min(longest, first * (1 << min(failures - 1, 20))) if first < longest else longest
    digest = hashlib.sha256(f"{seed}\n{failures}".encode(errors="surrogatepass")).digest()
    part = int.from_bytes(digest[:4], "big")
    return whole - whole * part // (2 * _GRAIN)
