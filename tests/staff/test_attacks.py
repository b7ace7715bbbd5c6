"""What somebody with a login at the console tries: to look without a trace, to decide what is not theirs, to break it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.services import approvals
from mypage.store.engine import Database
from mypage.store.schema import audit_event, outbox
from mypage.store.schema.metadata import instant_text
from tests.acting import KEY
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.staff.test_acts import ACTS, CUSTOMER, Shift, a_shift, call_back, note
from tests.staffing import now_of
from tests.visitor import Visitor, form_values


@pytest.fixture
def shift(database: Database, tmp_path: Path) -> Shift:
    publish_customers(database, a_customer())
    an_account(database, KEY)
    return a_shift(database, tmp_path / "clock")


def token(visitor: Visitor) -> str:
    return form_values(visitor.get("/staff/me/password").form_with("変更する"))["csrf_token"]


def post(visitor: Visitor, path: str, **typed: str) -> int:
    """Post what no page of ours was open for; the status."""
    sent = {"csrf_token": token(visitor), **typed}
    return visitor.client.post(path, data=sent, base_url=visitor.base_url).status_code


def traces(shift: Shift, actor: str) -> list[str]:
    """What the trail of the customer says of somebody."""
    query = select(audit_event.c.action).where(
        audit_event.c.customer_key == KEY, audit_event.c.actor == actor
    )
    with shift.database.reading() as connection:
        return list(connection.scalars(query.order_by(audit_event.c.seq)))


def asked(shift: Shift) -> str:
    """The id of a request to release the registration."""
    call_back(note(shift.desk.get(f"{ACTS}/release"))).submit("承認を依頼する", reason="asked")
    with shift.database.reading() as connection:
        (request,) = approvals.waiting(connection, now=now_of(shift.app))
    return request.id


@pytest.mark.parametrize("deed", ["", "/number", "/call-back", "/proof"])
def test_a_form_that_is_sent_wrong_is_a_look_at_the_customer(shift: Shift, deed: str) -> None:
    assert post(shift.colleague, f"{ACTS}/release{deed}", proof="3333333333") in (200, 400)
    assert traces(shift, "staff:agent-鈴木") == ["act.form_opened"]


def test_a_request_that_is_shown_again_is_a_look_at_the_customer(shift: Shift) -> None:
    here = f"/staff/requests/{asked(shift)}"
    assert post(shift.colleague, f"{here}/decline") == 400
    assert post(shift.colleague, f"{here}/withdraw") == 400
    assert post(shift.colleague, f"{here}/decline", csrf_token="old") == 400
    assert traces(shift, "staff:agent-鈴木") == ["request.opened"] * 3


def test_a_request_is_decided_at_its_own_door_only(shift: Shift) -> None:
    act = asked(shift)
    for visitor, deed in ((shift.colleague, "decline"), (shift.desk, "withdraw"), (shift.chief, "approve")):
        assert post(visitor, f"/staff/signup/requests/{act}/{deed}", reply="いいえ") == 404
    # What administrators decide about a colleague no agent declines.
    post(shift.chief, "/staff/people/agent-鈴木/role", role="admin")
    with shift.database.reading() as connection:
        waiting = approvals.waiting(connection, now=now_of(shift.app))
    (role,) = [each.id for each in waiting if each.kind == "staff-role"]
    assert post(shift.desk, f"/staff/signup/requests/{role}/decline", reply="いいえ") == 404
    assert len(waiting) == 2
    with shift.database.reading() as connection:
        assert approvals.waiting(connection, now=now_of(shift.app)) == waiting


@pytest.mark.parametrize(
    ("page", "typed"), [("view", {"reason": "bill"}), ("acts/release/number", {}), ("acts/suspend", {})]
)
def test_whoever_opens_too_many_customers_is_told_whichever_page_they_open(
    database: Database, tmp_path: Path, page: str, typed: dict[str, str]
) -> None:
    publish_customers(database, a_customer(), a_customer("222"))
    an_account(database, KEY)
    an_account(database, "222", login_id="hanako-222")
    shift = a_shift(database, tmp_path / "clock", staff_looks_a_day="1")
    shift.desk.get(f"{ACTS}/suspend")
    shift.desk.get(CUSTOMER)
    assert post(shift.desk, "/staff/customers/222/call", caller="self", verified="address") == 303
    assert _told(shift) == []
    assert post(shift.desk, f"/staff/customers/222/{page}", **typed) in (200, 303, 400)
    assert _told(shift) == ["auditor@example.jp"]


def _told(shift: Shift) -> list[str]:
    query = select(outbox.c.recipient).where(outbox.c.kind == "staff_looked_much")
    with shift.database.reading() as connection:
        return list(connection.scalars(query))


def test_no_number_in_an_address_is_too_great(shift: Shift) -> None:
    for number in ("000000000001" + "9" * 20, "9" * 12, "9" * 5000):
        assert shift.auditor.get("/staff/trail", query={"batch": number}).path == "/staff/trail"
    for place in ("2_4611686018427387904", "2_4294967296", f"{'9' * 30}_1", "-9_1"):
        before = f"{instant_text(now_of(shift.app))}_{place}"
        assert shift.desk.get(CUSTOMER, query={"before": before}).status == 200


def test_signs_that_nobody_sees_are_not_kept(shift: Shift) -> None:
    note(shift.desk.get(f"{ACTS}/release"), caller="family", name="花\x00子")
    page = call_back(shift.desk.get(f"{ACTS}/release"))
    page.submit("承認を依頼する", reason="other", note="本\x00人\u202eの希望")
    page = shift.colleague.get("/staff/requests").follow("登録を解除する").submit("表示する")
    assert "本人の希望" in page.text
    page = page.submit("承認しない", reply="確\x00認")
    assert page.path == "/staff/requests?said=request_did_decline"
    assert "確認" in shift.desk.get("/staff/requests").text


def test_the_second_page_of_what_a_colleague_did(shift: Shift) -> None:
    for _ in range(51):
        shift.desk.get(CUSTOMER)
    page = shift.auditor.get("/staff/trail").submit("調べる", actor="staff:agent-佐藤")
    assert "佐藤 さんがしたこと" in page.text
    page = page.follow("これより前の50件")
    assert "お客様の画面を開いた" in page.text
    assert "さんがしたこと" not in page.text
