"""What pages read with: no transaction, no connection to give back."""

from mypage.store.reader import Reader
from mypage.web.house import house


def reading() -> Reader:
    """For the queries of ``store.raw``; for any other use ``house().database.reading()``."""
    return house().database.reader
