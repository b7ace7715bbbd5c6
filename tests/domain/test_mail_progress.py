"""How far a mail is, from what is known of it."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain.mail_progress import (
    OUTAGE_GOES_ON_WITHIN,
    OUTAGE_TOLD_FOR,
    Stage,
    goes_on,
    is_still_told,
    stage,
)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("refused", "server_away", "failures", "due_in", "expected"),
    [
        (False, False, 0, -SECOND, Stage.QUEUED),
        (False, False, 0, SECOND, Stage.QUEUED),
        (False, False, 2, SECOND, Stage.PUT_OFF),
        # Its time has come again: it waits for its turn like all others.
        (False, False, 2, timedelta(), Stage.QUEUED),
        # While nothing goes out, when it would be tried again says nothing.
        (False, True, 2, SECOND, Stage.SERVER_AWAY),
        (False, True, 0, -SECOND, Stage.SERVER_AWAY),
        (True, True, 1, SECOND, Stage.REFUSED),
        (True, False, 0, -SECOND, Stage.REFUSED),
    ],
)
def test_the_stage_of_a_mail_that_has_not_gone_out(
    refused: bool, server_away: bool, failures: int, due_in: timedelta, expected: Stage
) -> None:
    told = stage(
        refused=refused, server_away=server_away, failures=failures, next_try_at=NOW + due_in, now=NOW
    )
    assert told is expected


def test_an_outage_that_nobody_has_met_for_long_says_nothing() -> None:
    assert is_still_told(NOW, NOW)
    assert is_still_told(NOW, NOW + OUTAGE_TOLD_FOR - SECOND)
    assert not is_still_told(NOW, NOW + OUTAGE_TOLD_FOR)
    assert goes_on(NOW, NOW + OUTAGE_GOES_ON_WITHIN - SECOND)
    assert not goes_on(NOW, NOW + OUTAGE_GOES_ON_WITHIN)
