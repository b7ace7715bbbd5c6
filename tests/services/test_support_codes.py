"""お電話用の確認番号: used once, limited, dead with whatever ends the account's sessions, and nowhere to be read."""

import json
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from mypage.config.settings import Settings
from mypage.domain import support_code as rules
from mypage.domain.support_code import Refusal, State
from mypage.services import support_codes
from mypage.services.support_codes import Made, Redeemed, Refused, Shown
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, support_code
from mypage.works.clean_up import clean_up
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS
from tests.signing_up import NOON, settings, trail
from tests.together import at_the_same_time

KEY, OTHER = "12345678", "70012"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
NEWER = settings(secret_keys=f"{'n' * 40},{SECRET_KEYS}")
UNKNOWN = Refused(Refusal.UNKNOWN)


@pytest.fixture
def account_id(database: Database) -> str:
    """Tarou, who has two contracts."""
    publish_customers(database, a_customer(), a_customer(OTHER))
    return an_account(database, KEY, OTHER)


def look(
    database: Database, account_id: str, now: datetime = NOON, key: str = KEY, chosen: Settings | None = None
) -> Shown:
    with database.reading() as connection:
        return support_codes.look(connection, key, account_id, settings=chosen or settings(), now=now)


def make(database: Database, account_id: str, now: datetime = NOON, key: str = KEY) -> str:
    """Press the button and read what is shown."""
    after = look(database, account_id, now, key).mark
    with database.writing() as connection:
        made = support_codes.make(connection, key, account_id, after=after, settings=settings(), now=now)
    assert made == Made()
    return look(database, account_id, now, key).digits


def redeem(
    database: Database, typed: str, now: datetime = NOON, staff_id: str = "sato", **how: str
) -> Redeemed | Refused | Waiting:
    with database.writing() as connection:
        return support_codes.redeem(connection, typed, staff_id=staff_id, settings=settings(), now=now, **how)


def rows(database: Database) -> list[tuple[str, str, str | None, dict[str, object]]]:
    """Action, actor, customer and facts of what was told of numbers."""
    told = trail(database, "action", "actor", "customer_key", "facts")
    return [(*row[:3], json.loads(row[3])) for row in told if row[0].startswith("support_code.")]


def test_made_read_out_and_used_once(database: Database, account_id: str) -> None:
    assert look(database, account_id) == Shown(State.NONE)
    digits = make(database, account_id)
    assert look(database, account_id, NOON + 9 * MINUTE).digits == digits, "it can be looked at again"
    assert look(database, account_id, key=OTHER).state is State.NONE
    at = NOON + 2 * MINUTE
    typed = " ".join(rules.groups(digits))
    assert redeem(database, typed, at) == Redeemed(KEY, account_id)
    shown = look(database, account_id, at)
    assert (shown.state, shown.redeemed_at, shown.digits) == (State.USED, at, "")
    assert redeem(database, digits, at + SECOND, "suzuki") == Refused(Refusal.USED)
    # The search box and the note of the same call.
    assert redeem(database, digits, at + MINUTE, customer_key=KEY) == Redeemed(KEY, account_id)
    with database.reading() as connection:
        lately = partial(support_codes.redeemed_lately, connection, customer_key=KEY)
        assert lately(staff_id="sato", now=at + 29 * MINUTE) == at
        assert lately(staff_id="sato", now=at + 30 * MINUTE) is None
        assert lately(staff_id="suzuki", now=at) is None
        assert support_codes.redeemed_lately(connection, staff_id="sato", customer_key=OTHER, now=at) is None
    assert rows(database) == [
        ("support_code.made", f"account:{account_id}", KEY, {"replaces": False}),
        ("support_code.redeemed", "staff:sato", KEY, {}),
        ("support_code.refused", "staff:suzuki", KEY, {"reason": "used"}),
    ]


def test_a_new_one_ends_the_one_before_and_a_second_click_does_not(
    database: Database, account_id: str
) -> None:
    first = make(database, account_id)
    with database.writing() as connection:
        again = support_codes.make(
            connection, KEY, account_id, after="", settings=settings(), now=NOON + SECOND
        )
    assert again == Made()
    assert look(database, account_id).digits == first
    second = make(database, account_id, NOON + MINUTE)
    assert second != first
    assert redeem(database, first, NOON + MINUTE) == UNKNOWN
    assert redeem(database, second, NOON + MINUTE) == Redeemed(KEY, account_id)
    assert [row[3] for row in rows(database) if row[0] == "support_code.made"] == [
        {"replaces": False},
        {"replaces": True},
    ]
    assert [row[2:] for row in rows(database) if row[0] == "support_code.refused"] == [
        (None, {"reason": "unknown"})
    ]


def test_ten_minutes_and_then_the_trail_tells_that_nobody_used_it(
    database: Database, account_id: str
) -> None:
    digits = make(database, account_id)
    make(database, account_id, NOON + MINUTE, OTHER)
    end = NOON + 10 * MINUTE
    assert clean_up(settings(), database, end - SECOND)["support_codes"] == 0
    assert look(database, account_id, end).state is State.EXPIRED
    assert redeem(database, digits, end) == Refused(Refusal.EXPIRED)
    assert clean_up(settings(), database, end)["support_codes"] == 1
    assert clean_up(settings(), database, end)["support_codes"] == 0
    assert rows(database)[-1] == ("support_code.expired", "worker", KEY, {})
    assert look(database, account_id, end).state is State.EXPIRED
    assert make(database, account_id, end) != digits
    # What was used has not expired, and a day later nothing is kept.
    redeem(database, look(database, account_id, end).digits, end)
    assert clean_up(settings(), database, end + 10 * MINUTE)["support_codes"] == 1
    assert clean_up(settings(), database, end + timedelta(days=2))["support_codes"] == 0
    with database.reading() as connection:
        assert connection.execute(select(support_code)).all() == []


def test_another_customer_s_number_is_told_and_stays_good(database: Database, account_id: str) -> None:
    digits = make(database, account_id, key=OTHER)
    assert redeem(database, digits, customer_key=KEY) == Refused(Refusal.OF_ANOTHER)
    assert rows(database)[-1] == ("support_code.refused", "staff:sato", None, {"reason": "of_another"})
    assert redeem(database, digits, customer_key=OTHER) == Redeemed(OTHER, account_id)


def test_what_ends_the_account_s_sessions_ends_its_number(database: Database, account_id: str) -> None:
    def with_(table: object, **values: object) -> object:
        digits = make(database, account_id, NOON + MINUTE)
        with database.writing() as connection:
            connection.execute(update(table).values(**values))  # type: ignore[arg-type]
        assert look(database, account_id, NOON + MINUTE).state is State.NONE
        return redeem(database, digits, NOON + MINUTE)

    assert with_(account, stamp="another") == UNKNOWN
    assert with_(account, state="suspended") == UNKNOWN
    with database.writing() as connection:
        connection.execute(update(account).values(state="active"))
    assert with_(account_customer, objected_at=NOON) == UNKNOWN
    with database.writing() as connection:
        connection.execute(update(account_customer).values(objected_at=None))
    digits = make(database, account_id, NOON + MINUTE)
    publish_customers(database, a_customer(web_registration=False))
    assert redeem(database, digits, NOON + MINUTE) == UNKNOWN
    publish_customers(database, a_customer())
    with database.writing() as connection:
        connection.execute(account_customer.delete())
    assert redeem(database, digits, NOON + MINUTE) == UNKNOWN
    with database.writing() as connection:
        connection.execute(account.delete())
    assert redeem(database, digits, NOON + MINUTE) == UNKNOWN


def test_random_numbers_are_limited_by_member_of_staff_and_for_all(
    database: Database, account_id: str
) -> None:
    assert redeem(database, "123456789") == Refused(Refusal.MISHEARD)
    assert rows(database) == [], "a number that was misheard is no try"
    wrong = [digits for salt in range(20) if (digits := rules.number("k" * 40, str(salt)))]
    for digits in wrong[:8]:
        assert redeem(database, digits) == UNKNOWN
    right = make(database, account_id)
    waits = redeem(database, right)
    assert isinstance(waits, Waiting)
    assert waits.minutes == 1
    assert rows(database)[-1] == (
        "support_code.throttled",
        "staff:sato",
        None,
        {"scope": "support-code.staff"},
    )
    for digits in wrong:
        redeem(database, digits)
    throttled = [row for row in rows(database) if row[0] == "support_code.throttled"]
    assert len(throttled) == 4, "and the trail is not filled with it"
    # Others are not kept from it, and a right number costs nobody a try.
    for _ in range(3):
        assert redeem(database, make(database, account_id), NOON, "suzuki") == Redeemed(KEY, account_id)
    with database.writing() as connection:
        # All of them in one transaction: a commit for each takes longer than the rest of this file.
        for tried in range(1000):
            support_codes.redeem(
                connection,
                wrong[tried % 8],
                staff_id=f"agent {tried // 8}",
                settings=settings(),
                now=NOON,
            )
    last = redeem(database, make(database, account_id), NOON, "suzuki")
    assert isinstance(last, Waiting)
    assert last.scope == "support-code.all"


def test_making_is_limited_too(database: Database, account_id: str) -> None:
    for _ in range(20):
        make(database, account_id)
    with database.writing() as connection:
        again = partial(support_codes.make, connection, KEY, account_id, settings=settings(), now=NOON)
        waits = again(
            after=support_codes.look(connection, KEY, account_id, settings=settings(), now=NOON).mark
        )
        assert isinstance(waits, Waiting)
    assert rows(database)[-1][0] == "support_code.throttled"
    with database.writing() as connection:
        for _ in range(8):
            waits = support_codes.make(
                connection, KEY, account_id, after=NOON.isoformat(), settings=settings(), now=NOON
            )
    assert len([row for row in rows(database) if row[0] == "support_code.throttled"]) == 4


def test_a_new_signing_key_leaves_numbers_good(database: Database, account_id: str) -> None:
    digits = make(database, account_id)
    assert look(database, account_id, chosen=NEWER).digits == digits
    assert look(database, account_id, chosen=settings(secret_keys="x" * 40)).state is State.NONE
    with database.writing() as connection:
        done = support_codes.redeem(connection, digits, staff_id="sato", settings=NEWER, now=NOON)
    assert done == Redeemed(KEY, account_id)


def test_two_numbers_of_the_same_digits_are_never_alive(
    database: Database, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    salts = iter(["same", "same", "same", "another"])
    # Chance, held still: it would take ninety million numbers.
    monkeypatch.setattr(support_codes, "secrets", SimpleNamespace(token_hex=lambda _: next(salts)))
    with database.writing() as connection:
        support_codes.make(connection, KEY, account_id, after="", settings=settings(), now=NOON)
        support_codes.make(connection, OTHER, account_id, after="", settings=settings(), now=NOON)
    one, other = look(database, account_id).digits, look(database, account_id, key=OTHER).digits
    assert one == rules.number(SECRET_KEYS, "same")
    assert other == rules.number(SECRET_KEYS, "another")


def test_eight_at_once_are_one(database: Database, account_id: str) -> None:
    made = at_the_same_time([partial(_press, database, account_id)] * 8)
    assert made == [Made()] * 8
    assert [row[0] for row in rows(database)] == ["support_code.made"]
    digits = look(database, account_id).digits
    outcomes = at_the_same_time([partial(redeem, database, digits, NOON, f"agent {n}") for n in range(8)])
    assert sorted(map(str, outcomes)) == sorted(
        [str(Redeemed(KEY, account_id)), *[str(Refused(Refusal.USED))] * 7]
    )
    digits = make(database, account_id, NOON + MINUTE)
    outcomes = at_the_same_time([partial(redeem, database, digits, NOON + MINUTE)] * 8)
    assert outcomes == [Redeemed(KEY, account_id)] * 8, "one member of staff with an eager finger"
    assert [row[0] for row in rows(database)].count("support_code.redeemed") == 2


def _press(database: Database, account_id: str) -> object:
    with database.writing() as connection:
        return support_codes.make(connection, KEY, account_id, after="", settings=settings(), now=NOON)


def test_the_digits_stand_nowhere(database: Database, account_id: str) -> None:
    digits = make(database, account_id)
    redeem(database, digits)
    with database.reading() as connection:
        kept = str(connection.execute(select(support_code)).all()) + str(
            trail(database, "facts", "detail_digest")
        )
    assert digits not in kept
    if database.is_sqlite:
        assert digits.encode() not in Path(str(database.url.database)).read_bytes()
