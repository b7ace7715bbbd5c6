"""A customer of the running demo with whom all went wrong that can go wrong at once: the longest pages of the console."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from mypage.services import activation, customer_state, login, sessions, throttle, waits
from mypage.services.activation import Activated, Attempt
from mypage.services.registration_mail import Registered
from mypage.services.throttle import Counter
from mypage.store import accounts, former_addresses, holders, registrations, second_factor
from mypage.store.engine import Database
from mypage.store.schema import account_customer
from tests.browser.conftest import Portal
from tests.signing_up import Person, settings
from tests.staffing import LIFETIME

_TRIES = 5  # the last of them has to wait
_ADDRESS = "198.51.100.7"


class Unlucky:
    """Somebody new, who has come as far as the method that is called says."""

    def __init__(self, portal: Portal, database: Database) -> None:
        self._database, self._now = database, datetime.now(UTC)
        self._secret = (portal.folder / "secret").read_text(encoding="ascii").strip()
        self._settings = settings(secret_keys=self._secret)
        self._identity = portal.identity()
        self.key = self._identity.key
        self._person = Person(database, browser=self.key, address=_ADDRESS, chosen=self._settings)

    def not_registered(self) -> None:
        """Typed telephone and name wrongly until there was a wait."""
        for _ in range(_TRIES):
            self._prove_wrongly()

    def provisional(self) -> None:
        """Registered, and mistook the password until there was a wait."""
        self._register()
        token = self._person.token(self.key, signed_at=self._now)
        attempt = self._person.reserve(token, self._now)
        assert isinstance(attempt, Attempt)
        with self._database.writing() as connection:
            activation.refuse(connection, attempt, settings=self._settings, actor="visitor", now=self._now)
            row = registrations.of_customer(connection, self.key)
            master = holders.of_key(connection, self.key)
            self._shut_out(
                connection, waits.counters(self.key, master=master, registration=row, account=None)
            )

    def registered(self) -> None:
        """After a release, with an address that was corrected and refuses mails, shut out of everything."""
        self._register()
        activated = self._person.activate(self._person.token(self.key, signed_at=self._now), self._now)
        assert isinstance(activated, Activated)
        for _ in range(_TRIES):
            self._log_in_wrongly()
        with self._database.writing() as connection:
            owner = accounts.by_id(connection, activated.account_id)
            assert owner is not None
            self._shut_out(
                connection, waits.counters(self.key, master=None, registration=None, account=owner)
            )
            self._go_on_badly(connection, owner)

    def _register(self) -> None:
        done = self._person.sign_up(
            self._now,
            customer_number=self._identity.customer_number,
            phone=self._identity.phone,
            name_kana=self._identity.name_kana,
            login_id=f"unlucky{self.key}",
            email=f"unlucky-{self.key}@example.jp",
        )
        assert isinstance(done, Registered)

    def _prove_wrongly(self) -> None:
        number = self._identity.customer_number
        # Nobody else's: tries are counted by the telephone, too, and other tests mistype some as well.
        phone = f"03{int(self.key) % 10**8:08}"
        self._person.prove(self._now, customer_number=number, phone=phone, name_kana="ヤマダ　ハナコ")

    def _log_in_wrongly(self) -> None:
        secret, now = self._secret, self._now
        with self._database.writing() as connection:
            attempt = login.reserve(
                connection,
                login_id=f"unlucky{self.key}",
                devices=(),
                address=_ADDRESS,
                secret=secret,
                now=now,
            )
            if isinstance(attempt, login.Attempt):
                login.conclude(
                    connection,
                    attempt,
                    is_right=False,
                    renewed_hash=None,
                    browser=login.Browser(_ADDRESS, "a browser", None),
                    lifetime=LIFETIME,
                    secret=secret,
                    now=now,
                )

    def _shut_out(self, connection: Any, counters: Sequence[Counter]) -> None:
        for counter in counters:
            for _ in range(_TRIES):
                throttle.reserve(connection, [counter], secret=self._secret, now=self._now)

    def _go_on_badly(self, connection: Any, owner: Any) -> None:
        now, account_id = self._now, owner["id"]
        accounts.change(connection, account_id, mail_refused_at=now)
        former_addresses.put(connection, account_id=account_id, email="a@example.jp", replaced_at=now)
        whose = customer_state.factor_owner(account_id)
        second_factor.put_app(connection, whose, sealed="nobody opens it", last_step=0, now=now)
        link = update(account_customer).where(account_customer.c.account_id == account_id)
        connection.execute(link.values(shown_from=now + timedelta(hours=72)))
        sessions.start(
            connection,
            account_id,
            stamp=owner["stamp"],
            lifetime=LIFETIME,
            address=_ADDRESS,
            browser="a browser",
            replaces=None,
            now=now,
        )
