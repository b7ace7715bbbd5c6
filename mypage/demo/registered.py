"""One customer of the sample who has registered already: through the same deeds as everybody, mail aside."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from mypage.adapters import passwords
from mypage.config.load import load
from mypage.domain.activation import TokenFacts
from mypage.domain.identity import IdentityClaim
from mypage.services import activation, identity, registration, signup
from mypage.store.engine import Database

LOGIN_ID = "sample-tarou"
PASSWORD = "Tsubame2026"  # noqa: S105 - opens the sample only; it is printed on the screen
_ADDRESS = "sample-tarou@example.com"
_WHERE = "127.0.0.1"
_ACTOR = "demo"


class SampleIsWrong(Exception):
    """The sample's own account could not be registered."""


def register_sample_account(
    database: Database, environment: Mapping[str, str], who: Mapping[str, str], now: datetime
) -> None:
    """Prove, register and activate the customer ``who``. Raises :class:`SampleIsWrong` where a deed is refused."""
    settings = load(environment)
    password_hash = passwords.hashed(PASSWORD)
    claim = IdentityClaim(who["customer_number"], who["phone"], who["name_kana"], who["registration_key"])
    browser = signup.hashed(secrets.token_urlsafe(32))
    with database.writing() as connection:
        matched = identity.prove(connection, claim, settings=settings, address=_WHERE, actor=_ACTOR, now=now)
        if not isinstance(matched, identity.Matched):
            raise SampleIsWrong(matched)
        signup.begin(connection, matched, claim, browser_hash=browser, now=now)
        draft = signup.draft(connection, browser, now)
        if draft is None:
            raise SampleIsWrong("no draft")
        typed = signup.Profile(LOGIN_ID, PASSWORD, _ADDRESS, "たろう")
        if wrong := signup.faults(draft, typed, settings):
            raise SampleIsWrong(wrong)
        signup.fill_in(connection, draft, typed, password_hash=password_hash, now=now)
        registered = registration.register(
            connection, browser_hash=browser, settings=settings, language="ja", actor=_ACTOR, now=now
        )
        if not isinstance(registered, registration.Registered):
            raise SampleIsWrong(registered)
        token = TokenFacts(registered.registration_id, registered.serial, now)
        attempt = activation.reserve(connection, token, address=_WHERE, settings=settings, now=now)
        if not isinstance(attempt, activation.Attempt):
            raise SampleIsWrong(attempt)
        done = activation.activate(connection, attempt, settings=settings, actor=_ACTOR, now=now)
        if not isinstance(done, activation.Activated):
            raise SampleIsWrong(done)
