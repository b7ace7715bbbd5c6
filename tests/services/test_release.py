"""The release of a registration: everything of it ends, the number is free, its next account waits, objections stop it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, insert, select, update

from mypage.domain.activation import LinkState
from mypage.domain.opening import ClosedBy
from mypage.services import activation, login, release, sessions
from mypage.services import trail as chain
from mypage.services.activation import Activated, Link
from mypage.services.registration import Registered
from mypage.services.release import NothingToStop, NotTheirs, Objected, Released, Settled
from mypage.services.sessions import Lifetime, Session
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, letter, login_name, outbox, released_customer
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.lettering import sign_up
from tests.signing_up import NOON, Person, accounts, mails, trail
from tests.together import at_the_same_time

KEY = "12345678"
HOUR = timedelta(hours=1)
LIFETIME = Lifetime(idle=timedelta(days=30), absolute=timedelta(days=30))


@pytest.fixture
def account_id(database: Database) -> str:
    """Tarou's account."""
    publish_customers(database, a_customer(), a_customer("70012"))
    return sign_up(database, NOON, proof="none")


def release_(database: Database, account_id: str, now: datetime = NOON) -> Released | NotTheirs:
    with database.writing() as connection:
        return release.release_account(
            connection,
            customer_key=KEY,
            account_id=account_id,
            acting_staff="suzuki",
            reason="別の方が登録されたとのお申し出",
            now=now,
        )


def objected(database: Database, now: datetime = NOON) -> Objected | NothingToStop:
    with database.writing() as connection:
        return release.object_to_release(
            connection, customer_key=KEY, acting_staff="suzuki", reason="前の登録者から電話", now=now
        )


def settled(database: Database, now: datetime = NOON) -> Settled | NothingToStop:
    with database.writing() as connection:
        return release.settle_objection(
            connection, customer_key=KEY, acting_staff="sato", reason="ご本人と確認", now=now
        )


def session_of(database: Database, account_id: str, now: datetime = NOON) -> str:
    with database.writing() as connection:
        entered = login.enter(
            connection,
            account_id,
            browser=login.Browser("192.0.2.1", "A browser", None),
            lifetime=LIFETIME,
            now=now,
        )
    assert entered is not None
    return entered.secret


def current(database: Database, secret: str, now: datetime = NOON) -> Session | None:
    return sessions.current(database.reader, secret, lifetime=LIFETIME, now=now)


def _account(database: Database, account_id: str) -> dict[str, object]:
    with database.reading() as connection:
        row = connection.execute(select(account).where(account.c.id == account_id)).mappings().one()
    return dict(row)


def _count(database: Database, table: object) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_the_sessions_end_at_once_and_nothing_opens_the_account_any_more(
    database: Database, account_id: str
) -> None:
    secret = session_of(database, account_id)
    assert current(database, secret) is not None
    assert release_(database, account_id) == Released(account_id, has_ended=True)
    assert current(database, secret) is None
    with database.writing() as connection:
        browser = login.Browser("192.0.2.1", "A browser", None)
        assert login.enter(connection, account_id, browser=browser, lifetime=LIFETIME, now=NOON) is None
        assert not activation.may_enter(connection, "nobody", NOON)
        attempt = login.reserve(
            connection, login_id="tarou-2026", devices=(), address="192.0.2.9", secret="s" * 40, now=NOON
        )
    assert isinstance(attempt, login.Attempt)
    assert attempt.account is None, "its id is nobody's"


def test_what_every_link_to_it_hangs_on_is_changed(database: Database, account_id: str) -> None:
    before = _account(database, account_id)
    release_(database, account_id)
    after = _account(database, account_id)
    assert after["state"] == "released"
    for fact in ("stamp", "password_hash", "email"):
        assert after[fact] != before[fact]
    assert (after["login_id"], after["nickname"], after["email"], after["password_hash"]) == ("", "", "", "")


def test_the_signup_s_link_says_no_longer_that_all_is_done(database: Database, account_id: str) -> None:
    person = Person(database)
    token = person.token(signed_at=NOON)
    assert isinstance(person.activate(token), Activated), "the second of two clicks"
    release_(database, account_id)
    assert person.activate(token) == Link(LinkState.EXPIRED)
    assert accounts(database) == (1, 0)


def test_the_number_and_the_login_id_register_anew_with_letters_of_their_own(
    database: Database, account_id: str
) -> None:
    release_(database, account_id)
    assert _count(database, login_name) == 0
    assert _count(database, letter) == 0
    newcomer = sign_up(database, NOON + HOUR, proof="letter")
    assert newcomer != account_id
    assert accounts(database) == (2, 1)
    with database.reading() as connection:
        assert connection.execute(select(letter.c.account_id, letter.c.serial)).one() == (newcomer, 1)
        owner = select(account_customer.c.account_id)
        assert connection.execute(owner).scalar_one() == newcomer


def test_the_mails_that_a_stranger_used_up_do_not_keep_the_owner_waiting(database: Database) -> None:
    publish_customers(database, a_customer())
    stranger = Person(database, browser="stranger")
    stranger.sign_up()
    for minutes in (1, 2, 3, 4):
        assert isinstance(stranger.resend(NOON + timedelta(minutes=minutes)), Registered)
    done = stranger.activate(stranger.token(signed_at=NOON))
    assert isinstance(done, Activated)
    release_(database, done.account_id)
    assert isinstance(Person(database, browser="owner").sign_up(NOON + HOUR), Registered)


def test_the_old_address_is_mailed_and_the_trail_holds_old_and_new(
    database: Database, account_id: str
) -> None:
    release_(database, account_id)
    with database.reading() as connection:
        mail = connection.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).mappings().one()
        details = connection.exec_driver_sql("SELECT detail FROM audit_detail ORDER BY seq DESC").first()
        assert chain.broken_at(connection) is None
    assert (mail["kind"], mail["recipient"]) == ("registration_released", "taro@example.jp")
    assert mail["facts"] == {"nickname": "タロウ", "at": NOON.isoformat()}
    last = trail(database, "action", "actor", "customer_key", "account_id", "facts")[-1]
    assert last[:4] == ("registration.released", "staff:suzuki", KEY, account_id)
    assert json.loads(last[4]) == {"before": "active", "after": "released"}
    assert details is not None
    assert json.loads(details[0]) == {
        "reason": "別の方が登録されたとのお申し出",
        "login_id": "tarou-2026",
        "email": "taro@example.jp",
    }


def test_only_the_account_that_owns_it_and_only_once(database: Database, account_id: str) -> None:
    assert release_(database, "another") == NotTheirs()
    assert release_(database, account_id) == Released(account_id, has_ended=True)
    assert release_(database, account_id) == NotTheirs()
    newcomer = sign_up(database, NOON + HOUR, proof="none")
    assert release_(database, account_id) == NotTheirs(), "the page was old: it is another's by now"
    assert release_(database, newcomer) == Released(newcomer, has_ended=True)
    assert [row[0] for row in trail(database)].count("registration.released") == 2


def test_of_several_customers_only_the_one_goes_and_its_shares(database: Database, account_id: str) -> None:
    daughter = an_account(database, "70012", login_id="daughter")
    with database.writing() as connection:
        connection.execute(
            insert(account_customer),
            [
                {"customer_key": "7", "account_id": account_id, "role": "owner", "since": NOON},
                {"customer_key": KEY, "account_id": daughter, "role": "shared", "since": NOON},
            ],
        )
    publish_customers(database, a_customer("7"))
    secret, hers = session_of(database, account_id), session_of(database, daughter)
    assert release_(database, account_id) == Released(account_id, has_ended=False)
    assert current(database, secret) is None, "every session of it ends"
    seen = current(database, session_of(database, account_id))
    assert seen is not None
    assert [each.key for each in seen.customers] == ["7"]
    kept = current(database, hers)
    assert kept is not None
    assert [each.key for each in kept.customers] == ["70012"]
    after = _account(database, account_id)
    assert (after["state"], after["login_id"], after["email"]) == ("active", "tarou-2026", "taro@example.jp")
    assert json.loads(trail(database, "facts")[-2][0]) == {"before": "active", "after": "active"}
    assert _count(database, login_name) == 1


def test_a_registration_that_waits_for_its_activation_is_left_alone(
    database: Database, account_id: str
) -> None:
    release_(database, account_id)
    other = Person(database, browser="other")
    other.sign_up(NOON + HOUR)
    assert release_(database, account_id) == NotTheirs()
    assert isinstance(other.activate(other.token(signed_at=NOON + HOUR), NOON + HOUR), Activated)


def test_the_next_account_is_shown_nothing_for_72_hours_from_its_activation(
    database: Database, account_id: str
) -> None:
    release_(database, account_id)
    late = NOON + 100 * HOUR
    newcomer = sign_up(database, late, proof="none")
    assert mails(database)[-1][:2] == ("registered_closed", "taro@example.jp")
    secret = session_of(database, newcomer, late)
    for at in (late, late + 72 * HOUR - timedelta(seconds=1)):
        seen = current(database, secret, at)
        assert seen is not None
        assert seen.customers == ()
        assert [(each.key, each.why, each.shown_from) for each in seen.closed] == [
            (KEY, ClosedBy.RELEASE, late + 72 * HOUR)
        ]
    seen = current(database, secret, late + 72 * HOUR)
    assert seen is not None
    assert [each.key for each in seen.customers] == [KEY]
    assert seen.closed == ()
    assert _count(database, released_customer) == 0


def test_only_the_next_account_waits_and_only_for_that_customer(database: Database, account_id: str) -> None:
    other = sign_up(
        database, NOON, proof="none", customer_key="70012", customer_number="70012", login_id="hanako"
    )
    release_(database, account_id)
    assert (seen := current(database, session_of(database, other))) is not None
    assert seen.closed == ()


def test_a_letter_is_asked_after_the_72_hours(database: Database, account_id: str) -> None:
    release_(database, account_id)
    newcomer = sign_up(database, NOON, proof="letter")
    secret = session_of(database, newcomer)

    def why(now: datetime, *, asks_letter: bool = True) -> list[ClosedBy]:
        seen = sessions.current(database.reader, secret, lifetime=LIFETIME, now=now, asks_letter=asks_letter)
        assert seen is not None
        return [each.why for each in seen.closed]

    assert why(NOON) == [ClosedBy.RELEASE]
    assert why(NOON + 72 * HOUR) == [ClosedBy.LETTER]
    assert why(NOON + 72 * HOUR, asks_letter=False) == []


def test_an_objection_after_the_activation_stops_it_until_staff_has_decided(
    database: Database, account_id: str
) -> None:
    release_(database, account_id)
    newcomer = sign_up(database, NOON, proof="none")
    secret = session_of(database, newcomer)
    assert objected(database, NOON + HOUR) == Objected()
    for hours in (2, 73, 500):
        seen = current(database, secret, NOON + hours * HOUR)
        assert seen is not None
        assert [each.why for each in seen.closed] == [ClosedBy.OBJECTION]
    assert objected(database, NOON + 80 * HOUR) == Objected(), "it stands, whoever says it again"
    assert settled(database, NOON + 90 * HOUR) == Settled(NOON + 72 * HOUR)
    seen = current(database, secret, NOON + 90 * HOUR)
    assert seen is not None
    assert [each.key for each in seen.customers] == [KEY]
    told = trail(database, "action", "actor", "customer_key", "account_id")
    assert told[-1] == ("release.settled", "staff:sato", KEY, newcomer)
    assert ("release.objected", "staff:suzuki", KEY, newcomer) in told


def test_an_objection_before_there_is_a_next_account_waits_for_it(
    database: Database, account_id: str
) -> None:
    release_(database, account_id)
    assert objected(database, NOON + HOUR) == Objected()
    newcomer = sign_up(database, NOON + 2 * HOUR, proof="none")
    secret = session_of(database, newcomer, NOON + 2 * HOUR)
    seen = current(database, secret, NOON + 200 * HOUR)
    assert seen is not None
    assert [each.why for each in seen.closed] == [ClosedBy.OBJECTION]


def test_an_objection_that_is_settled_early_leaves_the_72_hours(database: Database, account_id: str) -> None:
    release_(database, account_id)
    objected(database)
    assert settled(database) == Settled(None)
    newcomer = sign_up(database, NOON + HOUR, proof="none")
    seen = current(database, session_of(database, newcomer, NOON + HOUR), NOON + 2 * HOUR)
    assert seen is not None
    assert [each.why for each in seen.closed] == [ClosedBy.RELEASE]


def test_a_founded_objection_ends_with_a_second_release(database: Database, account_id: str) -> None:
    release_(database, account_id)
    stranger = sign_up(database, NOON, proof="none")
    objected(database, NOON + HOUR)
    assert release_(database, stranger, NOON + 2 * HOUR) == Released(stranger, has_ended=True)
    owner = sign_up(database, NOON + 3 * HOUR, proof="none")
    seen = current(database, session_of(database, owner, NOON + 3 * HOUR), NOON + 75 * HOUR)
    assert seen is not None
    assert [each.key for each in seen.customers] == [KEY], "the former objection is done with"


def test_where_nothing_was_released_there_is_nothing_to_object_to(
    database: Database, account_id: str
) -> None:
    assert objected(database) == NothingToStop()
    assert settled(database) == NothingToStop()
    release_(database, account_id)
    assert settled(database) == NothingToStop()
    sign_up(database, NOON, proof="none")
    assert settled(database) == NothingToStop()
    assert objected(database, NOON + 72 * HOUR) == NothingToStop(), "it is shown by now"
    assert [row[0] for row in trail(database)].count("release.objected") == 0


def test_a_suspended_account_is_released_too(database: Database, account_id: str) -> None:
    with database.writing() as connection:
        connection.execute(update(account).values(state="suspended"))
    assert release_(database, account_id) == Released(account_id, has_ended=True)
    assert json.loads(trail(database, "facts")[-1][0]) == {"before": "suspended", "after": "released"}


def test_an_account_whose_signup_is_forgotten_is_released_too(database: Database) -> None:
    publish_customers(database, a_customer())
    grandmother = an_account(database, KEY, login_id="grandmother")
    assert release_(database, grandmother) == Released(grandmother, has_ended=True)


def test_two_who_release_at_once_release_once(database: Database, account_id: str) -> None:
    outcomes = at_the_same_time([partial(release_, database, account_id)] * 4)
    assert sorted(map(str, outcomes)) == sorted(
        [str(Released(account_id, has_ended=True))] + [str(NotTheirs())] * 3
    )
    assert [kind for kind, *_ in mails(database)].count("registration_released") == 1


@pytest.mark.parametrize("turn", range(2))
def test_released_and_activated_at_once_there_is_one_owner_at_most(
    database: Database, account_id: str, turn: int
) -> None:
    release_(database, account_id)
    other = Person(database, browser="other")
    other.sign_up(NOON + turn * HOUR)
    token = other.token(signed_at=NOON)

    def activated() -> object:
        return other.activate(token, NOON + turn * HOUR)

    def released() -> object:
        with database.reading() as connection:
            owner = connection.execute(select(account_customer.c.account_id)).scalar()
        return release_(database, owner or "nobody yet")

    outcomes = at_the_same_time([activated, released, activated, released])
    owners = _count(database, account_customer)
    assert owners <= 1
    # Whoever was released waits again; whoever was activated afterwards waits from then on.
    assert _count(database, released_customer) == 1 - owners
    assert any(isinstance(each, Activated) for each in outcomes)
    with database.reading() as connection:
        assert chain.broken_at(connection) is None


def test_a_login_beside_the_release_leaves_no_session(database: Database, account_id: str) -> None:
    def entered() -> str | None:
        with database.writing() as connection:
            outcome = login.enter(
                connection,
                account_id,
                browser=login.Browser("192.0.2.1", "A browser", None),
                lifetime=LIFETIME,
                now=NOON,
            )
        return outcome.secret if outcome else None

    deeds: list[Callable[[], object]] = [entered, partial(release_, database, account_id), entered]
    outcomes = at_the_same_time(deeds)
    for secret in (each for each in outcomes if isinstance(each, str)):
        assert current(database, secret) is None
