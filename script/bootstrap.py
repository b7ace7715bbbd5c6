"""What ./run and ./test do first: an environment, then the real work inside it. Standard library only."""

import argparse
import os
import sys
from pathlib import Path

from script import environment


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to 65535, please")
    return int(text)


def _arguments(argv: list[str]) -> argparse.Namespace:
    commands = argparse.ArgumentParser(prog="script.bootstrap", allow_abbrev=False)
    named = commands.add_subparsers(dest="command", required=True)
    run = named.add_parser("run", prog="./run", allow_abbrev=False, description="Play MyPage.")
    run.add_argument("--port", type=_port, default=8080, help="where the pages are served (8080)")
    run.add_argument("--json", action="store_true", help="print address, samples and mailbox for machines")
    test = named.add_parser("test", prog="./test", allow_abbrev=False, description="Prove MyPage, all of it.")
    test.add_argument("--long", action="store_true", help="also the long tests, and Python 3.12 and 3.13")
    test.add_argument("--without-browser", action="store_true", help="leave the browser's part out")
    only = named.add_parser("environment", description="Only make an environment for the tests.")
    only.add_argument("--name", required=True)
    return commands.parse_args(argv)


def _become(python: Path, *arguments: str) -> None:
    """One process from here on, so that Ctrl-C and signals reach the one that works."""
    os.chdir(environment.ROOT)
    os.execve(python, [str(python), *arguments], dict(environment.clean_environ()))  # noqa: S606


def main(argv: list[str]) -> int:
    """Exit status; does not come back where the work goes on in another program."""
    arguments = _arguments(argv)
    try:
        if arguments.command == "run":
            python = environment.ensure(environment.RUNTIME_LOCK)
            machines = ["--json"] if arguments.json else []
            _become(python, "-m", "mypage", "demo", "--port", str(arguments.port), *machines)
        elif arguments.command == "test":
            python = environment.ensure(environment.TEST_LOCK)
            _become(python, "-m", "script.suite", *argv[1:])
        else:
            environment.ensure(environment.TEST_LOCK, arguments.name)
    except environment.CannotInstall as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
