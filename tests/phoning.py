"""Staff who sign callers up on the telephone, through the doors of the console.

office = PhoneOffice(database, tmp_path, server)
page = office.ask()                       # an agent, Tarou on the line: the page of the request
office.approve()                          # a colleague
office.story.deliver()
page = office.open_link().submit("本登録する", **TYPED)
"""

from pathlib import Path

from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.builders import TAROU
from tests.first_try.story import Story
from tests.smtp_server import MailServer
from tests.staffing import Member, a_member, at_desk
from tests.visitor import Page, Visitor

CALLER = {"caller": "self", **TAROU}
CHOSEN = {"login_id": "tarou-phone", "email": "taro@example.jp", "nickname": "タロウ"}
PASSWORD = "Himitsu12"
# What the subscriber types at the link.
TYPED = {"customer_number": TAROU["customer_number"], "phone": TAROU["phone"], "password": PASSWORD}
ASK, LETTER = "二人目に承認を依頼する", "郵送の確認コードで登録する"


class PhoneOffice:
    """An agent, a colleague, and the portal before both; ``settings`` by their outside names."""

    def __init__(self, database: Database, folder: Path, server: MailServer, **settings: str) -> None:
        self.story = Story(database, folder, server, **settings)
        self.database, self.folder = database, folder
        self.agent, self.colleague = self.join("佐藤"), self.join("鈴木")
        self.desk, self.other = self.at_desk(self.agent), self.at_desk(self.colleague)

    def join(self, name: str, role: Role = Role.AGENT, **facts: object) -> Member:
        """One more member of staff."""
        return a_member(self.database, role, name, **facts)

    def at_desk(self, member: Member) -> Visitor:
        """Their browser."""
        return at_desk(self.story.app, self.database, member)

    def prove(self, desk: Visitor | None = None, /, **said: str) -> Page:
        """The first screen, with what the caller says."""
        return (desk or self.desk).get("/staff/signup").submit("確認する", **{**CALLER, **said})

    def choose(self, page: Page | None = None, /, **chosen: str) -> Page:
        """The second screen."""
        return (page or self.prove()).submit("内容を復唱する", **{**CHOSEN, **chosen})

    def ask(self, page: Page | None = None, /, *, button: str = ASK, **chosen: str) -> Page:
        """All three screens: the page of the request, or the customer's."""
        consented = {"consent": "y", "language": chosen.pop("language", "ja")}
        return self.choose(page, **chosen).submit(button, **consented)

    def approve(self, page: Page, desk: Visitor | None = None) -> Page:
        """A colleague opens the request and agrees."""
        return (desk or self.other).get(page.path).submit("承認して登録する")

    def registered(self, **chosen: str) -> Page:
        """Asked, approved and delivered: the page of the link, in a browser of the subscriber's."""
        self.approve(self.ask(**chosen))
        self.story.deliver()
        return self.open_link()

    def open_link(self, place: int = -1) -> Page:
        """The link in the newest mail that carries one."""
        return self.story.visitor().get(self.story.link(place))
