"""A night of the core billing system over the API: files in, checked, published, corrected, taken back."""

import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from mypage.domain.api_token import Deed
from mypage.domain.batch import Kind, SecondPerson
from mypage.domain.staff import Role
from mypage.services import batch_requests
from mypage.services.approvals import Unfit
from mypage.services.batch_requests import Done
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.store.schema import outbox
from tests.delivering import charge, charges, customer, customers, number_change, number_changes
from tests.portal import portal
from tests.programme import Core, Programme, problem_of
from tests.slow_line import SlowLine
from tests.staffing import a_member

BATCHES = "/api/v1/batches"


@pytest.fixture
def core(database: Database, tmp_path: Path) -> Core:
    return Core(database, tmp_path / "clock")


def batches(answer: TestResponse) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get_json()["batches"]
    return found


def only(answer: TestResponse) -> dict[str, Any]:
    (found,) = batches(answer)
    return found


def handed(core: Core, content: bytes, **options: Any) -> dict[str, Any]:
    answer = core.programme.post(BATCHES, body=content, **options)
    assert answer.status_code == 202, answer.text
    return only(answer)


def in_force(core: Core, content: bytes) -> dict[str, Any]:
    """A batch that is published."""
    batch = handed(core, content)
    core.programme.post(f"{BATCHES}/{batch['id']}/publish")
    core.work()
    published = only(core.programme.get(f"{BATCHES}/{batch['id']}"))
    assert published["state"] == "published", published
    return published


def actors(database: Database, batch_id: int) -> dict[str, str]:
    with database.reading() as connection:
        rows = connection.execute(
            text("SELECT action, actor FROM audit_event WHERE batch_id = :id ORDER BY seq"), {"id": batch_id}
        )
        return {row.action: row.actor for row in rows}


def test_a_file_is_handed_over_published_handed_over_again_and_taken_back(core: Core) -> None:
    ask = core.programme
    token = f"token:{ask.get('/api/v1/token').get_json()['id']}"
    answer = ask.post(f"{BATCHES}?filename=customers.csv", body=customers(customer("70012")))
    batch = only(answer)
    path = answer.headers["Location"]
    assert (answer.status_code, batch["state"], batch["kind"]) == (202, "received", "customers")
    assert (batch["filename"], batch["progress"]["before"]) == ("customers.csv", 0)
    assert answer.headers["Retry-After"]
    # Ordered before it is checked: it is published by itself, and ordering it twice is one order.
    for _ in range(2):
        ordered = ask.post(f"{path}/publish", json={"notices": False})
        assert (ordered.status_code, ordered.get_json()["code"]) == (202, "being_checked")
    assert ask.get(path).status_code == 202
    core.work()
    published = ask.get(path)
    assert (published.status_code, only(published)["state"]) == (200, "published")
    assert only(published)["customers"] == 1
    assert only(published)["published_at"].endswith("Z")
    assert published.get_json()["request"] is None
    # The same bytes are the same batch, and nothing is done.
    again = ask.post(BATCHES, body=customers(customer("70012")))
    assert (again.status_code, only(again)["id"], only(again)["state"]) == (200, batch["id"], "published")
    repeated = ask.post(f"{path}/publish")
    assert (repeated.status_code, repeated.get_json()["code"]) == (200, "published")
    assert problem_of(ask.post(f"{path}/call-off")) == (409, "state_forbids")
    assert problem_of(ask.post(f"{path}/check")) == (409, "state_forbids")
    for _ in range(2):
        taken = ask.post(f"{path}/take-back", json={"reason": "試し\nました"})
        assert (taken.status_code, only(taken)["state"]) == (200, "taken_back")
    found = actors(core.database, batch["id"])
    assert found["batch.received"] == found["batch.taken_back"] == token
    with core.database.reading() as connection:
        kept = connection.execute(text("SELECT state FROM kept_file ORDER BY opened_at")).scalars().all()
    assert kept == ["whole", "gone"]  # of the repeat nothing is kept


def test_a_delivery_is_corrected_published_at_once_at_a_time_and_called_off(core: Core) -> None:
    ask = core.programme
    form = {
        "first": (io.BytesIO(customers(customer("70012"), customer("70013"))), "c.csv"),
        "second": (io.BytesIO(gzip.compress(charges(charge("70012"), charge("70013")))), "ch.csv.gz"),
        "without_errors": "false",
    }
    answer = ask.post(BATCHES, data=form)
    assert answer.status_code == 202, answer.text
    first, second = batches(answer)
    assert first["delivery"] == second["delivery"]
    assert "Location" not in answer.headers
    core.work()
    listed = ask.get(f"{BATCHES}?state=checked&limit=1").get_json()
    assert [each["kind"] for each in listed["batches"]] == ["charges"]
    further = ask.get(listed["next"]).get_json()
    assert ([each["kind"] for each in further["batches"]], further["next"]) == (["customers"], None)
    assert [each["id"] for each in batches(ask.get(f"{BATCHES}?kind=customers"))] == [first["id"]]
    done = ask.post(f"{BATCHES}/{first['id']}/publish")
    assert (done.status_code, [each["state"] for each in batches(done)]) == (200, ["published"] * 2)
    # The next month, checked before something else is published: it is checked anew and published by itself.
    overtaken = handed(core, charges(charge("70012", month="2026-11")))
    core.work()
    in_force(core, customers(customer("70014")))
    answer = ask.post(f"{BATCHES}/{overtaken['id']}/publish")
    assert (answer.status_code, answer.get_json()["code"]) == (202, "being_checked")
    core.work()
    assert only(ask.get(f"{BATCHES}/{overtaken['id']}"))["state"] == "published"
    # At a time: called off, scheduled again, and published then.
    later = handed(core, charges(charge("70013", month="2026-11")))
    core.work()
    path = f"{BATCHES}/{later['id']}"
    at = (core.clock.now() + timedelta(hours=5)).replace(microsecond=0)
    for _ in range(2):
        scheduled = ask.post(f"{path}/publish", json={"at": at.isoformat()})
        assert (scheduled.status_code, scheduled.get_json()["code"]) == (202, "scheduled")
        assert [each["publish_at"] for each in batches(scheduled)] == [at.strftime("%Y-%m-%dT%H:%M:%SZ")]
    for _ in range(2):
        assert [each["state"] for each in batches(ask.post(f"{path}/call-off"))] == ["checked"]
    ask.post(f"{path}/publish", json={"at": at.isoformat()})
    core.work()
    assert only(ask.get(path))["state"] == "scheduled"
    core.wait(timedelta(hours=6))
    core.work()
    assert only(ask.get(path))["state"] == "published"


def told_of_orders(database: Database) -> list[str]:
    """The mail addresses of staff who were told that an order has lapsed."""
    query = select(outbox.c.facts, outbox.c.recipient).where(outbox.c.kind == "staff_batch")
    with database.reading() as connection:
        rows = connection.execute(query.order_by(outbox.c.id)).all()
    return [row.recipient for row in rows if row.facts["what"] == "lapsed"]


def test_an_order_is_for_the_files_for_which_it_was_given(core: Core, database: Database) -> None:
    maker = a_member(database, Role.BILLING, email="maker@example.jp")
    a_member(database, Role.BILLING, "鈴木")
    orders = core.with_token(by=maker.actor)
    checks = core.with_token(deeds=[Deed.CHECK], kinds=[Kind.CHARGES])
    in_force(core, customers(customer("70012"), customer("70013")))
    contents = [
        charges(charge(number, month=month))
        for number in ("70012", "70013")
        for month in ("2026-09", "2026-10", "2026-11")
    ]

    def states(*ids: int) -> list[tuple[str, bool]]:
        found = [only(orders.get(f"{BATCHES}/{each}")) for each in ids]
        return [(each["state"], each["publish_at"] is not None) for each in found]

    def hand(by: Programme, *files: bytes) -> list[int]:
        form = {f"f{place}": (io.BytesIO(each), f"{place}.csv") for place, each in enumerate(files)}
        answer = by.post(BATCHES, data=form)
        assert answer.status_code == 202, answer.text
        return [each["id"] for each in batches(answer)]

    def order(batch_id: int, at: datetime | None = None) -> None:
        wanted = {} if at is None else {"at": at.isoformat()}
        assert orders.post(f"{BATCHES}/{batch_id}/publish", json=wanted).status_code == 202

    at = core.clock.now() + timedelta(hours=5)
    scheduled, pair = hand(orders, contents[0]), hand(orders, contents[1], contents[2])
    core.work()
    order(scheduled[0], at)
    order(pair[0], at)
    # Exactly the same files once more: checked again, and published at that time as was said.
    assert hand(checks, *contents[1:3]) == pair
    core.work()
    assert states(*scheduled, *pair) == [("scheduled", True)] * 3
    assert told_of_orders(database) == []
    # Another file joins one of them: nobody ordered that it be seen. Nor is half of a delivery published.
    joined = hand(checks, contents[0], contents[3])
    assert joined[0] == scheduled[0]
    assert hand(checks, contents[1]) == pair[:1]
    core.work()
    assert told_of_orders(database) == ["maker@example.jp"] * 2
    # An order that waits for a check is no other.
    waits = hand(orders, contents[4])
    order(waits[0])
    assert hand(checks, contents[5], contents[4])[1] == waits[0]
    core.work()
    core.wait(timedelta(hours=6))
    core.work()
    assert states(*joined, *pair, *waits) == [("checked", False)] * 5
    assert "batch.called_off" in actors(database, pair[1])
    assert actors(database, waits[0])["batch.called_off"].startswith("token:")
    # What the token may not see it may not publish, nor check.
    assert problem_of(checks.post(f"{BATCHES}/{joined[0]}/publish")) == (403, "token_deed")
    mixed = hand(orders, customers(customer("70020")), charges(charge("70020")))
    narrow = core.with_token(kinds=[Kind.CHARGES])
    for deed in ("publish", "check", "call-off"):
        assert problem_of(narrow.post(f"{BATCHES}/{mixed[1]}/{deed}")) == (403, "token_kind")


def test_what_is_wrong_is_read_left_out_or_checked_anew(core: Core) -> None:
    ask = core.programme
    in_force(core, customers(customer("70012"), customer("70013")))
    wrong = charges(charge("70012"), charge("70013", amount="=1+1"))
    batch = handed(core, wrong)
    path = f"{BATCHES}/{batch['id']}"
    assert problem_of(ask.get(f"{path}/report")) == (409, "being_checked")
    core.work()
    assert only(ask.get(path))["state"] == "refused"
    assert problem_of(ask.post(f"{path}/publish")) == (409, "has_errors")
    report = ask.get(f"{path}/report")
    (found,) = batches(report)
    assert (found["errors"], [each["row"] for each in found["report"]]) == (1, [3])
    assert found["report"][0]["fix"]
    as_csv = ask.get(f"{path}/report", headers={"Accept": "text/csv"})
    assert as_csv.mimetype == "text/csv"
    assert as_csv.data.startswith("\ufeff行番号（Excelの行）".encode())
    assert ",=1+1" not in as_csv.text  # Excel would run it
    # Whoever may not read reports sees counts, and nothing of customers.
    blind = core.with_token(deeds=[Deed.CHECK, Deed.PUBLISH])
    assert problem_of(blind.get(f"{path}/report")) == (403, "token_deed")
    # Checked anew it is as wrong; without what is wrong it is published by itself.
    checked = ask.post(f"{path}/check")
    assert (checked.status_code, batches(checked)[0]["state"]) == (202, "received")
    assert ask.post(f"{path}/check").status_code == 202
    core.work()
    assert only(ask.get(path))["state"] == "refused"
    left = ask.post(f"{path}/publish", json={"without_errors": True})
    assert (left.status_code, left.get_json()["code"]) == (202, "being_checked")
    core.work()
    published = only(ask.get(f"{BATCHES}/{batches(left)[0]['id']}"))
    assert (published["state"], published["left_out"], published["preview"]["missing"]) == ("published", 1, 0)
    assert only(blind.get(f"{BATCHES}/{published['id']}"))["preview"] is None
    # The same again: nothing to check, nothing to do.
    again = ask.post(f"{path}/check", json={"without_errors": True})
    assert (again.status_code, only(again)["id"]) == (200, published["id"])
    assert ask.post(f"{path}/publish", json={"without_errors": True}).get_json()["code"] == "published"
    with core.database.reading() as connection:
        reads = connection.execute(
            text("SELECT count(*) FROM audit_event WHERE action = 'batch.report_read'")
        )
        assert reads.scalar_one() == 2


def test_a_second_person_decides_and_whoever_made_the_token_is_the_first(
    core: Core, database: Database
) -> None:
    maker, other = a_member(database, Role.BILLING), a_member(database, Role.BILLING, "鈴木")
    of_maker = core.with_token(by=maker.actor)
    in_force(core, customers(customer("70012"), customer("70099")))
    batch = only(of_maker.post(BATCHES, body=number_changes(number_change("70012", "70099"))))
    path = f"{BATCHES}/{batch['id']}"
    # Ordered before the check, it is asked for by itself after it.
    assert of_maker.post(f"{path}/publish").get_json()["code"] == "being_checked"
    core.work()
    ordered = of_maker.post(f"{path}/publish")
    request = ordered.get_json()["request"]
    assert (ordered.status_code, ordered.get_json()["code"]) == (202, "needs_second_person")
    assert request["path"] == f"/staff/batches/requests/{request['id']}"
    standing = of_maker.get(path)
    assert (only(standing)["state"], standing.get_json()["request"]["id"]) == ("checked", request["id"])
    # Somebody else's token cannot withdraw what this one asked.
    assert problem_of(core.programme.post(f"{path}/call-off")) == (409, "asked_by_another")
    assert of_maker.post(f"{path}/call-off").status_code == 200
    assert of_maker.get(path).get_json()["request"] is None
    request_id = of_maker.post(f"{path}/publish").get_json()["request"]["id"]

    def decide(staff_id: str) -> object:
        with database.writing() as connection:
            return batch_requests.approve(
                connection,
                request_id,
                staff_id=staff_id,
                second_person=SecondPerson.NUMBER_CHANGES,
                now=core.clock.now(),
            )

    # Something else is published meanwhile: it is checked anew, and asked for again by itself.
    meanwhile = handed(core, customers(customer("70016")))
    core.work()
    assert core.programme.post(f"{BATCHES}/{meanwhile['id']}/publish").status_code == 200
    assert of_maker.post(f"{path}/publish").get_json()["code"] == "being_checked"
    core.work()
    request_id = of_maker.get(path).get_json()["request"]["id"]
    assert isinstance(decide(maker.id), Unfit)
    assert isinstance(decide(other.id), Done)
    assert only(of_maker.get(path))["state"] == "published"
    # A wish can be called off while the check goes on.
    following = only(of_maker.post(BATCHES, body=customers(customer("70015"))))
    path = f"{BATCHES}/{following['id']}"
    of_maker.post(f"{path}/publish", json={"at": (datetime.now(UTC) + timedelta(days=2)).isoformat()})
    assert only(of_maker.get(path))["publish_at"] is not None
    called_off = of_maker.post(f"{path}/call-off")
    assert (called_off.status_code, batches(called_off)[0]["publish_at"]) == (202, None)
    core.work()
    assert only(of_maker.get(path))["state"] == "checked"


def test_what_cannot_be_taken_in_is_told_and_nothing_is_kept(core: Core) -> None:
    ask = core.programme
    answer = ask.post(
        f"{BATCHES}?filename=rubbish.csv", body=b"a,b\n1,2\n", headers={"Accept-Language": "en"}
    )
    assert problem_of(answer) == (422, "files_refused")
    (error,) = answer.get_json()["errors"]
    assert (error["filename"], error["code"]) == ("rubbish.csv", "kind_unknown")
    assert error["fix"].isascii()
    assert answer.headers["Content-Language"] == "en"
    of_payments = core.with_token(kinds=[Kind.PAYMENTS])
    refused = of_payments.post(BATCHES, body=charges(charge("70012")))
    assert problem_of(refused) == (403, "token_kind")
    wrong = ask.post(f"{BATCHES}?kind=bills&snapshot=perhaps&x=1", body=b"x")
    assert problem_of(wrong) == (400, "fields_wrong")
    assert [each["field"] for each in wrong.get_json()["errors"]] == ["x", "kind", "snapshot"]
    assert problem_of(ask.post(BATCHES, data={"kind": "charges"}, content_type="multipart/form-data")) == (
        400,
        "bad_request",
    )
    assert problem_of(ask.post(BATCHES, json={"uploads": []})) == (400, "fields_wrong")
    assert problem_of(ask.post(BATCHES, json={"uploads": ["0" * 32]})) == (404, "no_such_file")
    with core.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM batch")).scalar_one() == 0
        assert set(connection.execute(text("SELECT state FROM kept_file")).scalars()) == {"gone"}
        assert connection.execute(text("SELECT count(*) FROM kept_part")).scalar_one() == 0


def test_a_large_file_comes_in_pieces_and_is_taken_in_by_its_id(core: Core) -> None:
    ask, content = core.programme, customers(customer("70012"))
    tus = {"Tus-Resumable": "1.0.0"}
    begun = ask.post("/api/v1/uploads", headers={**tus, "Upload-Length": str(len(content))})
    assert begun.status_code == 201
    path = begun.headers["Location"]
    piece = {**tus, "Content-Type": "application/offset+octet-stream"}
    assert (
        ask.ask("PATCH", path, headers={**piece, "Upload-Offset": "0"}, body=content[:20]).status_code == 204
    )
    wrong = ask.ask("PATCH", path, headers={**piece, "Upload-Offset": "9"}, body=content[20:])
    assert problem_of(wrong) == (409, "wrong_offset")
    assert wrong.headers["Upload-Offset"] == "20"
    file_id = path.rpartition("/")[2]
    assert problem_of(ask.post(BATCHES, json={"uploads": [file_id]})) == (409, "file_not_whole")
    # What another token began is not there.
    assert problem_of(core.with_token().ask("PATCH", path, headers=piece)) in (
        (404, "no_such_file"),
        (400, "offset_missing"),
    )
    assert core.with_token().ask("HEAD", path, headers=tus).status_code == 404
    assert (
        ask.ask("PATCH", path, headers={**piece, "Upload-Offset": "20"}, body=content[20:]).status_code == 204
    )
    taken = ask.post(BATCHES, json={"uploads": [file_id], "kind": "customers", "snapshot": False})
    assert (taken.status_code, only(taken)["kind"]) == (202, "customers")
    assert problem_of(ask.ask("DELETE", path, headers=tus)) == (409, "file_in_use")
    assert ask.ask("OPTIONS", "/api/v1/uploads").headers["Tus-Version"] == "1.0.0"


def test_a_report_of_any_length_is_streamed_and_takes_its_turn(core: Core) -> None:
    in_force(core, customers(customer("70012")))
    wrong = charges(*(charge("70012", line=str(line), amount="?", total="500") for line in range(1, 3001)))
    batch = handed(core, wrong)
    core.work()
    path = f"{BATCHES}/{batch['id']}/report"
    first = core.programme.ask("GET", path, buffered=False)
    assert problem_of(core.programme.get(path)) == (503, "uploads_taken")
    pieces = list(first.iter_encoded())
    first.close()
    assert len(pieces) > 3000
    assert len(json.loads(b"".join(pieces))["batches"][0]["report"]) >= 3000
    assert core.programme.get(path).status_code == 200


def test_whatever_is_wrong_with_an_upload_is_a_problem(
    core: Core, database: Database, tmp_path: Path
) -> None:
    limited = portal(
        database, tmp_path / "clock", file_uploads="2", file_largest="1", api_requests_a_minute="5000"
    )
    ask, uploads = Programme(limited, core.programme.token), "/api/v1/uploads"
    tus = {"Tus-Resumable": "1.0.0"}
    piece = {**tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}

    def begun(**headers: str) -> TestResponse:
        return ask.post(
            uploads, headers={**tus, **{name.replace("_", "-"): text for name, text in headers.items()}}
        )

    assert problem_of(ask.post(uploads)) == (412, "version_unknown")
    assert problem_of(begun()) == (400, "length_missing")
    assert problem_of(begun(Upload_Length="5", Upload_Metadata="filename ?")) == (400, "metadata_wrong")
    assert problem_of(begun(Upload_Length=str(2 << 20))) == (413, "file_too_large")
    path = begun(Upload_Length="5").headers["Location"]
    other = begun(Upload_Length="5").headers["Location"]
    full = begun(Upload_Length="5")
    assert problem_of(full) == (429, "too_many_uploads")
    assert full.headers["Retry-After"]
    assert problem_of(ask.ask("PATCH", path, headers=tus)) == (415, "type_wrong")
    assert problem_of(ask.ask("PATCH", path, headers={**piece, "Upload-Offset": "x"}, body=b"1")) == (
        400,
        "offset_missing",
    )
    assert problem_of(ask.ask("PATCH", path, headers={**piece, "Upload-Checksum": "md5 x"}, body=b"1")) == (
        400,
        "checksum_wrong",
    )
    wrong_sum = {**piece, "Upload-Checksum": "sha256 AAAA"}
    assert problem_of(ask.ask("PATCH", path, headers=wrong_sum, body=b"1")) == (460, "checksum_differs")
    assert problem_of(ask.ask("PATCH", path, headers=piece, body=b"123456")) == (413, "longer_than_declared")
    assert problem_of(ask.post(path, headers=tus)) == (405, "method_wrong")
    english = ask.ask("PATCH", "/api/v1/uploads/x", headers={**piece, "Accept-Language": "en"}, body=b"1")
    assert problem_of(english) == (404, "no_such_file")
    assert english.get_json()["detail"].isascii()
    overridden = ask.post(path, headers={**piece, "X-HTTP-Method-Override": "PATCH"}, body=b"12345")
    assert (overridden.status_code, overridden.headers["Upload-Offset"]) == (204, "5")
    assert ask.ask("DELETE", path, headers=tus).status_code == 204
    assert problem_of(ask.post(BATCHES, json={"uploads": [path.rpartition("/")[2]]})) == (410, "file_gone")
    core.wait(timedelta(days=2))
    assert problem_of(ask.ask("PATCH", other, headers=piece, body=b"1")) == (410, "upload_expired")
    # The whole body at once has the same limits, and tells where large files go.
    assert problem_of(ask.post(BATCHES, body=b"x" * (2 << 20))) == (413, "file_too_large")
    form = ask.post(BATCHES, body=b"x" * (2 << 20), content_type="multipart/form-data; boundary=x")
    assert problem_of(form) == (413, "file_too_large")


def test_a_body_that_dribbles_is_given_up_and_a_slow_line_is_not(core: Core) -> None:
    content = charges(*(charge(str(number)) for number in range(2_000)))
    form = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + content + b"\r\n--x--\r\n"
    )

    def sent(body: bytes, speed: int, kind: str) -> TestResponse:
        line = SlowLine(body, speed, lambda seconds: core.wait(timedelta(seconds=seconds)))
        return core.programme.post(BATCHES, input_stream=line, content_length=len(body), content_type=kind)

    for body, kind in ((content, "text/csv"), (form, "multipart/form-data; boundary=x")):
        assert problem_of(sent(body, 100, kind)) == (408, "too_slow")
        assert sent(body, 125_000, kind).status_code == 202


def test_a_file_that_is_being_checked_elsewhere_waits(core: Core, database: Database) -> None:
    content = customers(customer("70012"))
    batch = handed(core, content)
    path = f"{BATCHES}/{batch['id']}"
    with holding(database) as hold, database.writing() as connection:
        assert hold.take(batch["id"])
        connection.execute(text("UPDATE batch SET state = 'checking' WHERE id = :id"), {"id": batch["id"]})
    with holding(database) as hold:
        assert hold.take(batch["id"])
        # The same bytes are the batch that is being checked; with another file they would be another delivery.
        assert only(core.programme.post(BATCHES, body=content))["id"] == batch["id"]
        form = {"a": (io.BytesIO(content), "a"), "b": (io.BytesIO(charges(charge("70012"))), "b")}
        assert problem_of(core.programme.post(BATCHES, data=form)) == (409, "loaded_elsewhere")
        assert only(core.programme.get(path))["check"] == "running"
    assert problem_of(core.programme.post(f"{path}/take-back", json={"reason": "x"})) == (
        409,
        "being_checked",
    )
    stopped = core.programme.get(path)
    assert (stopped.status_code, only(stopped)["check"]) == (202, "stopped")
