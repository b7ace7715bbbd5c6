"""「請求確定のお知らせ」 from the flip to the mail server: who is told, once, and of nothing that was taken back meanwhile."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from mypage.adapters.tokens import Signed, Tokens
from mypage.domain.mail import Worth
from mypage.services import deliveries
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer
from tests.bills import a_bill
from tests.builders import a_customer, publish_customers
from tests.delivering import Delivering, charge, charges, customer, customers, number_change, number_changes
from tests.mail import Desk, mails_in
from tests.noticing import MONTH, NOON, Town, bills
from tests.portal import SECRET_KEYS
from tests.smtp_server import MailServer

AMOUNT = 54_321


def _account(database: Database, key: str, **values: object) -> None:
    with database.writing() as connection:
        connection.execute(update(account).where(account.c.login_id == f"login-{key}").values(**values))


def _link(database: Database, key: str, **values: object) -> None:
    with database.writing() as connection:
        connection.execute(
            update(account_customer).where(account_customer.c.customer_key == key).values(**values)
        )


def test_told_is_whoever_sees_a_bill_and_nobody_else(desk: Desk, server: MailServer) -> None:
    database, later = desk.database, desk.clock.now() + timedelta(hours=1)
    town = Town(database, *(str(number) for number in range(70_001, 70_014)))
    publish_customers(database, a_customer("80001", web_registration=False), a_customer("80002"))
    town.account("80001")
    town.account("80002", language="en", nickname="Hanako")
    _account(database, "70005", notices_off_at=NOON)
    _account(database, "70006", mail_refused_at=NOON)
    _account(database, "70007", state="suspended")
    _link(database, "70008", awaits_letter=True, letter_for_approval=True)
    _link(database, "70009", shown_from=later)
    _link(database, "70010", objected_at=NOON)
    town.publish(*bills(["70011"]), notices=False)
    keys = [str(number) for number in (70_001, *range(70_005, 70_011), 70_012, 80_001, 80_002)]
    town.publish(
        *bills(keys, total=AMOUNT),
        a_bill(MONTH, customer_key="70001", number=2),
        a_bill(MONTH, customer_key="70002", withdrawn=True),
        a_bill(MONTH, customer_key="70003", hidden=True),
        a_bill(202610, customer_key="70013"),
    )
    town.expand(desk, at_once=4)
    desk.run()
    assert Counter(mail.recipient for mail in server.mails) == {
        "70001@example.jp": 1,
        "70012@example.jp": 1,
        "80002@example.jp": 1,
    }
    assert town.told() == ["70001", "70012", "80002"]
    assert town.mailings() == [("expanded", 15, 3)]
    for mail in server.mails:
        said = mail.message
        assert "54,321" not in mail.body
        assert "54321" not in mail.body
        assert mail.link == "http://127.0.0.1:8080/statements"
        # Without https no mail program may press anything: the link leads to a page.
        assert said["List-Unsubscribe"].startswith("<http://127.0.0.1:8080/notices/off/")
        assert said["List-Unsubscribe-Post"] is None
    by_recipient = {mail.recipient: mail for mail in server.mails}
    japanese, english = by_recipient["70001@example.jp"], by_recipient["80002@example.jp"]
    assert japanese.message["Subject"] == "請求確定のお知らせ（サンプルケーブル）"
    assert japanese.body.startswith("タロウ 様\n")
    assert "「登録情報の変更」を開き、「請求確定のお知らせ」を停止" in japanese.body
    assert "2026年11月分のご請求が確定しました。" in japanese.body
    assert "Your bill for November 2026 is final." in english.body
    # The letter's code is entered, the 72 hours are over, notices are wanted again: told at the next publication only.
    _link(database, "70009", shown_from=None)
    town.publish(a_bill(MONTH, customer_key="70001", total=1), a_bill(MONTH, customer_key="70009", total=1))
    town.expand(desk)
    desk.run()
    assert [mail.recipient for mail in server.mails[3:]] == ["70009@example.jp"]


def test_where_the_portal_speaks_https_one_press_is_enough(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with MailServer() as server:
        desk = Desk(
            database, server.url(), tmp_path_factory.mktemp("https"), public_url="https://my.example.jp"
        )
        town = Town(database, "70001")
        town.publish(*bills(["70001"]))
        town.expand(desk)
        desk.run()
        desk.close()
        said = server.mails[0].message
    assert said["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = said["List-Unsubscribe"]
    assert link.startswith("<https://my.example.jp/notices/off/")
    token = link.removeprefix("<https://my.example.jp/notices/off/").removesuffix(">")
    read = Tokens([SECRET_KEYS]).read("notices-off", token, desk.clock.now())
    assert isinstance(read, Signed)
    assert read.payload["a"] == "account-of-login-70001"
    # The address itself stands nowhere in it.
    assert "example.jp" not in str(read.payload)


def test_what_is_taken_back_meanwhile_is_told_to_nobody_and_can_be_told_later(
    desk: Desk, server: MailServer
) -> None:
    keys = ["70001", "70002", "70003"]
    town = Town(desk.database, *keys)
    # Taken back before it was expanded.
    town.take_back(town.publish(*bills(keys)))
    town.expand(desk)
    assert town.mailings()[-1] == ("pointless", 0, 0)
    # Taken back when its mails waited.
    wrong = town.publish(*bills(keys, total=1))
    town.expand(desk)
    assert town.states() == {"waiting": 3}
    town.take_back(wrong)
    desk.run()
    assert server.mails == []
    assert town.states() == {"void": 3}
    assert town.told() == []
    # Published again, and once more in the midst of the sending: once each.
    right = town.publish(*bills(keys))
    town.expand(desk)
    town.take_back(right)
    town.publish(*bills(keys[:2], total=2))
    town.expand(desk)
    desk.run()
    assert sorted(mail.recipient for mail in server.mails) == ["70001@example.jp", "70002@example.jp"]
    assert town.told() == keys[:2]


def test_what_is_so_again_when_it_is_to_be_dropped_goes_out(desk: Desk, server: MailServer) -> None:
    town = Town(desk.database, "70001", "70002")
    town.publish(*bills(["70001", "70002"]))
    town.expand(desk)
    now = desk.clock.now()
    with desk.database.writing() as connection:
        mails = deliveries.take(connection, worker="w1", now=now, limit=9)
    _account(desk.database, "70002", notices_off_at=NOON)
    # A look found both gone; meanwhile the first one was published again.
    with desk.database.writing() as connection:
        dropped = deliveries.drop_all(
            connection, mails, Worth.POINTLESS, worker="w1", settings=desk.settings, now=now
        )
    assert dropped == 1
    assert town.states() == {"waiting": 1, "void": 1}
    desk.run()
    assert [mail.recipient for mail in server.mails] == ["70001@example.jp"]
    assert town.told() == ["70001"]


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"notices_off_at": NOON},
        {"email": "elsewhere@example.jp"},
        {"state": "suspended"},
        {"mail_refused_at": NOON},
    ],
)
def test_the_account_is_looked_at_again_when_its_mail_goes_out(
    desk: Desk, server: MailServer, meanwhile: dict[str, object]
) -> None:
    town = Town(desk.database, "70001", "70002")
    town.publish(*bills(["70001", "70002"]))
    town.expand(desk)
    _account(desk.database, "70001", **meanwhile)
    desk.run()
    assert [mail.recipient for mail in server.mails] == ["70002@example.jp"]
    assert town.told() == ["70002"]


def test_a_notice_that_lay_too_long_is_given_up_and_can_be_told_later(desk: Desk, server: MailServer) -> None:
    town = Town(desk.database, "70001")
    town.publish(*bills(["70001"]))
    town.expand(desk)
    desk.wait(timedelta(hours=72))
    desk.run()
    assert (server.mails, town.states(), town.told()) == ([], {"given_up": 1}, [])


def test_of_months_of_history_only_the_last_one_is_told(desk: Desk, server: MailServer) -> None:
    town = Town(desk.database, "70001")
    for month in (202608, 202609, 202610, 202611):
        town.publish(*bills(["70001"], month))
    # August and September are no news in November; October is not the newest any more when the worker comes.
    town.expand(desk)
    assert town.mailings() == [("pointless", 0, 0), ("expanded", 1, 1)]
    # A correction of an older month, and what the operator publishes without notices, tell nobody.
    town.publish(*bills(["70001"], 202610, total=1))
    town.publish(*bills(["70001"], 202612), notices=False)
    town.expand(desk)
    assert len(town.mailings()) == 2
    desk.run()
    assert ["2026年11月分" in mail.body for mail in server.mails] == [True]


def test_a_customer_whose_number_changed_is_told_once(
    desk: Desk, server: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    delivering, town = Delivering(desk.database, tmp_path_factory.mktemp("files")), Town(desk.database)
    old, new = ["70001", "70003", "70004"], ["80001", "80003"]
    delivering.publish(customers=customers(*map(customer, [*old, *new])))
    delivering.publish(
        changes=number_changes(
            number_change("70001", "80001"),
            number_change("70003", "80003", "統合"),
            number_change("70004", "80003", "統合"),
        )
    )
    town.account("70001")
    town.account("70003", "70004")
    # Billed under the new number, seen by whoever registered with an old one.
    (batch,) = delivering.publish(charges=charges(*(charge(number, month="2026-11") for number in new)))
    assert batch.newest_month == MONTH
    for at_once in (300, 1):
        town.expand(desk, at_once)
        desk.run()
        bills = [mail for mail in server.mails if "請求確定" in str(mail.message["Subject"])]
        assert sorted(mail.recipient for mail in bills) == ["70001@example.jp", "70003@example.jp"]
        # Again, by another publication, customer by customer.
        delivering.publish(
            charges=charges(*(charge(number, month="2026-11", amount="900", total="900") for number in new))
        )
    # The first one told of the numbers: each account once, too.
    assert town.mailings()[:2] == [("expanded", 5, 2), ("expanded", 3, 2)]


def test_whoever_is_not_to_be_told_is_passed_over_in_long_strides(desk: Desk) -> None:
    keys = [str(number) for number in range(70_001, 70_041)]
    town = Town(desk.database, *keys)
    town.publish(*bills(keys[39:]))
    town.expand(desk, at_once=2)
    assert town.mailings() == [("expanded", 40, 1)]
    (mail,) = mails_in(desk.database)
    # The number as the operator prints it has ten digits; its end tells whoever holds several which one is meant.
    assert (mail["priority"], mail["facts"]) == (90, {"month": MONTH, "nickname": "タロウ", "number": "0040"})
