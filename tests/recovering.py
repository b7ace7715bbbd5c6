"""What tests of recovery share: somebody who asks, the worker's answer, and the link in the mail.

At the level of services each method is one deed in one transaction, as a door or the worker runs it:

    forgetful = Forgetful(database)
    forgetful.ask("password", "tarou-2026"); forgetful.be_answered()
    forgetful.reset(forgetful.link())
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from mypage.domain.recovery import Asked, LinkFacts
from mypage.services import password_reset, recovery
from mypage.services.account_link import PASSWORD_RESET, AccountLink
from mypage.services.password_reset import Attempt
from mypage.store import recovery as store
from mypage.store.engine import Database
from mypage.store.schema import account, audit_event, outbox, recovery_mail, recovery_request
from tests.portal import SECRET_KEYS
from tests.signing_up import settings

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOGIN_ID = "tarou-2026"


class Forgetful:
    """Somebody who forgot, at a client address."""

    def __init__(self, database: Database, *, address: str = "192.0.2.1") -> None:
        self.database = database
        self.address = address
        self.settings = settings()

    def ask(self, asked: str, typed: str, now: datetime = NOON) -> object:
        """Send one of the two forms."""
        with self.database.writing() as connection:
            return recovery.ask(
                connection,
                Asked(asked),
                typed,
                address=self.address,
                settings=self.settings,
                actor="visitor",
                now=now,
            )

    def be_answered(self, now: datetime = NOON) -> int:
        """What the worker does; how many requests it answered."""
        with self.database.reading() as connection:
            waiting = store.waiting(connection, 100)
        answered = 0
        for request_id in waiting:
            with self.database.writing() as connection:
                answered += recovery.answer(connection, request_id, settings=self.settings, now=now)
        return answered

    def link(
        self, link: AccountLink = PASSWORD_RESET, *, signed_at: datetime = NOON, login_id: str = LOGIN_ID
    ) -> LinkFacts:
        """What the link in the newest mail to an account says."""
        query = select(account).where(account.c.login_key == login_id.casefold())
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().one()
            newest = store.newest(connection, row["id"], link.purpose)
        assert newest is not None
        return LinkFacts(row["id"], newest["serial"], link.mark(row), signed_at)

    def asked_link(self, now: datetime = NOON) -> LinkFacts:
        """Forget the password, and have the link."""
        self.ask("password", LOGIN_ID, now)
        self.be_answered(now)
        return self.link(signed_at=now)

    def state(self, token: LinkFacts | None, now: datetime = NOON) -> str:
        """What a link for a reset is worth."""
        with self.database.reading() as connection:
            return password_reset.look(connection, token, now).state.value

    def reserve(self, token: LinkFacts, now: datetime = NOON, *, login_id: str = LOGIN_ID) -> object:
        """The first half of [再設定する]."""
        with self.database.writing() as connection:
            return password_reset.reserve(
                connection,
                token,
                login_id=login_id,
                address=self.address,
                secret=SECRET_KEYS,
                actor="visitor",
                now=now,
            )

    def conclude(self, attempt: Attempt, now: datetime = NOON) -> object:
        """The second half, with a good password."""
        with self.database.writing() as connection:
            return password_reset.conclude(
                connection, attempt, new_hash="a new hash", secret=SECRET_KEYS, actor="visitor", now=now
            )

    def reset(self, token: LinkFacts, now: datetime = NOON, *, login_id: str = LOGIN_ID) -> object:
        """Both halves; what the first refused is the answer."""
        attempt = self.reserve(token, now, login_id=login_id)
        return self.conclude(attempt, now) if isinstance(attempt, Attempt) else attempt


def change_account(database: Database, login_id: str = LOGIN_ID, /, **changed: object) -> None:
    """Write into an account as other deeds do."""
    with database.writing() as connection:
        connection.execute(
            update(account).where(account.c.login_key == login_id.casefold()).values(**changed)
        )


def hand_over(database: Database, at: datetime) -> None:
    """What the worker writes when the mail server has taken the newest mail."""
    with database.writing() as connection:
        serial = connection.execute(select(recovery_mail.c.serial).order_by(recovery_mail.c.serial.desc()))
        store.change(connection, serial.scalars().first() or 0, handed_over_at=at)


def left_over(database: Database) -> tuple[int, int]:
    """How many requests wait, and how many mails of recovery are remembered."""
    with database.reading() as connection:
        return (
            len(connection.execute(select(recovery_request)).all()),
            len(connection.execute(select(recovery_mail)).all()),
        )


def written(database: Database) -> list[tuple[str, str]]:
    """Kind and recipient of every mail that was written."""
    query = select(outbox.c.kind, outbox.c.recipient).order_by(outbox.c.id)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def trail(database: Database) -> list[tuple[str, str | None, str]]:
    """Action, account and facts of every row of the trail."""
    query = select(audit_event.c.action, audit_event.c.account_id, audit_event.c.facts)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(audit_event.c.seq))]


def reset_in(database: Database, argument: tuple[LinkFacts, str]) -> str:
    """Press [再設定する] at that address (for ``signing_up.at_once``)."""
    token, address = argument
    outcome = Forgetful(database, address=address).reset(token)
    state = getattr(outcome, "state", None)
    return f"{type(outcome).__name__} {state.value}" if state else type(outcome).__name__


def answer_in(database: Database, _number: int) -> str:
    """Answer whatever waits, as one of several workers (for ``signing_up.at_once``)."""
    return str(Forgetful(database).be_answered())
