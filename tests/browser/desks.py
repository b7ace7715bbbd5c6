"""Members of staff before the running demo, logged in without their forms: those are tried where they belong."""

from datetime import UTC, datetime
from itertools import count

from mypage.domain.staff import Role
from mypage.services import staff_sessions
from mypage.store.engine import Database
from tests.browser.conftest import Portal
from tests.browser.person import Person
from tests.staffing import LIFETIME, a_member

_numbers = count(1)


def at_console(portal: Portal, person: Person, role: Role, name: str, **facts: object) -> Person:
    """Let ``person`` be a new member of staff of that role; ``facts`` as at :func:`a_member`."""
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    # All tests of a process share its demo, and do not know of one another's names.
    member = a_member(database, role, name, apart=f"-{next(_numbers)}", **facts)
    with database.writing() as connection:
        secret = staff_sessions.start(
            connection,
            member.id,
            stamp="stamp-of-birth",
            lifetime=LIFETIME,
            address="127.0.0.1",
            browser="a test",
            replaces=None,
            is_whole=True,
            now=datetime.now(UTC),
        )
    database.close()
    person.context.add_cookies([{"name": "staff-session", "value": secret, "url": portal.address}])
    return person
