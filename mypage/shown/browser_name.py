"""What a browser calls itself, as its owner knows it: 「Chrome（Windows）」 and not a line of history.

Every browser claims to be others as well; the first of these marks that is found is what it is.
"""

from typing import Final

_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YJApp", "Yahoo! JAPANアプリ"),
    (" Line/", "LINE"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
UNKNOWN: Final = "不明なブラウザー"


def browser_name(claimed: str) -> str:
    """Browser and system of a ``User-Agent`` header, as far as they are known."""
    browser = next((name for mark, name in _BROWSERS if mark in claimed), UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in claimed), None)
    return browser if system is None else f"{browser}（{system}）"
