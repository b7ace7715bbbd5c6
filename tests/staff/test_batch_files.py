"""The file of a batch, taken out again by billing: whole, unsealed, with an entry in the trail before the first byte."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from mypage.domain.kept_file import PART, PartLost
from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.works.kept_files import purge
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.keeping import Receiving
from tests.portal import ADDRESS, portal
from tests.s3_server import s3_server
from tests.staffing import Member, a_member, at_desk
from tests.visitor import Visitor

MASTER = customers(customer("70012"))


class Desk:
    """Billing, whose browser fetches files."""

    def __init__(self, database: Database, folder: Path, **settings: str) -> None:
        self.database, self.receiving = database, Receiving(database, folder, **settings)
        self.app = portal(database, folder / "clock", **settings)
        self.member: Member = a_member(database, Role.BILLING)
        self.visitor: Visitor = at_desk(self.app, database, self.member)

    def fetch(self, batch_id: int) -> TestResponse:
        return self.visitor.client.get(f"/staff/batches/{batch_id}/file", base_url=ADDRESS)

    def trail(self) -> list[tuple[object, ...]]:
        with self.database.reading() as connection:
            query = "SELECT actor, batch_id FROM audit_event WHERE action = 'file.downloaded' ORDER BY seq"
            return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path, file_keys="k" * 40)


def test_billing_takes_a_file_out_and_the_trail_knows(desk: Desk) -> None:
    # A name that would end a header, or go elsewhere on the disk of whoever saves it.
    content = charges(*(charge("70012", str(line)) for line in range(1, 60_000)))
    assert len(content) > PART
    name = 'a"\r\nSet-Cookie: x=1; ..\\..\\請求.csv'
    file_id = desk.receiving.keep(content, name)
    taken = desk.receiving.hand_over(file_id)
    (batch,) = taken.batches  # type: ignore[union-attr]
    answer = desk.fetch(batch.id)
    assert answer.status_code == 200
    assert answer.data == content
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith(f"attachment; filename=\"batch-{batch.id}\"; filename*=UTF-8''")
    assert unquote(disposition.partition("''")[2]) == "請求.csv"
    assert "Set-Cookie" not in answer.headers
    answer.close()
    assert desk.trail() == [(desk.member.actor, batch.id)]
    # The next large body has its turn.
    again = desk.fetch(batch.id)
    busy = desk.fetch(batch.id)
    assert (busy.status_code, "ほかのファイルの受け渡しの途中" in busy.text) == (503, True)
    again.close()
    assert desk.trail() == [(desk.member.actor, batch.id)] * 2


def test_why_there_is_no_file_is_said(desk: Desk, tmp_path: Path) -> None:
    assert desk.fetch(99).status_code == 404
    assert desk.fetch(2**40).status_code == 404
    (of_the_command,) = Delivering(desk.database, tmp_path).check(customers=MASTER).batches
    page = desk.visitor.get(f"/staff/batches/{of_the_command.id}/file")
    assert (page.status, "コマンドで取り込まれた" in page.text) == (404, True)
    (batch,) = desk.receiving.take_in(customers(customer("70099"))).batches
    desk.receiving.work()
    (lost,) = desk.receiving.take_in(customers(customer("70098"))).batches
    with desk.database.writing() as connection:
        file_id = {"id": desk.receiving.file_of(lost)}
        connection.execute(text("DELETE FROM kept_bytes WHERE file_id = :id"), file_id)
    page = desk.visitor.get(f"/staff/batches/{lost.id}/file")
    assert (page.status, "MYPAGE_FILE_KEYS" in page.text) == (410, True)
    purge(desk.receiving.keeper, desk.receiving.clock.now() + timedelta(days=91))
    page = desk.visitor.get(f"/staff/batches/{batch.id}/file")
    assert (page.status, "90日たつと消されます" in page.text) == (410, True)
    assert desk.trail() == []


def test_a_file_that_was_exchanged_in_its_store_is_not_given_out(database: Database, tmp_path: Path) -> None:
    """Without a key nothing but the hash of the batch tells; a large one breaks off, for much of it has gone out by then."""
    desk = Desk(database, tmp_path, files="disk", files_folder=str(tmp_path / "kept"))
    large = charges(*(charge("70012", str(line)) for line in range(1, 60_000)))
    for content in (MASTER, large):
        (batch,) = desk.receiving.take_in(content).batches
        answer = desk.fetch(batch.id)
        assert answer.data == content
        answer.close()
        last = max((tmp_path / "kept").rglob(f"{desk.receiving.file_of(batch)}/*"))
        last.write_bytes(last.read_bytes()[:-1] + b"?")
        if content is MASTER:
            page = desk.visitor.get(f"/staff/batches/{batch.id}/file")
            assert (page.status, "MYPAGE_FILE_KEYS" in page.text) == (410, True)
        else:
            broken = desk.fetch(batch.id)
            with pytest.raises(PartLost):
                assert broken.data
            broken.close()
    # The large one went out in part, and stands there; the next body has its turn.
    assert len(desk.trail()) == 3
    again = desk.fetch(batch.id)
    assert again.status_code == 200
    again.close()


def test_a_store_that_is_away_is_said_and_nothing_left(database: Database, tmp_path: Path) -> None:
    with s3_server() as server:
        desk = Desk(database, tmp_path, files="s3", files_bucket=server.url)
        (batch,) = desk.receiving.take_in(MASTER).batches
        server.fails_with = 403
        page = desk.visitor.get(f"/staff/batches/{batch.id}/file")
        assert (page.status, "置き場所につながりません" in page.text) == (503, True)
        assert desk.trail() == []
        server.fails_with = None
        answer = desk.fetch(batch.id)
        assert answer.data == MASTER
        answer.close()
