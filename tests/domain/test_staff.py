"""Roles and names of staff."""

import pytest

from mypage.domain.staff import Role, needs_another, one_line


def test_roles_by_their_words() -> None:
    assert [Role.named(role.word) for role in Role] == list(Role)
    with pytest.raises(ValueError, match="no role"):
        Role.named("root")


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        (None, Role.ADMIN, True),
        (None, Role.BILLING, True),
        (None, Role.AGENT, False),
        (Role.AGENT, Role.AUDITOR, False),
        (Role.AGENT, Role.BILLING, True),
        (Role.BILLING, Role.ADMIN, True),
        (Role.ADMIN, Role.BILLING, True),
        (Role.ADMIN, Role.AGENT, False),
        (Role.ADMIN, Role.ADMIN, False),
    ],
)
def test_power_is_given_by_two(before: Role | None, after: Role, asks: bool) -> None:
    assert needs_another(before, after) is asks


def test_a_name_stands_on_one_line() -> None:
    assert one_line(" 鈴木　\r\n一郎\x00 ") == "鈴木 一郎"
    assert one_line("\u200b ") == ""
