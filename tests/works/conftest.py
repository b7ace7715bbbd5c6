"""What tests of the delivery share: a mail server, and a worker's way with the mails."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mypage.store.engine import Database
from tests.mail import Desk
from tests.smtp_server import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server whose manners a test changes."""
    with MailServer() as running:
        yield running


@pytest.fixture
def desk(database: Database, server: MailServer, tmp_path: Path) -> Iterator[Desk]:
    """A worker's delivery that sends to it."""
    with closing(Desk(database, server.url(), tmp_path)) as made:
        yield made
