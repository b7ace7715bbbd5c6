"""The database that a test runs on: `pytest --database sqlite` (as usual) or `--database postgresql`.

A test asks for `database`, `engine_url` or `bare_url` and gets its own, as quickly as a file is copied: the
migrations run once in a session. On PostgreSQL only the tests that ask for a database are run; the others
would prove the same again. A test that asks for `postgres` (the server, to stop it) is run on PostgreSQL.
"""

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from mypage.store import migrate
from mypage.store.engine import Database
from tests import postgres as programs
from tests import trail_facts

ASKS_FOR_DATABASE = {"database", "engine_url", "bare_url", "module_url", "postgres"}
_numbers = itertools.count(1)
# Files whose few tests take long, the longest first: begun last, they would keep one core busy while the others are idle.
LONG_FILES = (
    "tests.works.test_version_rule",
    "tests.subscriber.test_at_once",
    "tests.billing.test_batch_killed",
    "tests.cli.test_worker",
    "tests.works.test_reading_in_two",
    "tests.billing.test_batch_left",
    "tests.works.test_settling_in_two",
    "tests.works.test_staging",
    "tests.billing.test_batch_faults",
    "tests.works.test_sample",
    "tests.cli.test_db",
    "tests.outage.test_outage",
    "tests.browser.test_story",
)

# A shared machine is slow at times; how long an example takes says nothing about the rule.
hypothesis.settings.register_profile("mypage", deadline=None, database=None)
hypothesis.settings.load_profile("mypage")


def pytest_addoption(parser: pytest.Parser) -> None:
    """--database: which of the two."""
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="what tests run on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Stop at once where PostgreSQL is wanted and cannot be had: a skipped test proves nothing."""
    if config.getoption("--database") == "postgresql" and programs.find() is None:
        raise pytest.UsageError(programs.NOT_FOUND)
    if "PYTEST_XDIST_WORKER" in os.environ:
        # What tests start is not measured: it reaches no rule that the tests do not, and begins half a second sooner.
        for name in [each for each in os.environ if each.startswith("COVERAGE_")]:
            del os.environ[name]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that say something about the chosen database; files that take long come first."""
    first = {name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: first.get(getattr(item, "module").__name__, len(first)))  # noqa: B009
    on_postgresql = config.getoption("--database") == "postgresql"
    kept: list[pytest.Item] = []
    for item in items:
        asked = ASKS_FOR_DATABASE.intersection(getattr(item, "fixturenames", ()))
        if asked if on_postgresql else "postgres" not in asked:
            kept.append(item)
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.fixture(scope="session")
def postgres() -> Iterator[programs.Cluster]:
    """The PostgreSQL server of this session. Whoever stops it starts it again."""
    with programs.cluster() as server:
        yield server


@pytest.fixture(scope="session")
def _migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each test's database is a copy of: a file, or a database of that name."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite"
    server = _server(request)
    template = Database(server.fresh(file.name) if server else f"sqlite:///{file}")
    migrate.upgrade(template)
    template.close()
    return file


@pytest.fixture
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    server = _server(request)
    if server is None:
        yield f"sqlite:///{tmp_path / 'bare.sqlite'}"
    else:
        with _of_its_own(server, "template0") as url:
            yield url


@pytest.fixture
def engine_url(request: pytest.FixtureRequest, tmp_path: Path, _migrated: Path) -> Iterator[str]:
    """A database with all tables and no rows but those that the migrations bring."""
    with _copied(request, tmp_path, _migrated) as url:
        yield url


@pytest.fixture(scope="module")
def module_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _migrated: Path
) -> Iterator[str]:
    """One database for all tests of a file: where starting servers before it costs more than the tests do."""
    with _copied(request, tmp_path_factory.mktemp("module"), _migrated) as url:
        yield url


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(engine_url)
    yield opened
    opened.close()


def _server(request: pytest.FixtureRequest) -> programs.Cluster | None:
    if request.config.getoption("--database") == "sqlite":
        return None
    server: programs.Cluster = request.getfixturevalue("postgres")
    return server


@contextlib.contextmanager
def _copied(request: pytest.FixtureRequest, folder: Path, migrated: Path) -> Iterator[str]:
    server = _server(request)
    if server is None:
        file = shutil.copy(migrated, folder / "mypage.sqlite")
        yield f"sqlite:///{file}"
        # Whatever the test was about: what it left in the trail names nobody.
        assert trail_facts.strange_in(file) == []
    else:
        with _of_its_own(server, migrated.name) as url:
            yield url


@contextlib.contextmanager
def _of_its_own(server: programs.Cluster, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    yield server.fresh(name, template)
    server.drop(name)
