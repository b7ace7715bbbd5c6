"""What keeps a customer closed to the account that registered it."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain.opening import NOTHING_FOR, ClosedBy, closed_by, shown_from

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("awaits_letter", "shown_from", "objected", "expected"),
    [
        (False, None, False, None),
        (True, None, False, ClosedBy.LETTER),
        (False, NOON + SECOND, False, ClosedBy.RELEASE),
        (False, NOON, False, None),
        (True, NOON + SECOND, False, ClosedBy.RELEASE),
        (True, NOON, False, ClosedBy.LETTER),
        (False, NOON - 90 * NOTHING_FOR, True, ClosedBy.OBJECTION),
        (True, NOON + SECOND, True, ClosedBy.OBJECTION),
    ],
)
def test_what_keeps_it_closed(
    awaits_letter: bool, shown_from: datetime | None, objected: bool, expected: ClosedBy | None
) -> None:
    found = closed_by(awaits_letter=awaits_letter, shown_from=shown_from, objected=objected, now=NOON)
    assert found is expected


def test_a_released_number_shows_nothing_for_three_days_and_then_from_a_full_minute_on() -> None:
    assert timedelta(hours=72) == NOTHING_FOR
    assert shown_from(NOON) == NOON + NOTHING_FOR
    for later in (timedelta(microseconds=1), SECOND, 60 * SECOND):
        assert shown_from(NOON + later) == NOON + NOTHING_FOR + 60 * SECOND
