"""Administrators look after their colleagues: alone, with a second one, and never against the last one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.domain.staff import Role
from mypage.services import trail
from mypage.store.engine import Database
from mypage.store.schema import audit_event, factor_app, outbox, staff, staff_session
from tests.office import Office, office
from tests.staffing import Member, a_member, at_desk, enrolled, log_in
from tests.visitor import Page, Visitor

INVITED = "招待メールをお送りしました"


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Iterator[Office]:
    with office(database, tmp_path) as opened:
        yield opened


def admins(work: Office) -> tuple[Member, Member, Visitor, Visitor]:
    """Two administrators of the first day, at their desks."""
    first = a_member(work.database, Role.ADMIN, "田中")
    second = a_member(work.database, Role.ADMIN, "山本")
    return first, second, at_desk(work.app, work.database, first), at_desk(work.app, work.database, second)


def state_of(work: Office, staff_id: str) -> tuple[str, str]:
    with work.database.reading() as connection:
        row = connection.execute(select(staff.c.state, staff.c.role).where(staff.c.id == staff_id)).one()
    return row.state, row.role


def actions(work: Office) -> list[str]:
    with work.database.reading() as connection:
        assert trail.broken_at(connection) is None
        return list(connection.scalars(select(audit_event.c.action).order_by(audit_event.c.seq)))


def invite(desk: Visitor, name: str, role: str, email: str = "new@example.jp") -> Page:
    return desk.get("/staff/people/invite").submit("招待する", name=name, email=email, role=role)


def summary(page: Page) -> str:
    return next(each for each in page.root.walk() if each.attributes.get("id") == "errors").text()


def test_one_administrator_invites_an_agent_and_a_second_one_agrees_to_an_administrator(work: Office) -> None:
    _, _, one, two = admins(work)
    page = invite(one, "鈴木", "agent")
    assert INVITED in page.text
    assert "招待中（メールの送信待ち）" in page.text
    work.work()
    agent = enrolled(work.app, work.link, "suzuki")
    assert agent.get("/staff/").status == 200
    assert agent.get("/staff/people").status == 403

    page = invite(one, "中村", "admin", "nakamura@example.jp")
    assert "承認待ち" in page.text
    assert "取り下げる" in page.text
    assert page.path.startswith("/staff/people/requests/")
    asked = page.path.partition("?")[0]
    assert "同じ依頼が、もう出ています" in invite(one, "中村", "admin", "Nakamura@example.jp").text
    assert "中村" in two.get("/staff/people").text
    page = two.get(asked).submit("承認する")
    assert "承認済" in page.text
    assert "山本" in page.text
    work.work()
    third = enrolled(work.app, work.link, "nakamura")
    # Neither invited nor given the role by the one who asks, and a day in the role.
    page = invite(one, "小林", "billing", "kobayashi@example.jp")
    by_one = page.path.partition("?")[0]
    assert (
        "あなたを招待した人の依頼です" in third.get(by_one).text or "承認できません" in third.get(by_one).text
    )
    by_two = invite(two, "加藤", "billing", "katou@example.jp").path.partition("?")[0]
    assert "承認できません" in third.get(by_two).text
    page = third.post(f"{by_two}/approve", {"csrf_token": token(third)})
    assert "承認待ち" in page.text
    work.wait(timedelta(hours=25))
    third = log_in_again(work, "nakamura")
    assert "承認済" in third.get(by_two).submit("承認する").text
    assert "承認できません" in third.get(by_one).text
    assert actions(work).count("staff.invited") == 3


def token(visitor: Visitor) -> str:
    form = visitor.get("/staff/me/password").root.all("form")[0]
    return form.all("input")[0].attributes["value"] or ""


def log_in_again(work: Office, login_id: str) -> Visitor:
    """A session in the portal's time of today, for somebody who enrolled in this test."""
    with work.database.reading() as connection:
        row = connection.execute(select(staff.c.id, staff.c.stamp).where(staff.c.login_id == login_id)).one()
    return at_desk(work.app, work.database, Member(row.id, Role.ADMIN, login_id, login_id), stamp=row.stamp)


def test_a_request_is_declined_or_withdrawn_and_the_asker_never_decides(work: Office) -> None:
    _, _, one, two = admins(work)
    asked = invite(one, "中村", "admin").path.partition("?")[0]
    assert "承認する" not in one.get(asked).text
    page = one.post(f"{asked}/approve", {"csrf_token": token(one)})
    assert "承認待ち" in page.text
    page = two.get(asked).submit("承認しない")
    assert "理由を入力してください" in summary(page)
    assert "200文字以内" in summary(page.submit("承認しない", reply="あ" * 201))
    page = page.submit("承認しない", reply="面識がありません")
    assert "承認されませんでした" in page.text
    assert "面識がありません" in one.get(asked).text
    asked = invite(one, "中村", "billing").path.partition("?")[0]
    assert "取り下げ" in one.get(asked).submit("取り下げる").text
    # An old page: nothing happens twice.
    assert "取り下げ" in two.post(f"{asked}/approve", {"csrf_token": token(two)}).text
    assert "取り下げ" in two.post(f"{asked}/decline", {"csrf_token": token(two), "reply": "x"}).text
    assert two.post(f"{asked}/withdraw", {"csrf_token": token(two)}).status == 200
    assert two.get("/staff/people/requests/none").status == 404
    assert two.post("/staff/people/requests/none/approve", {"csrf_token": token(two)}).status == 404
    assert "staff.invited" not in actions(work)


def test_what_is_wrong_with_an_invitation_is_told_at_once_and_stays_typed(work: Office) -> None:
    _, _, one, _ = admins(work)
    page = invite(one, " ", "root", "x@")
    assert page.status == 400
    for said in ("名前を入力してください", "「@」より後の部分", "役割を選んでください"):
        assert said in summary(page)
    page = page.submit("招待する", name="あ" * 41, email="suzuki@example.jp", role="agent")
    assert "40文字以内" in summary(page)
    assert 'value="suzuki@example.jp"' in page.html
    assert INVITED in page.submit("招待する", name="鈴木").text


def test_a_role_works_from_the_next_request_on(work: Office) -> None:
    _, _, one, two = admins(work)
    agent = a_member(work.database, Role.AGENT, "鈴木")
    desk = at_desk(work.app, work.database, agent)
    page = one.get(f"/staff/people/{agent.id}").follow("役割を変更する")
    assert "役割を選んでください" in summary(page.submit("変更する"))
    assert "もうその役割です" in summary(page.submit("変更する", role="agent"))
    page = page.submit("変更する", role="auditor")
    assert "役割を変更しました" in page.text
    assert "監査担当" in desk.get("/staff/").text
    page = one.get(f"/staff/people/{agent.id}/role").submit("変更する", role="admin")
    asked = page.path.partition("?")[0]
    assert desk.get("/staff/people").status == 403
    assert "承認済" in two.get(asked).submit("承認する").text
    assert desk.get("/staff/people").status == 200
    assert state_of(work, agent.id) == ("active", "admin")
    # One administrator alone takes a role away.
    assert (
        "役割を変更しました"
        in two.get(f"/staff/people/{agent.id}/role").submit("変更する", role="agent").text
    )
    assert desk.get("/staff/people").status == 403
    with work.database.reading() as connection:
        told = connection.scalars(select(outbox.c.kind)).all()
    assert list(told) == ["staff_notice"] * 3


def test_what_moved_meanwhile_is_not_done(work: Office) -> None:
    first, _, one, two = admins(work)
    agent = a_member(work.database, Role.AGENT, "鈴木")
    asked = one.get(f"/staff/people/{agent.id}/role").submit("変更する", role="admin").path.partition("?")[0]
    two.get(f"/staff/people/{agent.id}/role").submit("変更する", role="auditor")
    page = two.get(asked).submit("承認する")
    assert "役割が変わっていた" in page.text
    assert "状況が変わったため" in page.text
    asked = one.get(f"/staff/people/{agent.id}/role").submit("変更する", role="admin").path.partition("?")[0]
    two.get(f"/staff/people/{first.id}/role").submit("変更する", role="agent")
    assert "取り下げ" in two.get(asked).text, "what is asked goes with the role in which it was asked"
    assert state_of(work, agent.id) == ("active", "auditor")


def test_a_suspension_ends_every_session_and_is_undone(work: Office) -> None:
    _, _, one, _ = admins(work)
    agent = a_member(work.database, Role.AGENT, "鈴木")
    desks = [at_desk(work.app, work.database, agent) for _ in range(2)]
    page = one.get(f"/staff/people/{agent.id}").follow("利用を停止する")
    assert "理由を入力してください" in summary(page.submit("停止する"))
    assert "200文字以内" in summary(page.submit("停止する", reason="あ" * 201))
    page = page.submit("停止する", reason="退職のため")
    assert "利用を停止しました" in page.text
    assert all(desk.get("/staff/").path == "/staff/login" for desk in desks)
    visitor = Visitor(work.app)
    page = visitor.get("/staff/login").submit("次へ", login_id=agent.login_id, password=agent.password)
    assert "アカウントIDまたはパスワードが一致しません" in summary(page)
    again = one.get(f"/staff/people/{agent.id}/suspend").submit("停止する", reason="x")
    assert "もう停止されています" in summary(again)
    page = one.get(f"/staff/people/{agent.id}").submit("停止を解除する")
    assert "停止を解除しました" in page.text
    log_in(work.app, agent)
    page = one.post(f"/staff/people/{agent.id}/resume", {"csrf_token": token(one)})
    assert "停止されていません" in page.text
    assert one.get("/staff/people/nobody").status == 404
    assert one.get("/staff/people/nobody/suspend").status == 404
    assert one.post("/staff/people/nobody/resume", {"csrf_token": token(one)}).status == 404
    assert actions(work).count("staff.suspended") == 1


def test_an_invitation_is_taken_back_and_sent_again(work: Office) -> None:
    _, _, one, _ = admins(work)
    page = invite(one, "鈴木", "agent")
    work.work()
    first = work.link
    page = one.get("/staff/people").follow("鈴木")
    assert "招待の期限" in page.text
    assert INVITED in page.submit("招待メールをもう一度送る").text
    work.work()
    assert "新しい招待をお送りしています" in Visitor(work.app).get(first).text
    second = work.link
    page = one.get("/staff/people").follow("鈴木").follow("招待を取り消す").submit("停止する", reason="誤り")
    assert "取り消されています" in Visitor(work.app).get(second).text
    # Resumed: who never had a factor is invited anew.
    page = page.submit("停止を解除する")
    assert "招待中" in page.text
    work.work()
    desk = enrolled(work.app, work.link, "suzuki")
    assert desk.get("/staff/").status == 200
    assert "登録はもうお済みです" in Visitor(work.app).get(work.link).text
    page = one.post(page.path.partition("?")[0] + "/invite", {"csrf_token": token(one)})
    assert "もう招待中ではありません" in page.text


def test_who_lost_everything_begins_anew_with_two_administrators(work: Office) -> None:
    _, second, one, two = admins(work)
    agent = a_member(work.database, Role.AGENT, "鈴木")
    desk = at_desk(work.app, work.database, agent)
    page = (
        one.get(f"/staff/people/{agent.id}")
        .follow("認証のやり直し")
        .submit("依頼する", reason="スマートフォンの紛失")
    )
    asked = page.path.partition("?")[0]
    assert desk.get("/staff/").status == 200
    assert "承認済" in two.get(asked).submit("承認する").text
    assert desk.get("/staff/").path == "/staff/login"
    with work.database.reading() as connection:
        assert (
            connection.scalars(select(factor_app.c.owner_id).where(factor_app.c.owner_id == agent.id)).all()
            == []
        )
        assert (
            connection.scalars(
                select(staff_session.c.id_hash).where(staff_session.c.staff_id == agent.id)
            ).all()
            == []
        )
    assert "認証のやり直し" not in one.get(f"/staff/people/{agent.id}").text
    work.work()
    page = Visitor(work.app).get(work.link)
    assert agent.login_id in page.text, "the id stays"
    assert enrolled(work.app, work.link, None).get("/staff/").status == 200
    # Whom it is about does not approve it.
    asked = one.get(f"/staff/people/{second.id}/reset").submit("依頼する", reason="x").path.partition("?")[0]
    assert "自分に関わる依頼" in two.get(asked).text
    assert "承認待ち" in two.post(f"{asked}/approve", {"csrf_token": token(two)}).text
    one.get(f"/staff/people/{agent.id}/suspend").submit("停止する", reason="x")
    page = one.get(f"/staff/people/{agent.id}/reset").submit("依頼する", reason="x")
    assert "いま利用中ではありません" in summary(page)


def test_nobody_locks_out_the_last_administrator_nor_changes_themselves(work: Office) -> None:
    first, second, one, two = admins(work)
    assert "自分自身の役割や状態は" in one.get(f"/staff/people/{first.id}").text
    for act in ("suspend", "reset"):
        page = one.get(f"/staff/people/{first.id}/{act}")
        button = "停止する" if act == "suspend" else "依頼する"
        assert "自分自身には行えません" in summary(page.submit(button, reason="x"))
    page = one.get(f"/staff/people/{first.id}/role").submit("変更する", role="agent")
    assert "自分自身には行えません" in summary(page)
    one.get(f"/staff/people/{second.id}/suspend").submit("停止する", reason="x")
    assert two.get("/staff/people").path.startswith("/staff/login")
    assert state_of(work, second.id) == ("suspended", "admin")
    assert state_of(work, first.id) == ("active", "admin")
