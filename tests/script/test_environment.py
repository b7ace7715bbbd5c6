"""./run on a work tree without an environment: made once, believed afterwards, mended when it is broken.

The work tree is a copy with an empty lock, so that nothing has to be fetched.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAYS_WHAT_IT_GOT = "import json, sys\nprint(json.dumps([sys.prefix, *sys.argv[1:]]))\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what ./run needs, with a programme that tells how it was called."""
    tree = tmp_path / "a tree"
    shutil.copytree(ROOT / "script", tree / "script", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("run", "test"):
        shutil.copy(ROOT / name, tree / name)
    (tree / "requirements.lock").touch()
    (tree / "requirements-test.lock").touch()
    (tree / "mypage").mkdir()
    (tree / "mypage" / "__main__.py").write_text(SAYS_WHAT_IT_GOT)
    return tree


def _run(tree: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tree / "run", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, **environ},
    )


def _came_to(ran: subprocess.CompletedProcess[str]) -> list[str]:
    assert ran.returncode == 0, ran.stderr
    said: list[str] = json.loads(ran.stdout)
    return said


def test_it_is_made_once_and_called_from_anywhere(tree: Path) -> None:
    first = _run(tree, "--port", "9000", "--json")
    assert _came_to(first) == [str(tree / ".venv"), "demo", "--port", "9000", "--json"]
    assert "only this once" in first.stderr
    second = _run(tree)
    assert _came_to(second) == [str(tree / ".venv"), "demo", "--port", "8080"]
    assert second.stderr == ""


def test_modules_of_another_python_do_not_get_in(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not ours')\n")
    assert _came_to(_run(tree, PYTHONPATH=str(tmp_path)))


def test_the_command_is_there_under_its_name(tree: Path) -> None:
    _run(tree)
    said = subprocess.run(
        [tree / ".venv/bin/mypage", "doctor"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert json.loads(said) == [str(tree / ".venv"), "doctor"]


def test_another_lock_is_installed(tree: Path) -> None:
    _run(tree)
    (tree / "requirements.lock").write_text("# changed\n")
    assert "only this once" in _run(tree).stderr
    assert _run(tree).stderr == ""


def test_half_an_environment_is_thrown_away(tree: Path) -> None:
    _run(tree)
    (tree / ".venv" / "unfinished").touch()
    (tree / ".venv" / "stamp.json").unlink()
    half = tree / ".venv" / "lib" / "half.py"
    half.touch()
    assert _came_to(_run(tree))
    assert not half.exists()


def test_a_tree_that_was_moved_finds_itself(tree: Path) -> None:
    _run(tree)
    moved = tree.rename(tree.with_name("elsewhere"))
    assert _came_to(_run(moved))[0] == str(moved / ".venv")


def test_a_python_that_is_gone_is_replaced(tree: Path) -> None:
    _run(tree)
    python = tree / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert _came_to(_run(tree))


def test_what_cannot_be_installed_ends_with_a_sentence_and_is_tried_again(tree: Path) -> None:
    (tree / "requirements.lock").write_text("no-hash-for-this==1.0\n")
    for _ in range(2):
        refused = _run(tree)
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert "hash" in refused.stderr
        assert refused.stderr.splitlines()[-1].startswith("Could not install requirements.lock")
    (tree / "requirements.lock").write_text("")
    assert _came_to(_run(tree))


def test_two_at_once_make_one(tree: Path) -> None:
    both = [
        subprocess.Popen([tree / "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert sum("only this once" in errors for _, errors in said) == 1


@pytest.mark.parametrize("port", ["0", "65536", "-1", "８０８０", "http", ""])
def test_a_wrong_port_is_told_before_anything_is_made(tree: Path, port: str) -> None:
    refused = _run(tree, f"--port={port}")
    assert refused.returncode == 2
    assert "is not a port" in refused.stderr
    assert not (tree / ".venv").exists()


def test_without_a_python_it_says_what_to_install(tree: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "dirname"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    too_old = programs / "python3"
    too_old.write_text("#!/bin/sh\nexit 1\n")
    too_old.chmod(0o755)
    refused = _run(tree, PATH=str(programs))
    assert refused.returncode == 1
    assert refused.stderr.startswith("MyPage needs Python 3.11 or newer; install it")
    assert len(refused.stderr.splitlines()) == 1
