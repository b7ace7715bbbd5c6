"""Links in mails: good, and four ways to be dead. What registrations add is in ``test_activation.py``."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain.link import LinkState, NewestLink, ShownLink, state

T0 = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)
WAITING = NewestLink(serial=7, life=HOUR, enqueued_at=T0)
SENT = replace(WAITING, handed_over_at=T0 + 5 * HOUR)
SHOWN = ShownLink(7, T0 + 5 * HOUR - SECOND)


@pytest.mark.parametrize(
    ("newest", "shown", "now", "expected"),
    [
        # An outage of five hours costs none of the one.
        (SENT, SHOWN, T0 + 6 * HOUR - SECOND, LinkState.GOOD),
        (SENT, SHOWN, T0 + 6 * HOUR, LinkState.EXPIRED),
        # Signed again at a second delivery; and a crash before the hand-over was recorded.
        (SENT, ShownLink(7, T0 + 8 * HOUR), T0 + 9 * HOUR - SECOND, LinkState.GOOD),
        (WAITING, SHOWN, T0 + 6 * HOUR - 2 * SECOND, LinkState.GOOD),
        (WAITING, SHOWN, T0 + 6 * HOUR - SECOND, LinkState.EXPIRED),
        # Never handed over.
        (WAITING, ShownLink(7, T0 + 72 * HOUR - MINUTE), T0 + 72 * HOUR - SECOND, LinkState.GOOD),
        (WAITING, ShownLink(7, T0 + 72 * HOUR - MINUTE), T0 + 72 * HOUR, LinkState.EXPIRED),
        (SENT, ShownLink(6, T0), T0 + 5 * HOUR, LinkState.REPLACED),
        (WAITING, ShownLink(6, T0), T0 + 5 * HOUR, LinkState.REPLACED),
        (SENT, ShownLink(6, T0), T0 + 6 * HOUR, LinkState.EXPIRED),
        (SENT, ShownLink(9, T0, is_of_it=False), T0 + 5 * HOUR, LinkState.REPLACED),
        (SENT, ShownLink(8, T0), T0 + 5 * HOUR, LinkState.BROKEN),
        (replace(SENT, ended=LinkState.USED), SHOWN, T0 + 99 * HOUR, LinkState.USED),
        (replace(SENT, ended=LinkState.USED), ShownLink(6, T0), T0 + 5 * HOUR, LinkState.USED),
        (replace(WAITING, ended=LinkState.EXPIRED), SHOWN, T0, LinkState.EXPIRED),
        (None, SHOWN, T0, LinkState.EXPIRED),
        (SENT, None, T0, LinkState.BROKEN),
        (None, None, T0, LinkState.BROKEN),
    ],
)
def test_what_a_link_is_worth(
    newest: NewestLink | None, shown: ShownLink | None, now: datetime, expected: LinkState
) -> None:
    assert state(newest, shown, now) is expected


def test_when_a_link_ends_by_time() -> None:
    assert WAITING.ends_at == T0 + timedelta(hours=72)
    assert SENT.ends_at == T0 + 6 * HOUR
