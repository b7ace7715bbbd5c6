"""How far a check is, in words: its turn, its step, rows, rows a second, the time left, and why it waits."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.services.batch_progress import Turn
from mypage.shown import batch_progress
from mypage.store.batch_progress import Progress
from mypage.words import batch_page
from mypage.words.batch import STEPS, TOLD

SINCE = datetime(2026, 11, 24, 3, tzinfo=UTC)


def turn(step: str, done: int, whole: int, rows: int, seconds: float, waits_for: str | None = None) -> Turn:
    at = SINCE + timedelta(seconds=seconds)
    return Turn(0, Progress(1, step, done, whole, rows, SINCE, at, 1, waits_for))


@pytest.mark.parametrize(
    ("given", "text", "share"),
    [
        (None, "検査しています。", None),
        (Turn(0, None), "まもなく検査を始めます。", None),
        (Turn(2, None), "順番を待っています（前に2件）。", None),
        (turn("", 0, 0, 0, 0), "検査を始めました。", None),
        (turn("settle", 0, 0, 0, 0), "照合", None),
        (turn("check", 25, 100, 5_000, 0.5), "検査　25%　5,000行", 25),
        (turn("check", 25, 100, 5_000, 10), "検査　25%　5,000行　毎秒500行　残り約30秒", 25),
        (turn("check", 10, 100, 5_000, 60), "検査　10%　5,000行　毎秒83行　残り約9分", 10),
        (turn("stage", 120, 100, 120, 60), "取込　100%　120行　毎秒2行　残り約1秒", 100),
        (turn("receive", 50, 100, 0, 2), "受付　50%　残り約2秒", 50),
    ],
)
def test_progress_in_words(given: Turn | None, text: str, share: int | None) -> None:
    standing = batch_progress.of(given)
    assert (standing.text, standing.share) == (text, share)


def test_why_a_check_waits_and_what_became_of_one_that_broke_off() -> None:
    assert "置き場所につながらない" in batch_progress.of(turn("check", 1, 2, 1, 1, "store_away")).text
    assert "いっぱい" in batch_progress.of(turn("check", 1, 2, 1, 1, "disk_full")).text
    assert "止まりました" in batch_progress.of(None, is_stopped=True).text
    assert set(STEPS) == {"receive", "check", "settle", "preview", "stage"}


def test_every_cause_that_tells_figures_of_a_row_has_a_title_without_them() -> None:
    with_gaps = {code for code in TOLD if batch_page.has_gaps(code)}
    assert with_gaps == set(batch_page.TITLES)
    assert not [title for title in batch_page.TITLES.values() if "{" in title]
    # On the screen nobody is sent to a command line.
    for code, (_, fix) in TOLD.items():
        assert "--" not in (batch_page.fix(code) or fix), code
