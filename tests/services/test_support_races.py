"""Two agents, the customer and the worker at the same moment: each deed happens once, and nobody waits for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mypage.domain.customer_state import Standing
from mypage.domain.support_act import SupportAct
from mypage.services import approvals, lapse, login, trail
from mypage.services.activation import Activated
from mypage.services.login import Attempt
from mypage.services.support_acts import Outdated, Refused
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_event
from tests.acting import HOUR, KEY, STATES, Desk, mails_since, newest_mail, state_of
from tests.portal import SECRET_KEYS
from tests.signing_up import NOON, Person
from tests.staffing import LIFETIME
from tests.together import at_the_same_time

A = SupportAct
SOON = NOON
SECOND = timedelta(seconds=1)


def names(outcomes: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in outcomes)


def whole(database: Database) -> None:
    """The chain of the trail is."""
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def acts_done(database: Database) -> int:
    query = select(func.count()).where(audit_event.c.action == "act.done", audit_event.c.customer_key == KEY)
    with database.reading() as connection:
        return connection.scalar(query) or 0


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("provisional", A.RESEND),
        ("provisional", A.CANCEL),
        ("active", A.SUSPEND),
        ("active", A.END_SESSIONS),
        ("active", A.SEND_PASSWORD_RESET),
        ("waiting", A.LIFT_WAITS),
    ],
    ids=str,
)
def test_agents_who_press_the_same_button_do_it_once(database: Database, state: str, act: SupportAct) -> None:
    STATES[state](database)
    desks = [Desk(database, name) for name in ("佐藤", "鈴木", "高橋")]
    for desk in desks:
        desk.call(now=SOON)
    mark, mails = state_of(database, now=SOON).mark, newest_mail(database)

    def press(desk: Desk) -> Callable[[], Any]:
        return lambda: desk.do(act, now=SOON, mark=mark)

    assert names(at_the_same_time([press(desk) for desk in desks])) == ["Done", "Outdated", "Outdated"]
    assert acts_done(database) == 1
    assert len(mails_since(database, mails)) == (0 if act is A.LIFT_WAITS else 1)
    whole(database)


def test_the_customer_activates_while_agents_cancel_and_correct(database: Database) -> None:
    STATES["provisional"](database)
    desks = [Desk(database), Desk(database, "鈴木")]
    for desk in desks:
        desk.call(now=SOON)
    mark, person = state_of(database, now=SOON).mark, Person(database)
    token = person.token()
    outcomes = at_the_same_time(
        [
            lambda: person.activate(token, SOON),
            lambda: desks[0].do(A.CANCEL, now=SOON, mark=mark),
            lambda: desks[1].do(A.CORRECT_ADDRESS, now=SOON, mark=mark),
        ]
    )
    activated = isinstance(outcomes[0], Activated)
    acted = [type(each).__name__ for each in outcomes[1:]].count("Done")
    assert acted == (0 if activated else 1), outcomes
    standing = state_of(database, now=SOON).standing
    if activated:
        assert standing is Standing.REGISTERED
    else:
        assert standing in (Standing.PROVISIONAL, Standing.NOT_REGISTERED)
    whole(database)


def test_the_customer_resends_while_an_agent_does(database: Database) -> None:
    STATES["provisional"](database)
    desk = Desk(database)
    desk.call(now=SOON)
    mark, mails = state_of(database, now=SOON).mark, newest_mail(database)
    outcomes = at_the_same_time(
        [lambda: Person(database).resend(SOON), lambda: desk.do(A.RESEND, now=SOON, mark=mark)]
    )
    assert len(mails_since(database, mails)) == 1, outcomes
    whole(database)


# A registration of NOON - HOUR whose mail was never handed over ends at NOON + 71 * HOUR.
@pytest.mark.parametrize(
    ("looked", "standing", "expected"),
    [
        (NOON + 71 * HOUR - SECOND, Standing.PROVISIONAL, {(False, "Done"), (True, "Outdated")}),
        # Over by the rule of time before anybody wrote it down: whoever comes first, nothing is sent.
        (NOON + 71 * HOUR, Standing.NOT_REGISTERED, {(True, "Refused"), (True, "Outdated")}),
    ],
    ids=["a second before", "at the end"],
)
def test_the_worker_ends_a_registration_while_an_agent_sends_its_mail_again(
    database: Database, looked: datetime, standing: Standing, expected: set[tuple[bool, str]]
) -> None:
    STATES["provisional"](database)
    desk = Desk(database)
    desk.call(now=looked)
    before, mails = state_of(database, now=looked), newest_mail(database)
    assert before.standing is standing

    def lapsed() -> bool:
        with database.writing() as connection:
            return lapse.end_if_lapsed(connection, KEY, actor="worker", now=NOON + 72 * HOUR)

    ended, resent = at_the_same_time([lapsed, lambda: desk.do(A.RESEND, now=looked, mark=before.mark)])
    assert (ended, type(resent).__name__) in expected
    assert resent in (Refused("act_lapsed"), Outdated()) or not ended
    assert len(mails_since(database, mails)) == (0 if ended else 1)
    assert state_of(database, now=NOON + 72 * HOUR).standing is (
        Standing.NOT_REGISTERED if ended else Standing.PROVISIONAL
    )
    whole(database)


def test_a_page_from_before_the_end_is_outdated_before_the_worker_has_come(database: Database) -> None:
    STATES["provisional"](database)
    desk, end = Desk(database), NOON + 71 * HOUR
    mark, mails = state_of(database, now=end - SECOND).mark, newest_mail(database)
    desk.call(now=end)
    assert desk.do(A.RESEND, now=end, mark=mark) == Outdated()
    assert mails_since(database, mails) == []


def test_logins_go_on_while_an_account_is_suspended_and_released(database: Database) -> None:
    account_id = STATES["active"](database)
    asker, approver, third = Desk(database), Desk(database, "鈴木"), Desk(database, "高橋")
    request = asker.ask(A.RELEASE, now=SOON)
    third.call(now=SOON)
    mark = state_of(database, now=SOON).mark

    def log_in() -> str:
        with database.writing() as connection:
            attempt = login.reserve(
                connection,
                login_id="tarou-2026",
                devices=(),
                address="192.0.2.7",
                secret=SECRET_KEYS,
                now=SOON,
            )
        assert isinstance(attempt, Attempt)
        with database.writing() as connection:
            return type(
                login.conclude(
                    connection,
                    attempt,
                    is_right=True,
                    renewed_hash=None,
                    browser=login.Browser("192.0.2.7", "a browser", None),
                    lifetime=LIFETIME,
                    secret=SECRET_KEYS,
                    now=SOON,
                )
            ).__name__

    outcomes: list[Any] = at_the_same_time(
        [
            log_in,
            lambda: third.do(A.SUSPEND, now=SOON, mark=mark),
            lambda: approver.approve(request, SOON),
            log_in,
        ]
    )
    said = {type(outcomes[1]).__name__, type(outcomes[2]).__name__}
    assert said in ({"Done", "Overtaken"}, {"Outdated", "Done"}), outcomes
    assert state_of(database, now=SOON).devices == 0, "who logged in meanwhile is out"
    with database.reading() as connection:
        state = connection.scalar(select(account.c.state).where(account.c.id == account_id))
        owners = connection.scalar(select(func.count()).select_from(account_customer))
    assert (state, owners) in {("suspended", 1), ("released", 0)}
    whole(database)


def test_one_is_asked_by_many_and_withdrawn_while_it_is_approved(database: Database) -> None:
    STATES["active"](database)
    askers = [Desk(database, name) for name in ("佐藤", "鈴木", "高橋")]
    for desk in askers:
        desk.call_back(now=SOON)
    asked = at_the_same_time([lambda desk=desk: desk.do(A.RELEASE, now=SOON) for desk in askers])  # type: ignore[misc]
    assert names(asked) == ["AlreadyAsked", "AlreadyAsked", "StaffRequest"]
    request = next(each for each in asked if type(each).__name__ == "StaffRequest")
    approver = Desk(database, "田中")

    def withdraw() -> Any:
        with database.writing() as connection:
            return approvals.withdraw(connection, request.id, staff_id=request.asked_by, now=SOON)

    both = names(at_the_same_time([withdraw, lambda: approver.approve(request, SOON)]))
    assert both in (["Done", "Settled"], ["Settled", "StaffRequest"])
    whole(database)
