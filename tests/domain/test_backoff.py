"""Delays between tries to hand a mail over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.backoff import FIRST, LONGEST, retry_delay


@given(st.integers(1, 10**6), st.text())
def test_between_a_half_and_the_whole_and_never_beyond_the_cap(failures: int, seed: str) -> None:
    whole = min(LONGEST, FIRST * 2 ** min(failures - 1, 20))
    assert whole / 2 <= retry_delay(failures, seed) <= whole
    assert retry_delay(failures, seed) == retry_delay(failures, seed)


def test_mails_that_failed_together_come_back_apart() -> None:
    assert len({retry_delay(3, f"<{number}@example.jp>") for number in range(100)}) > 90
    assert retry_delay(9, "a") != retry_delay(10, "a")


def test_other_bounds() -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    assert hour / 2 <= retry_delay(5, "a", first=day, longest=hour) <= hour
    assert hour * 8 <= retry_delay(5, "a", first=hour, longest=day) <= hour * 16


@pytest.mark.parametrize("failures", [0, -1])
def test_no_failure_no_retry(failures: int) -> None:
    with pytest.raises(ValueError, match="a retry follows a failure"):
        retry_delay(failures, "a")
