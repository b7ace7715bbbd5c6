"""What the documentation names is there: commands, files, links, settings."""

import re
from pathlib import Path

import click
import pytest

from mypage.cli import main
from mypage.config.load import rows

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not {".venv", ".bench", ".demo", "node_modules"} & set(page.relative_to(ROOT).parts)
)
PATH = re.compile(
    r"`((?:mypage|templates|static|migrations|tests|docs|bench|script|store|services|works|domain|words|web|billing|adapters|config|subscriber|demo|cli)/[\w./-]+\.\w+)`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)|src=\"([^\"]+)\"", page.read_text(encoding="utf-8")):
        path = target[0] or target[1]
        assert not path.startswith("http"), f"{page.name} leads to another host: {path}"
        assert (page.parent / path).exists(), f"{page.name} leads to {path}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    for path in PATH.findall(page.read_text(encoding="utf-8")):
        places = (ROOT, ROOT / "mypage", page.parent)
        assert any((place / path).exists() for place in places), (
            f"{page.name} names {path}, which is not there"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_named_exist(page: Path) -> None:
    context = click.Context(main)
    for name in re.findall(r"`mypage ([a-z][a-z-]*)", page.read_text(encoding="utf-8")):
        assert main.get_command(context, name) is not None, f"{page.name} names `mypage {name}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_that_are_named_exist(page: Path) -> None:
    known = {row.name for row in rows({})} | {"MYPAGE_CONFIG"}
    for name in re.findall(r"MYPAGE_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8")):
        assert name in known or name.removesuffix("_FILE") in known, f"{page.name} names {name}"


def test_the_two_commands_of_the_readme_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("./run", "./test"):
        assert command in readme
        assert (ROOT / command).stat().st_mode & 0o111
