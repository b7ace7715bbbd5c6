"""Orders about a batch that is not there; what becomes of the others is tried over the API (``tests/api``)."""

from datetime import UTC, datetime, timedelta

from mypage.domain.batch import SecondPerson
from mypage.services import batch_orders
from mypage.services.batch_orders import Order, Rules
from mypage.services.publication import Refusal, Refused
from mypage.store.engine import Database

NOW = datetime(2026, 11, 26, tzinfo=UTC)
RULES = Rules(SecondPerson.ALL, timedelta(hours=1))


def test_nothing_is_done_with_a_batch_that_is_not_there(database: Database) -> None:
    with database.writing() as connection:
        ordered = batch_orders.publish(connection, 12, Order("token:x"), rules=RULES, now=NOW)
        called_off = batch_orders.call_off(connection, 12, by="token:x", now=NOW)
    assert ordered == called_off == Refused(Refusal.UNKNOWN, 12)
