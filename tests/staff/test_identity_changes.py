"""What a file changes of who its customers are: told, mailed, waited for, and ended with the batch that brought it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mypage.domain.staff import Role
from mypage.services import identity_approvals, publication, withdrawal
from mypage.services.activation import Attempt, Link
from mypage.services.publication import TakenBack
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import (
    account,
    account_customer,
    audit_event,
    registration,
    signup_draft,
    staff_request,
)
from mypage.store.schema import batch as batches
from mypage.worker import Worker
from mypage.works.load.delivery import check
from tests.bills import a_bill, an_account, publish_bills
from tests.builders import TAROU, a_customer, publish_customers
from tests.delivering import CUSTOMER_HEADINGS, Delivering, number_change, number_changes, table
from tests.first_try.story import PASSWORD, TAROU_KEY, Story
from tests.lettering import export, rows_of
from tests.oracle import Onlooker, Seen, all_alike
from tests.portal import portal
from tests.signing_up import Person as Newcomer
from tests.smtp_server import MailServer
from tests.staffing import Member, a_member, at_desk
from tests.visitor import Page, Visitor, form_values

NEW_PHONE = "090-8888-7777"
MALLORY = {**TAROU, "phone": NEW_PHONE}
WAITS = "窓口の担当者が確認してから表示します。"
LOGIN = {"login_id": "tarou", "password": PASSWORD}


@pytest.fixture
def server() -> object:
    with MailServer() as running:
        yield running


class House(Story):
    """A portal with its worker, where files are handed over by a member of the billing staff."""

    def __init__(self, database: Database, folder: Path, server: MailServer, **settings: str) -> None:
        super().__init__(database, folder, server, **settings)
        publish_bills(database, a_bill(202610, total=5555))
        self.billing = a_member(database, Role.BILLING)
        self.delivering = Delivering(database, folder)
        self.delivering.now = self.desk.clock.now  # type: ignore[method-assign]

    def bring(self, *rows: list[str], **other: bytes) -> Batch:
        """A customers file (and others in the same delivery) is handed over, checked and published."""
        contents = {"customers": table(CUSTOMER_HEADINGS, *rows), **other}
        files = self.delivering.files(**contents)  # type: ignore[arg-type]
        outcome = check(
            self.database,
            files,
            rules=self.delivering.rules,
            scratch=self.delivering.folder / "scratch",
            actor=self.billing.actor,
            clock=self.desk.clock.now,
        )
        assert outcome.is_well, outcome
        self.delivering.flip(*outcome.batches)
        return outcome.batches[0]

    def take_back(self, batch: Batch) -> TakenBack:
        with self.database.writing() as connection:
            done = publication.take_back(
                connection, batch.id, reason="誤り", actor=self.billing.actor, now=self.desk.clock.now()
            )
        assert isinstance(done, TakenBack), done
        return done

    def work(self) -> None:
        """A whole turn of a worker."""
        assert Worker(self.desk.settings, self.database, self.desk.clock).run_once()

    def member(self, **typed: str) -> Visitor:
        """Somebody registers with these items, activates and logs in."""
        link = self.registered(**typed)
        visitor = self.visitor()
        visitor.get(link).submit("本登録する", password=PASSWORD).submit("そのままログイン")
        return visitor

    def at_desk(self, who: Role | Member = Role.AGENT) -> Visitor:
        return at_desk(self.app, self.database, who)

    def mails(self, words: str) -> list[str]:
        """The recipients of the mails with these words in their subject."""
        return [mail.recipient for mail in self.server.mails if words in str(mail.message["Subject"])]


@pytest.fixture
def house(database: Database, tmp_path: Path, server: MailServer) -> House:
    return House(database, tmp_path, server)


def row(
    phone: str = NEW_PHONE, name: str = "愛込　太郎", kana: str = "アイコム　タロウ", number: str = "12345678"
) -> list[str]:
    """A row of a customers file: Tarou, with another telephone."""
    return [number, "", "", name, kana, phone, "契約中"]


def link_of(house: House) -> dict[str, object]:
    with house.database.reading() as connection:
        return dict(connection.execute(select(account_customer)).mappings().one())


def made_ahead(house: House) -> None:
    """All registrations and accounts were made by a web server whose clock is ten minutes ahead."""
    with house.database.writing() as connection:
        for column in (registration.c.created_at, account_customer.c.since):
            for made in connection.scalars(select(column).distinct()).all():
                values = {column.name: made + timedelta(minutes=10)}
                connection.execute(update(column.table).where(column == made).values(values))


def request_path(house: House) -> str:
    query = select(staff_request.c.id).where(staff_request.c.kind == "identity-approval")
    with house.database.reading() as connection:
        return f"/staff/identity/requests/{connection.scalars(query).all()[-1]}"


def approve(page: Page) -> Page:
    return page.submit("承認して表示する", way="called", note="変更前の番号に折り返し、本人と話した")


def test_whoever_matches_what_a_file_has_just_changed_waits_for_staff(
    house: House, server: MailServer
) -> None:
    """From the insider's line to the approval: nothing is told before the activation, and nothing shown after it."""
    batch = house.bring(row())
    # Screens 1 to 4 are those of everybody else.
    page = house.sign_up(**MALLORY)
    assert "確認" not in page.title
    assert WAITS not in page.text
    house.deliver()
    visitor = house.visitor()
    done = visitor.get(house.link()).submit("本登録する", password=PASSWORD)
    assert "窓口の担当者が確認してから表示します。" in done.text
    closed = done.submit("そのままログイン")
    assert closed.path == "/opening"
    assert WAITS in closed.text
    assert "遅くとも" in closed.text
    assert "0120-000-000" in closed.text
    assert "5,555円" not in visitor.get("/statements").text
    house.deliver()
    assert "結果をメールでお知らせします" in server.mails[-1].body
    # Staff see it: in the queue, on the customer's page, and when they ask for the portal as the subscriber sees it.
    agent = house.at_desk()
    assert "変更されたばかりの契約者情報での登録" in agent.get("/staff/requests").text
    customer = agent.get(f"/staff/customers/{TAROU_KEY}").text
    assert "承認されるまで、お客様には何も表示されません。" in customer
    assert f"承認を待っています（取込{batch.id}、期限" in customer
    page = agent.get(request_path(house))
    assert "＊＊＊1234" in page.text
    assert "＊＊＊7777" in page.text
    assert NEW_PHONE not in page.html
    assert "t＊＊＊@example.jp" in page.text
    assert house.billing.name in page.text
    whole = page.submit("表示する")
    assert NEW_PHONE in whole.text
    assert "0748-62-1234" in whole.text
    refused = page.submit("承認して表示する")
    assert refused.status == 400
    assert "どう確かめたか、選んでください。" in refused.text
    assert "何を確かめたか、入力してください。" in refused.text
    decided = approve(page)
    assert "お客様に、ご利用料金などが表示されます。" in decided.text
    assert "5,555円" in visitor.get("/statements").text
    house.deliver()
    assert house.mails("ご登録の確認が終わりました") == ["taro@example.jp"]
    assert approve(page).text.count("承認済み"), "twice: the request says what has become of it"
    assert house.mails("ご登録の確認が終わりました") == ["taro@example.jp"]
    with house.database.reading() as connection:
        rows = connection.execute(
            select(audit_event.c.action, audit_event.c.actor, audit_event.c.batch_id).where(
                audit_event.c.action.startswith("approval.")
            )
        ).all()
    assert tuple(rows[0]) == ("approval.awaited", "worker", batch.id)
    assert (rows[1].action, rows[1].batch_id) == ("approval.given", batch.id)
    assert "（変更前の電話番号に折り返した）" in agent.get(f"/staff/customers/{TAROU_KEY}").text


@pytest.mark.parametrize(
    ("changed", "typed", "days", "settings"),
    [
        (row(), MALLORY, 14, {}),
        # Only written differently: no change.
        (row("0748(62)1234", "愛込太郎", "ｱｲｺﾑ ﾀﾛｳ"), TAROU, 0, {}),
        # The name in kanji proves nothing.
        (row(TAROU["phone"], name="愛込　多郎"), TAROU, 0, {}),
        # What matched was there before, whatever else is new.
        (row(TAROU["phone"]), TAROU, 0, {}),
        (row(), MALLORY, 0, {"identity_change_approval": "no"}),
    ],
    ids=["old news", "written differently", "kanji", "nothing", "setting"],
)
def test_who_waits_for_nobody(
    database: Database,
    tmp_path: Path,
    server: MailServer,
    changed: list[str],
    typed: dict[str, str],
    days: int,
    settings: dict[str, str],
) -> None:
    house = House(database, tmp_path, server, **settings)
    house.bring(changed)
    house.wait(days=days)
    visitor = house.member(**typed)
    assert "5,555円" in visitor.get("/statements").text


def test_nobody_learns_before_the_activation_who_will_wait(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The match, screen 2, screen 3 and the link are the same, byte for byte and by what they cost."""
    publish_customers(house.database, *(a_customer(number, phone="0355555555") for number in ("555", "666")))
    house.bring(row("080-5555-5555", number="555"), row("03-5555-5555", name="愛込　多郎", number="666"))
    onlooker = Onlooker(
        house.database,
        portal(house.database, house.desk.clock_file, trusted_proxies="127.0.0.1"),
        monkeypatch,
    )
    seen: dict[str, list[Seen]] = {}
    cases = {
        "to warm up": ("777", "0312345678"),
        "waits": ("555", "080-5555-5555"),
        "not": ("666", "0355555555"),
    }
    for name, (number, telephone) in cases.items():
        guest = onlooker.arrives("/signup")
        kana = "サトウ　ハナコ" if number == "777" else TAROU["name_kana"]
        proof = {"customer_number": number, "phone": telephone, "name_kana": kana}
        seen[name] = [onlooker.sees(guest, "/signup", proof)]
        filled = form_values(guest.visitor.get("/signup/profile").form_with("確認する"))
        profile = {
            **filled,
            "login_id": f"login-{number}",
            "password": PASSWORD,
            "email": f"a{number}@example.jp",
            "nickname": "あ",
        }
        seen[name].append(onlooker.sees(guest, "/signup/profile", profile))
        page = guest.visitor.get("/signup/confirm")
        token = form_values(page.form_with("仮登録する"))
        seen[name].append(onlooker.sees(guest, "/signup/confirm", token))
    del seen["to warm up"]
    all_alike({name: [_without_cookies(each) for each in several] for name, several in seen.items()})


def _without_cookies(each: Seen) -> Seen:
    """Which ones are set, and not the chance in them."""
    told = tuple(
        (name, value.partition("=")[0] if name == "Set-Cookie" else value) for name, value in each.headers
    )
    return replace(each, headers=told)


def test_a_customer_who_is_new_with_a_file_is_no_change(house: House) -> None:
    house.bring(row("080-1111-2222", number="555"))
    visitor = house.member(**{**TAROU, "customer_number": "555", "phone": "080-1111-2222"})
    assert visitor.get("/").path == "/"


def test_an_address_only_file_above_does_not_hide_the_change(house: House) -> None:
    """A second file that says nothing new about the telephone is not what brought it; nor does a snapshot hide it."""
    first = house.bring(row())
    house.bring(row(name="愛込　多郎"))
    house.member(**MALLORY)
    link = link_of(house)
    assert link["awaits_approval"]
    assert link["changed_batch_id"] == first.id


def test_a_key_or_a_posted_code_proves_beside_the_file(
    database: Database, tmp_path: Path, server: MailServer
) -> None:
    house = House(database, tmp_path, server, signup_proof="key")
    headings = (*CUSTOMER_HEADINGS, "登録キー")
    publish_customers(database, a_customer(registration_key="OLD123"))
    files = house.delivering.files(customers=table(headings, [*row(), "OLD123"]))
    house.delivering.flip(*house.delivering.hand(*files).batches)
    page = house.signup().submit("認証", **MALLORY, registration_key="old-123")
    assert page.path == "/signup/profile"
    with database.reading() as connection:
        assert connection.scalar(select(signup_draft.c.changed_batch_id)) is None
    # A key that came with the same line proves nothing.
    files = house.delivering.files(customers=table(headings, [*row("080-1111-0000"), "EVIL99"]))
    batches = house.delivering.hand(*files).batches
    house.delivering.flip(*batches)
    house.signup().submit("認証", **{**TAROU, "phone": "080-1111-0000"}, registration_key="evil99")
    with database.reading() as connection:
        found = connection.scalars(select(signup_draft.c.changed_batch_id)).all()
    assert sorted(found, key=str) == [batches[0].id, None]


def test_a_posted_code_opens_what_waits_unless_the_address_is_news_too(
    database: Database, tmp_path: Path, server: MailServer
) -> None:
    house = House(database, tmp_path, server, signup_proof="letter")
    house.bring(row())
    visitor = house.member(**MALLORY)
    assert "確認コード" in visitor.get("/opening").text, "what the person can do comes first"

    def posted() -> str:
        file = tmp_path / f"letters-{house.desk.clock.now().timestamp()}.csv"
        export(database, file, house.desk.clock.now())
        return rows_of(file)[-1]["確認コード"]

    code = posted()
    assert (
        "5,555円"
        in visitor.get("/opening").submit("コードを確認する", code=code).visitor.get("/statements").text
    )
    assert "承認は要らなくなりました。" in house.at_desk().get(request_path(house)).text
    # The same for somebody of whom the same file moved the address, too.
    headings = (*CUSTOMER_HEADINGS, "住所")
    moved = [*row(NEW_PHONE, "佐藤　花子", "サトウ　ハナコ", "777"), "滋賀県大津市1-1"]
    house.delivering.flip(
        *house.delivering.hand(*house.delivering.files(customers=table(headings, moved))).batches
    )
    hanako = house.member(
        customer_number="777",
        phone=NEW_PHONE,
        name_kana="サトウ　ハナコ",
        login_id="hanako",
        email="h@example.jp",
    )
    page = hanako.get("/opening").submit("コードを確認する", code=posted())
    assert WAITS in page.text


def test_who_decides_had_no_hand_in_the_file(house: House) -> None:
    """Neither who handed it over or asked for it, nor whom they brought here; nor somebody new in the role."""
    two_hats, billing = a_member(house.database, Role.ADMIN, "両方"), house.billing
    house.billing = two_hats
    house.bring(row())
    house.member(**MALLORY)
    path = request_path(house)
    puppet = a_member(house.database, Role.AGENT, "子飼い", invited_by=two_hats.id)
    now = house.desk.clock.now()
    fresh = a_member(house.database, Role.AGENT, "新人", role_given_at=now - timedelta(hours=23))
    for member, why in (
        (two_hats, "このファイルを渡した人"),
        (puppet, "このファイルを渡した人"),
        (fresh, "24時間"),
    ):
        desk = house.at_desk(member)
        page = desk.get(path)
        assert why in page.text, member.name
        token = next(
            each.attributes["value"]
            for each in page.root.all("input")
            if each.attributes.get("name") == "csrf_token"
        )
        typed = {"csrf_token": token or "", "way": "called", "note": "確かめた", "reply": "違う"}
        for deed in ("approve", "decline"):
            assert why in desk.post(f"{path}/{deed}", typed).text, (member.name, deed)
    assert link_of(house)["awaits_approval"]
    assert house.at_desk(billing).get(path).status == 403
    assert house.at_desk().get("/staff/identity/requests/nobody").status == 404


def test_declined_it_is_released_and_can_be_registered_anew(house: House, server: MailServer) -> None:
    house.bring(row())
    visitor = house.member(**MALLORY)
    page = house.at_desk().get(request_path(house))
    assert page.submit("登録を解除する").status == 400
    declined = page.submit("登録を解除する", reply="前の番号の方は、登録していないとのこと")
    assert "登録を解除しました。" in declined.text
    assert "前の番号の方は" in declined.text
    assert visitor.get("/").path == "/login"
    house.deliver()
    assert house.mails("ご登録を確認できませんでした") == ["taro@example.jp"]
    with house.database.reading() as connection:
        assert connection.execute(select(account_customer)).all() == []
        assert connection.scalar(select(account.c.state)) == "released"
    # Whoever presses the other button on the old page is told so.
    assert "承認されませんでした" in approve(page).text
    token = form_values(page.form_with("承認して表示する"))
    typed = {**token, "way": "called", "note": "確かめた"}
    assert page.visitor.post("/staff/identity/requests/nobody/approve", typed).status == 404
    # One of whom something else decided meanwhile (there is none that leaves the request, and still).
    house.bring(row("070-5555-6666"))
    house.member(**{**TAROU, "phone": "070-5555-6666", "login_id": "third"})
    with house.database.writing() as connection:
        connection.execute(update(account_customer).values(awaits_approval=False))
    assert "もう確認を待っていません" in approve(page.visitor.get(request_path(house))).text


def test_what_nobody_decides_in_time_ends_and_can_be_made_anew(house: House, server: MailServer) -> None:
    house.bring(row())
    house.member(**MALLORY)
    house.wait(days=13, hours=23)
    house.work()
    assert link_of(house)["awaits_approval"]
    house.wait(hours=2)
    house.work()
    with house.database.writing() as connection:
        assert not identity_approvals.end_if_overdue(connection, TAROU_KEY, now=house.desk.clock.now())
    house.deliver()
    assert house.mails("もう一度ご登録ください") == ["taro@example.jp"]
    assert "期限切れ" in house.at_desk().get(request_path(house)).text
    # By then the change is no news, and the next registration need not wait: neither for staff nor 72 hours.
    visitor = house.member(**{**MALLORY, "login_id": "tarou2"})
    assert "5,555円" in visitor.get("/statements").text


def test_the_accounts_concerned_are_mailed_once_and_no_values(house: House, server: MailServer) -> None:
    """In a delivery with others, too; nobody of a file that was taken back, nor for what is only written differently."""
    an_account(house.database, "12345678", email="owner@example.jp", login_id="owner")
    house.bring(row("0748-62-1234", name="愛込太郎"))
    house.work()
    assert server.mails == []
    taken = house.bring(row("070-0000-1111"))
    house.take_back(taken)
    house.work()
    assert house.mails("契約者情報の変更のお知らせ") == []
    house.bring(
        row(NEW_PHONE, name="愛込　次郎"),
        payments="お客様番号,請求年月,支払状態\n12345678,2026-10,支払済\n".encode(),
    )
    house.work()
    house.work()
    assert house.mails("契約者情報の変更のお知らせ") == ["owner@example.jp"]
    body = server.mails[-1].body
    for secret in (NEW_PHONE, "7777", "次郎", "愛込", "12345678"):
        assert secret not in body
    # Whoever registers with what the file brought was never told of anything else.
    house.bring(row(NEW_PHONE, "佐藤　花子", "サトウ　ハナコ", "777"))
    house.member(
        customer_number="777",
        phone=NEW_PHONE,
        name_kana="サトウ　ハナコ",
        login_id="hanako",
        email="h@example.jp",
    )
    house.work()
    assert house.mails("契約者情報の変更のお知らせ") == ["owner@example.jp"]


def test_the_accounts_of_numbers_that_change_are_mailed(house: House, server: MailServer) -> None:
    publish_customers(house.database, a_customer("80012"), a_customer("90012"))
    an_account(house.database, "12345678", "90012", email="owner@example.jp", login_id="owner")
    changes = number_changes(number_change("12345678", "80012"), number_change("90012", "777", "承継"))
    (batch,) = house.delivering.publish(changes=changes)
    assert batch.counts["identity_changes"] == 4
    house.work()
    assert house.mails("お客様番号の変更のお知らせ") == ["owner@example.jp"], "once, of two numbers"
    assert "80012" not in server.mails[-1].body
    # All of them, before publishing and after, for whoever looks at the batch.
    page = house.at_desk(Role.AUDITOR).get(f"/staff/batches/{batch.id}").follow("すべて見る")
    assert "番号の変更：12345678 → 80012" in page.text
    assert "番号の承継：90012 → 777" in page.text
    assert "このページの内容を表示する" not in page.text, "auditors look, and change nothing"
    few = page.follow("会員登録のあるお客様だけを見る")
    assert "番号の変更" in few.text
    assert few.text.count("あり（メールでお知らせ）") == 2


def test_the_list_of_changes_is_masked_paged_and_revealed_with_a_row_for_each(house: House) -> None:
    numbers = [str(number) for number in range(60_000, 60_060)]
    publish_customers(house.database, *(a_customer(number) for number in numbers))
    batch = house.bring(*(row(f"090-1111-{number[-4:]}", number=number) for number in numbers))
    desk = house.at_desk(house.billing)
    page = desk.get(f"/staff/batches/{batch.id}")
    assert "お名前・電話番号・お客様番号が変わるお客様：60件" in page.text
    page = page.follow("すべて見る")
    assert "電話番号：＊＊＊1234 → ＊＊＊0000" in page.text
    assert "090-1111" not in page.html
    further = page.follow("次の50件")
    assert "60059" in further.text
    assert "60049" not in further.text
    whole = further.submit("このページの内容を表示する")
    assert "0748-62-1234 → 090-1111-0059" in whole.text
    assert "60049" not in whole.text
    with house.database.reading() as connection:
        shown = connection.scalars(
            select(audit_event.c.customer_key).where(audit_event.c.action == "batch.identity_shown")
        ).all()
    assert sorted(shown) == numbers[50:]
    assert desk.get("/staff/batches/99999/identity").status == 404
    assert "ここから先にはありません。" in desk.get(f"/staff/batches/{batch.id}/identity?after=z").text


def test_what_rested_on_a_batch_ends_with_it(house: House, server: MailServer) -> None:
    """An account is suspended, a provisional registration ends and its link says so; who is proven without it stays."""
    publish_customers(
        house.database, a_customer("555", phone="0355555555"), a_customer("666", phone="0366666666")
    )
    batch = house.bring(
        row(),
        row(NEW_PHONE, "佐藤　花子", "サトウ　ハナコ", "777"),
        # These are written otherwise: nothing rests on the file.
        row("03-5555-5555", number="555"),
        row("03-6666-6666", number="666"),
    )
    mallory = house.member(**MALLORY)
    same = house.member(
        customer_number="555",
        phone="0355555555",
        name_kana="アイコム　タロウ",
        login_id="other",
        email="o@example.jp",
    )
    link = house.registered(
        customer_number="777",
        phone=NEW_PHONE,
        name_kana="サトウ　ハナコ",
        login_id="hanako",
        email="h@example.jp",
    )
    going_on = house.registered(
        customer_number="666", phone="0366666666", login_id="goes-on", email="g@example.jp"
    )
    billing = house.at_desk(house.billing)
    before = billing.get(f"/staff/batches/{batch.id}").text
    assert "会員登録（仮登録を含む）が4件あります。" in before
    assert "そのうち2件は" in before
    made_ahead(house)
    done = house.take_back(batch)
    assert (done.withdrawn.ended, done.withdrawn.suspended, done.withdrawn.kept) == (1, 1, 2)
    assert mallory.get("/").path == "/login"
    assert same.get("/").path == "/"
    done_at_last = house.visitor().get(going_on).submit("本登録する", password=PASSWORD)
    assert done_at_last.path == "/signup/complete"
    dead = house.visitor().get(link)
    assert "契約者情報が訂正されたため、この仮登録は取り消されました" in dead.text
    assert "0120-000-000" in dead.text
    house.work()
    assert house.mails("ご利用停止のお知らせ") == ["taro@example.jp"]
    assert house.mails("仮登録取り消しのお知らせ") == ["h@example.jp"]
    # The request of staff has ended, too, and says why.
    agent = house.at_desk()
    assert "公開が取り消されたため、登録は止まりました。" in agent.get(request_path(house)).text
    page = billing.get(f"/staff/batches/{batch.id}")
    assert "本登録（利用を停止）" in page.text
    assert "仮登録（取り消し）" in page.text
    assert "停止中" in page.text
    assert (
        billing.get(f"/staff/batches/{batch.id}/registrations?after=x").text.count("本登録（利用を停止）")
        == 1
    )
    customer = agent.get(f"/staff/customers/{TAROU_KEY}").text
    assert "公開が取り消されたため、停止しています。" in customer
    assert f"利用を停止しました（取込{batch.id}）。" in customer
    assert "もとになった契約者データの公開が取り消されたためです。" in agent.get("/staff/customers/777").text
    # Publishing it again brings nothing back.
    files = house.delivering.files(customers=Path(batch.source).read_bytes())
    outcome = house.delivering.hand(*files)
    assert [each.id for each in outcome.batches] == [batch.id]
    house.delivering.flip(*outcome.batches)
    assert house.visitor().get("/login").submit("ログイン", **LOGIN).path == "/login"
    with house.database.reading() as connection:
        states = connection.execute(select(registration.c.customer_key, registration.c.state)).all()
        assert {tuple(each) for each in states if each.customer_key == "777"} == {("777", "void")}
        kept = connection.execute(
            select(account_customer.c.matched_batch_id).where(account_customer.c.customer_key == "555")
        ).scalar_one()
    assert kept != batch.id, "it rests on what was seen meanwhile"
    with house.database.reading() as connection:
        found = [
            json.loads(each)
            for each in connection.scalars(
                select(audit_event.c.facts).where(audit_event.c.action == "batch.settled")
            )
        ]
    assert found == [{"ended": 1, "suspended": 1, "kept": 2}]


def test_a_customer_who_ceases_to_exist_is_not_left(house: House) -> None:
    batch = house.bring(row("080-1111-2222", number="555"))
    visitor = house.member(**{**TAROU, "customer_number": "555", "phone": "080-1111-2222"})
    house.take_back(batch)
    assert visitor.get("/").path == "/login"
    with house.database.reading() as connection:
        assert connection.scalar(select(account.c.state)) == "suspended"
    # An account that staff have suspended before is listed, and not mailed again.
    batch = house.bring(row("080-3333-4444", number="556"))
    house.member(customer_number="556", phone="080-3333-4444", login_id="before", email="b@example.jp")
    with house.database.writing() as connection:
        connection.execute(update(account).values(state="suspended"))
    assert house.take_back(batch).withdrawn.suspended == 1
    house.work()
    assert house.mails("ご利用停止のお知らせ") == ["taro@example.jp"]
    assert "556" in house.at_desk(house.billing).get(f"/staff/batches/{batch.id}/registrations").text


def test_very_many_are_closed_with_the_flip_and_settled_by_the_worker(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawal, "AT_ONCE", 1)
    batch = house.bring(row(), row("03-1234-5678", "佐藤　花子", "サトウ　ハナコ", "777"))
    hanako = house.member(
        customer_number="777",
        phone="0312345678",
        name_kana="サトウ　ハナコ",
        login_id="hanako",
        email="h@example.jp",
    )
    link = house.registered(**MALLORY)
    billing = house.at_desk(house.billing)
    assert (
        "取り消しの後の契約者情報と合わなくなる登録は、止まります。"
        in billing.get(f"/staff/batches/{batch.id}").text
    )
    monkeypatch.setattr(withdrawal, "COUNTED", 1)
    assert "（仮登録を含む）が1件より多くあります。" in billing.get(f"/staff/batches/{batch.id}").text
    made_ahead(house)
    assert house.take_back(batch).withdrawn.goes_on
    # Between the flip and the worker nothing of either is open.
    assert "ただいま、契約者情報を確認しています。" in hanako.get("/").text
    assert "この仮登録は取り消されました" in house.visitor().get(link).text
    assert "順に確かめています" in billing.get(f"/staff/batches/{batch.id}").text
    assert "数分のあいだ、何も表示されません。" in house.at_desk().get("/staff/customers/777").text
    house.work()
    assert hanako.get("/").path == "/"
    assert "この仮登録は取り消されました" in house.visitor().get(link).text
    page = billing.get(f"/staff/batches/{batch.id}").text
    assert "順に確かめています" not in page
    assert page.count("仮登録（取り消し）") == 1


def test_whoever_registers_while_it_is_taken_back_is_not_overlooked(house: House) -> None:
    """The draft and the link were made on what is no more; the take-back could not see them."""
    batch = house.bring(row())
    page = house.signup().submit("認証", **MALLORY)
    page = page.submit(
        "確認する", login_id="tarou", password=PASSWORD, email="taro@example.jp", nickname="タロウ"
    )
    house.take_back(batch)
    assert page.submit("仮登録する").path != "/signup/done"
    with house.database.reading() as connection:
        assert connection.execute(select(registration)).all() == []
    # A registration that was being written at that moment: as if the take-back had come before its commit.
    again = house.bring(row("070-2222-3333"))
    link = house.registered(**{**TAROU, "phone": "070-2222-3333"})
    with house.database.writing() as connection:
        connection.execute(
            update(batches).where(batches.c.id == again.id).values(state="taken_back", pub_seq=None)
        )
    visitor = house.visitor()
    page = visitor.get(link)
    assert "この仮登録は取り消されました" in page.text
    with house.database.writing() as connection:
        connection.execute(
            update(batches).where(batches.c.id == again.id).values(state="published", pub_seq=99)
        )
    form = visitor.get(link)
    # Somebody's password was being verified while it was taken back.
    now = house.desk.clock.now()
    person = Newcomer(house.database, chosen=house.desk.settings)
    attempt = person.reserve(person.token(TAROU_KEY, signed_at=now), now)
    assert isinstance(attempt, Attempt)
    with house.database.writing() as connection:
        connection.execute(
            update(batches).where(batches.c.id == again.id).values(state="taken_back", pub_seq=None)
        )
    outcome = person.conclude(attempt, now)
    assert isinstance(outcome, Link)
    assert outcome.withdrawn
    with house.database.reading() as connection:
        assert connection.scalars(select(registration.c.state)).all() == ["void"]
    assert "この仮登録は取り消されました" in form.submit("本登録する", password=PASSWORD).text
