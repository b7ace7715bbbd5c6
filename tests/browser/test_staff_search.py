"""The search box and the shift's page before a real browser: keyboard alone, on a PC and on a tablet."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mypage.services import staff_sessions
from mypage.services.sessions import Lifetime
from mypage.store.engine import Database
from mypage.store.schema import staff
from tests.browser.conftest import Portal
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def seated(portal: Portal, somebody: Person, role: str = "agent") -> Person:
    """A member of the sample's staff, logged in with both factors a moment ago."""
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    with database.writing() as connection:
        member = connection.execute(staff.select().where(staff.c.role == role).limit(1)).one()
        secret = staff_sessions.start(
            connection,
            member.id,
            stamp=member.stamp,
            lifetime=Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12)),
            address="127.0.0.1",
            browser="a test",
            replaces=None,
            is_whole=True,
            now=datetime.now(UTC),
        )
    database.close()
    somebody.context.add_cookies([{"name": "staff-session", "value": secret, "url": portal.address}])
    return somebody


def focused(somebody: Person) -> str:
    """What has the cursor: its name, or the words on it."""
    told: Any = somebody.page.evaluate(
        "() => document.activeElement.name || document.activeElement.textContent"
    )
    return str(told)


def test_a_caller_is_found_with_the_keyboard_alone(portal: Portal, person: Callable[..., Person]) -> None:
    agent = seated(portal, person(width=1280))
    agent.go("/staff/")
    assert agent.sees("今日の会員登録")
    identity = portal.identity()
    keyboard = agent.page.keyboard
    keyboard.press("/")
    assert focused(agent) == "term"
    keyboard.type(identity.name_kana.split("　")[0])
    keyboard.press("Enter")
    agent._arrive()
    agent.look()
    assert agent.path.startswith("/staff/search/")
    assert agent.sees("お名前（カナ）")
    first = focused(agent)
    assert first.isdigit(), "the first answer has the cursor"
    keyboard.press("Enter")
    agent._arrive()
    assert agent.path == f"/staff/customers/{first.lstrip('0')}"
    # An only answer opens at once.
    agent.page.evaluate("() => document.activeElement.blur()")
    keyboard.press("/")
    keyboard.type(identity.phone)
    keyboard.press("Enter")
    agent._arrive()
    agent.look()
    assert agent.path == f"/staff/customers/{identity.key}"


@pytest.mark.parametrize(("width", "javascript"), [(768, True), (1280, False)])
def test_each_screen_on_a_tablet_and_without_javascript(
    portal: Portal, person: Callable[..., Person], width: int, javascript: bool
) -> None:
    admin = seated(portal, person(width=width, javascript=javascript), "admin")
    admin.go("/staff/")
    admin.type("お客様を検索", "ア")
    admin.press("検索")
    assert admin.sees("一致した項目")
    for path in ("waits", "batches", "faults", "mails/waiting", "registrations/waiting", "failures/A-03"):
        admin.go(f"/staff/shift/{path}")
    admin.go("/staff/search")
    admin.press("検索")
    assert admin.sees("エラー：")
    admin.type("お客様がご存じのもの", "誰でもない人")
    admin.press("検索")
    assert admin.sees("次のことをお試しください")
