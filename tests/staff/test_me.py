"""One's own login: passkeys, another app, recovery codes, the password, and where it is open."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mypage.domain.staff import Role
from mypage.services.sessions import hashed
from mypage.store.engine import Database
from mypage.store.schema import factor_app, factor_passkey, outbox
from tests.office import Office, office
from tests.portal import portal
from tests.soft_passkey import SoftPasskey
from tests.staffing import Member, a_member, at_desk, log_in, now_of, secret_on
from tests.visitor import Page, Visitor, form_values

# Browsers bind passkeys to a name, never to a number.
ORIGIN = "http://localhost:8080"
NEW = "kinou-wa-ame-deshita-ne"


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Iterator[Office]:
    with office(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def agent(work: Office) -> Member:
    return a_member(work.database, Role.AGENT, "佐藤")


@pytest.fixture
def named(work: Office) -> Flask:
    """The portal at an address with a name."""
    return portal(work.database, work.clock_file, public_url=ORIGIN)


def summary(page: Page) -> str:
    return next(each for each in page.root.walk() if each.attributes.get("id") == "errors").text()


def question(page: Page) -> str:
    (form,) = [each for each in page.root.all("form") if each.attributes.get("data-passkey")]
    return form.attributes["data-question"] or ""


def send(page: Page, **typed: str) -> Page:
    """Send the form that the page's script completes."""
    (form,) = [each for each in page.root.all("form") if each.attributes.get("data-passkey")]
    return page.visitor.post(form.attributes["action"] or "", {**form_values(form), **typed})


def mails(work: Office) -> list[str]:
    with work.database.reading() as connection:
        return [each["what"] for each in connection.scalars(select(outbox.c.facts).order_by(outbox.c.id))]


def test_a_passkey_is_added_and_logs_in(work: Office, agent: Member, named: Flask) -> None:
    key = SoftPasskey("localhost", ORIGIN)
    page = log_in(named, agent, visitor=Visitor(named, base_url=ORIGIN))
    page = page.visitor.get("/staff/me").follow("パスキーを追加する")
    asked = question(page)
    assert "いまのパスワードを入力してください" in summary(send(page, answer=key.made(asked), label="窓口"))
    wrong = send(page, answer=key.made(asked), label="窓口", own_password="wrong")
    assert "いまのパスワードが一致しません" in summary(wrong)
    assert 'value="窓口"' in wrong.html, "what it is called stays typed"
    broken = send(page, answer="{}", own_password=agent.password)
    assert "パスキーを登録できませんでした" in summary(broken)
    page = send(page, answer=key.made(asked), label="窓口", own_password=agent.password)
    assert "パスキーを追加しました" in page.text
    assert "窓口" in page.text
    page = page.visitor.get("/staff/me/passkey")
    assert "もう登録されています" in summary(
        send(page, answer=key.made(question(page)), own_password=agent.password)
    )

    page = Visitor(named, base_url=ORIGIN).get("/staff/login", query={"next": "/staff/me"})
    page = page.submit("次へ", login_id=agent.login_id, password=agent.password)
    stale = send(page, answer=key.signed(asked))
    assert "確認できませんでした" in summary(stale), "signed for another occasion"
    page = send(page, answer=key.signed(question(page)))
    assert page.path == "/staff/me"
    assert send(stale, answer=key.signed(question(stale))).path == "/staff/me", "whoever is in is in"
    # With two factors either may go, and the last one stays.
    page = page.follow("削除（窓口）")
    assert "いまのパスワードを入力" in summary(page.submit("削除する"))
    assert "削除しました" in page.submit("削除する", own_password=agent.password).text
    assert "もう登録されていません" in page.visitor.get("/staff/me/remove").text
    last = page.visitor.get("/staff/me/remove?factor=app")
    assert "ほかに認証の方法がない" in last.text
    typed = {
        "factor": "app",
        "own_password": agent.password,
        "csrf_token": form_values(page.form_with("削除する"))["csrf_token"],
    }
    assert "ほかに認証の方法がない" in page.visitor.post("/staff/me/remove", typed).text
    assert mails(work) == ["passkey_added", "factor_removed"]
    with work.database.reading() as connection:
        assert connection.scalars(select(factor_passkey.c.credential_id)).all() == []
        assert len(connection.scalars(select(factor_app.c.owner_id)).all()) == 1


def test_the_first_factor_may_be_a_passkey(work: Office, named: Flask) -> None:
    desk = at_desk(work.app, work.database, Role.ADMIN)
    desk.get("/staff/people/invite").submit("招待する", name="鈴木", email="suzuki@example.jp", role="agent")
    work.work()
    key = SoftPasskey("localhost", ORIGIN, synced=True, counts=False)
    page = Visitor(named, base_url=ORIGIN).get(work.link).submit("次へ", login_id="suzuki", password=NEW)
    assert "パスキーを登録できませんでした" in summary(send(page, answer="x"))
    page = send(page, answer=key.made(question(page)), label="")
    assert page.title.startswith("回復コード")
    page = page.follow("保管しました").submit("ログアウト")
    page = page.submit("次へ", login_id="suzuki", password=NEW)
    assert "認証アプリで確認する" not in page.text
    assert send(page, answer=key.signed(question(page))).path == "/staff/"
    # At an address without a name the page says what to do.
    page = Visitor(work.app).get("/staff/login").submit("次へ", login_id="suzuki", password=NEW)
    assert "このアドレスでは、登録したパスキーを使えません" in page.text
    assert (
        page.visitor.post("/staff/factor/passkey", form_values(page.form_with("やめる"))).path
        == "/staff/factor"
    )
    assert at_desk(work.app, work.database, Role.AGENT).get("/staff/me/passkey").path == "/staff/me"


def test_another_app_takes_the_place_of_the_one_before(work: Office, agent: Member) -> None:
    desk = at_desk(work.app, work.database, agent)
    page = desk.get("/staff/me").follow("別のアプリに替える")
    secret = secret_on(page)
    code = Member("", Role.AGENT, "", "", "", secret).code(now_of(work.app))
    page = page.submit("登録する", code=code, own_password="wrong")
    assert "いまのパスワードが一致しません" in summary(page)
    assert secret_on(page) == secret
    page = page.submit("登録する", code="111111", own_password=agent.password)
    assert "コードが一致しません" in summary(page)
    assert (
        "前の認証アプリのコードは、もう使えません"
        in page.submit("登録する", code=code, own_password=agent.password).text
    )
    page = (
        Visitor(work.app).get("/staff/login").submit("次へ", login_id=agent.login_id, password=agent.password)
    )
    page = page.submit("ログイン", code=agent.code(now_of(work.app)))
    assert "確認できませんでした" in summary(page)
    moved = Member("", Role.AGENT, "", "", "", secret)
    assert page.submit("ログイン", code=moved.code(now_of(work.app), 1)).path == "/staff/"
    # What another session was offered is not taken.
    theirs = at_desk(work.app, work.database, Role.AUDITOR).get("/staff/me/app")
    offer = form_values(theirs.form_with("登録する"))["offer"]
    page = desk.get("/staff/me/app").submit(
        "登録する", offer=offer, code="123456", own_password=agent.password
    )
    assert "新しいQRコードに替えました" in summary(page)
    assert mails(work) == ["app_added"]


def test_new_recovery_codes_end_the_old_ones(work: Office, agent: Member) -> None:
    desk = at_desk(work.app, work.database, agent)
    assert "残り：0個" in desk.get("/staff/me").text
    page = desk.get("/staff/me").follow("新しい回復コードを作る")
    assert "いまのパスワードが一致しません" in summary(page.submit("新しく作る", own_password="wrong"))
    page = page.submit("新しく作る", own_password=agent.password)
    codes = [each.text() for each in page.root.first("ol").all("li")]
    assert len(codes) == 10
    assert "残り：10個" in page.follow("保管しました").text
    assert mails(work) == ["codes_made"]


def test_the_own_password_is_not_guessed_at_an_unlocked_desk(work: Office, agent: Member) -> None:
    desk = at_desk(work.app, work.database, agent)
    page = desk.get("/staff/me/codes")
    for _ in range(4):
        page = page.submit("新しく作る", own_password="wrong")
    assert page.submit("新しく作る", own_password=agent.password).status == 429
    page = desk.get("/staff/me/password").submit("変更する", own_password=agent.password, password=NEW)
    assert (page.status, page.headers["Retry-After"]) == (429, "60")
    work.wait(timedelta(seconds=61))
    assert (
        "パスワードを変更しました" in page.submit("変更する", own_password=agent.password, password=NEW).text
    )


def test_a_new_password_ends_all_other_sessions(work: Office, agent: Member) -> None:
    desks = [at_desk(work.app, work.database, agent) for _ in range(3)]
    page = desks[0].get("/staff/me").follow("パスワードを変更する")
    assert "いまのパスワードを入力してください" in summary(page.submit("変更する", password=NEW))
    assert "パスワードを入力してください" in summary(page.submit("変更する", own_password=agent.password))
    page = page.submit("変更する", own_password=agent.password, password="short")
    assert "15文字以上" in summary(page)
    page = page.submit("変更する", own_password=agent.password, password=agent.login_id)
    assert "アカウントIDと同じ" in summary(page)
    same = page.submit("変更する", own_password=agent.password, password=agent.password)
    assert "現在のパスワードと同じ" in summary(same)
    assert "いまのパスワードが一致しません" in summary(
        page.submit("変更する", own_password="x", password=NEW)
    )
    page = page.submit("変更する", own_password=agent.password, password=NEW)
    assert "パスワードを変更しました" in page.text
    assert [desk.get("/staff/").path for desk in desks] == ["/staff/", "/staff/login", "/staff/login"]
    changed = Member(agent.id, agent.role, agent.name, agent.login_id, NEW, agent.secret)
    log_in(work.app, changed)
    assert mails(work) == ["password_changed"]


def test_sessions_elsewhere_are_ended_one_by_one_or_all(work: Office, agent: Member) -> None:
    desks = [at_desk(work.app, work.database, agent) for _ in range(4)]
    other = at_desk(work.app, work.database, Role.AUDITOR)
    page = desks[0].get("/staff/me")
    assert page.text.count("ログアウトさせる") == 3 + 1
    page = page.submit("ログアウトさせる")
    assert "ほかの端末をログアウトしました" in page.text
    assert sorted(
        desk.get("/staff/").status == 200 and desk.get("/staff/").path == "/staff/" for desk in desks
    ) == [False, True, True, True]
    mine = {"csrf_token": form_values(page.form_with("ログアウトさせる"))["csrf_token"]}
    theirs = hashed(cookie.value) if (cookie := other.client.get_cookie("staff-session", "127.0.0.1")) else ""
    desks[0].post("/staff/me/sessions", {**mine, "session": theirs})
    assert other.get("/staff/").path == "/staff/", "nobody ends a colleague's"
    desks[0].post("/staff/me/sessions", {**mine, "session": "of-nobody"})
    page = desks[0].get("/staff/me").submit("ほかの端末をすべてログアウトさせる")
    assert [desk.get("/staff/").path for desk in desks] == ["/staff/", *["/staff/login"] * 3]
    assert other.get("/staff/").status == 200
