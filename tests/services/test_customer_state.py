"""How a customer stands, and the mark that a form of the console carries of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import insert, update

from mypage.domain.customer_state import CustomerState, Standing, WaitFor
from mypage.domain.identity import MissedItem
from mypage.domain.opening import ClosedBy
from mypage.domain.trail import Action
from mypage.services import customer_state, release, trail
from mypage.services.trail import Event
from mypage.services.waits import _FOR
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, login_session
from tests.bills import STAMP, an_account
from tests.builders import a_customer, publish_customers
from tests.signing_up import NOON, Person, settings

KEY = "12345678"
HOUR = timedelta(hours=1)


def state(database: Database, now: datetime = NOON, key: str = KEY, **chosen: str) -> CustomerState:
    with database.reading() as connection:
        found = customer_state.of_customer(connection, key, settings=settings(**chosen), now=now)
    assert found is not None
    return found


def test_from_unregistered_to_released(database: Database) -> None:
    publish_customers(database, a_customer())
    marks = [state(database).mark]
    assert (state(database).standing, state(database).bars) == (Standing.NOT_REGISTERED, ())
    person = Person(database)
    person.sign_up(NOON)
    pending = state(database)
    assert pending.standing is Standing.PROVISIONAL
    assert (pending.serial, pending.registration_key, pending.provisional_until) == (1, KEY, None)
    marks.append(pending.mark)
    lapsed = state(database, NOON + 73 * HOUR)
    assert (lapsed.standing, lapsed.lapsed_at) == (Standing.NOT_REGISTERED, NOON + 72 * HOUR)
    marks.append(lapsed.mark)
    account_id = person.activate(now=NOON + HOUR).account_id  # type: ignore[attr-defined]
    active = state(database, NOON + HOUR)
    assert (active.standing, active.account_id, active.account_key) == (
        Standing.REGISTERED,
        account_id,
        KEY,
    )
    assert (active.lapsed_at, active.registration_id, active.devices) == (None, None, 0)
    marks.append(active.mark)
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended", mail_refused_at=NOON))
    suspended = state(database, NOON + HOUR)
    assert (suspended.standing, suspended.mail_refused) == (Standing.SUSPENDED, True)
    marks.append(suspended.mark)
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key=KEY,
            account_id=account_id,
            acting_staff="s1",
            reason="本人の申し出",
            now=NOON + HOUR,
        )
    released = state(database, NOON + HOUR)
    assert (released.standing, released.is_released, released.objected) == (
        Standing.NOT_REGISTERED,
        True,
        False,
    )
    marks.append(released.mark)
    assert len(set(marks)) == len(marks)


def test_what_closes_an_account_and_how_many_devices_are_logged_in(database: Database) -> None:
    publish_customers(database, a_customer())
    account_id = an_account(database, KEY)
    row = {"account_id": account_id, "address": "", "browser": "", "created_at": NOON - HOUR}
    with database.writing() as connection:
        for place, (stamp, touched) in enumerate(((STAMP, NOON), (STAMP, NOON - HOUR), ("old", NOON))):
            connection.execute(
                insert(login_session).values(id_hash=str(place), stamp=stamp, touched_at=touched, **row)
            )
        closing = {"shown_from": NOON + 72 * HOUR, "awaits_letter": True}
        connection.execute(update(account_customer).values(**closing))
    assert state(database).devices == 1
    closed = state(database, signup_proof="letter")
    assert (closed.closed_by, closed.awaits_letter) == (ClosedBy.RELEASE, True)
    opened = state(database, NOON + 73 * HOUR)
    assert (opened.closed_by, opened.awaits_letter, opened.shown_from) == (None, False, None)


def test_what_the_master_forbids_and_whom_nobody_knows(database: Database) -> None:
    publish_customers(
        database,
        a_customer("1", web_registration=False),
        a_customer("2", status="ended", ended_on=date(2020, 1, 1)),
    )
    assert state(database, key="1").bars == (MissedItem.WEB_REGISTRATION_OFF,)
    assert not state(database, key="1").web_registration
    assert state(database, key="2").bars == (MissedItem.ENDED_TOO_LONG_AGO,)
    with database.reading() as connection:
        for key in ("3", "", "0012", "12-1", "<script>", "1" * 30):
            assert customer_state.of_customer(connection, key, settings=settings(), now=NOON) is None
    an_account(database, "3")
    assert state(database, key="3").standing is Standing.REGISTERED


def test_own_misses_change_no_mark_and_staff_s_acts_do(database: Database) -> None:
    publish_customers(database, a_customer())
    before = state(database).mark
    person = Person(database)
    for _ in range(4):
        person.prove(NOON, phone="0311112222")
    waiting = state(database)
    assert [wait.what for wait in waiting.waits] == [WaitFor.SIGNUP]
    assert waiting.waits[0].until > NOON
    assert waiting.mark == before
    assert state(database, NOON + HOUR).waits == ()

    def record(action: Action, facts: Mapping[str, object]) -> str:
        event = Event(action=action, actor="staff:s1", at=NOON, customer_key=KEY, facts=facts)
        with database.writing() as connection:
            trail.record_all(connection, [event])
        return state(database).mark

    assert record(Action.CUSTOMER_OPENED, {"revealed": []}) == before
    acted = {record(Action.RELEASE_OBJECTED, {}), record(Action.RELEASE_OBJECTED, {})}
    assert len(acted) == 2
    assert before not in acted


def test_every_wait_has_its_words() -> None:
    assert set(_FOR.values()) == set(WaitFor)
