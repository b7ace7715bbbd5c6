"""``mypage batch publish --at``, ``take-back`` and ``seen`` as a shell sees them; the worker publishes on time."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from mypage.adapters.clock import Clock
from mypage.cli import main
from mypage.domain.batch import State
from mypage.domain.staff import Role
from mypage.services import trail
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import statement_view
from mypage.works.scheduled import publish_due
from tests.delivering import charge, charges, customer, customers
from tests.portal import move_clock
from tests.signing_up import settings
from tests.staffing import a_member

Shell = Callable[..., Result]


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    return tmp_path / "clock"


@pytest.fixture
def shell(engine_url: str, tmp_path: Path, clock_file: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Runs ``mypage batch`` in the folder of the files, with two customers published."""
    monkeypatch.chdir(tmp_path)
    environment = {
        "MYPAGE_DATABASE_URL": engine_url,
        "MYPAGE_SECRET_KEYS": "k" * 40,
        "MYPAGE_DEMO": "true",
        "MYPAGE_CLOCK_FILE": str(clock_file),
        "MYPAGE_PUBLIC_URL": "http://127.0.0.1:8080",
    }

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["batch", *arguments], env=environment, catch_exceptions=False)

    (tmp_path / "customers.csv").write_bytes(customers(customer("70012"), customer("70013")))
    (tmp_path / "charges.csv").write_bytes(charges(charge("70012"), charge("70013")))
    assert run("publish", "customers.csv").exit_code == 0
    return run


def batch(database: Database, batch_id: int) -> Batch:
    with database.reading() as connection:
        found = store.get(connection, batch_id)
    assert found is not None
    return found


def at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def work(database: Database, clock_file: Path, after: timedelta) -> int:
    """What a worker does that looks at the schedule so much later."""
    move_clock(clock_file, after)
    return publish_due(settings(), database, Clock(clock_file))


def actions(database: Database, batch_id: int) -> list[str]:
    from tests.signing_up import trail as rows

    return [action for action, number in rows(database, "action", "batch_id") if number == batch_id]


def test_a_batch_is_published_at_its_time_and_not_before(
    shell: Shell, database: Database, clock_file: Path
) -> None:
    done = shell("publish", "charges.csv", "--at", at(2), "--json")
    assert done.exit_code == 0, done.stderr
    (told,) = json.loads(done.stdout)["batches"]
    assert told["state"] == "scheduled"
    assert told["publish_at"].endswith("Z")
    assert "予約" in shell("list").stdout
    assert work(database, clock_file, timedelta(hours=1)) == 0
    assert batch(database, 2).state is State.SCHEDULED
    # No worker ran when it was due: it is published at the next look.
    assert work(database, clock_file, timedelta(hours=5)) == 1
    published = batch(database, 2)
    assert (published.state, published.publish_at) == (State.PUBLISHED, None)
    assert work(database, clock_file, timedelta(hours=6)) == 0
    assert actions(database, 2)[-3:] == ["batch.scheduled", "batch.published", "batch.missed"]
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_a_time_without_offset_is_in_japan(shell: Shell, database: Database) -> None:
    assert shell("publish", "charges.csv", "--at", "2999-01-01T09:00").exit_code == 0
    assert batch(database, 2).publish_at == datetime(2999, 1, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "said"), [("明日", "読み取れません"), ("2020-01-01T00:00", "過ぎています")]
)
def test_a_time_that_is_none_or_over_is_a_sentence(shell: Shell, typed: str, said: str) -> None:
    refused = shell("publish", "charges.csv", "--at", typed)
    assert (refused.exit_code, said in refused.stderr) == (2, True)


def test_what_is_scheduled_can_be_called_off_or_published_now(
    shell: Shell, database: Database, clock_file: Path
) -> None:
    shell("publish", "charges.csv", "--at", at(2))
    assert shell("take-back", "2").exit_code == 0
    assert batch(database, 2).state is State.CHECKED
    assert work(database, clock_file, timedelta(hours=3)) == 0
    move_clock(clock_file, timedelta())
    shell("publish", "2", "--at", at(2))
    assert shell("publish", "2").exit_code == 0
    assert batch(database, 2).state is State.PUBLISHED
    assert "batch.called_off" in actions(database, 2)


def test_what_was_published_meanwhile_makes_the_worker_check_again(
    shell: Shell, database: Database, clock_file: Path, tmp_path: Path
) -> None:
    shell("publish", "charges.csv", "--at", at(1))
    (tmp_path / "others.csv").write_bytes(customers(customer("70014")))
    shell("publish", "others.csv")
    assert work(database, clock_file, timedelta(hours=2)) == 1
    assert batch(database, 2).state is State.PUBLISHED


@pytest.mark.parametrize("gone", [True, False])
def test_what_cannot_be_published_at_its_time_is_refused_and_said(
    shell: Shell, database: Database, clock_file: Path, tmp_path: Path, gone: bool
) -> None:
    (tmp_path / "october.csv").write_bytes(charges(charge("70012"), charge("70014")))
    (tmp_path / "others.csv").write_bytes(customers(customer("70014")))
    shell("publish", "others.csv")
    assert shell("publish", "october.csv", "--at", at(1)).exit_code == 0
    shell("take-back", "2")  # the customer of a row is unknown again
    if gone:
        (tmp_path / "october.csv").unlink()
    assert work(database, clock_file, timedelta(hours=2)) == 0
    assert batch(database, 3).state is State.REFUSED
    assert actions(database, 3)[-1] == "batch.schedule_failed"
    assert batch(database, 3).failure == ("file_not_found" if gone else "has_errors")


def test_a_mistake_is_taken_back_and_a_repeat_does_no_harm(shell: Shell, database: Database) -> None:
    shell("publish", "charges.csv")
    done = shell("take-back", "2", "--reason", "税率の誤り", "--json")
    (told,) = json.loads(done.stdout)["batches"]
    assert (done.exit_code, told["state"]) == (0, "taken_back")
    again = shell("take-back", "2")
    assert (again.exit_code, "公開取消" in again.stdout) == (0, True)
    assert actions(database, 2).count("batch.taken_back") == 1
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_what_is_not_published_is_not_taken_back(shell: Shell) -> None:
    shell("check", "charges.csv")
    refused = shell("take-back", "2")
    assert refused.exit_code == 1
    assert "取込2は「確認済」で、公開も予約もされていません。" in refused.stderr
    assert "番号99の取込はありません" in shell("take-back", "99").stderr


def test_who_saw_the_wrong_bill_is_listed(shell: Shell, database: Database) -> None:
    shell("publish", "charges.csv")
    first = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    member = a_member(database, Role.AGENT, "=佐藤")
    seen = {"billing_month": 202610, "number": 1, "batch_id": 2}
    rows: list[dict[str, Any]] = [
        {"customer_key": "70013", "account_id": "b", "session_id": "s3", "at": first, **seen},
        {"customer_key": "70013", "account_id": member.actor, "session_id": "v1", "at": first, **seen},
        {"customer_key": "70012", "account_id": "a", "session_id": "s2", "at": first, **seen},
        {
            "customer_key": "70012",
            "account_id": "a",
            "session_id": "s1",
            "at": first - timedelta(days=1),
            **seen,
        },
        {"customer_key": "70012", "account_id": "a", "session_id": "s1", "at": first, **seen, "batch_id": 9},
    ]
    with database.writing() as connection:
        connection.execute(insert(statement_view), rows)
    listed = list(csv.reader(io.StringIO(shell("seen", "2").stdout)))
    assert listed == [
        ["お客様番号", "アカウントID", "請求年月", "請求番号", "初めて見た日時", "窓口のスタッフ"],
        ["70012", "", "2026-10", "1", "2026-11-23 12:00:00", ""],
        ["70013", "", "2026-10", "1", "2026-11-24 12:00:00", ""],
        ["70013", "", "2026-10", "1", "2026-11-24 12:00:00", "'=佐藤"],
    ]
    (told,) = json.loads(shell("seen", "2", "--json").stdout)["batches"]
    assert [view["customer"] for view in told["seen"]] == ["70012", "70013", "70013"]
    assert "番号99の取込はありません" in shell("seen", "99").stderr
