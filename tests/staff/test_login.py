"""How a member of staff comes in: by invitation, then with password and second factor, and by nothing less."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from mypage.domain.staff import Role
from mypage.services import trail
from mypage.store.engine import Database
from mypage.store.schema import audit_event, outbox, staff, staff_session
from tests.listening import listen
from tests.office import Office, office
from tests.portal import portal
from tests.staffing import Member, a_member, at_desk, enrolled, log_in, now_of, secret_on
from tests.visitor import Page, Visitor, form_values

PASSWORD = "ashita-mo-harere-ba-ii"
WRONG = "アカウントIDまたはパスワードが一致しません。"


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Iterator[Office]:
    with office(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def agent(work: Office) -> Member:
    return a_member(work.database, Role.AGENT, "佐藤")


def invited(work: Office, name: str = "鈴木", email: str = "suzuki@example.jp") -> str:
    """The link in an agent's invitation."""
    desk = at_desk(work.app, work.database, a_member(work.database, Role.ADMIN, f"管理-{name}"))
    desk.get("/staff/people/invite").submit("招待する", name=name, email=email, role="agent")
    work.work()
    return work.link


def summary(page: Page) -> str:
    return next(each for each in page.root.walk() if each.attributes.get("id") == "errors").text()


def rows(work: Office, action: str) -> int:
    with work.database.reading() as connection:
        assert trail.broken_at(connection) is None
        return len(connection.scalars(select(audit_event.c.seq).where(audit_event.c.action == action)).all())


def halfway(work: Office, member: Member, visitor: Visitor | None = None) -> Page:
    page = (visitor or Visitor(work.app)).get("/staff/login")
    page = page.submit("次へ", login_id=member.login_id, password=member.password)
    assert page.path.startswith("/staff/factor"), page.text
    return page


def cookie(visitor: Visitor, name: str = "staff-session") -> str | None:
    found = visitor.client.get_cookie(name, "127.0.0.1")
    return found.value if found else None


def test_from_the_invitation_to_the_second_login(work: Office) -> None:
    mail_link = invited(work, "鈴木　一郎")
    assert "サポート画面に招待します（役割：オペレーター）" in work.mail.body
    assert "鈴木 一郎 さん" in work.mail.body
    visitor = Visitor(work.app)
    page = visitor.get(mail_link)
    assert "鈴木 一郎 さん、ようこそ" in page.text
    page = page.submit("次へ", login_id="あ", password="short")
    assert "半角の英字・数字・記号" in summary(page)
    assert "15文字以上" in summary(page)
    assert "パスワードを入力してください" in summary(page.submit("次へ", login_id="", password=""))
    page = page.submit("次へ", login_id="ichirou", password=PASSWORD)
    assert page.path == "/staff/factor/new"
    # Closed by the browser in between: the link still works, and the half session before is dead.
    before = cookie(visitor)
    page = Visitor(work.app).get(mail_link)
    assert "アカウントID：ichirou" in page.text
    page = page.submit("次へ", password=PASSWORD + "2")
    thief = Visitor(work.app)
    thief.client.set_cookie("staff-session", before or "", domain="127.0.0.1")
    assert thief.get("/staff/factor/new").path == "/staff/login"
    visitor, secret = page.visitor, secret_on(page)
    assert "6桁の数字を入力してください" in summary(page.submit("認証アプリを登録する"))
    page = page.submit("認証アプリを登録する", code="000000")
    assert "コードが一致しません" in summary(page)
    assert secret_on(page) == secret, "a slip does not change the picture"
    member = Member("", Role.AGENT, "", "ichirou", PASSWORD + "2", secret)
    half = cookie(visitor)
    page = page.submit("認証アプリを登録する", code=member.code(now_of(work.app)))
    codes = [each.text() for each in page.root.first("ol").all("li")]
    assert len(codes) == 10
    assert cookie(visitor) != half, "a new id with the new rights"
    assert visitor.get("/staff/").status == 200
    assert "登録はもうお済みです" in visitor.get(mail_link).text
    page = visitor.get("/staff/").submit("ログアウト")
    assert "ログアウトしました" in page.text
    page = page.submit("次へ", login_id=" ＩＣＨＩＲＯＵ ", password=PASSWORD + "2")
    page = page.submit("ログイン", code=member.code(now_of(work.app)))
    assert "確認できませんでした" in summary(page), "the code was used at the enrolment"
    page = page.submit("ログイン", code=member.code(now_of(work.app), 1))
    assert page.path == "/staff/"
    # A recovery code in the place of the app, once; and the person is told.
    for right in (True, False):
        page = halfway(work, member).follow("認証アプリやパスキーが使えないとき（回復コード）")
        assert "回復コードを入力してください" in summary(page.submit("ログイン"))
        page = page.submit("ログイン", code=codes[3].lower())
        assert (page.path == "/staff/") is right
    with work.database.reading() as connection:
        assert "code_used" in str(connection.scalars(select(outbox.c.facts)).all())
    for action, count in (
        ("staff.joined", 1),
        ("staff.logged_in", 3),
        ("factor.refused", 2),
        ("factor.added", 1),
    ):
        assert rows(work, action) == count, action


def test_a_link_that_opens_nothing_says_what_to_do(work: Office) -> None:
    link = invited(work)
    for broken in (link[:-3], "/staff/invitation/x", f"{link}x"):
        assert "リンクが途中で切れているようです" in Visitor(work.app).get(broken).text
    page = Visitor(work.app).get(link)
    work.wait(timedelta(hours=73))
    for late in (page.submit("次へ", login_id="suzuki", password=PASSWORD), Visitor(work.app).get(link)):
        assert "招待の期限（72時間）が過ぎた" in late.text
    with work.database.reading() as connection:
        assert connection.scalars(select(staff.c.login_id).where(staff.c.name == "鈴木")).all() == [None]


def test_two_who_want_the_same_id_are_told_apart(work: Office, agent: Member) -> None:
    page = (
        Visitor(work.app)
        .get(invited(work))
        .submit("次へ", login_id=agent.login_id.upper(), password=PASSWORD)
    )
    assert "ほかの人が使っています" in summary(page)
    assert page.submit("次へ", login_id="suzuki", password=PASSWORD).path == "/staff/factor/new"


def test_an_invitation_that_is_taken_back_ends_the_enrolment_under_way(work: Office) -> None:
    page = Visitor(work.app).get(invited(work)).submit("次へ", login_id="suzuki", password=PASSWORD)
    secret = secret_on(page)
    desk = at_desk(work.app, work.database, a_member(work.database, Role.ADMIN, "山本"))
    desk.get("/staff/people").follow("鈴木").follow("招待を取り消す").submit("停止する", reason="誤り")
    code = Member("", Role.AGENT, "", "", "", secret).code(now_of(work.app))
    assert page.submit("認証アプリを登録する", code=code).path.startswith("/staff/login")
    assert rows(work, "factor.added") == 0


def test_half_a_login_opens_nothing_but_the_factor_and_not_for_long(work: Office, agent: Member) -> None:
    page = halfway(work, agent)
    visitor = page.visitor
    for path in ("/staff/", "/staff/me", "/staff/factor/new", "/staff/people"):
        assert visitor.get(path).path == "/staff/factor", path
    assert (
        visitor.post(
            "/staff/me/codes", {"csrf_token": form_values(page.form_with("ログイン"))["csrf_token"]}
        ).path
        == "/staff/factor"
    )
    work.wait(timedelta(minutes=16))
    assert visitor.get("/staff/factor").path.startswith("/staff/login")


def test_no_answer_tells_which_was_wrong(work: Office, agent: Member) -> None:
    gone = a_member(work.database, Role.AGENT, "退職", state="suspended")
    sent, pages, asked = listen(work.database), [], []
    for login_id, password in (
        (agent.login_id, "wrong"),
        ("nobody-at-all", agent.password),
        ("\x00", agent.password),
        (gone.login_id, gone.password),
        (gone.login_id, "wrong"),
    ):
        form = Visitor(work.app).get("/staff/login")
        sent.clear()
        pages.append(form.submit("次へ", login_id=login_id, password=password))
        asked.append([statement.split()[:3] for statement in sent])
    assert len(asked[0]) > 5
    assert all(each == asked[0] for each in asked), "nor does the work tell"
    assert all(WRONG in summary(page) and page.status == 400 for page in pages)
    assert (
        len(
            {
                page.html.replace(page.root.first("form").all("input")[0].attributes["value"] or "", "")
                for page in pages
            }
        )
        <= 4
    )
    page = Visitor(work.app).get("/staff/login").submit("次へ", login_id="", password="")
    assert "アカウントIDを入力してください" in summary(page)
    assert "パスワードを入力してください" in summary(page)
    with work.database.reading() as connection:
        facts = connection.scalars(
            select(audit_event.c.facts).where(audit_event.c.action == "staff.login_refused")
        )
        assert [("suspended" in each, "null" in each) for each in facts] == [
            (False, False), (False, True), (False, True), (True, False), (False, False),
        ]  # fmt: skip


def test_guesses_wait_and_the_known_browser_does_not(work: Office, agent: Member) -> None:
    own = Visitor(work.app)
    log_in(work.app, agent, visitor=own).submit("ログアウト")
    stranger = work.visitor("203.0.113.5")
    for _ in range(4):
        page = stranger.get("/staff/login").submit("次へ", login_id=agent.login_id, password="wrong")
        assert page.status == 400
    for _ in range(6):
        page = stranger.get("/staff/login").submit("次へ", login_id=agent.login_id, password=agent.password)
        assert (page.status, page.headers["Retry-After"]) == (429, "60")
    assert "約1分後" in summary(page)
    assert rows(work, "staff.login_throttled") == 4
    log_in(work.app, agent, visitor=own, step=1)
    work.wait(timedelta(seconds=61))
    assert halfway(work, agent, stranger).path == "/staff/factor"


def test_guesses_of_the_factor_wait(work: Office, agent: Member) -> None:
    page = halfway(work, agent)
    assert "6桁の数字を入力してください" in summary(page.submit("ログイン"))
    for _ in range(4):
        page = page.submit("ログイン", code="000000")
        assert page.status == 400
        assert "確認できませんでした" in summary(page)
    page = page.submit("ログイン", code=agent.code(now_of(work.app)))
    assert page.status == 429
    assert "約1分後" in summary(page)
    with work.database.reading() as connection:
        (told,) = connection.scalars(select(outbox.c.facts))
    assert told["what"] == "factor_guessed", "whoever guesses here knows the password"
    # A new half session is no way round.
    assert halfway(work, agent).submit("ログイン", code=agent.code(now_of(work.app))).status == 429
    work.wait(timedelta(seconds=61))
    assert page.submit("ログイン", code=agent.code(now_of(work.app))).path == "/staff/"


def test_the_same_answer_sent_twice_is_one_login_and_no_error(work: Office, agent: Member) -> None:
    page = halfway(work, agent)
    half = cookie(page.visitor)
    typed = {**form_values(page.form_with("ログイン")), "code": agent.code(now_of(work.app))}
    assert page.visitor.post("/staff/factor", typed).path == "/staff/"
    second = Visitor(work.app)
    second.client.set_cookie("form", cookie(page.visitor, "form") or "", domain="127.0.0.1")
    second.client.set_cookie("staff-session", half or "", domain="127.0.0.1")
    assert second.post("/staff/factor", typed).path == "/staff/login"
    assert rows(work, "factor.refused") == 0
    assert page.visitor.post("/staff/factor", typed).path == "/staff/", "whoever is in is in"
    assert page.visitor.get("/staff/login").path == "/staff/"
    assert page.visitor.get("/staff/factor/recovery").path == "/staff/"


def test_it_leads_back_to_the_page_that_was_asked_for_and_nowhere_else(work: Office, agent: Member) -> None:
    visitor = Visitor(work.app)
    page = visitor.get("/staff/me")
    assert page.path == "/staff/login?next=%2Fstaff%2Fme"
    assert "このあと、開こうとした画面に進みます" in page.text
    page = page.submit("次へ", login_id=agent.login_id, password=agent.password)
    page = page.submit("ログイン", code=agent.code(now_of(work.app)))
    assert page.path == "/staff/me"
    page.submit("ログアウト")
    for number, wanted in enumerate(
        ("//evil.example", "https://evil.example/", "/statements", "/staff/login", "/staff/../")
    ):
        page = Visitor(work.app).get("/staff/login", query={"next": wanted})
        page = page.submit("次へ", login_id=agent.login_id, password=agent.password)
        assert page.path == "/staff/factor", (number, wanted)


def test_a_session_ends_by_time_and_with_the_log_out(work: Office, agent: Member) -> None:
    desk = at_desk(work.app, work.database, agent)
    secret = cookie(desk)
    for minutes in (29, 58, 87):
        work.wait(timedelta(minutes=minutes))
        assert desk.get("/staff/").status == 200
    work.wait(timedelta(minutes=118))
    assert desk.get("/staff/").path == "/staff/login"
    desk = at_desk(work.app, work.database, agent)
    for minutes in range(118, 118 + 12 * 60, 25):
        work.wait(timedelta(minutes=minutes))
        assert desk.get("/staff/").path == "/staff/"
    work.wait(timedelta(minutes=118 + 12 * 60 + 1))
    assert desk.get("/staff/").path == "/staff/login"
    work.work()
    with work.database.reading() as connection:
        assert connection.scalars(select(staff_session.c.id_hash)).all() == [], "the worker forgets dead ones"
    desk = at_desk(work.app, work.database, agent)
    secret = cookie(desk)
    page = desk.get("/staff/").submit("ログアウト")
    assert cookie(desk) is None
    thief = Visitor(work.app)
    thief.client.set_cookie("staff-session", secret or "", domain="127.0.0.1")
    assert thief.get("/staff/").path == "/staff/login"
    assert rows(work, "staff.logged_out") == 1
    page = page.visitor.post("/staff/logout", form_values(page.form_with("次へ")))
    assert page.path == "/staff/login?out=1"
    assert rows(work, "staff.logged_out") == 1
    work.work()
    with work.database.reading() as connection:
        assert connection.scalars(select(staff_session.c.id_hash)).all() == [], (
            "the clean-up forgets the dead ones"
        )


def test_the_cookies_are_the_consoles_own(work: Office, agent: Member) -> None:
    secure = portal(work.database, public_url="https://my.example.jp")
    base = "https://my.example.jp"
    visitor = Visitor(secure, base_url=base, headers={"Referer": f"{base}/staff/login"})
    typed = form_values(visitor.get("/staff/login").form_with("次へ"))
    answer = visitor.client.post(
        "/staff/login",
        base_url=base,
        headers=visitor.headers,
        data={**typed, "login_id": agent.login_id, "password": agent.password},
    )
    (line,) = [
        each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-staff-session=")
    ]
    assert all(flag in line for flag in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"))
    assert "Max-Age" not in line
    assert "Expires" not in line


def test_an_outdated_hash_is_made_anew(work: Office, agent: Member) -> None:
    weak = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(agent.password)
    with work.database.writing() as connection:
        connection.execute(update(staff).values(password_hash=weak))
    halfway(work, agent)
    with work.database.reading() as connection:
        assert connection.scalar(select(staff.c.password_hash)) != weak


def test_what_was_typed_outlives_the_session_and_an_old_page(work: Office) -> None:
    admin = a_member(work.database, Role.ADMIN, "田中")
    desk = at_desk(work.app, work.database, admin)
    page = desk.get("/staff/people/invite")
    work.wait(timedelta(minutes=31))
    page = page.submit("招待する", name="鈴木", email="suzuki@example.jp", role="agent")
    assert page.path.startswith("/staff/login")
    assert "入力の途中でログアウトされました" in page.text
    page = page.submit("次へ", login_id=admin.login_id, password=admin.password)
    page = page.submit("ログイン", code=admin.code(now_of(work.app)))
    assert page.path == "/staff/people/invite"
    assert "先ほど入力された内容を表示しています" in page.text
    assert form_values(page.form_with("招待する"))["email"] == "suzuki@example.jp"
    assert "招待メールをお送りしました" in page.submit("招待する").text
    # An old page: its token is no good any more.
    page = desk.get("/staff/people/invite")
    desk.client.delete_cookie("form", domain="127.0.0.1")
    page = page.submit("招待する", name="高橋", email="takahashi@example.jp", role="agent")
    assert "先ほど入力された内容を表示しています" in page.text
    assert 'value="takahashi@example.jp"' in page.html
    # Somebody else at the same browser sees nothing of it.
    page = desk.get("/staff/people/invite")
    work.wait(timedelta(minutes=63))
    page = page.submit("招待する", name="中村", email="nakamura@example.jp", role="agent")
    other = a_member(work.database, Role.ADMIN, "山本")
    page = page.submit("次へ", login_id=other.login_id, password=other.password)
    page = page.submit("ログイン", code=other.code(now_of(work.app)))
    assert "nakamura" not in page.html


def test_an_old_page_shows_nothing_of_the_console_to_a_stranger(work: Office) -> None:
    stranger = Visitor(work.app)
    stranger.get("/staff/login")
    for path in ("/staff/people/invite", "/staff/me/app", "/staff/factor", "/staff/me/sessions"):
        assert stranger.post(path, {"csrf_token": "old"}).path.startswith("/staff/login"), path
    page = stranger.post("/staff/login", {"csrf_token": "old", "login_id": "tarou"})
    assert "画面が古くなっていたため" in page.text
    assert 'value="tarou"' in page.html


def test_without_a_key_no_app_is_offered_and_the_page_says_who_mends_it(work: Office, agent: Member) -> None:
    keyless = portal(work.database, work.clock_file, factor_keys="")
    page = (
        Visitor(keyless).get("/staff/login").submit("次へ", login_id=agent.login_id, password=agent.password)
    )
    page = page.submit("ログイン", code=agent.code(now_of(keyless)))
    assert "MYPAGE_FACTOR_KEYS" in summary(page)
    page = Visitor(keyless).get(invited(work)).submit("次へ", login_id="suzuki", password=PASSWORD)
    assert "いまは認証アプリを登録できません" in page.text
    desk = enrolled(work.app, work.link, None, PASSWORD)
    moved = Visitor(keyless)
    moved.client.set_cookie("staff-session", cookie(desk) or "", domain="127.0.0.1")
    assert "いまは認証アプリを登録できません" in moved.get("/staff/me/app").text
