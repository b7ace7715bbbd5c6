"""What the page of a batch tells billing of its 「請求確定のお知らせ」."""

from pathlib import Path

from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.mail import Desk
from tests.noticing import Town, bills
from tests.portal import portal
from tests.staffing import at_desk


def test_billing_is_told_how_far_the_notices_are(database: Database, tmp_path: Path) -> None:
    desk, town = Desk(database, "smtp://127.0.0.1:9", tmp_path), Town(database, "70001", "70002")
    visitor = at_desk(portal(database, tmp_path / "clock"), database, Role.BILLING)

    def told(batch_id: int) -> str:
        text = visitor.get(f"/staff/batches/{batch_id}").text
        return text.partition("請求確定のお知らせ ")[2].partition(" ハッシュ値")[0]

    first = town.publish(*bills(["70001", "70002"]))
    assert told(first) == "用意しています（これまでに0通）"
    town.expand(desk)
    assert told(first) == "2通を用意しました（順に送ります）"
    old = town.publish(*bills(["70001"], 202609, total=1))
    assert told(old).startswith("対象なし")
    silent = town.publish(*bills(["70001"], total=2), notices=False)
    assert told(silent) == "送らずに公開"
    # It goes on under the number of the batch, whatever became of that.
    wrong = town.publish(*bills(["70002"], total=3))
    town.take_back(wrong)
    town.expand(desk)
    assert (
        "取りやめました（公開の取消、または次の請求年月の公開のため。それまでに0通）"
        in visitor.get(f"/staff/batches/{wrong}").text
    )
    desk.close()
