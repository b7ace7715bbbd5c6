"""One portal for all tests of a file: starting it takes longer than they do."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mypage.store.engine import Database
from tests.bills import a_bill, an_account, publish_bills
from tests.builders import TAROU, a_customer, publish_customers
from tests.outage.running import Running, running
from tests.portal import move_clock
from tests.postgres import Cluster
from tests.smtp_server import MailServer

# Customers who have not registered yet; each test takes its own.
NEW = [{**TAROU, "customer_number": f"7110{n}", "phone": f"03-1234-567{n}"} for n in range(8)]


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """The mail server."""
    with MailServer() as started:
        yield started


@pytest.fixture(scope="module")
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _migrated: Path
) -> Iterator[Database]:
    """The file's own database, with an account (of 70012) and its bill."""
    if request.config.getoption("--database") == "sqlite":
        file = shutil.copy(_migrated, tmp_path_factory.mktemp("database") / "mypage.sqlite")
        yield from _furnished(f"sqlite:///{file}")
    else:
        # Asked for here, so that the tests that need no server to stop are run on SQLite too.
        postgres: Cluster = request.getfixturevalue("postgres")
        yield from _furnished(postgres.fresh("outage", _migrated.name))
        postgres.drop("outage")


def _furnished(url: str) -> Iterator[Database]:
    opened = Database(url)
    publish_customers(
        opened,
        a_customer(),
        a_customer("70012", phone="03-0000-0001"),
        *(a_customer(who["customer_number"], phone=who["phone"]) for who in NEW),
    )
    an_account(opened, "70012")
    publish_bills(opened, a_bill(202610, customer_key="70012"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def portal(
    database: Database, tmp_path_factory: pytest.TempPathFactory, server: MailServer
) -> Iterator[Running]:
    """The portal. Its clock stands in ``portal.clock_file``."""
    folder = tmp_path_factory.mktemp("outage")
    url = database.url.render_as_string(hide_password=False)
    move_clock(folder / "clock", timedelta())
    with running(url, folder, smtp_url=server.url()) as started:
        yield started
