"""The portal as the subscriber sees it: the same page, for an hour, told to whoever owns the account."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from mypage.domain.staff import Role
from mypage.store import statement_views
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_event, login_session, statement_view
from tests.bills import LONG_AGO, PASSWORD, a_bill, an_account, publish_bills
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.staffing import a_member, at_desk
from tests.visitor import Page, Visitor

KEY = "12345678"
PAGE = f"/staff/customers/{KEY}"
HOUR = timedelta(hours=1)


class Desk:
    """An agent on the telephone with Tarou, whose account has bills."""

    def __init__(self, database: Database, folder: Path, **settings: str) -> None:
        self.database, self.clock_file = database, folder / "clock"
        publish_customers(database, a_customer())
        self.account_id = an_account(database, KEY)
        self.batch_id = publish_bills(database, a_bill(202610), a_bill(202609, total=4400), a_bill(202608))
        self.app = portal(database, self.clock_file, **settings)
        self.member = a_member(database)
        self.visitor = at_desk(self.app, database, self.member)

    def call(self) -> Page:
        """Note the call; the customer's page."""
        page = self.visitor.get(PAGE)
        return page.submit("通話を記録する", caller="self", verified="identity")

    def view(self) -> Page:
        """Open the view."""
        return self.call().follow("お客様と同じ画面を見る").submit("画面を開く", reason="bill")

    def actions(self) -> list[tuple[str, dict[str, object]]]:
        """What the trail says of the view."""
        query = select(audit_event).where(audit_event.c.action.startswith("view."))
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(audit_event.c.seq)).mappings().all()
        for row in rows:
            assert (row["actor"], row["customer_key"]) == (self.member.actor, KEY)
        return [(row["action"], json.loads(row["facts"])) for row in rows]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def subscriber(desk: Desk) -> Visitor:
    """Tarou, logged in."""
    visitor = Visitor(desk.app)
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    return visitor


def drawn(page: Page) -> str:
    """What a page draws, without links and downloads, which are where the two differ."""
    main = re.search(r"<main.*</main>", page.html, re.DOTALL)
    assert main is not None
    inside = re.sub(r'<p class="no-print">.*?</p>', "", main[0])
    return re.sub(r"\s+(?=<)|(?<=>)\s+", "", re.sub(r'href="[^"]*"', "", inside))


def test_the_same_pages_as_the_subscriber_s_without_downloads_and_ways_out(desk: Desk) -> None:
    listed = desk.view()
    assert listed.path == f"{PAGE}/view/statements"
    own = subscriber(desk)
    assert drawn(listed) == drawn(own.get("/statements"))
    month = listed.follow("詳細 2026年10月")
    assert drawn(month) == drawn(own.get("/statements/2026-10"))
    for page in (listed, month, month.follow("前の月（2026年9月）")):
        banner = page.root.first("header").text()
        assert "お客様と同じ画面を表示中：0012345678 アイ＊＊＊ タ＊＊＊" in banner
        assert "見ている人：佐藤" in banner
        assert "時" in banner
        for link in page.root.all("a"):
            href = link.attributes["href"] or ""
            assert href == "#main" or href.startswith(f"{PAGE}/view/statements"), href
            assert ".csv" not in href
        actions = {form.attributes["action"] for form in page.root.all("form")}
        assert actions == {f"{PAGE}/view/end"}
        for personal in ("愛込", "アイコム", "0748", "水口町", "tarou"):
            assert personal not in page.html, personal
    for absent in ("2020-01", "2026-11", "nonsense", "2026-10.pdf"):
        assert desk.visitor.get(f"{PAGE}/view/statements/{absent}").status == 404


def test_it_is_written_down_told_to_the_subscriber_and_counts_as_nobody_s_look(
    desk: Desk, database: Database
) -> None:
    own = subscriber(desk)
    assert "窓口での確認" not in own.get("/profile").text
    desk.view().follow("詳細 2026年10月")
    (opened, facts), (_, listed), (_, month) = desk.actions()
    assert (opened, facts["reason"]) == ("view.opened", "bill")
    assert [listed["page"], month["page"]] == ["list", "2026-10"]
    assert {each["view_id"] for each in (facts, listed, month)} == {facts["view_id"]}
    profile = own.get("/profile").text
    assert "窓口のスタッフが、お客様のご利用料金の画面を確認しました。" in profile
    assert str(datetime.now(UTC).year) in profile.split("窓口での確認")[1]
    english = own.get("/profile?lang=en").text
    assert "our support staff looked at your charges page" in english
    with database.reading() as connection:
        columns = statement_view.c.account_id, statement_view.c.billing_month
        seen = sorted(tuple(row) for row in connection.execute(select(*columns)))
        told = list(statement_views.of_batch(connection, desk.batch_id))
        (epoch,) = connection.scalars(select(login_session.c.seen_epoch))
    # The menu after the login shows the newest bill; the others nobody but staff has seen.
    staff_saw = [(desk.member.actor, month) for month in (202608, 202609, 202610)]
    assert (seen, epoch) == ([(desk.account_id, 202610), *staff_saw], -1)
    assert [(view.month, view.staff) for view in told if view.login_id is None] == [
        (month, "佐藤") for _, month in staff_saw
    ]
    own.get("/statements")
    with database.reading() as connection:
        accounts = list(connection.scalars(select(statement_view.c.account_id)))
    assert accounts.count(desk.account_id) == accounts.count(desk.member.actor) == 3


def test_a_call_a_reason_and_an_hour(desk: Desk, database: Database) -> None:
    refused = desk.visitor.get(f"{PAGE}/view")
    assert "先に、お電話の相手を記録してください。" in refused.text
    assert "お電話の相手" in desk.visitor.get(f"{PAGE}/view/statements").text
    form = desk.call().follow("お客様と同じ画面を見る")
    nothing = form.submit("画面を開く")
    assert (nothing.status, nothing.title.startswith("エラー：")) == (400, True)
    assert "画面を開く理由を選んでください。" in nothing.text
    listed = nothing.submit("画面を開く", reason="screen")
    assert listed.path == f"{PAGE}/view/statements"
    # Whoever asks again is in it already.
    assert desk.visitor.get(f"{PAGE}/view").path == listed.path
    # Another member of staff is not.
    other = at_desk(desk.app, database, a_member(database, Role.ADMIN))
    assert other.get(listed.path).path.startswith(f"{PAGE}?")
    move_clock(desk.clock_file, timedelta(minutes=29))
    assert desk.visitor.get(listed.path).status == 200
    move_clock(desk.clock_file, timedelta(minutes=58))
    assert desk.visitor.get(listed.path).path == listed.path
    move_clock(desk.clock_file, timedelta(minutes=61))
    over = desk.visitor.get(f"{listed.path}/2026-10")
    assert over.path == f"{PAGE}?said=view_over"
    assert "お客様と同じ画面の表示を終えました。" in over.text


def test_it_ends_with_its_button_and_with_what_the_subscriber_may_see(desk: Desk, database: Database) -> None:
    listed = desk.view()
    assert listed.submit("表示を終える").path == f"{PAGE}?said=view_over"
    assert desk.visitor.get(listed.path).path == f"{PAGE}?said=view_over"
    listed.submit("表示を終える")
    assert [action for action, _ in desk.actions()][-1] == "view.ended"
    assert [action for action, _ in desk.actions()].count("view.ended") == 1
    again = desk.visitor.get(f"{PAGE}/view").submit("画面を開く", reason="fault")
    assert again.status == 200
    with database.writing() as connection:
        connection.execute(update(account_customer).values(objected_at=datetime.now(UTC)))
    assert desk.visitor.get(listed.path).path == f"{PAGE}?said=view_over"
    assert desk.visitor.get("/staff/customers/99/view").status == 404
    assert desk.visitor.get("/staff/customers/99/view/statements").status == 404
    assert desk.visitor.get(f"{PAGE}/view/end").path == PAGE


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("none", "本登録がお済みでないため"),
        ("suspended", "利用を停止しているため"),
        ("kept", "Web登録不可のため"),
        ("letter", "郵送の確認コードが入力されていないため"),
        ("release", "解除の後の登録から72時間がたっていないため"),
    ],
)
def test_where_the_subscriber_sees_nothing_neither_do_staff(
    database: Database, tmp_path: Path, why: str, told: str
) -> None:
    desk = Desk(database, tmp_path, signup_proof="letter")
    publish_customers(database, a_customer("111"))
    with database.writing() as connection:
        # Of several customers of a login the view is of one.
        other = {"customer_key": "111", "account_id": desk.account_id, "role": "owner", "since": LONG_AGO}
        connection.execute(insert(account_customer).values(**other))
        match why:
            case "none":
                connection.execute(account_customer.delete())
            case "suspended":
                connection.execute(update(account).values(state="suspended"))
            case "letter":
                connection.execute(update(account_customer).values(awaits_letter=True))
            case "release":
                later = datetime.now(UTC) + 70 * HOUR
                connection.execute(update(account_customer).values(shown_from=later))
    if why == "kept":
        publish_customers(database, a_customer(web_registration=False))
    page = desk.call()
    assert "お客様と同じ画面を見る" not in page.text
    page = desk.visitor.get(f"{PAGE}/view").submit("画面を開く", reason="bill")
    assert told in page.text
    assert desk.actions() == []


def test_without_any_bill(database: Database, tmp_path: Path) -> None:
    desk = Desk(database, tmp_path)
    publish_customers(database, a_customer("70013"), a_customer("777"))
    an_account(database, "70013", "777", login_id="hanako")
    page = desk.visitor.get("/staff/customers/777").submit("通話を記録する", caller="self", verified="bill")
    page = page.follow("お客様と同じ画面を見る").submit("画面を開く", reason="payment")
    assert "まだご請求がありません。" in page.text
