"""The virtual environment of a work tree, made with nothing but Python's standard library.

Debian's python3 comes without pip, and its venv module cannot make an environment without it. So the folder
is laid out by hand, and pip is the wheel in script/wheels. Which index pip asks is pip's own configuration.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"  # holds everything of the other as well


class CannotInstall(Exception):
    """The message is one sentence that says what to do."""


def ensure(lock: str, name: str = ".venv") -> Path:
    """The Python of environment `name` in the work tree, with all of `lock`; made or mended if need be.

    Raises CannotInstall.
    """
    folder = ROOT / name
    python = folder / "bin" / "python"
    wanted = _wanted(lock)
    if _stamped(folder, wanted):
        return python
    try:
        with _alone(folder):
            if not _stamped(folder, wanted):  # somebody else may have made it while we waited
                _make(folder)
                _install(python, lock)
                _write_stamp(folder, wanted)
    except OSError as error:
        raise CannotInstall(f"Cannot write {folder}: {error.strerror or error}.") from error
    return python


def clean_environ() -> Mapping[str, str]:
    """The caller's environment without what would lead another Python's modules into ours."""
    return {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}


def _wanted(lock: str) -> dict[str, str]:
    """What the stamp has to say: which Python, where, and the digests of what installing `lock` brings."""
    locks = [RUNTIME_LOCK, TEST_LOCK] if lock == TEST_LOCK else [lock]
    return {
        "python": f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}",
        "root": str(ROOT),
        **{each: hashlib.sha256((ROOT / each).read_bytes()).hexdigest() for each in locks},
    }


def _read_stamp(folder: Path) -> dict[str, str]:
    try:
        stamp = json.loads((folder / "stamp.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _stamped(folder: Path, wanted: Mapping[str, str]) -> bool:
    return wanted.items() <= _read_stamp(folder).items() and (folder / "bin" / "python").exists()


def _write_stamp(folder: Path, wanted: Mapping[str, str]) -> None:
    unfinished = folder / "stamp.new"
    unfinished.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(folder / "stamp.json")
    (folder / "unfinished").unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one at a time, when ./run and ./test are started together."""
    with folder.with_name(folder.name + ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _make(folder: Path) -> None:
    """What `python -m venv --without-pip` makes, and a way to find the work tree from it.

    An environment that was left half installed, moved, or made for another Python is thrown away.
    """
    stamp = _read_stamp(folder)
    here = _wanted(RUNTIME_LOCK)
    moved = any(stamp.get(key, here[key]) != here[key] for key in ("python", "root"))
    if moved or (folder / "unfinished").exists() or not (folder / "bin" / "python").exists():
        shutil.rmtree(folder, ignore_errors=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / f"python{version}" / "site-packages"
    packages.mkdir(parents=True, exist_ok=True)
    (folder / "unfinished").touch()
    (folder / "stamp.json").unlink(missing_ok=True)
    base = Path(sys.executable).resolve()  # not a link that lies in some other environment
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {version}\n", encoding="utf-8"
    )
    for link, target in (("bin/python", base), ("bin/python3", Path("python")), ("lib64", Path("lib"))):
        if not (folder / link).is_symlink():
            (folder / link).symlink_to(target)
    (packages / "mypage.pth").write_bytes(os.fsencode(ROOT) + b"\n")  # read in the encoding of the locale
    launcher = folder / "bin" / "mypage"
    # -P: a folder named mypage where somebody happens to stand is not the programme.
    python = shlex.quote(str(folder / "bin" / "python"))
    launcher.write_text(f'#!/bin/sh\nexec {python} -P -m mypage "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)


def _install(python: Path, lock: str) -> None:
    wheel = next((ROOT / "script" / "wheels").glob("pip-*.whl"))
    print(f"Installing what {lock} names (only this once) …", file=sys.stderr, flush=True)
    command = [
        *(str(python), "-Es", str(wheel / "pip"), "install", "--quiet", "--no-input", "--no-user"),
        *("--disable-pip-version-check", "--root-user-action=ignore", "--no-warn-script-location"),
        # The lock is complete and hashed; nothing is built here; bytecode comes with the first use.
        *("--require-hashes", "--only-binary=:all:", "--no-deps", "--no-compile", "--requirement", lock),
    ]
    # pip warns of harmless things at length; what it says matters when it fails.
    pip = subprocess.run(
        command, cwd=ROOT, env=clean_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if pip.returncode:
        sys.stderr.buffer.write(pip.stdout)
        raise CannotInstall(
            f"Could not install {lock} (above is why); see to the network or to pip's configuration."
        )
