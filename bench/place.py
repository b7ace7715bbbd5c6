"""Where the measurements keep what they build: ``.bench/`` in the work tree, ignored by git."""

import hashlib
import json
import os
import pwd
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / ".bench"


def place() -> Path:
    """The folder, made if need be."""
    PLACE.mkdir(exist_ok=True)
    return PLACE


def open_place(name: str) -> Path:
    """A folder that the ordinary user under whom PostgreSQL runs can reach.

    In ``.bench/`` if every folder above it lets others pass, else in the system's folder for large temporary files.
    """
    here = place()
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (here, *here.parents)):
        return here / name
    tag = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"mypage-bench-{tag}" / name  # noqa: S108


def clean() -> None:
    """Remove everything that was built."""
    shutil.rmtree(PLACE, ignore_errors=True)
    elsewhere = open_place("x").parent
    shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.rmtree(PLACE, ignore_errors=True)


def fingerprint(*facts: object, source: str = "stock.py") -> str:
    """What a kept database or file was built from; another value means that it must be built anew."""
    sources = [(ROOT / "bench" / source).read_text(), (ROOT / "migrations" / "head").read_text()]
    sources += [path.read_text() for path in sorted((ROOT / "migrations" / "versions").glob("*.py"))]
    return hashlib.sha256(json.dumps([*sources, *map(str, facts)]).encode()).hexdigest()


def ordinary_user() -> tuple[int, int] | None:
    """User and group for PostgreSQL, which refuses to run as root; None: as whoever runs this."""
    if os.geteuid() != 0:
        return None
    found = pwd.getpwnam("nobody")
    return found.pw_uid, found.pw_gid
