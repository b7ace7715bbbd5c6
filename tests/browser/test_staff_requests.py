"""Two members of staff at their screens: one asks, the other's queue shows it by itself, and the answer comes back so."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer
from tests.browser.conftest import Portal
from tests.browser.desks import at_console
from tests.browser.person import Person

pytestmark = pytest.mark.browser
QUEUE = "/staff/requests"


@pytest.fixture
def customer(portal: Portal) -> str:
    """A customer of the sample who has an account."""
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    active = select(account_customer.c.customer_key).join(
        account, account.c.id == account_customer.c.account_id
    )
    with database.reading() as connection:
        key = connection.scalar(
            active.where(account.c.state == "active").order_by(account.c.created_at.desc())
        )
    database.close()
    assert key is not None
    return str(key)


def test_the_queue_updates_itself_and_the_asker_sees_the_answer(
    portal: Portal, person: Callable[..., Person], customer: str
) -> None:
    agent = at_console(portal, person(width=1280), Role.AGENT, "受付")
    chief = at_console(portal, person(width=768), Role.ADMIN, "責任者")
    chief.go(QUEUE)
    assert chief.sees("いま、承認を待っている依頼はありません。")
    agent.go(f"/staff/customers/{customer}/acts/release")
    agent.page.get_by_label("本人", exact=True).check()
    agent.page.get_by_label("ご住所").check()
    agent.press("通話を記録する")
    agent.press("電話番号を表示する")
    agent.page.get_by_role("group", name="どの番号につながりましたか").get_by_label("電話番号1").check()
    agent.page.get_by_role("group", name="どなたが出ましたか").get_by_label("本人").check()
    agent.press("折り返しを記録する")
    agent.page.get_by_label("別の人が登録していた").check()
    agent.press("承認を依頼する")
    agent.go(QUEUE)
    # Nobody presses anything here.
    chief.page.get_by_role("link", name="登録を解除する").wait_for()
    chief.look()
    chief.press("登録を解除する")
    chief.press("承認しない")
    assert chief.sees("断る理由を入力してください")
    chief.type("承認しない理由", "折り返しの相手を、もう一度確かめてください。")
    chief.press("承認しない")
    agent.page.get_by_text("折り返しの相手を、もう一度確かめてください。").wait_for()
    agent.look()
    agent.press("結果を確認しました")
    # Logged out in another window: the queue does not stay on the screen.
    window = agent.context.new_page()
    window.goto(QUEUE)
    window.get_by_role("button", name="ログアウト").click()
    agent.page.wait_for_url("**/staff/login?**")


def test_without_a_script_a_button_brings_the_newest_state(
    portal: Portal, person: Callable[..., Person], customer: str
) -> None:
    agent = at_console(portal, person(width=768, javascript=False), Role.AGENT, "夜勤")
    agent.go(f"/staff/customers/{customer}/acts/suspend")
    agent.page.get_by_label("家族", exact=True).check()
    agent.page.get_by_label("最近のご請求額").check()
    agent.press("通話を記録する")
    assert agent.sees("ご本人でないときは、お電話の方のお名前を入力してください")
    agent.go(QUEUE)
    agent.press("最新の状態にする")
    assert agent.path == QUEUE
