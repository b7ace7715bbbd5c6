"""A signup on the telephone between its screens: what else happens at that moment, and who holds the login id."""

from functools import partial

import pytest

from mypage.domain.identity import IdentityClaim
from mypage.domain.staff import Role
from mypage.domain.support_call import Caller, Verified
from mypage.services import approvals, calls, identity, phone_signup, signup
from mypage.services.approvals import AlreadyAsked, Settled, StaffRequest
from mypage.services.identity import Matched
from mypage.services.phone_signup import Entered, Hindered
from mypage.services.provisional import LoginIdTaken
from mypage.services.registration_mail import Registered
from mypage.store import login_names
from mypage.store.engine import Database
from tests.bills import an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.signing_up import NOON, Person, settings, trail
from tests.staffing import a_member
from tests.together import at_the_same_time

KEY = "12345678"
CHOSEN = Entered("tarou-phone", "taro@example.jp", "タロウ")


class Agent:
    """A member of staff with Tarou on the line, whose identity has matched."""

    def __init__(self, database: Database, name: str = "佐藤") -> None:
        self.database, self.settings = database, settings()
        self.id = a_member(database, Role.AGENT, name).id
        self.draft = self.prove()

    def prove(self) -> signup.Draft:
        """Screens 1 and 2."""
        hashed = phone_signup.draft_hash(self.id, "draft")
        with self.database.writing() as connection:
            claim = IdentityClaim(**TAROU)
            matched = identity.prove(
                connection, claim, settings=self.settings, address=self.id, actor=f"staff:{self.id}", now=NOON
            )
            assert isinstance(matched, Matched)
            signup.begin(connection, matched, claim, browser_hash=hashed, now=NOON)
            draft = signup.draft(connection, hashed, NOON)
            assert draft is not None
            assert phone_signup.keep(connection, draft, CHOSEN, now=NOON)
            calls.note(
                connection,
                staff_id=self.id,
                customer_key=KEY,
                caller=Caller.SELF,
                verified=(Verified.IDENTITY,),
                now=NOON,
            )
        return draft

    def ask(self) -> object:
        """[二人目に承認を依頼する]."""
        return self._send(phone_signup.ask)

    def post(self) -> object:
        """[郵送の確認コードで登録する]."""
        return self._send(phone_signup.register_by_letter)

    def _send(self, deed: object) -> object:
        with self.database.writing() as connection:
            return deed(  # type: ignore[operator]
                connection, self.draft, language="ja", staff_id=self.id, settings=self.settings, now=NOON
            )

    def approve(self, request: StaffRequest) -> object:
        """Be the second person."""
        with self.database.writing() as connection:
            return phone_signup.approve(
                connection, request.id, staff_id=self.id, settings=self.settings, now=NOON
            )


@pytest.fixture
def agent(database: Database) -> Agent:
    publish_customers(database, a_customer())
    return Agent(database)


def claim(database: Database, login_key: str = "tarou-phone") -> str | None:
    """Somebody else claims an id at this moment."""
    with database.writing() as connection:
        login_names.release(connection, login_key, claimed_by=f"customer:{KEY}")
        taken = login_names.claim(
            connection, login_key, claimed_by="account:other", expires_at=None, now=NOON
        )
    return login_key if taken else None


def is_held_by_tarou(database: Database, login_key: str = "tarou-phone") -> bool:
    with database.reading() as connection:
        return login_names.claiming_customer(connection, login_key, NOON) == KEY


def test_eight_clicks_are_one_request_and_eight_letters_one_registration(agent: Agent) -> None:
    asked = at_the_same_time([agent.ask] * 8)
    assert sorted(type(each).__name__ for each in asked) == ["Hindered"] * 7 + ["StaffRequest"]
    assert Hindered("phone_signup_sent") in asked
    colleague = Agent(agent.database, "鈴木")
    assert isinstance(colleague.ask(), AlreadyAsked)
    posted = at_the_same_time([colleague.post] * 8)
    assert sorted(type(each).__name__ for each in posted) == ["Hindered"] * 7 + ["Registered"]
    assert [action for (action,) in trail(agent.database)].count("phone_signup.made") == 1


@pytest.mark.parametrize("way", ["ask", "post"])
def test_whatever_is_lacking_is_said(agent: Agent, way: str) -> None:
    send = getattr(agent, way)
    with agent.database.writing() as connection:
        assert calls.end(connection, staff_id=agent.id, customer_key=KEY, now=NOON)
    assert send() == Hindered("phone_signup_call_needed")
    agent.prove()
    claim(agent.database)
    assert send() == LoginIdTaken()
    publish_customers(agent.database, a_customer(web_registration=False))
    assert send() == Hindered("phone_signup_barred")
    publish_customers(agent.database, a_customer())
    assert send() == Hindered("phone_signup_master_changed")
    an_account(agent.database, KEY)
    assert send() == Hindered("phone_signup_already_registered")


def test_a_login_id_that_is_lost_meanwhile_ends_the_request(agent: Agent) -> None:
    asked = agent.ask()
    assert isinstance(asked, StaffRequest)
    assert is_held_by_tarou(agent.database)
    claim(agent.database)
    colleague = Agent(agent.database, "鈴木")
    assert colleague.approve(asked) == Hindered("phone_signup_login_id_taken")
    assert isinstance(colleague.approve(asked), Settled)
    with agent.database.reading() as connection:
        assert not login_names.is_free(connection, "tarou-phone", claimed_by="customer:777", now=NOON)


def test_the_id_of_one_s_own_web_registration_stays_its_own(agent: Agent) -> None:
    Person(agent.database).sign_up(NOON, login_id="tarou-phone")
    asked = agent.ask()
    assert isinstance(asked, StaffRequest)
    with agent.database.writing() as connection:
        phone_signup.withdraw(connection, asked.id, staff_id=agent.id, now=NOON)
    assert is_held_by_tarou(agent.database)


def test_requests_of_other_kinds_are_no_hindrance(agent: Agent) -> None:
    with agent.database.writing() as connection:
        approvals.ask(
            connection,
            kind="release",
            subject=KEY,
            customer_key=KEY,
            facts={},
            mark="",
            staff_id=agent.id,
            life=agent.settings.staff_request_life,
            now=NOON,
        )
    asked = agent.ask()
    assert isinstance(asked, StaffRequest)
    colleague = Agent(agent.database, "鈴木")
    done = at_the_same_time([partial(colleague.approve, asked)] * 4)
    assert sorted(type(each).__name__ for each in done) == ["Registered", "Settled", "Settled", "Settled"]
    assert any(isinstance(each, Registered) for each in done)
