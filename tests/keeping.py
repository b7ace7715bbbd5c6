"""The keeper of handed-over files, as ``mypage web`` and ``mypage worker`` make it from settings."""

from mypage.config.load import load
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from tests.portal import environment


def a_keeper(database: Database, **settings: str) -> Keeper:
    """One before a test's database; ``settings`` as of :func:`tests.portal.environment`."""
    url = database.url.render_as_string(hide_password=False)
    return Keeper(load(environment(url, **settings)), database)
