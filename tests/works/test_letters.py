"""Letters into a file: all of them, each once, whatever ends the process when; and what stands in the file."""

import os
import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import select, update

from mypage.services import letters as deeds
from mypage.services.letters import Proven
from mypage.store.engine import Database
from mypage.store.exclusive import alone
from mypage.store.schema import account_customer, letter, letter_export
from mypage.works import letter_file
from mypage.works import letters as module
from mypage.works.letters import Refused, Why, Written
from tests.builders import BuiltCustomer, a_customer, publish_customers, take_back
from tests.lettering import LETTER, export, post_letters, rows_of, sign_up
from tests.signing_up import NOON, settings, trail

DAY = timedelta(days=1)
CODE = re.compile("[34679CDFGHJKMNPRTWXY]{5}-[34679CDFGHJKMNPRTWXY]{5}")
NUMBERS = ("70011", "70012", "70013")


def who(number: str) -> dict[str, str]:
    """The claim of a customer of :func:`people`."""
    return {"customer_number": number, "phone": f"07486{number}", "login_id": f"person-{number}"}


@pytest.fixture
def people(database: Database) -> None:
    """Three customers who signed up under letter."""
    publish_customers(database, *(a_customer(number, phone=f"07486{number}") for number in NUMBERS))
    for number in NUMBERS:
        sign_up(database, NOON, customer_key=number, **who(number))


def written(outcome: Written | Refused) -> Written:
    assert isinstance(outcome, Written), outcome
    return outcome


def exports(database: Database) -> list[dict[str, Any]]:
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(select(letter_export)).mappings()]


@pytest.mark.usefixtures("people")
def test_each_activation_is_written_once(database: Database, tmp_path: Path) -> None:
    first = written(export(database, tmp_path / "1.csv", NOON))
    assert [(each.id, each.letters, each.codes) for each in first.exports] == [(1, 3, 3)]
    assert (first.waiting, first.without_address, first.resumed) == (0, (), None)
    rows = rows_of(tmp_path / "1.csv")
    assert [row["お客様番号"] for row in rows] == ["0000070011", "0000070012", "0000070013"]
    assert len({row["確認コード"] for row in rows}) == 3
    second = written(export(database, tmp_path / "2.csv", NOON))
    assert (second.exports, rows_of(tmp_path / "2.csv")) == ((), []), "a file of headings only"
    publish_customers(database, a_customer("70014", phone="0748670014"))
    sign_up(database, NOON + DAY, customer_key="70014", **who("70014"))
    third = written(export(database, tmp_path / "3.csv", NOON + DAY))
    assert [(each.id, each.letters) for each in third.exports] == [(2, 1)]
    facts = [row for row in trail(database, "action", "actor", "facts") if row[0] == "letters.exported"]
    assert facts == [
        ("letters.exported", "cli", '{"codes":3,"export_id":1,"letters":3}'),
        ("letters.exported", "cli", '{"codes":1,"export_id":2,"letters":1}'),
    ]


def test_the_file_opens_in_excel_and_runs_nothing_there(database: Database, tmp_path: Path) -> None:
    publish_customers(
        database,
        a_customer(name='=HYPERLINK("x")', address="+甲賀市1-2\n水口", more={"postal_code": "0600001"}),
    )
    sign_up(database, datetime(2026, 11, 24, 15, 30, tzinfo=UTC))
    written(export(database, tmp_path / "1.csv", NOON))
    content = (tmp_path / "1.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    [row] = rows_of(tmp_path / "1.csv")
    assert list(row) == list(letter_file.HEADINGS)
    assert row["宛名"] == '\'=HYPERLINK("x")'
    assert row["住所"].startswith("'+甲賀市1-2")
    assert row["郵便番号"] == "060-0001", "of digits alone the zero would be lost"
    assert row["登録日"] == "2026-11-25", "the day in Japan"
    assert CODE.fullmatch(row["確認コード"])
    assert row["確認コードの期限"] == "2026-12-24"
    assert row["文面"] == (
        "2026年11月25日（水）に、お客様のご契約（お客様番号 0012345678）が、サンプルケーブルのお客様マイページに"
        f"登録されました。お客様マイページ（http://127.0.0.1:8080）にログインし、確認コード {row['確認コード']} を、"
        "2026年12月24日（木）までに入力してください。お心当たりのない場合は、お手数ですが、0120-000-000"
        "（受付時間：9:00〜18:00（年末年始を除く））までお電話ください。"
    )


@pytest.mark.parametrize("proof", ["none", "key"])
def test_in_the_other_modes_each_activation_is_a_notice(
    database: Database, tmp_path: Path, proof: str
) -> None:
    publish_customers(database, a_customer(registration_key="AB12CD34", more={"postal_code": None}))
    sign_up(database, NOON, proof=proof, registration_key="AB12CD34")
    [row] = post_letters(database, tmp_path, NOON, signup_proof=proof).values()
    assert (row["確認コード"], row["確認コードの期限"], row["郵便番号"]) == ("", "", "")
    assert row["住所"] == "滋賀県甲賀市水口町1-2-3"
    assert row["文面"].startswith("2026年11月24日（火）に、お客様のご契約（お客様番号 0012345678）が、")
    assert "確認コード" not in row["文面"]
    assert row["文面"].endswith("までお電話ください。")


@pytest.mark.usefixtures("people")
def test_only_its_owner_can_read_the_file_and_nobody_s_file_is_overwritten(
    database: Database, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        written(export(database, tmp_path / "1.csv", NOON))
    finally:
        os.umask(before)
    assert (tmp_path / "1.csv").stat().st_mode & 0o777 == 0o600
    (tmp_path / "2.csv").write_text("mine")
    (tmp_path / "3.csv").symlink_to(tmp_path / "nowhere")
    for name in ("1.csv", "2.csv", "3.csv"):
        assert export(database, tmp_path / name, NOON) == Refused(Why.FILE_IS_THERE)
    assert (tmp_path / "2.csv").read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir() if each.suffix != ".sqlite") >= ["1.csv"]
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize(
    ("facts", "left_out"),
    [
        ({"web_registration": False}, True),
        ({"address": None}, True),
        ({"tombstone": True}, False),
        ({"address": None, "more": {"billing_address": "大津市1-2", "billing_name": "愛込商事"}}, False),
    ],
)
def test_who_gets_no_letter_waits_until_the_master_lets_it_go(
    database: Database, tmp_path: Path, facts: dict[str, Any], left_out: bool
) -> None:
    publish_customers(database, a_customer())
    sign_up(database, NOON)
    kept = publish_customers(database, a_customer(**facts))
    outcome = written(export(database, tmp_path / "1.csv", NOON))
    assert len(rows_of(tmp_path / "1.csv")) == (0 if left_out else 1)
    assert outcome.waiting == (1 if left_out else 0)
    assert outcome.without_address == (("0012345678",) if facts == {"address": None} else ())
    take_back(database, kept)
    written(export(database, tmp_path / "2.csv", NOON))
    assert len(rows_of(tmp_path / "2.csv")) == (1 if left_out else 0)


def test_a_customer_who_is_not_published_gets_none(database: Database, tmp_path: Path) -> None:
    batch_id = publish_customers(database, a_customer())
    sign_up(database, NOON)
    take_back(database, batch_id)
    assert written(export(database, tmp_path / "1.csv", NOON)).waiting == 1


def test_a_letter_that_was_asked_for_anew_takes_the_place_of_the_one_before(
    database: Database, tmp_path: Path
) -> None:
    publish_customers(database, a_customer())
    account_id = sign_up(database, NOON)
    asks = settings(**LETTER)
    with database.writing() as connection:
        for _ in range(5):
            deeds.enter_code(connection, "12345678", account_id, "C" * 10, settings=asks, now=NOON)
        deeds.ask_again(connection, "12345678", account_id, now=NOON)
    # The first was used up before it was posted: it is a notice still, and the second has the code.
    written(export(database, tmp_path / "1.csv", NOON))
    assert [bool(row["確認コード"]) for row in rows_of(tmp_path / "1.csv")] == [False, True]
    # Where the code has been entered meanwhile, the lost file is written again without it.
    code = rows_of(tmp_path / "1.csv")[1]["確認コード"]
    with database.writing() as connection:
        done = deeds.enter_code(connection, "12345678", account_id, code, settings=asks, now=NOON)
    assert done == Proven()
    written(export(database, tmp_path / "2.csv", NOON, 1))
    assert [row["確認コード"] for row in rows_of(tmp_path / "2.csv")] == [""]


def test_a_notice_that_went_out_while_no_letters_were_asked_for_lets_ask_for_one_at_once(
    database: Database, tmp_path: Path
) -> None:
    publish_customers(database, a_customer())
    account_id = sign_up(database, NOON)
    post_letters(database, tmp_path, NOON, signup_proof="none")
    with database.writing() as connection:
        assert isinstance(deeds.ask_again(connection, "12345678", account_id, now=NOON), deeds.Asked)
    [row] = post_letters(database, tmp_path, NOON).values()
    assert CODE.fullmatch(row["確認コード"])


@pytest.mark.usefixtures("people")
def test_an_export_is_written_again_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    written(export(database, tmp_path / "1.csv", NOON))
    before = exports(database)
    again = written(export(database, tmp_path / "2.csv", NOON + DAY, 1, 1))
    assert [each.id for each in again.exports] == [1]
    assert (tmp_path / "2.csv").read_bytes() == (tmp_path / "1.csv").read_bytes()
    assert exports(database) == before
    assert trail(database, "action", "facts")[-1] == (
        "letters.exported_again",
        '{"codes":3,"export_id":1,"letters":3}',
    )
    assert export(database, tmp_path / "3.csv", NOON, 7) == Refused(Why.UNKNOWN, 7)
    assert export(database, tmp_path / "2.csv", NOON, 1) == Refused(Why.FILE_IS_THERE)
    assert trail(database)[-2:] != [("letters.exported_again",)] * 2
    with database.writing() as connection:
        connection.execute(update(letter_export).values(written_at=None))
    assert export(database, tmp_path / "3.csv", NOON, 1) == Refused(Why.UNFINISHED, 1)


@pytest.mark.usefixtures("people")
def test_what_was_released_meanwhile_is_in_no_file(database: Database, tmp_path: Path) -> None:
    written(export(database, tmp_path / "1.csv", NOON))
    with database.writing() as connection:
        connection.execute(account_customer.delete().where(account_customer.c.customer_key == "70012"))
        connection.execute(letter.delete().where(letter.c.customer_key == "70012"))
    written(export(database, tmp_path / "2.csv", NOON, 1))
    assert [row["お客様番号"] for row in rows_of(tmp_path / "2.csv")] == ["0000070011", "0000070013"]


def test_more_letters_than_a_page(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mypage.store.letter_exports._AT_ONCE", 3)
    built: list[BuiltCustomer] = [a_customer(str(number)) for number in range(101, 109)]
    publish_customers(database, *built)
    rows = [
        {"customer_key": each.key, "account_id": f"a{each.key}", "with_code": True, "serial": 1}
        for each in built
    ]
    with database.writing() as connection:
        connection.execute(letter.insert(), [{**row, "asked_at": NOON, "tries": 0} for row in rows])
        linked = [
            {"customer_key": each.key, "account_id": f"a{each.key}", "role": "owner", "since": NOON}
            for each in built
        ]
        connection.execute(account_customer.insert(), linked)
    assert [row["お客様番号"] for row in post_letters(database, tmp_path, NOON).values()] == [
        each.number.zfill(10) for each in built
    ]


@pytest.mark.usefixtures("people")
def test_a_second_one_at_the_same_time_is_told_so(database: Database, tmp_path: Path) -> None:
    with alone(database, "letters") as nobody_else:
        assert nobody_else
        assert export(database, tmp_path / "1.csv", NOON) == Refused(Why.RUNNING)
        with alone(database, "something else") as other:
            assert other
    assert len(written(export(database, tmp_path / "1.csv", NOON)).exports) == 1


@pytest.mark.usefixtures("people")
def test_a_full_disk_leaves_no_half_file_and_a_repeat_goes_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            export(database, tmp_path / "1.csv", NOON)
    assert list(tmp_path.glob("1.csv*")) == []
    assert [each["written_at"] for each in exports(database)] == [None]
    # Whoever signs up meanwhile is in the next file, not in the one that was begun.
    publish_customers(database, a_customer("70014", phone="0748670014"))
    sign_up(database, NOON, customer_key="70014", **who("70014"))
    again = written(export(database, tmp_path / "2.csv", NOON + DAY))
    assert (again.resumed, again.waiting, len(rows_of(tmp_path / "2.csv"))) == (1, 1, 3)
    assert exports(database)[0]["file"] == str(tmp_path / "2.csv")
    assert rows_of(tmp_path / "2.csv")[0]["確認コードの期限"] == "2026-12-25"
    assert len([row for row in trail(database) if row == ("letters.exported",)]) == 1


@pytest.mark.usefixtures("people")
def test_a_folder_that_is_not_there_begins_nothing(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        export(database, tmp_path / "no" / "1.csv", NOON)
    assert exports(database) == []


def _export_until(database: Database, file: Path, line: int) -> int:
    """Export in a child that is killed before the ``line``-th line of the job is run; how many it ran, 0 if all."""
    ours = {module.__file__, letter_file.__file__}
    child = os.fork()
    if child == 0:
        count = 0

        def trace(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal count
            if frame.f_code.co_filename not in ours:
                return None
            count += event == "line"
            if count == line:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        opened = Database(database.url.render_as_string(hide_password=False))
        sys.settrace(trace)
        try:
            export(opened, file, NOON)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return line if os.WIFSIGNALED(status) else 0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.long)])
def test_killed_at_any_line_a_repeat_loses_nothing_and_writes_nothing_twice(
    database: Database, tmp_path: Path, step: int
) -> None:
    """Each round kills an export somewhat later, and repeats it under the same name or another."""
    points, line = 0, 1
    while True:
        database.close()
        first, other = tmp_path / f"first-{line}.csv", tmp_path / f"other-{line}.csv"
        killed = _export_until(database, first, line)
        outcome = export(database, (first, other)[points % 2], NOON)
        assert isinstance(outcome, Written) or outcome == Refused(Why.FILE_IS_THERE)
        rows = [row for each in (first, other) if each.exists() for row in rows_of(each)]
        assert len({row["確認コード"] for row in rows}) == len(rows) == len(NUMBERS), line
        left = [each.read_bytes() for each in tmp_path.glob("*.part")]
        assert not any(left), "no code lies about"
        assert all(each["written_at"] for each in exports(database))
        if not killed:
            break
        points, line = points + 1, line + step
        with database.writing() as connection:
            connection.execute(letter.update().values(export_id=None, posted_at=None, expires_at=None))
    assert points >= 15
