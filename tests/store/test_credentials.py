"""What a login is checked against: the account of the id, or its neighbour's for the sake of the time."""

from mypage.store import credentials
from mypage.store.engine import Database
from tests.bills import an_account


def test_an_id_that_nobody_has_has_a_neighbour(database: Database) -> None:
    def nearest(login_key: str) -> tuple[bool, str | None]:
        with database.reading() as connection:
            is_there, found = credentials.nearest(connection, login_key)
        return is_there, found.login_id if found else None

    assert nearest("tarou") == (False, None)
    for login_id in ("Hanako", "tarou", "yuuko"):
        an_account(database, login_id=login_id)
    assert nearest("hanako") == (True, "Hanako")
    assert nearest("tarou") == (True, "tarou")
    assert nearest("tarou1") == (False, "yuuko")
    assert nearest("") == (False, "Hanako")
    assert nearest("zz") == (False, "Hanako"), "behind the last one the first"
