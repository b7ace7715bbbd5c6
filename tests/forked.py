"""Where a test's processes come from: one server that has imported what any of them needs, and has opened nothing.

There is one in a process, and it imports what was named when the first was forked: so all is named here.
"""

import multiprocessing
from multiprocessing.context import ForkServerContext
from typing import Final

_IMPORTED: Final = (
    "tests.crowd",
    "tests.killing",
    "tests.signing_up",
    "tests.workers",
    # What is imported with the first connection or mail otherwise, by each process anew.
    "mypage.store.postgresql",
    "pysqlite3",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "_strptime",
    "encodings.idna",
)


def processes() -> ForkServerContext:
    """What makes them, with queues, pipes and barriers between them."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(list(_IMPORTED))
    return made
