"""The console with a keyboard, on a tablet, and with two members of staff and the customer at the same moment."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_event, outbox, support_call
from tests.browser.conftest import Portal
from tests.browser.desks import at_console
from tests.browser.person import Person
from tests.browser.test_after_logout import log_in
from tests.browser.unlucky import Unlucky

pytestmark = pytest.mark.browser


@pytest.fixture
def database(portal: Portal) -> Iterator[Database]:
    opened = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    yield opened
    # What the tests did to the sample's own account is undone.
    with opened.writing() as connection:
        connection.execute(update(account).values(state="active"))
    opened.close()


@pytest.fixture
def key(portal: Portal, database: Database) -> str:
    """The customer of the sample's own account, with which :func:`log_in` logs in; others may have registered since."""
    accounts = portal.facts["accounts"]
    assert isinstance(accounts, list)
    its = select(account.c.id).where(account.c.login_id == accounts[0]["login_id"]).scalar_subquery()
    with database.reading() as connection:
        (found,) = connection.scalars(
            select(account_customer.c.customer_key).where(account_customer.c.account_id == its)
        )
    return str(found)


def count(database: Database, action: str, key: str) -> int:
    query = select(func.count()).select_from(audit_event)
    theirs = query.where(audit_event.c.action == action, audit_event.c.customer_key == key)
    with database.reading() as connection:
        return connection.scalar(theirs) or 0


def note_call(window: Person) -> None:
    """Note by the keyboard that the customer calls: who, how verified, done."""
    window.page.keyboard.press("c")
    window.page.keyboard.press("Space")
    window.page.get_by_label("お客様番号・電話番号・お名前").focus()
    window.page.keyboard.press("Space")
    window.page.get_by_role("button", name="通話を記録する", exact=True).focus()
    window.strike("Enter")


def seen_at_once(agent: Person) -> None:
    """All above the timeline is on the screen, unscrolled."""
    boxes = agent.page.locator(".customer section")
    heads = boxes.get_by_role("heading").all_inner_texts()
    assert [head.partition("：")[0].partition("\n")[0] for head in heads] == [
        *("できること", "登録の状態", "最後にうまくいかなかったこと", "お客様", "ご契約", "お電話の相手")
    ]
    for head, section in zip(heads, boxes.all(), strict=True):
        box = section.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800, head
    assert agent.page.evaluate("window.scrollY") == 0


@pytest.mark.parametrize("how", [Unlucky.not_registered, Unlucky.provisional, Unlucky.registered])
def test_all_that_counts_is_seen_at_once_however_bad_it_stands(
    person: Callable[..., Person], portal: Portal, database: Database, how: Callable[[Unlucky], None]
) -> None:
    customer = Unlucky(portal, database)
    how(customer)
    agent = at_console(portal, person(), Role.AGENT, f"見渡{how.__name__}")
    agent.go(f"/staff/customers/{customer.key}")
    assert agent.sees("まで待ち時間です。")
    assert agent.sees("待ち時間を解除")
    seen_at_once(agent)
    # With the call noted, what is personal has its buttons.
    note_call(agent)
    agent.go(f"/staff/customers/{customer.key}")
    seen_at_once(agent)
    tablet = at_console(portal, person(width=768), Role.AGENT, f"板{how.__name__}")
    tablet.go(f"/staff/customers/{customer.key}")


def test_a_caller_is_served_with_the_keyboard_alone(
    person: Callable[..., Person], portal: Portal, database: Database, key: str
) -> None:
    agent = at_console(portal, person(), Role.AGENT, "鍵山")
    agent.go("/staff/")
    page = agent.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "term"
    page.keyboard.type(key.zfill(10))
    agent.strike("Enter")
    # The only answer is open at once, and all that counts is seen without scrolling.
    assert agent.path == f"/staff/customers/{key}"
    agent.look()
    seen_at_once(agent)
    before = page.locator("#who").inner_text()
    note_call(agent)
    assert agent.sees("通話を記録しました。")
    agent.strike("r")
    agent.look()
    after = page.locator("#who").inner_text()
    assert "＊＊＊" in before
    assert "＊＊＊" not in after
    # In a field the same keys are letters.
    page.keyboard.press("/")
    page.keyboard.type("rv3")
    assert page.evaluate("document.activeElement.value") == "rv3"
    assert agent.path.startswith(f"/staff/customers/{key}")
    page.keyboard.press("Tab")
    agent.strike("v")
    agent.look()
    page.get_by_label("お支払いのお尋ね").check()
    agent.press("画面を開く")
    assert agent.path == f"/staff/customers/{key}/view/statements"
    agent.strike("q")
    assert agent.sees("お客様と同じ画面の表示を終えました。")
    # Switched off, a key does nothing, on the next page as well.
    page.get_by_role("button", name="キー操作：入").click()
    agent.strike("v")
    page.goto(f"/staff/customers/{key}")
    agent.strike("v")
    assert agent.path == f"/staff/customers/{key}"


def test_two_members_of_staff_and_the_customer_at_the_same_moment(
    person: Callable[..., Person], portal: Portal, database: Database, key: str
) -> None:
    one = at_console(portal, person(), Role.AGENT, "一橋")
    other = at_console(portal, person(width=768), Role.ADMIN, "二宮")
    customer = person(width=360)
    log_in(customer, portal)
    customer.page.goto("/profile")
    customer.type("ニックネーム", "はなこ")
    for agent in (one, other):
        agent.page.goto(f"/staff/customers/{key}")
        note_call(agent)
        agent.look()
        agent.page.goto(f"/staff/customers/{key}/acts/suspend")
        agent.page.get_by_label("本人の希望").check()
    done, mails = count(database, "act.done", key), _mails(database)
    # Three forms are under way before anybody waits for an answer.
    for window, button in ((one, "利用を停止する"), (other, "利用を停止する"), (customer, "変更する")):
        window.page.get_by_role("button", name=button, exact=True).click(no_wait_after=True)
    for window in (one, other, customer):
        window.arrive()
    assert count(database, "act.done", key) == done + 1
    assert _mails(database) == mails + 1
    winners = [window for window in (one, other) if window.sees("利用を停止しました。")]
    assert len(winners) == 1
    (late,) = {one, other} - set(winners)
    assert late.sees("いま利用を停止しています")
    winners[0].look()
    late.look()
    late.page.goto(f"/staff/customers/{key}")
    for window in (one, other):
        assert window.sees("登録の状態：一時停止中")
    # The customer's change came before or not at all; either way they are out now.
    customer.page.goto("/statements")
    assert customer.path.startswith("/login")


def test_a_page_from_an_hour_ago_says_the_new_state_and_does_nothing(
    person: Callable[..., Person], portal: Portal, database: Database, key: str
) -> None:
    agent = at_console(portal, person(), Role.AGENT, "遅沢")
    agent.page.goto(f"/staff/customers/{key}")
    note_call(agent)
    agent.page.goto(f"/staff/customers/{key}/acts/suspend")
    agent.page.get_by_label("本人の希望").check()
    with database.writing() as connection:
        # An hour later, as far as the call and the account are concerned.
        connection.execute(update(support_call).values(ended_at=datetime.now(UTC)))
        connection.execute(update(account).values(state="suspended"))
    done = count(database, "act.done", key)
    agent.press("利用を停止する", look=False)
    assert agent.sees("いま利用を停止しています")
    assert count(database, "act.done", key) == done
    agent.page.goto(f"/staff/customers/{key}")
    acts = agent.page.locator(
        "section", has=agent.page.get_by_role("heading", name="できること")
    ).inner_text()
    assert "停止を解除" in acts
    assert "利用を停止する" not in acts


def _mails(database: Database) -> int:
    suspended = select(func.count()).select_from(outbox).where(outbox.c.kind == "account_suspended")
    with database.reading() as connection:
        return connection.scalar(suspended) or 0
