"""The database or the mail server is away under a running portal (F-02, F-01): a calm page in time, nothing half
done, and no restart.
"""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import func, select

from mypage.adapters import passwords
from mypage.adapters.tokens import Tokens
from mypage.domain.activation import LINK_LIFE
from mypage.store import trail
from mypage.store.engine import Database
from mypage.store.schema import (
    account,
    audit_event,
    login_session,
    outbox,
    registration,
    signup_draft,
    throttle,
)
from tests.bills import PASSWORD
from tests.outage.conftest import NEW
from tests.outage.people import IN_TIME, Outsider, is_calm, log_in, to_screen_2, until
from tests.outage.running import Running
from tests.portal import SECRET_KEYS, move_clock
from tests.postgres import Cluster
from tests.signing_up import Person
from tests.smtp_server import MailServer
from tests.visitor import Page

SCREEN_2 = {
    "login_id": "hanako.no.id",
    "password": "Himitsu12",
    "email": "h@example.jp",
    "nickname": "はなこ",
}


def activation_path(database: Database) -> str:
    """The link of TAROU's provisional registration."""
    person, now = Person(database), datetime.now(UTC)
    person.sign_up(now, password_hash=passwords.hashed(SCREEN_2["password"]))
    facts = person.token(signed_at=now)
    token = Tokens([SECRET_KEYS]).sign("activation", {"r": facts.registration_id, "s": facts.serial}, now)
    return f"/signup/activate/{token}"


def recipients(server: MailServer) -> list[str]:
    """To whom mails went out."""
    return [mail.recipient for mail in server.mails]


def all_sent(database: Database) -> bool:
    """Whether no mail is on its way: nothing else writes rows while somebody counts them."""
    waiting = select(func.count()).select_from(outbox).where(outbox.c.state != "handed_over")
    with database.reading() as connection:
        return connection.scalar(waiting) == 0


def rows(database: Database) -> dict[str, int]:
    """How many rows of what there are; sessions are not touched again within a minute."""
    tables = (account, audit_event, login_session, outbox, registration, signup_draft, throttle)
    with database.reading() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }


def hidden(page: Page) -> dict[str, str]:
    """What the page keeps for [もう一度送信する], but the tokens."""
    form = page.form_with("もう一度送信する")
    kept = {each.attributes["name"] or "": each.attributes.get("value") or "" for each in form.all("input")}
    return {name: text for name, text in kept.items() if name not in ("csrf_token", "whose", "draft")}


def test_while_somebody_holds_the_lock_reading_goes_on(portal: Running, database: Database) -> None:
    inside = log_in(portal)
    for path in ("/", "/statements", "/statements/2026-10"):
        assert inside.get(path).status == 200
    profile, proof = inside.get("/profile"), Outsider(portal).get("/signup")
    # Older than a minute: from now on each page would write that the session is in use.
    move_clock(portal.clock_file, timedelta(seconds=90))
    portal.slowest = 0.0
    with database.writing() as connection:
        trail.lock(connection)
        _at_once(
            lambda: is_calm(profile.submit("変更する", nickname="さぶろう"), portal, "さぶろう"),
            lambda: is_calm(proof.submit("認証", **NEW[0]), portal, *NEW[0].values()),
        )
        for path in ("/", "/statements", "/statements/2026-10", "/contract", "/profile", "/healthz"):
            assert inside.get(path).status == 200, path
        assert portal.slowest < IN_TIME
    # Whoever waited behind those who waited in vain was not made to wait as well, for a second.
    time.sleep(1.1)
    until(lambda: profile.submit("変更する", nickname="さぶろう").path == "/profile?done=1")
    until(lambda: proof.submit("認証", **NEW[0]).path == "/signup/profile")


def test_without_a_mail_server_the_signup_goes_on(
    portal: Running, database: Database, server: MailServer
) -> None:
    screen_2 = {**SCREEN_2, "login_id": "shirou", "email": "shirou@example.jp"}
    server.stop()
    page = to_screen_2(portal, **NEW[1]).submit("確認する", **screen_2).submit("仮登録する")
    assert page.path == "/signup/done"
    until(lambda: "mail server unreachable" in [line["event"] for line in portal.log("worker")])
    # The worker logs it and then writes it down.
    told = "メールサーバーにつながりしだい、自動で送信します。"
    until(lambda: told in page.visitor.get("/signup/done").text)
    page = page.visitor.get("/signup/done")
    assert "仮登録が完了しました。" in page.text
    assert "F-01" in page.text
    assert "お待たせした時間は含みません。" in page.text
    server.start()
    back_at = datetime.now(UTC) + timedelta(seconds=90)
    until(lambda: "shirou@example.jp" in recipients(server), seconds=40)
    until(lambda: "まで" in page.visitor.get("/signup/done").text)
    with database.reading() as connection:
        row = connection.execute(
            select(registration.c.handed_over_at, registration.c.expires_at).where(
                registration.c.login_id == "shirou"
            )
        ).one()
    assert back_at <= row.handed_over_at, "the 24 hours begin when it went out"
    assert row.expires_at == row.handed_over_at + LINK_LIFE
    page = page.visitor.get(server.mails[0].link.partition(f":{portal.port}")[2])
    assert "本登録が完了しました。" in page.submit("本登録する", password=screen_2["password"]).text
    assert "shirou@example.jp" not in str(portal.log("worker"))


def test_stopped_and_started_again(
    portal: Running, database: Database, postgres: Cluster, server: MailServer
) -> None:
    inside, forgetful, anonymous = log_in(portal), log_in(portal), Outsider(portal)
    link = activation_path(database)
    login, proof, activate = anonymous.get("/login"), Outsider(portal).get("/signup"), anonymous.get(link)
    screen_2, profile = to_screen_2(portal, **NEW[3]), inside.get("/profile")
    leaving = forgetful.get("/")
    ichirou = {**SCREEN_2, "login_id": "ichirou", "email": "i@example.jp"}
    screen_3 = to_screen_2(portal, **NEW[4]).submit("確認する", **ichirou)
    assert screen_3.path == "/signup/confirm"
    until(lambda: all_sent(database))
    before, portal.slowest = rows(database), 0.0

    postgres.stop()
    try:
        for path in ("/", "/statements", "/statements/2026-10", "/contract", "/profile", "/profile/password"):
            is_calm(inside.get(path, follow=False), portal)
        is_calm(anonymous.get(link), portal, link[-40:])
        is_calm(anonymous.get("/readyz"), portal)
        for path in ("/login", "/signup", "/recover/id", "/terms", "/healthz", "/static/mypage.css"):
            assert Outsider(portal).get(path).status == 200, "what asks no database goes on"

        logging_in = is_calm(
            login.submit("ログイン", login_id="tarou-2026", password=PASSWORD), portal, "tarou-2026", PASSWORD
        )
        assert hidden(logging_in) == {"login_id": "tarou-2026"}
        assert PASSWORD not in logging_in.html
        proving = is_calm(proof.submit("認証", **NEW[3]), portal, *NEW[3].values())
        assert hidden(proving) == NEW[3]
        choosing = is_calm(screen_2.submit("確認する", **SCREEN_2), portal, *SCREEN_2.values())
        assert hidden(choosing) == {name: text for name, text in SCREEN_2.items() if name != "password"}
        renaming = is_calm(profile.submit("変更する", nickname="たろう"), portal, "たろう")
        assert hidden(renaming) == {"nickname": "たろう"}
        for page in (
            screen_3.submit("仮登録する"),
            activate.submit("本登録する", password=SCREEN_2["password"]),
            inside.get("/login", follow=False),
        ):
            is_calm(page, portal, SCREEN_2["password"])
            assert "もう一度試す" in page.text
        assert "送信された内容は、受け付けていません。" in choosing.text
        old = {"csrf_token": "of an old page", "nickname": "たろう"}
        is_calm(inside.post("/profile", old, follow=False), portal)
        # Whoever leaves a shared PC is out, though the server cannot be told.
        is_calm(leaving.submit("ログアウト"), portal)
        assert forgetful.client.get_cookie("session") is None
    finally:
        postgres.start()
    assert portal.slowest < IN_TIME

    assert rows(database) == before, "nothing was half done"
    for _ in range(8):
        assert inside.get("/statements").status == 200, "nobody meets a broken connection"
        assert Outsider(portal).get("/signup").submit("認証", **{**NEW[3], "phone": "1"}).status == 200
    page = renaming.submit("もう一度送信する")
    assert page.path == "/profile?done=1"
    page = logging_in.submit("もう一度送信する")
    assert page.status == 400
    assert page.submit("ログイン", password=PASSWORD).path == "/"
    assert proving.submit("もう一度送信する").path == "/signup/profile"
    page = choosing.submit("もう一度送信する").submit("確認する", password=SCREEN_2["password"])
    assert page.submit("仮登録する").path == "/signup/done"
    assert screen_3.submit("仮登録する").path == "/signup/done"
    page = activate.submit("本登録する", password=SCREEN_2["password"])
    assert "本登録が完了しました。" in page.text
    # The two registrations and the activation, each once.
    until(lambda: len(set(recipients(server)) & {"h@example.jp", "i@example.jp"}) == 2)
    until(lambda: recipients(server).count("taro@example.jp") == 2)
    assert [recipients(server).count(each) for each in ("h@example.jp", "i@example.jp")] == [1, 1]


def test_hanging_and_going_on(
    portal: Running, database: Database, postgres: Cluster, server: MailServer
) -> None:
    inside = log_in(portal)
    proof, screen_2 = Outsider(portal).get("/signup"), to_screen_2(portal, **NEW[5])
    until(lambda: all_sent(database))
    before, portal.slowest = rows(database), 0.0
    with postgres.hanging():
        _at_once(
            lambda: is_calm(inside.get("/statements"), portal),
            lambda: is_calm(proof.submit("認証", **NEW[6]), portal),
            lambda: is_calm(screen_2.submit("確認する", **SCREEN_2), portal),
            lambda: is_calm(Outsider(portal).get("/readyz"), portal),
        )
        assert portal.slowest < IN_TIME
        time.sleep(1.1)
        portal.slowest = 0.0
        # Now that it is known, at most one in each process waits for it; everybody else is answered at once.
        _at_once(
            lambda: is_calm(inside.get("/statements"), portal),
            lambda: is_calm(log_in_page(portal).submit("ログイン", login_id="x", password="y"), portal),
            meanwhile=lambda: _all_is_answered(portal),
        )
        assert portal.slowest < IN_TIME
    until(lambda: {Outsider(portal).get("/readyz").status for _ in range(8)} == {200})
    assert rows(database) == before
    page = screen_2.submit("確認する", **{**SCREEN_2, "login_id": "gorou", "email": "gorou@example.jp"})
    assert page.submit("仮登録する").path == "/signup/done"
    until(lambda: "gorou@example.jp" in recipients(server))


def test_too_many_connections(portal: Running, postgres: Cluster) -> None:
    held: list[psycopg.Connection[Any]] = []

    def fill() -> None:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(psycopg.connect(host=str(postgres.folder), user="postgres", autocommit=True))

    inside = log_in(portal)
    page = inside.get("/profile")
    portal.slowest = 0.0
    try:
        fill()
        held[0].execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname LIKE 'outage%'"
        )
        fill()
        is_calm(Outsider(portal).get("/signup").submit("認証", **NEW[7]), portal)
        is_calm(page.submit("変更する", nickname="じろう"), portal)
    finally:
        for each in held:
            each.close()
    assert portal.slowest < IN_TIME
    until(lambda: page.submit("変更する", nickname="じろう").path == "/profile?done=1")


def log_in_page(portal: Running) -> Page:
    return Outsider(portal).get("/login")


def _all_is_answered(portal: Running) -> None:
    time.sleep(0.3)
    began = time.monotonic()
    for path in ("/healthz", "/static/mypage.css", "/login"):
        assert Outsider(portal).get(path).status == 200
    assert time.monotonic() - began < 1.5


def _at_once(*deeds: Callable[[], object], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Do all of them at the same time; what fails in one of them fails the test."""
    with ThreadPoolExecutor(len(deeds)) as threads:
        begun = [threads.submit(deed) for deed in deeds]
        meanwhile()
        for each in begun:
            each.result()
