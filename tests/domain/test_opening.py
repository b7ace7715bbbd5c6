"""What keeps a customer closed to the account that registered it."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain.opening import NOTHING_FOR, ClosedBy, closed_by

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


def test_a_released_number_shows_nothing_for_three_days() -> None:
    assert timedelta(hours=72) == NOTHING_FOR
