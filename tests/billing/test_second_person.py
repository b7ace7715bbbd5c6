"""Where publishing needs a second person the command line asks, says so, and ends with a status of its own."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mypage.cli import main
from mypage.domain.batch import SecondPerson, State
from mypage.domain.staff import Role
from mypage.services import api_tokens, approvals, batch_requests, first_person, staff_people
from mypage.services.approvals import StaffRequest, Unfit
from mypage.services.batch_requests import Asked, Done
from mypage.services.publication import Refusal, Refused
from mypage.services.staff_sessions import StaffSession
from mypage.store import batches as store
from mypage.store.engine import Database
from tests.delivering import (
    A_DAY,
    NUMBERS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    second,
)
from tests.programme import a_token
from tests.staffing import a_member

Shell = Callable[..., Result]
AT = "2999-01-01T09:00"


@pytest.fixture
def shell(engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Runs ``mypage batch`` where all publishing needs a second person; two customers are published."""
    monkeypatch.chdir(tmp_path)
    environment = {
        "MYPAGE_DATABASE_URL": engine_url,
        "MYPAGE_SECRET_KEYS": "k" * 40,
        "MYPAGE_FACTOR_KEYS": "f" * 43,
        "MYPAGE_PUBLIC_URL": "http://127.0.0.1:8080",
    }

    def run(*arguments: str, rule: str = "all") -> Result:
        wanted = {**environment, "MYPAGE_SECOND_PERSON": rule}
        return CliRunner().invoke(main, ["batch", *arguments], env=wanted, catch_exceptions=False)

    (tmp_path / "customers.csv").write_bytes(customers(*map(customer, ("70012", "70013", "80012"))))
    (tmp_path / "charges.csv").write_bytes(charges(charge("70012"), charge("70013")))
    assert run("publish", "customers.csv", rule="number_changes").exit_code == 0
    return run


def the_request(database: Database) -> StaffRequest:
    with database.reading() as connection:
        (one,) = approvals.waiting(connection, now=datetime.now(UTC))
    return one


def decide(database: Database, request: StaffRequest, staff_id: str) -> object:
    with database.writing() as connection:
        return batch_requests.approve(
            connection,
            request.id,
            staff_id=staff_id,
            second_person=SecondPerson.ALL,
            now=datetime.now(UTC),
        )


def test_the_command_stops_at_checked_asks_and_says_where_to_approve(
    shell: Shell, database: Database
) -> None:
    done = shell("publish", "charges.csv", "--json")
    assert done.exit_code == 3
    (told,) = json.loads(done.stdout)["batches"]
    request = the_request(database)
    assert (told["state"], told["request"]["id"], told["request"]["state"]) == (
        "checked",
        request.id,
        "waiting",
    )
    assert told["request"]["publish_at"] is None
    assert told["request"]["path"] == f"/staff/batches/requests/{request.id}"
    for said in ("別の担当者の承認が必要", "承認されたらすぐ", f"/staff/batches/requests/{request.id}"):
        assert said in done.stderr, said
    # A repeat is the same request; asked otherwise it takes the other's place.
    again = shell("publish", "2")
    assert (again.exit_code, the_request(database).id) == (3, request.id)
    other = shell("publish", "2", "--at", AT, "--no-notices", "--json")
    assert other.exit_code == 3
    (told,) = json.loads(other.stdout)["batches"]
    assert the_request(database).id == told["request"]["id"] != request.id
    assert (told["request"]["publish_at"], told["request"]["notices"]) == ("2999-01-01T00:00:00Z", False)
    (shown,) = json.loads(shell("show", "2", "--json").stdout)["batches"]
    assert shown["request"] == told["request"]
    # Nobody whom the command line brought here is a second person for it.
    by_command = a_member(database, Role.ADMIN, "田中")
    assert decide(database, the_request(database), by_command.id) == Unfit("approver_brought_by_command")
    done_by = decide(database, the_request(database), second(database).id)
    assert isinstance(done_by, Done)
    with database.reading() as connection:
        batch = store.get(connection, 2)
    assert batch is not None
    assert (batch.state, batch.notices, batch.asked_by) == (State.SCHEDULED, False, "cli")
    # Earlier than what was approved is another question.
    assert shell("publish", "2").exit_code == 3
    assert shell("call-off", "2").exit_code == 0
    with database.reading() as connection:
        assert approvals.count_waiting(connection, now=datetime.now(UTC)) == 0


def test_what_was_asked_is_called_off_by_whoever_asked(shell: Shell, database: Database) -> None:
    assert shell("publish", "charges.csv").exit_code == 3
    called_off = shell("call-off", "2", "--json")
    assert (called_off.exit_code, json.loads(called_off.stdout)["batches"][0]["state"]) == (0, "checked")
    assert shell("call-off", "2").exit_code == 0, "a repeat does no harm"
    assert "番号99の取込はありません" in shell("call-off", "99").stderr
    assert "公開の予約も承認の依頼もありません" in shell("call-off", "1").stderr
    member = a_member(database, Role.BILLING)
    with database.writing() as connection:
        asked = batch_requests.ask(
            connection,
            [2],
            first=member.id,
            by=member.actor,
            second_person=SecondPerson.ALL,
            life=A_DAY,
            now=datetime.now(UTC),
        )
    assert isinstance(asked, Asked)
    refused = shell("call-off", "2")
    assert (refused.exit_code, "サポート画面で取り下げて" in refused.stderr) == (1, True)


def test_of_several_deliveries_those_wait_that_need_it(
    shell: Shell, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "changes.csv").write_bytes(number_changes(number_change("70012", "80012", "承継")))
    for file in ("charges.csv", "changes.csv"):
        assert shell("check", file).exit_code == 0
    done = shell("publish", "2", "3", "--json", rule="number_changes")
    assert done.exit_code == 3
    told = {each["id"]: each for each in json.loads(done.stdout)["batches"]}
    assert (told[2]["state"], told[2]["request"], told[3]["request"]["state"]) == ("checked", None, "waiting")
    with database.writing() as connection:
        wanted: dict[str, Any] = {
            "first": "cli",
            "by": "cli",
            "second_person": NUMBERS,
            "life": A_DAY,
            "now": datetime.now(UTC),
        }
        assert batch_requests.ask(connection, [2], **wanted) == Refused(
            Refusal.NO_SECOND_PERSON, 2, State.CHECKED
        )
        assert batch_requests.ask(connection, [99], **wanted) == Refused(Refusal.UNKNOWN, 99)


def test_a_token_asks_for_whoever_made_it_and_its_revocation_ends_that(
    database: Database, tmp_path: Path
) -> None:
    delivering = Delivering(database, tmp_path)
    delivering.publish(customers=customers(customer("70012")))
    (batch,) = delivering.check(charges=charges(charge("70012"))).batches
    maker, admin = a_member(database, Role.BILLING), a_member(database, Role.ADMIN)
    a_token(database, by=maker.actor)
    now = datetime.now(UTC)
    with database.reading() as connection:
        (token,) = api_tokens.listed(connection, now=now)
    ask: dict[str, Any] = {"second_person": SecondPerson.ALL, "life": A_DAY, "now": now}

    def asked() -> StaffRequest:
        with database.writing() as connection:
            first = first_person.of_actor(connection, token.actor)
            done = batch_requests.ask(connection, [batch.id], first=first, by=token.actor, **ask)
        assert isinstance(done, Asked)
        return done.requests[0]

    request = asked()
    assert request.asked_by == maker.id
    assert decide(database, request, maker.id) == Unfit("approver_is_asker")
    with database.writing() as connection:
        assert api_tokens.revoke(connection, token.id, by=admin.actor, now=now) is not None
        assert api_tokens.revoke(connection, token.id, by=admin.actor, now=now) is not None
        ended = approvals.find(connection, request.id, now=now)
    assert ended is not None
    assert (ended.state, ended.reply) == ("overtaken", "batch_token_revoked")
    # Whoever is suspended asks nothing any more.
    request = asked()
    session = StaffSession("s", admin.id, admin.name, admin.role, "stamp", is_whole=True, is_to_touch=False)
    with database.writing() as connection:
        staff_people.suspend(connection, maker.id, "退職", by=session, now=now)
        ended = approvals.find(connection, request.id, now=now)
    assert ended is not None
    assert ended.state == "withdrawn"
    with database.reading() as connection:
        assert first_person.of_actor(connection, "token:unknown") == "cli"


def test_whoever_handed_a_file_over_is_no_second_person_for_it(
    shell: Shell, database: Database, tmp_path: Path
) -> None:
    handed = a_member(database, Role.BILLING, invited_by="admin", role_given_by="admin")
    delivering = Delivering(database, tmp_path)
    delivering.actor = handed.actor
    (batch,) = delivering.check(charges=charges(charge("70012"))).batches
    # Somebody else publishes, and the command has the file checked again: it is still theirs.
    assert shell("publish", "customers.csv", "--kind", "customers", rule="number_changes").exit_code == 0
    (tmp_path / "more.csv").write_bytes(customers(customer("90012")))
    assert shell("publish", "more.csv", rule="number_changes").exit_code == 0
    assert shell("publish", str(batch.id)).exit_code == 3
    request = the_request(database)
    assert (request.asked_by, request.facts["handed_by"]) == ("cli", [handed.id])
    assert decide(database, request, handed.id) == Unfit("approver_is_asker")
    assert isinstance(decide(database, request, second(database).id), Done)
