"""Nobody outside learns at these doors whether a number, an id or an account is there, or which item missed.

Every case sends the same number of tries from an address of its own; the first answers of all cases must be the same,
the second ones, … and those during the wait: bytes, headers, statements, verified passwords, rows. What takes the
same work but another time is told by ``test_no_oracle_by_the_clock.py``.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest

from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account, password_hash
from tests.builders import a_customer, publish_customers, take_back
from tests.oracle import Onlooker, Seen, all_alike
from tests.portal import portal
from tests.signing_up import Person, mails

# Four are free, the fifth waits.
TRIES = 5
NAME, OTHER_NAME = "アイコム　タロウ", "ベツノナ　ハナコ"
# What is asked once a process (what is published, the words of a page) is no part of the comparison.
WARM_UP = {
    "to warm up": [
        {
            "customer_number": "70000900",
            "phone": "0399999999",
            "name_kana": "サンノナ　ジロウ",
            "registration_key": "-",
        }
    ]
    * TRIES
}


def _customers(database: Database) -> dict[str, dict[str, str]]:
    """What somebody types who must not get in, by why; every case has a customer of its own."""
    numbers = (str(number) for number in range(70_000_101, 70_000_200, 3))
    phones = (f"07486{number:05}" for number in range(101, 200))
    published, cases = [], {}

    def case(name: str, typed: Mapping[str, str] | None = None, **facts: object) -> tuple[str, str]:
        number, phone = next(numbers), next(phones)
        published.append(a_customer(number, **{"phone": phone, "registration_key": "AB12CD34EF", **facts}))
        right = {"customer_number": number, "phone": phone, "name_kana": NAME}
        cases[name] = {**right, **(typed or {})}
        return number, phone

    case("wrong name", {"name_kana": OTHER_NAME})
    case("wrong telephone", {"phone": "0312345670"})
    case("wrong name and telephone", {"name_kana": OTHER_NAME, "phone": "0312345671"})
    case("ended too long ago", status="ended", ended_on=date(2020, 3, 31))
    case("ended, nobody knows when", status="ended")
    case("not yet contracted", contracted_on=date(2099, 4, 1))
    case("kept from the web", web_registration=False)
    case("no telephone in the master", phone=None)
    case("a telephone that is a dummy", phone="0000000000")
    case("a name in kanji", name_kana="愛込　太郎")
    case("gone from the master", tombstone=True)
    number, _ = case("telephone of one holder, name of the other", {"name_kana": OTHER_NAME})
    published.append(a_customer(number, holder_no=2, name_kana=OTHER_NAME, phone="0311112222"))
    registered, _ = case("registered, wrong name", {"name_kana": OTHER_NAME})
    number, phone = case("registered provisionally, wrong name", {"name_kana": OTHER_NAME})
    publish_customers(database, *published)
    an_account(database, registered, login_id="registered")
    pending = Person(database, browser="pending")
    pending.sign_up(datetime.now(UTC), customer_number=number, phone=phone, login_id="pending")
    taken_back = publish_customers(database, a_customer("70000500", phone="0748600500"))
    take_back(database, taken_back)
    cases["of a batch that was taken back"] = {
        "customer_number": "70000500",
        "phone": "0748600500",
        "name_kana": NAME,
    }
    unknown = {"phone": "0312345678", "name_kana": OTHER_NAME}
    cases["unknown number"] = {"customer_number": "70000102", **unknown}
    cases["unknown number behind the last one"] = {
        "customer_number": "99999999",
        **unknown,
        "phone": "0312345679",
    }
    return cases


class Door(NamedTuple):
    """A form, and what is typed into it for each case, at each of the tries."""

    path: str
    cases: Mapping[str, list[dict[str, str]]]


def _through(onlooker: Onlooker, door: Door) -> dict[str, list[Seen]]:
    seen = {}
    for case, tries in door.cases.items():
        guest = onlooker.arrives(door.path)
        seen[case] = [onlooker.sees(guest, door.path, typed) for typed in tries]
    return seen


@pytest.fixture
def onlooker(database: Database, monkeypatch: pytest.MonkeyPatch, signup_proof: str) -> Onlooker:
    """Somebody before a portal with that proof."""
    app = portal(database, trusted_proxies="127.0.0.1", signup_proof=signup_proof)
    return Onlooker(database, app, monkeypatch)


@pytest.fixture
def signup_proof() -> str:
    """What is asked besides the three items."""
    return "none"


def test_who_misses_the_identity_learns_nothing_else(database: Database, onlooker: Onlooker) -> None:
    cases = _customers(database)
    before = mails(database)
    _through(onlooker, Door("/signup", WARM_UP))
    seen = _through(onlooker, Door("/signup", {case: [typed] * TRIES for case, typed in cases.items()}))
    all_alike(seen)
    first, *_, fourth, waiting = seen["unknown number"]
    assert [each.status for each in (first, fourth, waiting)] == [200, 200, 429]
    assert "A-03" in first.body
    assert "約1分後" in waiting.body
    assert ("Retry-After", "60") in waiting.headers
    assert all(each.verified == 0 for each in seen["unknown number"])
    assert mails(database) == before, "a miss mails nobody"


def test_a_right_claim_during_the_wait_is_answered_like_a_wrong_one(
    database: Database, onlooker: Onlooker
) -> None:
    publish_customers(database, a_customer("70000101", phone="0748600101"))
    right = {"customer_number": "70000101", "phone": "0748600101", "name_kana": NAME}
    unknown = {"customer_number": "70000102", "phone": "0748600102", "name_kana": NAME}
    wrong = {**right, "name_kana": OTHER_NAME}
    _through(onlooker, Door("/signup", WARM_UP))
    door = Door("/signup", {"right": [wrong] * 4 + [right], "unknown": [unknown] * 5})
    all_alike(_through(onlooker, door))


@pytest.mark.parametrize("signup_proof", ["key"])
def test_a_wrong_registration_key_is_a_miss_like_any(database: Database, onlooker: Onlooker) -> None:
    cases = {
        case: {**typed, "registration_key": "AB12CD34EF"} for case, typed in _customers(database).items()
    }
    publish_customers(
        database,
        a_customer("70000701", phone="0748600701", registration_key="ZZ99ZZ99ZZ"),
        a_customer("70000702", phone="0748600702", registration_key=None),
    )
    for number, case in (("70000701", "wrong key"), ("70000702", "no key in the master")):
        cases[case] = {
            "customer_number": number,
            "phone": f"07486{number[-5:]}",
            "name_kana": NAME,
            "registration_key": "AB12CD34EF",
        }
    _through(onlooker, Door("/signup", WARM_UP))
    all_alike(_through(onlooker, Door("/signup", {case: [typed] * TRIES for case, typed in cases.items()})))


def test_who_cannot_log_in_learns_nothing_else(database: Database, onlooker: Onlooker) -> None:
    publish_customers(
        database,
        *(a_customer(str(number), phone=f"07486{number:05}") for number in range(70_001, 70_009)),
        a_customer("70009", web_registration=False),
        a_customer("70010", web_registration=False),
        a_customer("70011", tombstone=True),
    )
    an_account(database, "70001", login_id="known-id-1")
    an_account(database, "70002", login_id="known-id-2", state="suspended")
    an_account(database, "70003", login_id="known-id-3", state="suspended")
    for login_id, number in (("known-id-4", "70009"), ("known-id-5", "70010"), ("known-id-6", "70011")):
        an_account(database, number, login_id=login_id)
    pending = Person(database, browser="pending")
    pending.sign_up(
        datetime.now(UTC),
        customer_number="70008",
        phone="0748670008",
        login_id="pending-id",
        password_hash=password_hash(),
    )
    wrong = PASSWORD.replace("7", "8")
    typed = {
        "unknown": ("nobody-s-id", wrong),
        "unknown, with somebody's password": ("nobody-s-i2", PASSWORD),
        "known, wrong password": ("known-id-1", wrong),
        "provisional, right password": ("pending-id", PASSWORD),
        "suspended, right password": ("known-id-2", PASSWORD),
        "suspended, wrong password": ("known-id-3", wrong),
        "kept from the web, right password": ("known-id-4", PASSWORD),
        "kept from the web, wrong password": ("known-id-5", wrong),
        "gone from the master, right password": ("known-id-6", PASSWORD),
        "no id at all": ("\x07\x07\x07\x07", wrong),
        "too long for an id": ("x" * 300, wrong),
    }
    cases = {
        case: [{"login_id": login_id, "password": password}] * TRIES
        for case, (login_id, password) in typed.items()
    }
    # During the wait the right password is as good as any.
    cases["known, wrong password"][-1] = {"login_id": "known-id-1", "password": PASSWORD}
    _through(onlooker, Door("/login", {"to warm up": [{"login_id": "warm", "password": "up"}] * TRIES}))
    seen = _through(onlooker, Door("/login", cases))
    all_alike(seen)
    assert [each.verified for each in seen["unknown"]] == [1, 1, 1, 1, 0]
    assert [each.status for each in seen["unknown"]] == [400, 400, 400, 400, 429]


def test_the_tools_see_what_differs(database: Database, onlooker: Onlooker) -> None:
    publish_customers(database, a_customer("70000101", phone="0748600101"))
    an_account(database, "70000101", login_id="known-id-1")
    right = {"customer_number": "70000101", "phone": "0748600101", "name_kana": NAME}
    for path, one, other in (
        ("/signup", right, {**right, "name_kana": OTHER_NAME}),
        (
            "/login",
            {"login_id": "known-id-1", "password": PASSWORD},
            {"login_id": "known-id-1", "password": "x"},
        ),
    ):
        with pytest.raises(AssertionError, match="tells 「one」 from 「other」"):
            all_alike(_through(onlooker, Door(path, {"one": [one], "other": [other]})))
