"""Members of staff who act for a caller, by services; customers in every state in which staff meet them.

desk = Desk(database)
desk.call("12345678")                                  # noted: the holder, by name and address
desk.do(SupportAct.SUSPEND, "12345678")                # with the mark of the state as it is now
request = desk.ask(SupportAct.RELEASE, "12345678")     # with a call-back
colleague.approve(request)
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from mypage.domain import support_reason
from mypage.domain.customer_state import CustomerState
from mypage.domain.staff import Role
from mypage.domain.support_act import SupportAct
from mypage.domain.support_call import Caller, Verified
from mypage.services import call_backs, calls, customer_state, lapse, release, support_acts
from mypage.services.approvals import StaffRequest
from mypage.services.calls import Call
from mypage.services.support_acts import Asked
from mypage.store.engine import Database
from mypage.store.schema import account, outbox, staff
from tests.builders import a_customer, publish_customers
from tests.signing_up import NOON, Person, settings
from tests.staffing import a_member

KEY = "12345678"
HOUR = timedelta(hours=1)


class Desk:
    """A member of staff with a telephone at hand."""

    def __init__(self, database: Database, name: str = "佐藤", role: Role = Role.AGENT, **facts: Any) -> None:
        self.database = database
        self.settings = settings()
        self.member = a_member(database, role, name, **facts)

    def call(
        self, key: str = KEY, now: datetime = NOON, *, verified: tuple[Verified, ...] | None = None
    ) -> Call:
        """Note a call."""
        with self.database.writing() as connection:
            return calls.note(
                connection,
                staff_id=self.member.id,
                customer_key=key,
                caller=Caller.SELF,
                verified=verified or (Verified.IDENTITY, Verified.ADDRESS),
                now=now,
            )

    def call_back(self, key: str = KEY, now: datetime = NOON) -> None:
        """Reach the holder at the master's first number."""
        call = self.call(key, now)
        with self.database.writing() as connection:
            state = customer_state.of_customer(connection, key, settings=self.settings, now=now)
            assert state is not None
            number = call_backs.numbers(connection, state, now=now)[0]
            call_backs.reach(connection, call, number, Caller.SELF, now=now)

    def do(self, act: SupportAct, key: str = KEY, now: datetime = NOON, **changed: Any) -> Any:
        """Press the button on a page that is fresh, unless ``mark`` is another one."""
        said = {
            "mark": state_of(self.database, key, now).mark,
            "reason": support_reason.reasons(act)[0],
            "email": "new@example.jp" if act is SupportAct.CORRECT_ADDRESS else "",
            **changed,
        }
        asked = Asked(act=act, customer_key=key, staff_id=self.member.id, **said)
        with self.database.writing() as connection:
            return support_acts.do(connection, asked, settings=self.settings, now=now)

    def ask(self, act: SupportAct, key: str = KEY, now: datetime = NOON, **changed: Any) -> StaffRequest:
        """Ask a second person for an act, with a call-back."""
        self.call_back(key, now)
        asked = self.do(act, key, now, **changed)
        assert isinstance(asked, StaffRequest), asked
        return asked

    def approve(self, request: StaffRequest, now: datetime = NOON) -> Any:
        """Be the second person."""
        with self.database.writing() as connection:
            return support_acts.approve(
                connection, request.id, staff_id=self.member.id, settings=self.settings, now=now
            )


def state_of(database: Database, key: str = KEY, now: datetime = NOON) -> CustomerState:
    """How a customer stands."""
    with database.reading() as connection:
        state = customer_state.of_customer(connection, key, settings=settings(), now=now)
    assert state is not None
    return state


def none(database: Database) -> None:
    """In the master, and nothing more."""
    publish_customers(database, a_customer())


def waiting(database: Database) -> None:
    """Shut out for a while, after four wrong tries."""
    none(database)
    for _ in range(4):
        Person(database).prove(NOON, phone="0311112222")


def provisional(database: Database) -> None:
    """Registered an hour ago, and not activated."""
    none(database)
    Person(database).sign_up(NOON - HOUR)


def expired(database: Database) -> None:
    """Registered, and never activated."""
    none(database)
    Person(database).sign_up(NOON - 80 * HOUR)
    with database.writing() as connection:
        assert lapse.end_if_lapsed(connection, KEY, actor="worker", now=NOON - HOUR)


def active(database: Database) -> str:
    """Registered and activated, logged in on a device; the account."""
    none(database)
    person = Person(database)
    person.sign_up(NOON - HOUR)
    activated: Any = person.activate(now=NOON - HOUR)
    log_in(database, activated.account_id)
    return str(activated.account_id)


def suspended(database: Database) -> None:
    """Activated, and kept from logging in."""
    active(database)
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended", stamp="another"))


def released(database: Database) -> None:
    """Taken from its account, and registered by nobody since."""
    account_id = active(database)
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key=KEY,
            account_id=account_id,
            acting_staff="someone",
            reason="別の人が登録していた",
            now=NOON - HOUR,
        )


def closed(database: Database) -> None:
    """Registered anew after a release: nothing is shown for 72 hours."""
    released(database)
    person = Person(database, browser="the next one")
    person.sign_up(NOON - HOUR, login_id="next-2026", email="next@example.jp")
    person.activate(person.token(), NOON - HOUR)


def objected(database: Database) -> None:
    """The same, and somebody objects."""
    closed(database)
    with database.writing() as connection:
        release.object_to_release(
            connection, customer_key=KEY, acting_staff="someone", reason="前の方から", now=NOON - HOUR
        )


STATES: dict[str, Callable[[Database], object]] = {
    each.__name__: each
    for each in (
        none,
        waiting,
        provisional,
        expired,
        active,
        suspended,
        released,
        closed,
        objected,
    )
}


def log_in(database: Database, account_id: str) -> None:
    """Open a session of the account."""
    from mypage.services import sessions
    from tests.staffing import LIFETIME

    with database.writing() as connection:
        stamp = connection.scalar(select(account.c.stamp).where(account.c.id == account_id))
        sessions.start(
            connection,
            account_id,
            stamp=str(stamp),
            lifetime=LIFETIME,
            address="192.0.2.1",
            browser="a browser",
            replaces=None,
            now=NOON - timedelta(minutes=1),
        )


def keep_from_web(database: Database) -> None:
    """A later file says Web登録不可."""
    publish_customers(database, a_customer(web_registration=False))


def mails_since(database: Database, since: int = 0) -> list[tuple[str, str]]:
    """Kind and recipient of each mail that was written after the one with that id."""
    query = select(outbox.c.kind, outbox.c.recipient).where(outbox.c.id > since).order_by(outbox.c.id)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def newest_mail(database: Database) -> int:
    """The id of the newest mail, 0 where there is none."""
    with database.reading() as connection:
        return connection.scalar(select(outbox.c.id).order_by(outbox.c.id.desc()).limit(1)) or 0


def change_staff(database: Database, staff_id: str, **values: Any) -> None:
    """Write into a member of staff."""
    with database.writing() as connection:
        connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))
