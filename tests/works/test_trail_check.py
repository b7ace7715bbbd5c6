"""A check of the trail finds what was done to it by somebody with all rights: which row, since when, and what to do."""

import json
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from mypage.adapters import head_file
from mypage.adapters.head_keys import HeadKeys
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.domain.staff import Role
from mypage.domain.trail import row_hash
from mypage.domain.trail_check import Finding
from mypage.services import trail
from mypage.store import trail as store
from mypage.store.engine import Database
from mypage.store.schema import outbox
from mypage.words import trail_check as words
from mypage.works.trail_check import Checked, Heads, check, judged
from mypage.works.trail_head import HeadWriter
from tests import tampering
from tests.portal import SECRET_KEYS, environment
from tests.staffing import a_member
from tests.tampering import NOW, insert_at, record, rewrite, tamper
from tests.worker_command import until, worker_commands

HOUR = timedelta(hours=1)


def checked(database: Database, heads: Heads | None = None) -> Checked:
    return check(database, heads or Heads(), lambda done, whole: None)


def found(database: Database, heads: Heads | None = None) -> list[tuple[str, int, int]]:
    return [(each.fault.value, each.seq, each.last) for each in checked(database, heads).findings]


def said(findings: Sequence[Finding]) -> str:
    return "\n".join(words.found(each) for each in findings)


def settings_with(file: Path | None, keys: str = SECRET_KEYS) -> Settings:
    more = {} if file is None else {"audit_head_file": str(file)}
    return load(environment("sqlite:///unused", secret_keys=keys, **more))


def heads_of(file: Path, keys: str = SECRET_KEYS) -> Heads:
    return judged(head_file.heads(file), HeadKeys(keys.split(",")))


def test_a_trail_that_nobody_touched_is_whole(database: Database) -> None:
    assert checked(database).rows == 0
    record(database, 4)
    result = checked(database)
    assert result.is_whole
    assert (result.rows, result.details, result.purged, result.last_seq) == (4, 4, 0, 4)


SWAP = (
    "UPDATE audit_event SET seq = 99 WHERE seq = 3",
    "UPDATE audit_event SET seq = 3 WHERE seq = 4",
    "UPDATE audit_event SET seq = 4 WHERE seq = 99",
)
_BOTH = ("audit_event", "audit_detail")
CLOSE_UP = (
    "DELETE FROM audit_event WHERE seq = 3",
    "DELETE FROM audit_detail WHERE seq = 3",
    *(f"UPDATE {table} SET seq = {seq - 1} WHERE seq = {seq}" for seq in range(4, 7) for table in _BOTH),  # noqa: S608
)
ADD_DETAIL = (
    "UPDATE audit_event SET detail_digest = NULL WHERE seq = 2",
    "INSERT INTO audit_detail VALUES ('main', 77, 'salt', 'alone')",
)
BEFORE_ALL = (
    "INSERT INTO audit_event SELECT chain, 0, at, action, actor, customer_key, account_id, batch_id, facts,"
    " NULL, previous_hash, hash FROM audit_event WHERE seq = 1"
)
OTHER = BEFORE_ALL.replace("SELECT chain, 0", "SELECT 'other', 1")


@pytest.mark.parametrize(
    ("deeds", "faults", "sentence"),
    [
        (
            ["UPDATE audit_event SET actor = 'nobody' WHERE seq = 2"],
            [("changed", 2, 2)],
            "第2行の中身が、書かれたあとで変えられています（2026-11-01 21:00:00 の「契約者の確認で、一致しない項目があった」）。"
            "変えられたのは、2026-11-01 21:00:00 より後です。",
        ),
        (
            ["UPDATE audit_event SET at = 'never' WHERE seq IN (2, 3)"],
            [("changed", 2, 3)],
            "第2行から第3行までの中身が、書かれたあとで変えられています（never の",
        ),
        (
            ["DELETE FROM audit_event WHERE seq IN (3, 4)", "DELETE FROM audit_detail WHERE seq IN (3, 4)"],
            [("removed", 3, 4)],
            "第3行から第4行までがありません。取り除かれています。変えられたのは、2026-11-01 21:00:00 より後です。",
        ),
        (
            ["DELETE FROM audit_event WHERE seq = 1", "DELETE FROM audit_detail WHERE seq = 1"],
            [("removed", 1, 1)],
            "第1行がありません。取り除かれています。",
        ),
        (SWAP, [("moved", 3, 3), ("detail_changed", 3, 4), ("moved", 4, 4)], "第3行は、もとは第4行でした。"),
        (
            CLOSE_UP,
            [("renumbered", 3, 5)],
            "第3行から第5行までの手前で行が取り除かれ、番号が詰められています。第3行から第5行までは、もとは第4行からでした。",
        ),
        (
            ["UPDATE audit_detail SET detail = '{}' WHERE seq = 5"],
            [("detail_changed", 5, 5)],
            "第5行の詳しい内容が、書かれたあとで変えられています",
        ),
        (
            ["UPDATE audit_detail SET salt = 'x' WHERE seq = 5"],
            [("detail_changed", 5, 5)],
            "第5行の詳しい内容が",
        ),
        (
            ["DELETE FROM audit_detail WHERE seq = 5"],
            [("detail_removed", 5, 5)],
            "第5行の詳しい内容が、保存期間の途中で消されています",
        ),
        (
            ADD_DETAIL,
            [("changed", 2, 2), ("detail_forged", 2, 2), ("detail_alone", 77, 77)],
            "第2行に、もともとなかった詳しい内容が足されています",
        ),
        ([BEFORE_ALL], [("inserted", 0, 0)], "第1行より前に、第0行が差し込まれています。"),
        ([OTHER], [("other_chain", 1, 1)], "「other」という別のつながりに、第1行があります。"),
    ],
)
def test_what_was_done_is_found(
    database: Database, deeds: Sequence[str], faults: list[tuple[str, int, int]], sentence: str
) -> None:
    record(database, 6)
    tamper(database, *deeds)
    result = checked(database)
    assert [(each.fault.value, each.seq, each.last) for each in result.findings] == sorted(
        faults, key=lambda each: (each[1], each[0])
    )
    assert sentence in said(result.findings)
    assert "監査担当" in "".join(words.to_do(list(result.findings)))


def test_a_row_that_was_put_in_is_found(database: Database) -> None:
    record(database, 6)
    insert_at(database, 3)
    result = checked(database)
    assert [(each.fault.value, each.seq, each.last) for each in result.findings] == [("inserted", 4, 7)]
    assert "第3行のところに、あとから行が差し込まれています。第4行から第7行までは" in said(result.findings)


def test_a_row_that_was_made_anew_alone_does_not_fit_the_next(database: Database) -> None:
    record(database, 6)
    rewrite(database, 6, actor="nobody")
    assert found(database) == []  # the end of a chain can be written anew by who may write: the heads tell
    with tampering.unguarded(database) as connection:
        hash_of_4 = connection.scalar(text("SELECT hash FROM audit_event WHERE seq = 4"))
        connection.execute(
            text("UPDATE audit_event SET previous_hash = :hash WHERE seq = 6"), {"hash": hash_of_4}
        )
    assert found(database) == [("changed", 6, 6)]
    rewrite(database, 6, actor="nobody")
    with tampering.unguarded(database) as connection:
        row = dict(connection.execute(text("SELECT * FROM audit_event WHERE seq = 3")).mappings().one())
        row["actor"] = "nobody"
        row["hash"] = row_hash({name: value for name, value in row.items() if name != "hash"})
        connection.execute(text("UPDATE audit_event SET actor = :actor, hash = :hash WHERE seq = 3"), row)
    assert found(database) == [("broken_link", 4, 4)]
    assert "第3行が作り直されたか" in said(checked(database).findings)


def test_many_places_are_counted_and_the_first_are_told(database: Database) -> None:
    record(database, 60)
    even = ", ".join(map(str, range(2, 62, 2)))
    tamper(database, f"UPDATE audit_event SET actor = 'x' WHERE seq IN ({even})")  # noqa: S608
    result = checked(database)
    assert [each.seq for each in result.findings] == list(range(2, 42, 2))
    assert sum(result.more.values()) == 10


class Diary:
    """A worker that writes heads hour by hour into a file."""

    def __init__(self, database: Database, file: Path | None, keys: str = SECRET_KEYS) -> None:
        self._database, self.hours = database, 0
        self.writer = HeadWriter(settings_with(file, keys), database)

    def hour(self, rows: int = 2) -> bool:
        record(self._database, rows, now=NOW + self.hours * HOUR)
        self.hours += 1
        return self.writer.round(NOW + self.hours * HOUR)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "heads"


def test_heads_are_written_once_an_hour_and_fit(database: Database, file: Path) -> None:
    diary = Diary(database, file)
    assert not diary.writer.round(NOW)  # there is no row yet
    for _ in range(3):
        assert diary.hour()
        assert not diary.writer.round(NOW + diary.hours * HOUR)
    # Another worker of the machine, and one that has just begun, add nothing within the hour.
    assert not HeadWriter(settings_with(file), database).round(NOW + 3.5 * HOUR)
    # A clock that was set back does not stop them for as long.
    assert HeadWriter(settings_with(file), database).round(NOW - 5 * HOUR)
    heads = heads_of(file)
    assert [head.seq for head in heads.seen] == [2, 4, 6, 6]
    assert checked(database, heads).good_heads == 4
    assert found(database, heads) == []
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("deed", "faults", "sentence"),
    [
        (
            lambda database: tamper(
                database, "DELETE FROM audit_event WHERE seq > 4", "DELETE FROM audit_detail WHERE seq > 4"
            ),
            [("cut", 5, 6)],
            "末尾の第5行から第6行までがありません。署名された控えには記録されています。2026-11-02 00:00:00 の控えの時点では",
        ),
        (
            lambda database: rewrite(database, 3, actor="nobody"),
            [("rewritten", 3, 4)],
            "第3行から第4行までのどこかから先が作り直されています。",
        ),
        (
            lambda database: rewrite(database, 1, actor="nobody"),
            [("rewritten", 1, 2)],
            "2026-11-02 00:00:00 の控えの時点では、まだもとのままでした。",
        ),
    ],
)
def test_a_cut_end_and_a_chain_made_anew_are_found_by_the_heads(
    database: Database,
    file: Path,
    deed: Callable[[Database], None],
    faults: list[tuple[str, int, int]],
    sentence: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    diary = Diary(database, file)
    for _ in range(3):
        diary.hour()
    deed(database)
    assert found(database) == []  # the database alone tells nothing
    result = checked(database, heads_of(file))
    assert [(each.fault.value, each.seq, each.last) for each in result.findings] == faults
    assert sentence in said(result.findings)
    assert "バックアップから戻した直後" in "".join(words.to_do(list(result.findings)))
    # The worker sees it as well, as soon as the next head is due.
    diary.hour()
    assert "does not fit its last head" in caplog.text


def test_what_was_done_within_the_hour_is_told_by_the_worker(
    database: Database, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    diary = Diary(database, file)
    diary.hour(4)
    tamper(database, "UPDATE audit_event SET actor = 'x' WHERE seq = 2")
    diary.hour(4)
    assert "fit" not in caplog.text  # before the last head: `mypage audit verify` finds it
    record(database, 4)
    tamper(database, "UPDATE audit_event SET actor = 'x' WHERE seq = 10")
    diary.hour(0)
    assert "does not fit its last head" in caplog.text


def test_the_auditors_are_mailed_once_a_day_while_it_does_not_fit(database: Database, file: Path) -> None:
    auditor = a_member(database, Role.AUDITOR)

    def mails() -> list[str]:
        with database.reading() as connection:
            return list(
                connection.scalars(select(outbox.c.recipient).where(outbox.c.kind == "staff_trail_doubted"))
            )

    diary = Diary(database, file)
    diary.hour()
    diary.hour()
    assert mails() == []
    for each in ("nobody", "anybody", "nobody"):
        rewrite(database, 2, actor=each)
        diary.hour()
    assert mails() == ["auditor@example.jp"]
    with database.reading() as connection:
        (told,) = [row for row in store.rows(connection, trail.CHAIN) if row["action"] == "trail.doubted"]
    assert json.loads(told["facts"]) == {"seq": 4, "fault": "rewritten", "told": [auditor.id]}
    diary.hours += 24
    rewrite(database, 2, actor="somebody")
    diary.hour()
    assert len(mails()) == 2


def test_heads_signed_with_an_old_key_stay_good_and_forged_ones_are_found(
    database: Database, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = "old-key-" * 5, "new-key-" * 5
    Diary(database, file, old).hour()
    later = Diary(database, file, f"{new},{old}")
    later.hours = 1
    later.hour()
    both = heads_of(file, f"{new},{old}")
    assert (both.count, both.unknown, found(database, both)) == (2, 0, [])
    assert len({json.loads(line)["key"] for line in file.read_text().splitlines()}) == 2
    without_old = heads_of(file, new)
    assert (without_old.count, without_old.unknown, found(database, without_old)) == (2, 1, [])
    nothing_known = heads_of(file, "other-key-" * 4)
    assert nothing_known.newest_at is None
    # Of a key that nobody knows any more, what it says is still held against the chain.
    first, second = file.read_text().splitlines()
    with_other = json.dumps({**json.loads(first), "hash": "0" * 64})
    file.write_text(with_other + "\n" + second + "\n")
    assert found(database, heads_of(file, new)) == [("rewritten", 1, 2)]
    assert found(database, heads_of(file, f"{new},{old}")) == [("head_forged", 2, 2)]
    assert "署名が正しくありません" in said(checked(database, heads_of(file, f"{new},{old}")).findings)
    file.write_text(with_other + "\n")
    later.hour()
    assert "the last audit head is forged" in caplog.text


def test_a_line_that_was_cut_off_takes_no_other_with_it(database: Database, file: Path) -> None:
    diary = Diary(database, file)
    diary.hour()
    whole = file.read_text()
    file.write_text(whole + whole[:40])
    diary.hour()
    lines = file.read_text().splitlines()
    assert len(lines) == 3
    heads = heads_of(file)
    assert (heads.count, heads.unreadable) == (2, 1)
    assert found(database, heads) == []
    # The worker's log will do as well: what else stands there is passed over.
    log = [{"event": "audit head", "head": json.loads(lines[0])}, {"event": "worker begins"}, 7]
    file.write_text("\n".join(map(json.dumps, log)))
    assert (heads_of(file).count, heads_of(file).unreadable) == (1, 2)


def test_a_disk_that_is_not_there_is_told_and_stops_nobody(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "disk" / "heads"
    diary = Diary(database, file)
    with caplog.at_level("INFO"):
        assert diary.hour()  # the log has it
    (told,) = [record.head for record in caplog.records if hasattr(record, "head")]
    assert told["seq"] == 2
    assert "audit head not written: see MYPAGE_AUDIT_HEAD_FILE" in caplog.text
    file.parent.mkdir()
    assert diary.writer.round(NOW + HOUR)
    assert [head.seq for head in heads_of(file).seen] == [2]


def test_without_a_file_the_log_has_the_heads(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    diary = Diary(database, None)
    with caplog.at_level("INFO"):
        assert diary.hour()
        assert not diary.writer.round(NOW + 1.5 * HOUR)
        assert diary.hour()
    assert [record.head["seq"] for record in caplog.records if hasattr(record, "head")] == [2, 4]


def test_the_memory_of_a_check_is_flat(database: Database) -> None:
    def peak() -> int:
        tracemalloc.start()
        assert checked(database).is_whole
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    record(database, 4000)
    few = peak()
    record(database, 8000)
    assert peak() < 1.3 * few


def test_broken_at_tells_the_first_place(database: Database) -> None:
    record(database, 3)
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
    tamper(database, "UPDATE audit_event SET actor = 'x' WHERE seq = 3")
    with database.reading() as connection:
        assert trail.broken_at(connection) == 3


def test_a_worker_writes_the_head_beside_its_work_and_survives_a_missing_disk(
    database: Database, tmp_path: Path
) -> None:
    record(database, 2)
    disk = tmp_path / "disk"
    with worker_commands(
        database, "smtp://127.0.0.1:9", tmp_path, audit_head_file=str(disk / "heads")
    ) as workers:
        worker = workers.ready()
        until(lambda: "audit head not written" in workers.log())
        until(lambda: '"head": {"chain": "main", "seq": 2' in workers.log())
        assert worker.poll() is None
        disk.mkdir()
        # It looks again some minutes later; so does one that was started anew.
        workers.ready()
        until(lambda: (disk / "heads").exists() and heads_of(disk / "heads").count == 1)
    assert [head.seq for head in heads_of(disk / "heads").seen] == [2]
