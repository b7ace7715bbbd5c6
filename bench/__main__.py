"""``bench/run NAME [--quick]``: measure, print what was found, and say in the exit status whether it is enough."""

import argparse
import sys
from collections.abc import Mapping

from bench import (
    audit,
    django_import_export,
    flip,
    growth,
    login,
    mail,
    memory,
    notices,
    pages,
    pgloader,
    place,
    publish,
    readers,
    staff_search,
    writers,
)
from bench.figures import Measurement, line
from tests.postgres import NoPostgres

MEASUREMENTS: Mapping[str, Measurement] = {
    "list-sqlite": pages.list_sqlite,
    "list-pg": pages.list_pg,
    "detail": pages.detail,
    "login": login.login,
    "growth": growth.growth,
    "mail": mail.mail,
    "notices": notices.notices,
    "publish": publish.publish,
    "publish-vs-copy-rows": publish.publish_vs_copy_rows,
    "publish-memory": memory.publish_memory,
    "flip": flip.flip,
    "readers-during-publish": readers.readers_during_publish,
    "staff-search": staff_search.staff_search_,
    "writers-during-publish": writers.writers_during_publish,
    "audit-verify": audit.audit_verify,
    "audit-search": audit.audit_search,
    "publish-vs-pgloader": pgloader.publish_vs_pgloader,
    "publish-vs-django-import-export": django_import_export.publish_vs_django_import_export,
}


def main() -> int:
    """0 only where the goal is met."""
    commands = argparse.ArgumentParser(prog="bench/run", allow_abbrev=False, description=__doc__)
    commands.add_argument("name", nargs="?", choices=MEASUREMENTS)
    commands.add_argument("--quick", action="store_true", help="on smaller data, within 50 s")
    commands.add_argument("--rounds", type=int, help="how often the two sides take turns")
    commands.add_argument("--clean", action="store_true", help="remove what was built for the measurements")
    arguments = commands.parse_args()
    if arguments.clean:
        place.clean()
        return 0
    if arguments.name is None:
        commands.error(f"which? {', '.join(MEASUREMENTS)}")
    try:
        figure = MEASUREMENTS[arguments.name](arguments.quick, arguments.rounds)
    except (AssertionError, NoPostgres) as wrong:
        print(f"{arguments.name}: not measured: {wrong}", file=sys.stderr)
        return 1
    print(line(arguments.name, figure))
    return 0 if figure.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
