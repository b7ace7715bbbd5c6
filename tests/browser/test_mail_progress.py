"""Each thing that ``/signup/done`` tells of its mail, seen in a browser: calm, legible, and nothing too wide."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table

from mypage.services import outages
from mypage.store.engine import Database
from mypage.store.schema import outbox, registration
from tests.browser.conftest import Portal, wait_for
from tests.browser.person import Person
from tests.browser.test_signup import to_confirm
from tests.browser.test_story import link_in_mailbox

pytestmark = pytest.mark.browser
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("width", "language"), [(320, "en"), (1280, "ja")])
def test_every_stage_of_the_mail(
    portal: Portal, person: Callable[..., Person], width: int, language: str
) -> None:
    visitor, email = person(width=width), f"stage{width}{language}@example.jp"
    to_confirm(visitor, portal, f"stage{width}{language}", email)
    visitor.press("仮登録する")
    link_in_mailbox(visitor, email)

    def handed_over() -> bool:
        visitor.go("/signup/done")
        return visitor.sees("から送信しました。")

    wait_for(handed_over)
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    now = datetime.now(UTC)

    def write(table: Table, **values: Any) -> None:
        column = table.c.recipient if table is outbox else table.c.email
        with database.writing() as connection:
            connection.execute(table.update().where(column == email).values(**values))

    # As if it had not gone out; its next try is so far off that the demo's own worker leaves it alone.
    write(registration, handed_over_at=None, expires_at=None, enqueued_at=now)
    write(outbox, state="waiting", next_try_at=now + 60 * MINUTE)
    visitor.go(f"/signup/done?lang={language}")
    write(outbox, attempts=1)
    visitor.go("/signup/done")
    assert visitor.sees("C-03")
    with database.writing() as connection:
        outages.begin_or_go_on(connection, server="127.0.0.1:9", reply="away", now=now)
    visitor.go("/signup/done")
    assert visitor.sees("F-01")
    with database.writing() as connection:
        outages.end(connection, now=now)
    write(outbox, attempts=0)
    write(registration, enqueued_at=now - 5 * MINUTE)
    visitor.go("/signup/done")
    assert visitor.sees("C-03")
    write(outbox, state="refused")
    visitor.go("/signup/done")
    assert visitor.sees("C-02")
    visitor.press("メールアドレスを訂正する" if language == "ja" else "Correct the mail address")
    assert visitor.page.url.endswith("/signup/email")
    database.close()
