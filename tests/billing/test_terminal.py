"""How a step tells how far it is: a bar on a terminal, plain lines elsewhere."""

import io

import pytest

from mypage.billing.terminal import ProgressOnTerminal


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Always one."""
        return True


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in the first place; a test moves it."""
    now = [0.0]
    monkeypatch.setattr("mypage.billing.terminal.time.monotonic", lambda: now[0])
    return now


def test_a_bar_with_rows_a_second_and_the_time_left(seconds: list[float]) -> None:
    screen = Screen()
    progress = ProgressOnTerminal(screen)
    progress("check", 0, 1000, 0)
    seconds[0] = 0.1
    progress("check", 100, 1000, 10)
    assert screen.getvalue() == ""
    seconds[0] = 5.0
    progress("check", 500, 1000, 50)
    assert screen.getvalue() == "\r\x1b[K検査 [############............]  50% 50行 10行/秒 残り約5秒"
    progress("settle", 0, 0, 0)
    assert screen.getvalue().endswith("\r\x1b[K")
    progress.end()


def test_plain_lines_every_ten_seconds_where_nobody_watches(seconds: list[float]) -> None:
    out = io.StringIO()
    progress = ProgressOnTerminal(out)
    for second in range(25):
        seconds[0] = float(second)
        progress("stage", second, 0, second * 100)
    assert out.getvalue().splitlines() == ["取込 1,000行 100行/秒", "取込 2,000行 100行/秒"]
