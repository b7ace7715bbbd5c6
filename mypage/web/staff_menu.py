"""The menu of the console: each line shows to those who may open its page."""

from typing import Final, NamedTuple

from mypage.domain.staff import Role
from mypage.web import staff_logins
from mypage.web.pages import path

# Endpoint and words, in the order of the menu. The roles stand at the views, and nowhere else.
_ENTRIES: Final = (
    ("staff.home.home", "ホーム"),
    ("staff.requests.queue", "承認待ち"),
    ("staff.signup.begin", "電話での登録"),
    ("staff.batches.desk", "料金データ"),
    ("staff.trail.search", "操作履歴"),
    ("staff.people.people", "スタッフ"),
    ("staff.api_tokens.tokens", "APIトークン"),
)


class Entry(NamedTuple):
    """A line of the menu."""

    endpoint: str
    path: str
    words: str


def entries(role: Role) -> tuple[Entry, ...]:
    """The lines for that role."""
    return tuple(
        Entry(endpoint, path(endpoint), words)
        for endpoint, words in _ENTRIES
        if staff_logins.allows(endpoint, role)
    )
