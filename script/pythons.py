"""The other Pythons that ./test --long tries, and an environment for each."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from script.environment import ROOT, clean_environ

ALSO = ("3.12", "3.13")


def find(version: str) -> Path | None:
    """A Python of that version, on PATH or made by pyenv, that can be started."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    made = sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"), reverse=True)
    on_path = shutil.which(name)
    for python in [*([Path(on_path)] if on_path else []), *made]:
        # pyenv's own entry on PATH stands there for versions that are not switched on as well.
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    return None


def environment(base: Path, version: str) -> str | None:
    """The Python of an environment with all that the tests need; None (and pip's words) when it cannot be made."""
    name = f".venv-{version}"
    made = subprocess.run(
        [base, "-Es", "-m", "script.bootstrap", "environment", "--name", name],
        cwd=ROOT,
        env=clean_environ(),
        stdout=sys.stdout,
        check=False,
    )
    return str(ROOT / name / "bin" / "python") if made.returncode == 0 else None
