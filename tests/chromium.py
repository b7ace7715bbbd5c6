"""Which browser the tests drive."""

import shutil
from pathlib import Path

NOT_FOUND = "No Chromium: install it (Debian: apt-get install chromium), or say --without-browser."


def find() -> Path | None:
    """The system's Chromium, under the names that distributions give it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = (shutil.which(name) for name in names)
    return next((Path(path) for path in found if path), None)
