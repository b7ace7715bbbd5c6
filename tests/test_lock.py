"""The locks bring exactly what pyproject.toml asks for, from wherever pip is told to look."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, TEST = "requirements.lock", "requirements-test.lock"


def _locked(lock: str) -> dict[str, list[str]]:
    """Package with version and marker → its hashes."""
    packages: dict[str, list[str]] = {}
    for entry in re.split(r"^(?=\S)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE):
        if entry.strip():
            named = entry.split("\\")[0].strip()
            packages[named] = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry)
    return packages


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", each)[0].lower().replace("_", "-") for each in requirements}


def _asked() -> tuple[set[str], set[str]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    return _names(project["dependencies"]), _names(project["optional-dependencies"]["test"])


@pytest.mark.parametrize("lock", [RUNTIME, TEST])
def test_every_package_has_one_version_and_hashes(lock: str) -> None:
    packages = _locked(lock)
    assert len(packages) > 20
    for named, hashes in packages.items():
        assert re.match(r"[a-z0-9.-]+==\S+( ; .+)?$", named), named
        assert hashes, named


@pytest.mark.parametrize("lock", [RUNTIME, TEST])
def test_no_address_is_written_down(lock: str) -> None:
    written = (ROOT / lock).read_text(encoding="utf-8")
    assert "http" not in written
    assert "://" not in written
    assert not re.search(r"^\s*-(?!-hash)", written, re.MULTILINE), "an option of pip is in the lock"


def test_what_is_asked_for_is_locked() -> None:
    runtime, test = _asked()
    assert runtime <= _names(list(_locked(RUNTIME)))
    assert test <= _names(list(_locked(TEST)))
    assert not test & _names(list(_locked(RUNTIME))), "what only tests need would be installed for everybody"


def test_tests_run_on_what_is_shipped() -> None:
    """./run believes an environment that ./test made, so the larger lock holds the smaller one unchanged."""
    shipped, tested = _locked(RUNTIME), _locked(TEST)
    assert {named: tested.get(named) for named in shipped} == shipped


def test_each_direct_dependency_has_its_reason() -> None:
    runtime, test = _asked()
    lines = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    reasons = [re.fullmatch(r"\| ([a-z0-9-]+) \| (.{15,}) \|", line) for line in lines]
    named = [row[1] for row in reasons if row and row[1] != "package"]
    assert sorted(named) == sorted(runtime | test)
