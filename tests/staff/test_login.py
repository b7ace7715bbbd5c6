"""A member of staff comes by invitation, enrols an authenticator app, and logs in from then on."""

from pathlib import Path

from mypage.adapters import authenticator
from mypage.domain.second_factor import step_of
from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.office import office
from tests.staffing import at_desk, now_of
from tests.visitor import Visitor


def test_from_the_invitation_to_the_second_login(database: Database, tmp_path: Path) -> None:
    with office(database, tmp_path) as work:
        admin = at_desk(work.app, database, Role.ADMIN)
        page = admin.get("/staff/people/invite").submit(
            "招待する", name="鈴木　一郎", email="ichirou@example.jp", role="agent"
        )
        assert "招待メールをお送りしました" in page.text
        work.work()
        visitor = Visitor(work.app)
        page = visitor.get(work.link)
        assert "鈴木 一郎 さん、ようこそ" in page.text
        page = page.submit("次へ", login_id="ichirou", password="ashita-mo-harere-ba-ii")
        assert page.path == "/staff/factor/new", page.text
        secret = page.root.first("details").all("p")[-1].text().replace(" ", "")
        page = page.submit(
            "認証アプリを登録する", code=authenticator.code_at(secret, step_of(now_of(work.app)))
        )
        assert "回復コード" in page.title, page.text
        codes = [each.text() for each in page.root.first("ol").all("li")]
        assert len(codes) == 10
        assert visitor.get("/staff/").status == 200
        page = visitor.get("/staff/").submit("ログアウト")
        page = page.submit("次へ", login_id="ICHIROU", password="ashita-mo-harere-ba-ii")
        assert page.path == "/staff/factor"
        page = page.submit("ログイン", code=authenticator.code_at(secret, step_of(now_of(work.app))))
        assert "確認できませんでした" in page.text, "the code was used at the enrolment"
        page = page.submit("ログイン", code=authenticator.code_at(secret, step_of(now_of(work.app)) + 1))
        assert page.path == "/staff/"
