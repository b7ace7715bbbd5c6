"""Which browser the tests drive, and what of it is missing."""

import shutil
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable


def find() -> Path | None:
    """The system's Chromium, under the names that distributions give it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = (shutil.which(name) for name in names)
    return next((Path(path) for path in found if path), None)


def missing() -> list[str]:
    """Debian's packages without which no browser is driven: the browser, and what Playwright's Node links to."""
    node, _ = compute_driver_executable()
    starts = subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0
    return [*([] if find() else ["chromium"]), *([] if starts else ["libatomic1"])]
