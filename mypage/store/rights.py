"""What the application's role may do on PostgreSQL: everything but change the trail or the tables."""

from sqlalchemy import make_url, text

from mypage.store.engine import Database
from mypage.store.schema import audit_event, metadata


def grant(owner: Database, application_url: str) -> None:
    """Give the role in ``application_url`` its rights; ``owner`` is connected as the owner of the tables.

    On ``audit_event`` it is SELECT and INSERT only. Nothing happens on SQLite, which has no roles.
    """
    role = make_url(application_url).username
    if owner.is_sqlite or role is None or role == owner.url.username:
        return
    quoted = owner.engine.dialect.identifier_preparer.quote(role)
    with owner.writing() as connection:
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
        for table in metadata.sorted_tables:
            deeds = "SELECT, INSERT" if table is audit_event else "SELECT, INSERT, UPDATE, DELETE"
            connection.execute(text(f"GRANT {deeds} ON {table.name} TO {quoted}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"))


def may_change_trail(application: Database) -> bool:
    """Whether the application's own role could change or remove rows of the trail by its rights."""
    if application.is_sqlite:
        return False
    question = "SELECT has_table_privilege(current_user, 'audit_event', 'UPDATE, DELETE, TRUNCATE')"
    with application.reading() as connection:
        return bool(connection.execute(text(question)).scalar_one())
