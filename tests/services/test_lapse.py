"""A provisional registration that nobody activated ends by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mypage.domain.activation import LINK_LIFE, UNDELIVERED_LIFE
from mypage.services import lapse
from mypage.store.engine import Database
from mypage.store.schema import audit_event, login_name
from tests.mail import register, the_registration

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _end(database: Database, now: datetime, customer: str = "70012") -> bool:
    with database.writing() as connection:
        return lapse.end_if_lapsed(connection, customer, actor="worker", now=now)


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({"handed_over_at": NOW, "expires_at": NOW + LINK_LIFE}, NOW + LINK_LIFE),
        ({}, NOW + UNDELIVERED_LIFE),
    ],
)
def test_it_ends_with_its_time_and_not_before(
    database: Database, changed: dict[str, Any], ends: datetime
) -> None:
    register(database, NOW, **changed)
    assert not _end(database, ends - SECOND)
    assert the_registration(database)["password_hash"]
    assert _end(database, ends)
    found = the_registration(database)
    assert (found["state"], found["ended_at"], found["password_hash"]) == ("void", ends, None)
    with database.reading() as connection:
        assert connection.execute(select(login_name)).first() is None
        event = connection.execute(select(audit_event)).mappings().one()
    assert (event["action"], event["customer_key"]) == ("registration.voided", "70012")
    assert '"reason":"expired"' in event["facts"]
    assert not _end(database, ends)


def test_what_became_an_account_does_not_end(database: Database) -> None:
    register(database, NOW, state="activated", expires_at=NOW)
    assert not _end(database, NOW + UNDELIVERED_LIFE)


def test_whoever_registered_nothing_has_nothing_to_end(database: Database) -> None:
    assert not _end(database, NOW)
