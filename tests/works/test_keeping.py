"""Files in parts: what arrives is kept at once, sealed, in flat memory, and by one writer at a time."""

import hashlib
import os
import resource
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from mypage.adapters.keeping.s3 import InBucket
from mypage.config import values
from mypage.domain.kept_file import PART, SHORT, BrokenOff, FileState, KeptFile, PartLost, Refused, Why
from mypage.services import kept_files as deeds
from mypage.store import kept_files as store
from mypage.store.engine import Database
from mypage.works.keeping import Checksum, Keeper, keep, open_upload, receive
from mypage.works.kept_files import purge
from tests.delivering import NOON
from tests.keeping import a_keeper
from tests.s3_server import REAL, S3Server, s3_server

OWNER = "staff:one"
KEY, OLDER = "k" * 40, "o" * 40


@pytest.fixture
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


class Uploads:
    """Uploads of one owner to one keeper, at a time that stands unless it is moved."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper, self.now = keeper, NOON

    def begin(self, size: int, owner: str = OWNER) -> KeptFile:
        file = open_upload(self.keeper, owner=owner, name="a.csv", size=size, now=self.now)
        assert isinstance(file, KeptFile), file
        return file

    def send(
        self, file: KeptFile, *chunks: bytes | Exception, offset: int = 0, checksum: Checksum | None = None
    ) -> KeptFile | Refused:
        """Chunks as they come; an exception is raised in its place."""
        return self.of(file, _coming(chunks), offset, checksum)

    def of(
        self, file: KeptFile, chunks: Iterator[bytes], offset: int = 0, checksum: Checksum | None = None
    ) -> KeptFile | Refused:
        return receive(
            self.keeper,
            file.id,
            owner=OWNER,
            offset=offset,
            chunks=chunks,
            clock=lambda: self.now,
            checksum=checksum,
        )

    def stands(self, file: KeptFile) -> KeptFile:
        with self.keeper.database.reading() as connection:
            found = store.get(connection, file.id)
        assert found is not None
        return found

    def parts(self, file: KeptFile) -> list[int]:
        with self.keeper.database.reading() as connection:
            return [part.size for part in store.parts(connection, file.id)]

    def content(self, file: KeptFile) -> bytes:
        return b"".join(self.keeper.pieces(self.stands(file)))


def _coming(chunks: tuple[bytes | Exception, ...]) -> Iterator[bytes]:
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


@pytest.fixture
def uploads(database: Database) -> Uploads:
    return Uploads(a_keeper(database, file_keys=KEY))


@pytest.mark.parametrize("place", ["database", "disk", "s3"])
def test_pieces_of_any_size_become_few_sealed_parts_and_the_file_again(
    database: Database, tmp_path: Path, server: S3Server, place: str
) -> None:
    keeper = a_keeper(
        database,
        file_keys=KEY,
        files=place,
        files_folder=str(tmp_path / "kept"),
        files_bucket=REAL or server.url,
    )
    uploads = Uploads(keeper)
    content = os.urandom(PART + 700_000)
    file = uploads.begin(len(content))
    offset = 0
    for size in (1, 10, 1_000, 200_000, PART, len(content)):
        piece = content[offset : offset + size]
        told = uploads.send(file, piece, offset=offset)
        offset += len(piece)
        assert isinstance(told, KeptFile)
        assert told.arrived == offset
    assert uploads.stands(file).state is FileState.WHOLE
    # Small pieces were written together.
    assert len(uploads.parts(file)) <= 3
    assert uploads.content(file) == content
    lying = _lying(database, tmp_path, server, place)
    assert len(lying) == len(uploads.parts(file))
    assert all(content[40:80] not in each for each in lying)
    path = tmp_path / "whole"
    keeper.put_together(uploads.stands(file), path)
    assert path.read_bytes() == content
    # Its time is over: nothing of it lies there any more, and the row says when and why.
    late = NOON + timedelta(hours=25)
    assert purge(keeper, late) == 1
    assert _lying(database, tmp_path, server, place) == []
    gone = uploads.stands(file)
    assert (gone.state, gone.gone_at, gone.gone_why) == ("gone", late, "expired")
    assert purge(keeper, late) == 0
    keeper.tried()
    assert _lying(database, tmp_path, server, place) == []


def _lying(database: Database, folder: Path, server: S3Server, place: str) -> list[bytes]:
    if place == "disk":
        return [path.read_bytes() for path in (folder / "kept").rglob("*") if path.is_file()]
    if place == "s3" and REAL:
        found = values.s3_server(REAL)
        assert found is not None
        bucket = InBucket(found)._bucket
        return [bytes(bucket.get(each["path"]).bytes()) for some in bucket.list() for each in some]
    if place == "s3":
        return list(server.objects.values())
    with database.reading() as connection:
        return [bytes(each) for each in connection.execute(text("SELECT data FROM kept_bytes")).scalars()]


def test_what_arrived_before_the_line_broke_is_kept(uploads: Uploads) -> None:
    content = os.urandom(PART + 1_000)
    file = uploads.begin(len(content))
    with pytest.raises(BrokenOff):
        uploads.send(file, content[:PART], content[PART : PART + 400], BrokenOff())
    assert uploads.stands(file).arrived == PART + 400
    # Nothing at all came of the next one; the one after it goes on, without waiting for anybody.
    with pytest.raises(BrokenOff):
        uploads.send(file, BrokenOff(), offset=PART + 400)
    told = uploads.send(file, content[PART + 400 :], offset=PART + 400)
    assert isinstance(told, KeptFile)
    assert told.state is FileState.WHOLE
    assert uploads.content(file) == content


def test_only_where_the_file_stands_and_no_more_than_was_declared(uploads: Uploads) -> None:
    file = uploads.begin(10)
    assert uploads.send(file, b"12345", offset=3) == Refused(Why.OFFSET, 0)
    assert uploads.send(file, b"123456", b"78901") == Refused(Why.LONGER, 0)
    assert isinstance(uploads.send(file, b"12345"), KeptFile)
    assert uploads.send(file, b"12345") == Refused(Why.OFFSET, 5)
    told = uploads.send(file, b"67890", offset=5)
    assert isinstance(told, KeptFile)
    # The answer was lost, and it comes again: that is no fault.
    assert uploads.send(file, offset=10) == told
    assert uploads.content(file) == b"1234567890"


def test_of_two_writers_one_writes(uploads: Uploads) -> None:
    file = uploads.begin(PART + 10)
    inner: list[KeptFile | Refused] = []

    def chunks(between: Callable[[], object]) -> Iterator[bytes]:
        yield bytes(PART)
        between()
        yield b"x" * 10

    # While the first is heard of, the second is refused wherever it begins.
    told = uploads.of(
        file,
        chunks(lambda: inner.extend((uploads.send(file, b"y"), uploads.send(file, b"y" * 10, offset=PART)))),
    )
    assert inner == [Refused(Why.OFFSET, PART), Refused(Why.BUSY, PART)]
    assert isinstance(told, KeptFile)
    assert uploads.content(file) == bytes(PART) + b"x" * 10

    # One that was not heard of for long is overtaken, and then nothing of it counts any more.
    other = uploads.begin(PART + 10)

    def later() -> None:
        uploads.now += timedelta(minutes=1)
        inner.append(uploads.send(other, b"z" * 10, offset=PART))

    assert uploads.of(other, chunks(later)) == Refused(Why.OFFSET, PART + 10)
    assert uploads.content(other) == bytes(PART) + b"z" * 10


def test_many_at_once_leave_one_whole_file(uploads: Uploads) -> None:
    content = os.urandom(50_000)
    file = uploads.begin(len(content))

    def go_on() -> None:
        while (stands := uploads.stands(file)).state is FileState.OPEN:
            piece = content[stands.arrived : stands.arrived + 10_000]
            uploads.send(file, piece, offset=stands.arrived)

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert uploads.content(file) == content


def test_a_checksum_counts_all_or_nothing(uploads: Uploads) -> None:
    content = os.urandom(PART + 10)
    file = uploads.begin(len(content))
    wrong = Checksum("sha1", hashlib.sha1(b"another", usedforsecurity=False).digest())
    assert uploads.send(file, content, checksum=wrong) == Refused(Why.CHECKSUM, 0)
    right = Checksum("sha256", hashlib.sha256(content).digest())
    with pytest.raises(BrokenOff):
        uploads.send(file, content, BrokenOff(), checksum=right)
    assert uploads.stands(file).arrived == 0
    told = uploads.send(file, content[:PART], content[PART:], checksum=right)
    assert isinstance(told, KeptFile)
    assert uploads.content(file) == content


def test_what_nobody_took_up_is_discarded_or_expires(uploads: Uploads) -> None:
    file, other = uploads.begin(10), uploads.begin(0)
    assert other.state is FileState.WHOLE
    assert [each.id for each in _whole(uploads)] == [other.id]
    with uploads.keeper.database.writing() as connection:
        discard = partial(deeds.discard, connection, file.id, actor=OWNER, now=uploads.now)
        assert discard(owner="staff:two") == Refused(Why.UNKNOWN)
        assert discard(owner=OWNER) is None
        assert discard(owner=OWNER) == Refused(Why.GONE)
    assert uploads.send(file, b"1") == Refused(Why.GONE)
    third = uploads.begin(10)
    uploads.now += timedelta(hours=24)
    assert uploads.send(third, b"1") == Refused(Why.EXPIRED)
    assert _whole(uploads) == []
    assert purge(uploads.keeper, uploads.now) == 2
    assert uploads.send(third, b"1") == Refused(Why.EXPIRED)
    with uploads.keeper.database.writing() as connection:
        again = deeds.discard(connection, third.id, owner=OWNER, actor=OWNER, now=uploads.now)
        assert again == Refused(Why.EXPIRED)
        assert not deeds.hand_over(connection, third.id, confirmed=False, now=uploads.now)
        assert not deeds.go_on_writing(connection, third.id, writer="x", now=uploads.now)


def _whole(uploads: Uploads) -> list[KeptFile]:
    with uploads.keeper.database.reading() as connection:
        return deeds.whole_of(connection, OWNER, limits=uploads.keeper.limits, now=uploads.now)


def test_limits_of_size_and_of_open_uploads(database: Database) -> None:
    uploads = Uploads(a_keeper(database, file_largest="1", file_uploads="2"))
    begin = partial(open_upload, uploads.keeper, owner=OWNER, name="a", now=NOON)
    assert begin(size=(1 << 20) + 1) == Refused(Why.TOO_LARGE)
    uploads.begin(1 << 20)
    second = uploads.begin(1)
    assert begin(size=1) == Refused(Why.TOO_MANY)
    assert isinstance(uploads.send(second, b"x"), KeptFile)
    uploads.begin(1)
    uploads.begin(1, owner="staff:two")
    assert keep(
        uploads.keeper, owner=OWNER, name="b", size=1, chunks=iter([b"x"]), clock=lambda: NOON
    ) == Refused(Why.TOO_MANY)


def test_what_nobody_makes_a_batch_of_is_limited_too(database: Database) -> None:
    """Whole files as unfinished ones, by number and by size, of each owner; what became a batch does not count."""
    uploads = Uploads(a_keeper(database, file_largest="1", file_uploads="2", file_unused="2"))
    begin = partial(open_upload, uploads.keeper, name="a", now=NOON)
    whole = [uploads.begin(0) for _ in range(10)]
    assert begin(owner=OWNER, size=0) == Refused(Why.TOO_MUCH)
    with database.writing() as connection:
        assert deeds.hand_over(connection, whole[0].id, confirmed=False, now=NOON)
        assert deeds.discard(connection, whole[1].id, owner=OWNER, actor=OWNER, now=NOON) is None
    large = uploads.begin(1 << 20)
    assert isinstance(uploads.send(large, bytes(1 << 20)), KeptFile)
    # Of what is unfinished all of it counts, for it may come.
    uploads.begin(1 << 19)
    other = "staff:two"
    uploads.begin(1 << 20, owner=other)
    uploads.begin((1 << 20) - 1, owner=other)
    with database.writing() as connection:
        deeds.discard(connection, whole[2].id, owner=OWNER, actor=OWNER, now=NOON)
    assert begin(owner=OWNER, size=(1 << 19) + 1) == Refused(Why.TOO_MUCH)
    uploads.begin(1 << 19)
    # A file of the largest size can always be kept.
    roomy = Uploads(a_keeper(database, file_largest="3", file_unused="2"))
    roomy.begin(3 << 20, owner="token:1")


def test_keys_are_rotated_and_parts_cannot_be_exchanged(database: Database) -> None:
    plain = Uploads(a_keeper(database))
    older = Uploads(a_keeper(database, file_keys=OLDER))
    newer = Uploads(a_keeper(database, file_keys=f"{KEY},{OLDER}"))
    files = []
    for uploads, content in ((plain, b"plain"), (older, b"older"), (newer, b"newer")):
        file = uploads.begin(5)
        assert isinstance(uploads.send(file, content), KeptFile)
        files.append(file)
    assert [newer.content(file) for file in files] == [b"plain", b"older", b"newer"]
    for file in files[1:]:
        with pytest.raises(PartLost):
            plain.content(file)
    with database.writing() as connection:
        swapped = {"one": files[1].id, "other": files[2].id}
        connection.execute(
            text(
                "UPDATE kept_bytes SET data = (SELECT data FROM kept_bytes WHERE file_id = :one)"
                " WHERE file_id = :other"
            ),
            swapped,
        )
    with pytest.raises(PartLost):
        newer.content(files[2])
    with database.writing() as connection:
        connection.execute(text("DELETE FROM kept_bytes WHERE file_id = :one"), {"one": files[1].id})
        connection.execute(text("DELETE FROM kept_part WHERE file_id = :id"), {"id": files[0].id})
    for file in files[:2]:
        with pytest.raises(PartLost):
            newer.content(file)


def test_who_can_write_where_files_lie_cannot_put_a_plain_one_there(
    database: Database, tmp_path: Path
) -> None:
    """Neither while the file arrives nor afterwards, though files from before there was a key are plain."""
    place = {"files": "disk", "files_folder": str(tmp_path / "kept")}
    before = Uploads(a_keeper(database, **place))
    sealed = Uploads(a_keeper(database, file_keys=KEY, **place))
    plain, mixed = before.begin(5), before.begin(SHORT + 5)
    assert isinstance(before.send(plain, b"plain"), KeptFile)
    assert isinstance(before.send(mixed, bytes(SHORT)), KeptFile)
    file = sealed.begin(10)
    assert isinstance(sealed.send(file, b"12345"), KeptFile)
    # One that began before there was a key goes on with it, and can be read as a whole.
    assert isinstance(sealed.send(mixed, b"12345", offset=SHORT), KeptFile)
    assert sealed.content(mixed) == bytes(SHORT) + b"12345"
    assert sealed.content(plain) == b"plain"
    (part,) = (tmp_path / "kept").rglob(f"{file.id}/*")
    was = part.read_bytes()
    part.write_bytes(b"\x00evil!")
    with pytest.raises(PartLost):
        sealed.content(file)
    assert sealed.send(file, b"67890", offset=5) == Refused(Why.GONE)
    part.write_bytes(was)
    # Nor does the portal itself put a plain part into a sealed file, where it lost its keys.
    with pytest.raises(PartLost):
        before.keeper.seal(file, b"67890", "000002-0")
    assert isinstance(sealed.send(file, b"67890", offset=5), KeptFile)
    assert sealed.content(file) == b"1234567890"


def test_a_full_disk_keeps_what_lies_there_and_the_rest_comes_later(
    database: Database, tmp_path: Path
) -> None:
    uploads = Uploads(a_keeper(database, files="disk", files_folder=str(tmp_path / "kept")))
    content = os.urandom(PART + 100)
    file = uploads.begin(len(content))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A part is a byte longer than this; the database's files are shorter.
    resource.setrlimit(resource.RLIMIT_FSIZE, (PART, before[1]))
    try:
        told = uploads.send(file, content)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told == Refused(Why.FULL)
    assert uploads.stands(file).arrived == 0
    assert isinstance(uploads.send(file, content), KeptFile)
    assert uploads.content(file) == content


def test_a_store_that_is_away_is_waited_for(database: Database, server: S3Server) -> None:
    uploads = Uploads(a_keeper(database, files="s3", files_bucket=server.url))
    file = uploads.begin(10)
    server.fails_with = 403
    assert uploads.send(file, b"x" * 10) == Refused(Why.AWAY)
    server.fails_with = None
    assert isinstance(uploads.send(file, b"x" * 4), KeptFile)
    late = NOON + timedelta(days=2)
    server.fails_with = 403
    assert purge(uploads.keeper, late) == 1
    assert len(server.objects) == 1
    server.fails_with = None
    # The row says that it is gone; its bytes go at the next look.
    assert purge(uploads.keeper, late) == 0
    assert server.objects == {}
    # The tail that was to be written anew was lost: only the whole file helps.
    other = uploads.begin(10)
    uploads.send(other, b"x")
    server.objects.clear()
    assert uploads.send(other, b"y", offset=1) == Refused(Why.GONE)
