"""What the application's role may do on PostgreSQL: everything but change the trail or the tables."""

from sqlalchemy import make_url, text

from mypage.store.engine import Database
from mypage.store.schema import audit_detail, audit_event, metadata

# A detail is purged after its time, under the trigger's eyes, and never changed.
_FEWER = {audit_event: "SELECT, INSERT", audit_detail: "SELECT, INSERT, DELETE"}
_TOO_MUCH = text(
    """
    SELECT has_table_privilege(current_user, 'audit_event', 'UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(current_user, 'audit_event', 'UPDATE')
        OR has_table_privilege(current_user, 'audit_detail', 'UPDATE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(current_user, 'audit_detail', 'UPDATE')
        OR EXISTS (
            SELECT 1 FROM pg_class WHERE oid IN ('audit_event'::regclass, 'audit_detail'::regclass)
            AND pg_has_role(current_user, relowner, 'MEMBER')
        )
    """
)


def grant(owner: Database, application_url: str) -> None:
    """Give the role in ``application_url`` its rights; ``owner`` is connected as the owner of the tables.

    On ``audit_event`` it is SELECT and INSERT only, whatever was granted before. Nothing happens on SQLite, which has
    no roles.
    """
    role = make_url(application_url).username
    if owner.is_sqlite or role is None or role == owner.url.username:
        return
    quoted = owner.engine.dialect.identifier_preparer.quote(role)
    with owner.writing() as connection:
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
        for table in metadata.sorted_tables:
            if table in _FEWER:
                connection.execute(text(f"REVOKE ALL ON {table.name} FROM {quoted}, PUBLIC"))
            deeds = _FEWER.get(table, "SELECT, INSERT, UPDATE, DELETE")
            connection.execute(text(f"GRANT {deeds} ON {table.name} TO {quoted}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"))


def may_change_trail(application: Database) -> bool:
    """Whether the application's own role could change the trail, or take away what guards it.

    So can an owner of the tables, a member of the owner's role, and a superuser.
    """
    if application.is_sqlite:
        return False
    with application.reading() as connection:
        return bool(connection.execute(_TOO_MUCH).scalar_one())
