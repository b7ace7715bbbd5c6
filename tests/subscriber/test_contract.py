"""ご契約内容 as a person with a browser has it."""

from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account, publish_contracts
from tests.builders import a_customer, publish_customers
from tests.portal import portal
from tests.visitor import Visitor


def test_services_and_no_more_of_phone_and_address_than_may_be_shown(database: Database) -> None:
    publish_customers(database, a_customer(address="滋賀県甲賀市水口町1-2-3", phone2="090-1111-2222"))
    an_account(database, "12345678")
    net = {
        "contract_number": "C-1",
        "service": "インターネット",
        "course": "光1ギガ",
        "status": "active",
        "started_on": "2019-04-01",
        "ended_on": None,
        "equipment": "ONU",
        "monthly_fee": "5500",
    }
    publish_contracts(
        database, "12345678", net, {**net, "status": "お試し中", "ended_on": "2020-03-31", "equipment": None}
    )
    visitor = Visitor(portal(database))
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    page = visitor.get("/contract")
    for said in (
        "お客様番号 0012345678",
        "お名前 愛込 太郎",
        "ご契約の状態 契約中",
        "電話番号 下4桁 1234",
        "ご住所 滋賀県甲賀市",
        "コース名 光1ギガ",
        "状態 お試し中",
        "開始日 2019年4月1日（月）",
        "終了日 2020年3月31日（火）",
        "機器 ONU",
        "月額 5,500円",
        "内容に誤りがある場合や変更・解約は、お電話で承ります。",
    ):
        assert said in page.text, page.text
    for kept in ("0748", "2222", "水口町"):
        assert kept not in page.html
    assert visitor.get("/contract").status == 200
