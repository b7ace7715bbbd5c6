"""The activation link: good, and four ways to be dead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain.activation import (
    LinkState,
    RegistrationFacts,
    RegistrationState,
    TokenFacts,
    link_state,
    void_at,
)

T0 = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def hours(count: float) -> datetime:
    return T0 + timedelta(hours=count)


TOKEN = TokenFacts("r1", 1, hours(1))
WAITING = RegistrationFacts("r1", 1, RegistrationState.PENDING, enqueued_at=T0)
SENT = replace(WAITING, handed_over_at=hours(2))


@pytest.mark.parametrize(
    ("registration", "token", "now", "state"),
    [
        (SENT, TOKEN, hours(2), LinkState.GOOD),
        (SENT, TOKEN, hours(26) - SECOND, LinkState.GOOD),
        (SENT, TOKEN, hours(26), LinkState.EXPIRED),
        # Signed again after the hand-over (two deliveries of one mail): the later of both counts.
        (SENT, replace(TOKEN, signed_at=hours(5)), hours(29) - SECOND, LinkState.GOOD),
        (SENT, replace(TOKEN, signed_at=hours(5)), hours(29), LinkState.EXPIRED),
        # The server accepted, then the worker died: hand-over is not recorded.
        (WAITING, TOKEN, hours(25) - SECOND, LinkState.GOOD),
        (WAITING, TOKEN, hours(25), LinkState.EXPIRED),
        (WAITING, replace(TOKEN, signed_at=hours(70)), hours(72) - SECOND, LinkState.GOOD),
        (WAITING, replace(TOKEN, signed_at=hours(70)), hours(72), LinkState.EXPIRED),
        # A clock that jumped back.
        (SENT, TOKEN, hours(-3), LinkState.GOOD),
        (replace(SENT, serial=2), TOKEN, hours(3), LinkState.REPLACED),
        (replace(SENT, serial=2), TOKEN, hours(26), LinkState.EXPIRED),
        (replace(WAITING, serial=2), TOKEN, hours(3), LinkState.REPLACED),
        (replace(SENT, registration_id="r2", serial=1), TOKEN, hours(3), LinkState.REPLACED),
        (
            replace(SENT, registration_id="r2", serial=1),
            replace(TOKEN, serial=7),
            hours(3),
            LinkState.REPLACED,
        ),
        (SENT, replace(TOKEN, serial=2), hours(3), LinkState.BROKEN),
        (replace(SENT, state=RegistrationState.ACTIVATED), TOKEN, hours(3), LinkState.USED),
        (replace(SENT, state=RegistrationState.ACTIVATED), TOKEN, hours(300), LinkState.USED),
        (replace(SENT, state=RegistrationState.ACTIVATED, serial=2), TOKEN, hours(3), LinkState.USED),
        (replace(SENT, state=RegistrationState.VOID), TOKEN, hours(3), LinkState.EXPIRED),
        (replace(SENT, state=RegistrationState.VOID, serial=2), TOKEN, hours(3), LinkState.EXPIRED),
        (None, TOKEN, hours(3), LinkState.EXPIRED),
        (SENT, None, hours(3), LinkState.BROKEN),
        (None, None, hours(3), LinkState.BROKEN),
    ],
)
def test_what_a_link_is_worth(
    registration: RegistrationFacts | None, token: TokenFacts | None, now: datetime, state: LinkState
) -> None:
    assert link_state(registration, token, now) == state


def test_when_a_registration_ends() -> None:
    assert void_at(SENT) == hours(26)
    assert void_at(WAITING) == hours(72)
