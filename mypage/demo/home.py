"""Where the demo lives: its folder, its database, its secret, and the sample operator in it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from mypage.adapters.clock import Clock
from mypage.config.settings import sample_secret

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS, MONTHS, SEED = 300, 16, 1


@dataclass(frozen=True)
class Sample:
    """What a newcomer needs to play the story."""

    identities: Sequence[Mapping[str, str]]
    accounts: Sequence[Mapping[str, str]]
    staff: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Home:
    """The demo's folder; removing it makes the next start a first one."""

    folder: Path

    @classmethod
    def here(cls) -> "Home":
        """The folder beside the code."""
        return cls(ROOT / ".demo")

    @property
    def logs(self) -> Path:
        """Where the processes write."""
        return self.folder / "log"

    def environment(self, port: int, mail_port: int) -> Mapping[str, str]:
        """The settings under which the demo's processes run."""
        return _environment(self.folder, port, mail_port)

    def prepare(self, tell: Callable[[str], None]) -> Sample:
        """Make database and sample where they are missing or of another release or month.

        All is made in a folder beside it and moved in place at the end, so an interrupted start leaves nothing half.
        """
        clock_file = self.folder / "clock"
        today = Clock(clock_file).now().astimezone(ZoneInfo("Asia/Tokyo"))
        wanted = {"schema": _schema(), "month": f"{today:%Y-%m}"}
        mark = self.folder / "ready.json"
        if mark.exists() and (found := json.loads(mark.read_text(encoding="utf-8")))["for"] == wanted:
            return Sample(found["identities"], found["accounts"], found["staff"])
        tell("見本のデータを用意しています… / Preparing the sample data…")
        made = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(made, ignore_errors=True)
        (made / "log").mkdir(parents=True)
        (made / "mail").mkdir()
        for name in ("secret", "factor-key", "file-key"):
            (made / name).write_text(sample_secret(), encoding="ascii")
        sample = _load(made, today)
        (made / "ready.json").write_text(
            json.dumps(
                {
                    "for": wanted,
                    "identities": sample.identities,
                    "accounts": sample.accounts,
                    "staff": sample.staff,
                }
            ),
            encoding="utf-8",
        )
        shutil.rmtree(self.folder, ignore_errors=True)
        made.rename(self.folder)
        return sample


def _schema() -> str:
    """What a prepared folder depends on: the tables, and the rules by which its names were folded."""
    names = sorted(
        [*(ROOT / "migrations" / "versions").glob("*.py"), *(ROOT / "mypage" / "domain").glob("*.py")]
    )
    return sha256(b"".join(name.read_bytes() for name in names)).hexdigest()[:16]


def _environment(folder: Path, port: int, mail_port: int) -> Mapping[str, str]:
    return {
        "MYPAGE_DEMO": "true",
        "MYPAGE_DATABASE_URL": f"sqlite:///{folder / 'mypage.sqlite'}",
        "MYPAGE_SECRET_KEYS_FILE": str(folder / "secret"),
        "MYPAGE_FACTOR_KEYS_FILE": str(folder / "factor-key"),
        "MYPAGE_FILE_KEYS_FILE": str(folder / "file-key"),
        "MYPAGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MYPAGE_BIND": "127.0.0.1",
        "MYPAGE_PORT": str(port),
        "MYPAGE_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "MYPAGE_MAILBOX": str(folder / "mail"),
        "MYPAGE_CLOCK_FILE": str(folder / "clock"),
        "MYPAGE_AUDIT_HEAD_FILE": str(folder / "audit-heads"),
    }


def _load(folder: Path, today: datetime) -> Sample:
    """Migrate, write the sample's files and publish them by the door that every operator uses."""
    # Only the first start needs all this; the next ones are to answer within three seconds.
    from mypage.demo.registered import LOGIN_ID, PASSWORD, register_sample_account
    from mypage.demo.sample_staff import make_sample_staff
    from mypage.store import migrate
    from mypage.store.engine import Database

    environment = _environment(folder, 8080, 25)
    database = Database(environment["MYPAGE_DATABASE_URL"])
    migrate.upgrade(database)
    # First: what they do lies some days back, and the trail goes on from there.
    staff = make_sample_staff(database, environment, today)
    files = folder / "sample"
    _mypage(
        environment,
        ["sample", str(files), "--customers", str(CUSTOMERS), "--months", str(MONTHS), "--seed", str(SEED)],
        ["--until", f"{today:%Y-%m}"],
    )
    index = json.loads((files / "identities.json").read_text(encoding="utf-8"))
    for delivery in index["deliveries"]:
        _mypage(environment, ["batch", "publish", "--no-notices"], [str(files / name) for name in delivery])
    register_sample_account(database, environment, index["account"], today)
    database.close()
    facts = ("customer_number", "phone", "name_kana")
    return Sample(
        identities=[{name: one[name] for name in facts} for one in index["identities"]],
        accounts=[
            {"login_id": LOGIN_ID, "password": PASSWORD, **{name: index["account"][name] for name in facts}}
        ],
        staff=staff,
    )


def _mypage(environment: Mapping[str, str], *arguments: Sequence[str]) -> None:
    """Run a command of ours; one that fails is told with its own words."""
    said = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "mypage", *(word for each in arguments for word in each)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode != 0:
        sys.stderr.write(said.stdout + said.stderr)
        raise SystemExit(1)
