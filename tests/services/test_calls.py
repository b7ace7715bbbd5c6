"""The note of a call, the call-back to the master's telephone, and the code of a posted letter."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mypage.domain.staff import Role
from mypage.domain.support_call import Caller, Verified
from mypage.services import call_backs, calls, letters
from mypage.services.call_backs import NoLetter, Wrong
from mypage.services.calls import Call
from mypage.store import support_calls
from mypage.store.engine import Database
from mypage.store.schema import audit_detail, audit_event, batch, letter
from tests.acting import HOUR, KEY, Desk, active, none, state_of
from tests.builders import a_customer, publish_customers
from tests.signing_up import NOON
from tests.together import at_the_same_time

MINUTE = timedelta(minutes=1)


def current(desk: Desk, now: Any = NOON, key: str = KEY) -> Call | None:
    with desk.database.reading() as connection:
        return calls.current(connection, staff_id=desk.member.id, customer_key=key, now=now)


def test_a_call_is_noted_once_for_one_customer_and_one_member_of_staff(database: Database) -> None:
    none(database)
    publish_customers(database, a_customer("70012"))
    desk, colleague = Desk(database), Desk(database, "鈴木")
    assert current(desk) is None
    call = desk.call(verified=(Verified.CODE,))
    assert (call.caller, call.verified, call.may_hand_over) == (Caller.SELF, (Verified.CODE,), False)
    assert current(desk) == call
    assert current(desk, key="70012") is None
    assert current(colleague) is None
    again = desk.call(now=NOON + MINUTE)
    assert again.id != call.id
    assert current(desk, NOON + MINUTE) == again


def test_it_is_good_for_half_an_hour_after_its_last_use_or_until_it_is_ended(database: Database) -> None:
    none(database)
    desk = Desk(database)
    call = desk.call()
    late = NOON + 29 * MINUTE
    with database.writing() as connection:
        calls.use(connection, call, now=late)
    assert current(desk, late + 29 * MINUTE) is not None
    assert current(desk, late + 30 * MINUTE) is None
    assert desk.call(now=late + HOUR).id != call.id, "one that is over by time makes room"

    def end() -> bool:
        with database.writing() as connection:
            return calls.end(connection, staff_id=desk.member.id, customer_key=KEY, now=late + HOUR + MINUTE)

    assert [end(), end()] == [True, False]
    assert current(desk, late + HOUR + MINUTE) is None


def test_two_clicks_note_one_call_and_its_name_stays_in_the_detail(database: Database) -> None:
    none(database)
    desk = Desk(database)

    def note() -> Call:
        with database.writing() as connection:
            return calls.note(
                connection,
                staff_id=desk.member.id,
                customer_key=KEY,
                caller=Caller.FAMILY,
                verified=(Verified.BILL, Verified.IDENTITY),
                name="アイコム　ハナコ",
                now=NOON,
            )

    noted = at_the_same_time([note, note, note])
    assert len({call.id for call in noted}) == 1
    assert noted[0].verified == (Verified.IDENTITY, Verified.BILL)
    with database.reading() as connection:
        facts = connection.scalars(select(audit_event.c.facts)).all()
        details = connection.scalars(select(audit_detail.c.detail)).all()
    assert [json.loads(each)["caller"] for each in facts] == ["family"]
    assert json.loads(details[0]) == {"name": "アイコム　ハナコ"}
    assert "ハナコ" not in facts[0]


def test_only_the_master_s_numbers_are_called_back_and_a_new_one_is_told(database: Database) -> None:
    first = publish_customers(database, a_customer(phone="0748-62-1234", phone2="9999999999"))
    state = state_of(database)

    def numbers(now: Any = NOON) -> list[tuple[int, str | None, bool]]:
        with database.reading() as connection:
            found = call_backs.numbers(connection, state, now=now)
        return [(each.place, each.masked, each.since is not None) for each in found]

    assert numbers() == [(1, "＊＊＊1234", False)], "a number that nobody can dial is none"
    second = publish_customers(database, a_customer(phone="0748-62-1234", phone2="090-1111-2222"))
    with database.writing() as connection:
        connection.execute(update(batch).values(published_at=NOON - 13 * 24 * HOUR))
    assert numbers() == [(1, "＊＊＊1234", False), (2, "＊＊＊2222", True)]
    assert numbers(NOON + 25 * HOUR) == [(1, "＊＊＊1234", False), (2, "＊＊＊2222", False)]
    publish_customers(database, a_customer(tombstone=True))
    assert len(numbers()) == 2, "what the master said last"
    with database.writing() as connection:
        connection.execute(
            update(batch).where(batch.c.id.in_([first, second])).values(state="taken_back", pub_seq=None)
        )
    assert numbers() == []


def test_a_call_back_is_kept_with_the_call(database: Database) -> None:
    none(database)
    desk = Desk(database)
    call = desk.call()
    assert not call.is_doubly_proven
    with database.writing() as connection:
        number = call_backs.numbers(connection, state_of(database), now=NOON)[0]
        call_backs.show_number(connection, call, number.place, now=NOON)
        call_backs.reach(connection, call, number, Caller.CORPORATE, now=NOON + MINUTE)
    found = current(desk, NOON + MINUTE)
    assert found is not None
    assert found.is_doubly_proven
    assert found.call_back == calls.CallBack(1, Caller.CORPORATE, NOON + MINUTE)
    with database.reading() as connection:
        rows = connection.execute(select(audit_event.c.action, audit_event.c.facts)).all()
    said = {action: json.loads(facts) for action, facts in rows}
    assert said["call.number_shown"] == {"call_id": call.id, "number": 1}
    assert said["call.call_back_made"] == {"call_id": call.id, "number": 1, "reached": "corporate"}
    assert not desk.call(now=NOON + 2 * MINUTE).is_doubly_proven, "another call is another proof"


def posted(database: Database, account_id: str, desk: Desk) -> str:
    """The code of a letter that staff had sent and that has been posted."""
    from mypage.domain.support_act import SupportAct

    desk.call()
    assert type(desk.do(SupportAct.POST_CODE)).__name__ == "Done"
    with database.writing() as connection:
        connection.execute(update(letter).values(posted_at=NOON, expires_at=NOON + 720 * HOUR))
        serial = connection.scalar(select(letter.c.serial).order_by(letter.c.serial.desc()).limit(1)) or 0
    return letters.codes(desk.settings, KEY, account_id, serial)[0]


def test_the_posted_code_stands_in_for_a_call_back(database: Database) -> None:
    account_id = active(database)
    desk = Desk(database)
    call = desk.call()

    def prove(typed: str) -> Any:
        with database.writing() as connection:
            return call_backs.prove(
                connection, call, state_of(database), typed, settings=desk.settings, now=NOON
            )

    def has_letter() -> bool:
        with database.reading() as connection:
            return call_backs.has_letter(connection, state_of(database), now=NOON)

    assert not has_letter()
    assert prove("3467 9CDFG H") == NoLetter()
    code = posted(database, account_id, desk)
    assert has_letter()
    call = desk.call(now=NOON + MINUTE)
    assert prove("3333333333") == Wrong(4)
    assert prove(f"{code[:5]} {code[5:].lower()}") is None
    found = current(desk, NOON + MINUTE)
    assert found is not None
    assert found.code_proven_at == NOON
    assert found.is_doubly_proven
    assert [prove("3333333333") for _ in range(3)] == [Wrong(2), Wrong(1), Wrong(0)]
    assert prove(code) == NoLetter(), "five tries, as on the letter's page"


@pytest.mark.parametrize("place", ["newest waits", "on its way", "too many", "no address"])
def test_how_many_letters_staff_may_have_sent(database: Database, place: str) -> None:
    from mypage.domain.support_act import SupportAct
    from mypage.services.support_acts import Refused

    account_id = active(database)
    desk = Desk(database)
    if place == "no address":
        publish_customers(database, a_customer(address=None))
        desk.call()
        assert desk.do(SupportAct.POST_CODE) == Refused("act_no_postal_address")
        return
    posted(database, account_id, desk)
    desk.call(now=NOON + MINUTE)
    if place == "on its way":
        assert desk.do(SupportAct.POST_CODE, now=NOON + MINUTE) == Refused(
            "act_letter_on_its_way", NOON + 7 * 24 * HOUR
        )
        return
    with database.writing() as connection:
        newest = (
            letter.c.serial
            == select(letter.c.serial).order_by(letter.c.serial.desc()).limit(1).scalar_subquery()
        )
        values: dict[str, Any] = {"posted_at": None, "expires_at": None}
        if place == "too many":
            values = {"posted_at": NOON - 20 * 24 * HOUR, "expires_at": NOON + 24 * HOUR}
        connection.execute(update(letter).where(newest).values(**values))
    if place == "newest waits":
        assert desk.do(SupportAct.POST_CODE, now=NOON + MINUTE) == Refused("act_letter_waiting", None)
        return
    for minute in (2, 3):
        desk.call(now=NOON + minute * MINUTE)
        assert type(desk.do(SupportAct.POST_CODE, now=NOON + minute * MINUTE)).__name__ == "Done"
        with database.writing() as connection:
            connection.execute(
                update(letter).values(posted_at=NOON - 20 * 24 * HOUR, expires_at=NOON + 24 * HOUR)
            )
    desk.call(now=NOON + 5 * MINUTE)
    refused = desk.do(SupportAct.POST_CODE, now=NOON + 5 * MINUTE)
    assert isinstance(refused, Refused)
    assert refused.code == "act_letter_limit"


def test_calls_are_forgotten_after_a_while(database: Database) -> None:
    none(database)
    desk = Desk(database, role=Role.ADMIN)
    call = desk.call()
    with database.writing() as connection:
        assert support_calls.remove(connection, used_before=NOON) == 0
        assert support_calls.remove(connection, used_before=NOON + MINUTE) == 1
    assert current(desk) is None
    assert call.staff_id == desk.member.id
