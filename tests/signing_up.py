"""A person who signs up, at the level of services: each method is one deed in one transaction, as a door runs it.

person = Person(database)
person.prove(); person.fill(); person.register()
person.activate()
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from mypage.adapters.tokens import Tokens
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.domain.activation import TokenFacts
from mypage.domain.identity import IdentityClaim
from mypage.services import activation, identity, registration, signup
from mypage.services.activation import Attempt
from mypage.services.identity import Matched
from mypage.services.signup import Draft, Profile
from mypage.store import registrations
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_event, outbox
from tests.builders import TAROU, a_customer, publish_customers
from tests.forked import processes
from tests.portal import SECRET_KEYS, environment

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PROFILE = Profile(login_id="tarou", password="Himitsu12", email="taro@example.jp", nickname="タロウ")


def settings(**changed: str) -> Settings:
    """The settings of a portal in tests."""
    return load(environment("sqlite:///unused.db", **changed))


class Person:
    """A person with a browser of their own."""

    def __init__(
        self,
        database: Database,
        *,
        browser: str = "browser",
        address: str = "192.0.2.1",
        chosen: Settings | None = None,
    ) -> None:
        self.database = database
        self.browser_hash = signup.hashed(browser)
        self.address = address
        self.settings = chosen or settings()

    def prove(self, now: datetime = NOON, /, **typed: str) -> object:
        """Screen 1; a match opens the draft."""
        claim = IdentityClaim(**{**TAROU, **typed})
        with self.database.writing() as connection:
            outcome = identity.prove(
                connection,
                claim,
                settings=self.settings,
                address=self.address,
                actor="visitor",
                now=now,
            )
            if isinstance(outcome, Matched):
                signup.begin(connection, outcome, claim, browser_hash=self.browser_hash, now=now)
        return outcome

    def draft(self, now: datetime = NOON) -> Draft:
        """The draft, which must be there."""
        with self.database.reading() as connection:
            found = signup.draft(connection, self.browser_hash, now)
        assert found is not None
        return found

    def fill(self, now: datetime = NOON, /, *, password_hash: str = "a hash", **changed: str) -> bool:
        """Screen 2."""
        typed = replace(PROFILE, **changed)
        with self.database.writing() as connection:
            return signup.fill_in(connection, self.draft(now), typed, password_hash=password_hash, now=now)

    def register(self, now: datetime = NOON) -> object:
        """Screen 3."""
        with self.database.writing() as connection:
            return registration.register(
                connection,
                browser_hash=self.browser_hash,
                settings=self.settings,
                language="ja",
                actor="visitor",
                now=now,
            )

    def sign_up(self, now: datetime = NOON, /, **changed: str) -> object:
        """Screens 1 to 3; ``changed`` goes to the field of its name."""
        claimed = {name: changed.pop(name) for name in list(changed) if name in TAROU}
        self.prove(now, **claimed)
        self.fill(now, password_hash=changed.pop("password_hash", "a hash"), **changed)
        return self.register(now)

    def resend(self, now: datetime) -> object:
        """[メールを再送する]."""
        with self.database.writing() as connection:
            return registration.resend(
                connection, browser_hash=self.browser_hash, settings=self.settings, actor="visitor", now=now
            )

    def correct(self, email: str, now: datetime) -> object:
        """[メールアドレスを訂正する]."""
        with self.database.writing() as connection:
            return registration.correct_address(
                connection,
                browser_hash=self.browser_hash,
                email=email,
                settings=self.settings,
                actor="visitor",
                now=now,
            )

    def pending(self, now: datetime = NOON) -> registration.Pending | None:
        """What ``/signup/done`` tells."""
        with self.database.reading() as connection:
            return registration.pending(connection, self.browser_hash, now)

    def token(self, customer_key: str = "12345678", *, signed_at: datetime = NOON) -> TokenFacts:
        """What the newest link of a customer says."""
        with self.database.reading() as connection:
            row = registrations.of_customer(connection, customer_key)
        assert row is not None
        return TokenFacts(row["registration_id"], row["serial"], signed_at)

    def link(self, customer_key: str = "12345678", *, signed_at: datetime = NOON) -> str:
        """The path of the link in the newest mail, signed as the worker signs it."""
        facts = self.token(customer_key)
        return link_to(facts.registration_id, facts.serial, signed_at)

    def reserve(self, token: TokenFacts, now: datetime = NOON, /, **how: Any) -> object:
        """The first half of screen 5, with a password that could be the right one, in any browser."""
        with self.database.writing() as connection:
            return activation.reserve(
                connection, token, address=self.address, settings=self.settings, now=now, **how
            )

    def conclude(self, attempt: Attempt, now: datetime = NOON) -> object:
        """The second half of it, with the right password."""
        with self.database.writing() as connection:
            return activation.activate(connection, attempt, settings=self.settings, actor="visitor", now=now)

    def activate(self, token: TokenFacts | None = None, now: datetime = NOON) -> object:
        """Screen 5 with the right password; what the first half refused is the answer."""
        attempt = self.reserve(token or self.token(), now)
        return self.conclude(attempt, now) if isinstance(attempt, Attempt) else attempt


def link_to(registration_id: str, serial: int, signed_at: datetime) -> str:
    """The path of an activation link, signed as the worker signs it."""
    payload = {"r": registration_id, "s": serial}
    return "/signup/activate/" + Tokens([SECRET_KEYS]).sign("activation", payload, signed_at)


def sign_up_all(
    database: Database, numbers: Sequence[int], *, password_hash: str, now: datetime
) -> list[str]:
    """Publish so many customers and register them provisionally, each in a browser of its own; their links.

    The number also makes the telephone, the login id and the name of the browser.
    """
    publish_customers(database, *(a_customer(str(number), phone=f"0748{number:06}") for number in numbers))
    links = []
    chosen = settings()
    with database.writing() as connection:
        for number in numbers:
            typed = {**TAROU, "customer_number": str(number), "phone": f"0748{number:06}"}
            claim, browser_hash = IdentityClaim(**typed), signup.hashed(f"browser {number}")
            address = f"198.18.{number % 250}.{number // 250 % 250}"
            matched = identity.prove(
                connection, claim, settings=chosen, address=address, actor="visitor", now=now
            )
            assert isinstance(matched, Matched)
            signup.begin(connection, matched, claim, browser_hash=browser_hash, now=now)
            draft = signup.draft(connection, browser_hash, now)
            assert draft is not None
            profile = replace(PROFILE, login_id=f"tarou{number}", email=f"taro{number}@example.jp")
            signup.fill_in(connection, draft, profile, password_hash=password_hash, now=now)
            made = registration.register(
                connection,
                browser_hash=browser_hash,
                settings=chosen,
                language="ja",
                actor="visitor",
                now=now,
            )
            assert isinstance(made, registration.Registered)
            links.append(link_to(made.registration_id, made.serial, now))
    return links


def trail(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    """The trail's rows, by these columns."""
    chosen = [audit_event.c[name] for name in columns or ("action",)]
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*chosen).order_by(audit_event.c.seq))]


def mails(database: Database) -> list[tuple[str, str, int | None]]:
    """Kind, recipient and serial of every mail that was written."""
    query = select(outbox.c.kind, outbox.c.recipient, outbox.c.serial).order_by(outbox.c.id)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def accounts(database: Database) -> tuple[int, int]:
    """How many accounts there are, and how many owners of customers."""
    with database.reading() as connection:
        return (
            connection.scalar(select(func.count()).select_from(account)) or 0,
            connection.scalar(select(func.count()).select_from(account_customer)) or 0,
        )


def hand_over(database: Database, at: datetime, customer_key: str = "12345678") -> None:
    """What the worker writes when the mail server has taken the mail."""
    from mypage.domain.activation import LINK_LIFE

    with database.writing() as connection:
        row = registrations.of_customer(connection, customer_key)
        assert row is not None
        registrations.change(
            connection, row["registration_id"], row["serial"], handed_over_at=at, expires_at=at + LINK_LIFE
        )


def at_once(deed: Callable[..., str], url: str, arguments: Sequence[Any]) -> list[str]:
    """Run ``deed(url, argument)`` in as many processes as there are arguments, let go at the same moment."""
    context = processes()
    start, answers = context.Barrier(len(arguments)), context.Queue()
    runners = [
        context.Process(target=_run, args=(deed, url, argument, start, answers)) for argument in arguments
    ]
    for runner in runners:
        runner.start()
    got = [answers.get(timeout=120) for _ in runners]
    for runner in runners:
        runner.join(60)
        assert runner.exitcode == 0
    return sorted(got)


def _run(deed: Callable[..., str], url: str, argument: Any, start: Any, answers: Any) -> None:
    database = Database(url)
    with database.reading():
        pass
    start.wait(60)
    try:
        answers.put(deed(database, argument))
    except Exception as error:  # noqa: BLE001 - what happened there must fail the test here
        answers.put(f"{type(error).__name__}: {error}")
    database.close()


def register_in(database: Database, browser: str) -> str:
    """Press [仮登録する] in that browser."""
    return type(Person(database, browser=browser).register()).__name__


def activate_in(database: Database, serial_and_address: tuple[str, int, str]) -> str:
    """Press [本登録する] with the right password; an activation names its account."""
    registration_id, serial, address = serial_and_address
    person = Person(database, address=address)
    outcome = person.activate(TokenFacts(registration_id, serial, NOON))
    match outcome:
        case activation.Activated(account_id=account_id):
            return f"Activated {account_id}"
        case activation.Link(state=state):
            return f"Link {state.value}"
        case _:
            return type(outcome).__name__
