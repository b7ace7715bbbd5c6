"""Browsers by the name that their owners know."""

import pytest

from mypage.shown.browser_name import browser_name

_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KIT} Chrome/142.0.0.0 Safari/537.36",
            "Chrome（Windows）",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge（Windows）",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox（Mac）",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari（iPhone）",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {_KIT} Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome（Android）",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Mobile/15E148 Safari Line/14.0.0",
            "LINE（iPhone）",
        ),
        ("curl/8.5.0", "不明なブラウザー"),
        ("Something (Windows)", "不明なブラウザー（Windows）"),
        ("", "不明なブラウザー"),
    ],
)
def test_what_it_is_called(claimed: str, name: str) -> None:
    assert browser_name(claimed) == name
