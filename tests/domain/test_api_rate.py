"""A bucket that fills evenly: so many requests a minute, and how long the next one waits."""

from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import api_rate


@given(st.integers(1, 100_000), st.lists(st.integers(0, 30_000_000), max_size=60))
def test_no_minute_answers_more_than_twice_the_limit_and_a_pause_fills_the_bucket(
    limit: int, pauses: list[int]
) -> None:
    share, now, full_at = api_rate.share(limit), 0, 0
    for pause in pauses:
        now += pause
        following = max(full_at, now) + share
        if following - now > api_rate.PERIOD:
            rate = api_rate.refused(limit, full_at, now)
            assert rate.is_refused
            assert rate.left == 0
            # Whoever waits so long is answered, and a second less would not have done.
            later = now + rate.wait * 1_000_000
            assert max(full_at, later) + share - later <= api_rate.PERIOD
            sooner = later - 1_000_000
            assert rate.wait == 1 or max(full_at, sooner) + share - sooner > api_rate.PERIOD
        else:
            full_at = following
            rate = api_rate.taken(limit, full_at, now)
            assert not rate.is_refused
            assert 0 <= rate.left < limit
            assert rate.reset >= 1


def test_all_of_the_limit_is_answered_at_once() -> None:
    limit, full_at = 10, 0
    left = []
    for _ in range(limit):
        full_at += api_rate.share(limit)
        left.append(api_rate.taken(limit, full_at, 0).left)
    assert left == list(range(9, -1, -1))
    assert api_rate.refused(limit, full_at, 0) == api_rate.Rate(10, 0, 60, 6)
