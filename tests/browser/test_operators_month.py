"""A month of the billing operator from start to end, with a second person, the subscriber and the mails.

No terminal: everything is done on the console's screens. The subscriber looks with a phone.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mypage.domain.billing_month import BillingMonth
from mypage.domain.staff import Role
from mypage.words.filters import TOKYO
from tests.browser.conftest import Identity, Portal, demo, wait_for
from tests.browser.desks import at_console
from tests.browser.person import Person
from tests.delivering import charge, charges

pytestmark = pytest.mark.browser
# Nobody but the command line brought those of other tests here.
BROUGHT = {"invited_by": "an admin", "role_given_by": "an admin"}
NOTICE = "請求確定のお知らせ"


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Portal]:
    """An operator where every publication needs a second person."""
    with demo(tmp_path / "demo", MYPAGE_SECOND_PERSON="all") as found:
        yield found


class Month:
    """The bills of the month to come: of the sample's own account, and of three households."""

    def __init__(self, portal: Portal) -> None:
        now = datetime.now(UTC).astimezone(TOKYO)
        self.month = BillingMonth(now.year, now.month).next()
        accounts = portal.facts["accounts"]
        assert isinstance(accounts, list)
        self.login = accounts[0]
        others = [portal.identity() for _ in range(3)]
        own = Identity(self.login["customer_number"], self.login["phone"], self.login["name_kana"])
        self.numbers = [each.customer_number for each in (own, *others)]

    def file(self, amount: int, *more: list[str], of: int = 4) -> bytes:
        """So many bills of one line, all of that amount (yen)."""
        return charges(
            *[
                charge(each, amount=str(amount), total=str(amount), month=str(self.month))
                for each in self.numbers[:of]
            ],
            *more,
        )

    @property
    def path(self) -> str:
        """The subscriber's page of it."""
        return f"/statements/{self.month}"


def test_a_month_from_a_file_with_errors_to_the_list_of_who_saw_the_wrong_bill(
    operator: Portal, chromium: Browser
) -> None:
    month = Month(operator)
    billing = at_console(operator, _person(chromium, operator, 1280), Role.BILLING, "料金", **BROUGHT)
    second = at_console(operator, _person(chromium, operator, 768), Role.BILLING, "副担当", **BROUGHT)
    subscriber = _logged_in(chromium, operator, month)

    # The core system's file has errors: all are told at once, with how to put them right.
    _handed_over(
        billing,
        "12月.csv",
        month.file(
            5800,
            ["9999999999", str(month.month), "1", "月額利用料", "5800", "10", "5800"],
            [month.numbers[0], str(month.month), "2", "オプション", "1.23E+11", "10", "5800"],
        ),
        "却下",
    )
    assert billing.sees("直し方：")
    assert billing.sees("6行目")
    assert billing.sees("7行目")
    with billing.page.expect_download() as report:
        billing.page.get_by_role("button", name="エラーの一覧をCSV（Excel）で保存する").click()
    assert "Excelで桁が失われています" in report.value.path().read_text(encoding="utf-8-sig")
    assert not _is_shown(subscriber, month)

    # Corrected: the preview and a statement as the subscriber will see it.
    wrong = _handed_over(billing, "12月-再.csv", month.file(5800), "確認済")
    assert billing.sees("23,200円")
    sample = billing.page.get_by_role("link", name=re.compile(r"^お客様 ")).first
    sample.click()
    billing.arrive()
    billing.look()
    assert billing.sees("見本：まだ公開されていません")
    assert billing.sees("5,800円")
    billing.go(wrong)

    # A second person looks at exactly this, and it is published at its time.
    then = datetime.now(UTC).astimezone(TOKYO) + timedelta(minutes=10)
    billing.type("公開する日", f"{then:%Y-%m-%d}")
    billing.type("公開する時刻", f"{then:%H:%M}")
    billing.press("公開の承認を依頼する")
    assert billing.sees("公開の承認を待っています")
    _approve(second, "承認して公開を予約する")
    billing.reload()
    billing.page.get_by_role("button", name="予約を取り消す", exact=True).wait_for()
    assert not _is_shown(subscriber, month)
    operator.move_clock(660)
    _wait_for_state(billing, wrong, "公開中")

    # The notice arrives, and the subscriber looks.
    wait_for(lambda: _notices(subscriber) == 1, seconds=60)
    assert "5,800" not in subscriber.page.locator("article", has_text=NOTICE).inner_text()
    subscriber.go(month.path)
    assert subscriber.sees("5,800円")

    # The tariff was a wrong one: taken back at once, by one alone.
    billing.go(wrong)
    billing.page.get_by_label("理由").fill("料金表の誤り")
    billing.press("公開を取り消す")
    assert billing.sees("公開を取り消しました")
    assert not _is_shown(subscriber, month)

    # The right one goes the same way, now without waiting; nobody is told a second time.
    _handed_over(billing, "12月-正.csv", month.file(5500), "確認済")
    billing.press("公開の承認を依頼する")
    _approve(second, "承認して公開する")
    subscriber.go(month.path)
    assert subscriber.sees("5,500円")
    assert not subscriber.sees("訂正")

    # One household's discount was late: 訂正, with what it was before.
    _handed_over(billing, "12月-割引.csv", month.file(5000, of=1), "確認済")
    billing.press("公開の承認を依頼する")
    _approve(second, "承認して公開する")
    subscriber.go(month.path)
    assert subscriber.sees("訂正")
    assert subscriber.sees("5,000円")
    assert subscriber.sees("5,500円")
    assert _notices(subscriber) == 1

    # Who saw the wrong bill: the list the law asks for.
    billing.go(f"{wrong}/seen")
    assert billing.page.get_by_role("rowheader").all_inner_texts() == [month.numbers[0].lstrip("0")]
    for each in (billing, second, subscriber):
        each.leave()


def _person(chromium: Browser, portal: Portal, width: int) -> Person:
    return Person(chromium, portal.address, width=width, javascript=True)


def _logged_in(chromium: Browser, portal: Portal, month: Month) -> Person:
    """The sample's own subscriber, with a phone."""
    subscriber = _person(chromium, portal, 360)
    subscriber.page.goto("/login")
    subscriber.type("アカウントID", month.login["login_id"])
    subscriber.type("パスワード", month.login["password"])
    subscriber.press("ログイン")
    assert subscriber.sees("お客様メニューリスト")
    return subscriber


def _is_shown(subscriber: Person, month: Month) -> bool:
    """Whether the subscriber has a page of the month."""
    answer = subscriber.page.goto(month.path)
    assert answer is not None
    return answer.status == 200


def _handed_over(billing: Person, name: str, content: bytes, state: str) -> str:
    """Hand one file over and wait until its check has come to ``state``; the path of its page, which is open then."""
    billing.go("/staff/batches")
    billing.page.get_by_label(re.compile("渡すファイル")).set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    with billing.page.expect_navigation(url=re.compile("said=batch_received")):
        billing.page.get_by_role("button", name="渡して検査する").click()
    path = billing.path.split("?")[0]
    _wait_for_state(billing, path, state)
    billing.look()
    return path


def _wait_for_state(person: Person, path: str, state: str) -> None:
    def is_there() -> bool:
        person.page.goto(path)
        return person.page.locator("h1 .standing").inner_text() == state

    wait_for(is_there, seconds=60)


def _approve(second: Person, words: str) -> None:
    """The newest request of the queue."""
    second.go("/staff/requests")
    second.page.get_by_role("link", name="料金データの公開").last.click()
    second.page.get_by_role("heading", name="料金データの公開の依頼").wait_for()
    second.look()
    second.press(words)
    assert second.sees("承認し、公開")


def _notices(subscriber: Person) -> int:
    """How many notices lie in the sample's mailbox."""
    subscriber.page.goto("/dev/mailbox")
    return subscriber.page.locator("article", has_text=NOTICE).count()
