"""A portal, its mail server and its worker, for whoever tries to get in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mypage.store.engine import Database
from tests.first_try.story import Story
from tests.smtp_server import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server."""
    with MailServer() as running:
        yield running


@pytest.fixture
def story(database: Database, tmp_path: Path, server: MailServer) -> Story:
    """The portal before it."""
    return Story(database, tmp_path, server)
