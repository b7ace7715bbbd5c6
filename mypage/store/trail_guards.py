"""What the database itself refuses, whoever asks: the triggers of the trail.

A row is never changed or removed, and only the next one in the chain can be added; ``INSERT OR REPLACE`` removes
without a DELETE trigger on SQLite, and finds itself refused by that. A detail is never changed, belongs to a row that
has its digest, and goes only under a row ``trail.details_purged`` that was appended just before and covers its age.

What somebody with all rights can drop is looked for by ``mypage doctor`` and ``mypage audit verify``.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

_APPEND_ONLY: Final = "the audit trail is append-only"

# Name, and statement as SQLite keeps it. Those of audit_event for UPDATE and DELETE came with migration 0001.
SQLITE: Final[Mapping[str, str]] = {
    "audit_event_no_update": (
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    ),
    "audit_event_no_delete": (
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    ),
    "audit_event_follows": (
        "CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event"
        " WHEN NEW.seq IS NOT COALESCE((SELECT MAX(seq) FROM audit_event WHERE chain = NEW.chain), 0) + 1"
        " OR NEW.previous_hash IS NOT COALESCE("
        "(SELECT hash FROM audit_event WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000')"
        " BEGIN SELECT RAISE(ABORT, 'a row of the audit trail follows the last one'); END"
    ),
    "audit_detail_no_update": (
        "CREATE TRIGGER audit_detail_no_update BEFORE UPDATE ON audit_detail BEGIN SELECT RAISE(ABORT, 'details of the audit trail are never changed'); END"
    ),
    "audit_detail_belongs": (
        "CREATE TRIGGER audit_detail_belongs BEFORE INSERT ON audit_detail"
        " WHEN EXISTS (SELECT 1 FROM audit_detail WHERE chain = NEW.chain AND seq = NEW.seq)"
        " OR NOT EXISTS (SELECT 1 FROM audit_event"
        " WHERE chain = NEW.chain AND seq = NEW.seq AND detail_digest IS NOT NULL)"
        " BEGIN SELECT RAISE(ABORT, 'a detail belongs to a row of the audit trail that has its digest'); END"
    ),
    "audit_detail_purged": (
        "CREATE TRIGGER audit_detail_purged BEFORE DELETE ON audit_detail"
        " WHEN NOT EXISTS (SELECT 1 FROM audit_event e JOIN"
        " (SELECT action, facts FROM audit_event WHERE chain = OLD.chain ORDER BY seq DESC LIMIT 1) last"
        " WHERE last.action = 'trail.details_purged' AND e.chain = OLD.chain AND e.seq = OLD.seq"
        " AND e.at < json_extract(last.facts, '$.before'))"
        " BEGIN SELECT RAISE(ABORT, 'a detail is purged only under a row of the audit trail that says so'); END"
    ),
}

# Name of function and trigger → body of the function.
_POSTGRESQL_BODIES: Final[Mapping[str, str]] = {
    "audit_event_follows": """
        DECLARE
            last_seq bigint := 0;
            last_hash text := '0000000000000000000000000000000000000000000000000000000000000000';
        BEGIN
            SELECT seq, hash INTO last_seq, last_hash FROM audit_event
            WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1;
            IF NEW.seq IS DISTINCT FROM COALESCE(last_seq, 0) + 1
                OR NEW.previous_hash IS DISTINCT FROM COALESCE(last_hash, '0000000000000000000000000000000000000000000000000000000000000000') THEN
                RAISE EXCEPTION 'a row of the audit trail follows the last one';
            END IF;
            RETURN NEW;
        END
        """,
    "audit_detail_kept": """
        BEGIN
            RAISE EXCEPTION 'details of the audit trail are never changed';
        END
        """,
    "audit_detail_belongs": """
        BEGIN
            PERFORM 1 FROM audit_event WHERE chain = NEW.chain AND seq = NEW.seq AND detail_digest
                = encode(sha256(convert_to(NEW.salt || E'\\n' || NEW.detail, 'UTF8')), 'hex');
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a detail belongs to a row of the audit trail that has its digest';
            END IF;
            RETURN NEW;
        END
        """,
    "audit_detail_purged": """
        BEGIN
            PERFORM 1 FROM audit_event e, (
                SELECT action, facts FROM audit_event WHERE chain = OLD.chain ORDER BY seq DESC LIMIT 1
            ) AS last
            WHERE last.action = 'trail.details_purged' AND e.chain = OLD.chain AND e.seq = OLD.seq
                AND e.at COLLATE "C" < last.facts::json ->> 'before' COLLATE "C";
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a detail is purged only under a row of the audit trail that says so';
            END IF;
            RETURN OLD;
        END
        """,
}
# Name → table, what fires it, how often, and the bits of pg_trigger.tgtype: row 1, before 2, INSERT 4, DELETE 8, UPDATE 16, TRUNCATE 32.
_POSTGRESQL_TRIGGERS: Final[Mapping[str, tuple[str, str, str, int]]] = {
    "audit_event_follows": ("audit_event", "BEFORE INSERT", "ROW", 1 + 2 + 4),
    "audit_detail_kept": ("audit_detail", "BEFORE UPDATE OR TRUNCATE", "STATEMENT", 2 + 16 + 32),
    "audit_detail_belongs": ("audit_detail", "BEFORE INSERT", "ROW", 1 + 2 + 4),
    "audit_detail_purged": ("audit_detail", "BEFORE DELETE", "ROW", 1 + 2 + 8),
}
# This one came with migration 0001.
_FIRST_POSTGRESQL: Final = ("audit_event_append_only", 2 + 8 + 16 + 32, "audit_event_is_append_only")
_FIRST_BODY: Final = f"BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END"

_FOUND_ON_POSTGRESQL: Final = text(
    """
    SELECT t.tgname, t.tgtype, t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL, p.proname, p.prosrc
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgrelid IN ('audit_event'::regclass, 'audit_detail'::regclass)
    """
)
_RULES_ON_POSTGRESQL: Final = text(
    "SELECT rulename FROM pg_rewrite WHERE ev_class IN ('audit_event'::regclass, 'audit_detail'::regclass)"
)
_FOUND_ON_SQLITE: Final = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit_event', 'audit_detail')"
)


def statements(dialect: str) -> list[str]:
    """What migration 0010 runs to set up the guards that 0001 did not."""
    if dialect == "sqlite":
        return [
            sql
            for name, sql in SQLITE.items()
            if name not in ("audit_event_no_update", "audit_event_no_delete")
        ]
    return [line for name in _POSTGRESQL_TRIGGERS for line in _anew(name, dialect)]


def removals(dialect: str) -> list[str]:
    """What takes them back."""
    if dialect == "sqlite":
        return [
            f"DROP TRIGGER {name}"
            for name in SQLITE
            if name not in ("audit_event_no_update", "audit_event_no_delete")
        ]
    # A function cannot go while its trigger is there.
    return [
        line
        for name, (table, *_) in _POSTGRESQL_TRIGGERS.items()
        for line in (f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()")
    ]


def missing(connection: Connection) -> list[str]:
    """The guards that are not there as they were made: dropped, switched off or exchanged."""
    if connection.dialect.name == "sqlite":
        found = {name: _plain(sql) for name, sql in connection.execute(_FOUND_ON_SQLITE)}
        return [name for name, sql in SQLITE.items() if found.get(name) != _plain(sql)]
    known = {
        name: (kind, is_on, function, _plain(body))
        for name, kind, is_on, function, body in connection.execute(_FOUND_ON_POSTGRESQL)
    }
    first, kind, function = _FIRST_POSTGRESQL
    expected = {first: (kind, True, function, _FIRST_BODY)}
    expected |= {
        name: (bits, True, name, _plain(_POSTGRESQL_BODIES[name]))
        for name, (_, _, _, bits) in _POSTGRESQL_TRIGGERS.items()
    }
    return [name for name, made in expected.items() if known.get(name) != made]


def strangers(connection: Connection) -> list[str]:
    """Triggers and rules on these tables that are not ours: one could keep rows from being written."""
    if connection.dialect.name == "sqlite":
        return sorted({name for name, _ in connection.execute(_FOUND_ON_SQLITE)} - SQLITE.keys())
    ours = {_FIRST_POSTGRESQL[0], *_POSTGRESQL_TRIGGERS}
    found = {row.tgname for row in connection.execute(_FOUND_ON_POSTGRESQL)}
    found.update(connection.scalars(_RULES_ON_POSTGRESQL))
    return sorted(found - ours)


def put_up(connection: Connection) -> list[str]:
    """Make the missing guards anew, as the owner of the tables; which they were."""
    gone = missing(connection)
    for name in gone:
        for statement in _anew(name, connection.dialect.name):
            connection.execute(text(statement))
    return gone


def _anew(name: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}", SQLITE[name]]
    first, _, function = _FIRST_POSTGRESQL
    if name == first:
        table, fired_by, each = "audit_event", "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT"
        made = f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $guard$ {_FIRST_BODY} $guard$"
        fired = f"EXECUTE FUNCTION {function}()"
    else:
        table, fired_by, each, _ = _POSTGRESQL_TRIGGERS[name]
        made, fired = _function(name), f"EXECUTE FUNCTION {name}()"
    return [
        made,
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} {fired_by} ON {table} FOR EACH {each} {fired}",
    ]


def _function(name: str) -> str:
    # The path is fixed: a temporary table must not stand in for ours.
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
        f" AS $guard$ {_POSTGRESQL_BODIES[name]} $guard$"
    )


def _plain(sql: str) -> str:
    return " ".join(sql.split())
