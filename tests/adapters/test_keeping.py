"""Where parts of kept files lie outside the database: on disk, and in a bucket. What is put is there, or it is said."""

import os
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mypage.adapters.keeping.disk import OnDisk
from mypage.adapters.keeping.s3 import InBucket
from mypage.config import values
from mypage.domain.kept_file import PartLost, Store, StoreFault, Why
from tests.s3_server import S3Server, s3_server

FILE, PART = "0123456789abcdef0123456789abcdef", "000001-abcd1234"
# The address of a bucket of a real server, in the form of MYPAGE_FILES_BUCKET (``script/try-s3``).
REAL = os.environ.get("TRY_S3_BUCKET")


@pytest.fixture
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, server: S3Server) -> Store:
    if request.param == "disk":
        return OnDisk(tmp_path / "kept")
    found = values.s3_server(REAL or server.url)
    assert found is not None
    return InBucket(found)


def test_a_part_is_there_until_it_is_deleted_and_nobody_elses_goes(store: Store) -> None:
    content = os.urandom(300_000)
    store.put(FILE, PART, content)
    store.put(FILE, "000002-abcd1234", b"")
    other = FILE.replace("0", "9")
    store.put(other, PART, b"of another")
    assert store.get(FILE, PART) == content
    assert store.get(FILE, "000002-abcd1234") == b""
    store.drop(FILE, "000002-abcd1234")
    store.drop(FILE, "000002-abcd1234")
    with pytest.raises(PartLost):
        store.get(FILE, "000002-abcd1234")
    store.remove(FILE)
    store.remove(FILE)
    with pytest.raises(PartLost):
        store.get(FILE, PART)
    assert store.get(other, PART) == b"of another"
    store.remove(other)


def test_on_disk_nobody_else_may_read_and_names_are_ours(tmp_path: Path) -> None:
    store = OnDisk(tmp_path / "kept")
    store.put(FILE, PART, b"x")
    found = sorted((tmp_path / "kept").rglob("*"))
    assert [path.relative_to(tmp_path / "kept") for path in found] == [
        Path("01"),
        Path("01", FILE),
        Path("01", FILE, PART),
    ]
    assert {oct(path.stat().st_mode & 0o777) for path in found if path.is_file()} == {"0o600"}
    assert {oct((tmp_path / "kept" / "01" / FILE).stat().st_mode & 0o777)} == {"0o700"}
    for name in ("..", "../../x", "/etc/passwd", "", "A", "x\0"):
        with pytest.raises(PartLost):
            store.put(FILE, name, b"x")
        with pytest.raises(PartLost):
            store.get(name, PART)


def test_a_full_disk_leaves_no_half_part(tmp_path: Path) -> None:
    store = OnDisk(tmp_path / "kept")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StoreFault) as told:
            store.put(FILE, PART, bytes(200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.value.why is Why.FULL
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []
    store.put(FILE, PART, bytes(200_000))


def test_a_disk_that_is_not_there_is_away_and_its_parts_are_not_lost(tmp_path: Path) -> None:
    store = OnDisk(tmp_path / "kept")
    store.put(FILE, PART, b"x")
    (tmp_path / "kept").rename(tmp_path / "unmounted")
    for deed in (lambda: store.get(FILE, PART), lambda: store.remove(FILE)):
        with pytest.raises(StoreFault) as told:
            deed()
        assert told.value.why is Why.AWAY
    # Something else stands in its place.
    (tmp_path / "kept").write_text("")
    for deed in (
        lambda: store.put(FILE, PART, b"x"),
        lambda: store.drop(FILE, PART),
    ):
        with pytest.raises(StoreFault):
            deed()


def test_a_server_that_fails_or_refuses_is_away(server: S3Server) -> None:
    found = values.s3_server(server.url)
    assert found is not None
    store = InBucket(found)
    store.put(FILE, PART, b"x")
    assert list(server.objects) == [f"mypage/{FILE}/{PART}"]
    server.fails_with = 403
    for deed in (
        lambda: store.put(FILE, PART, b"x"),
        lambda: store.get(FILE, PART),
        lambda: store.drop(FILE, PART),
        lambda: store.remove(FILE),
    ):
        with pytest.raises(StoreFault) as told:
            deed()
        assert told.value.why is Why.AWAY
        assert found.secret not in str(told.value)
    server.fails_with = None
    assert store.get(FILE, PART) == b"x"
    for wrong in (
        replace(found, secret="another"),
        replace(found, bucket="another"),
        replace(found, endpoint="http://127.0.0.1:9"),
    ):
        with pytest.raises(StoreFault):
            InBucket(wrong).put(FILE, PART, b"x")
