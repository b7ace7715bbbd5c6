"""Second factors: the app's sealed secret, passkeys, hashes of recovery codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.domain.second_factor import Owner
from mypage.store.schema import factor_app, factor_passkey, factor_recovery_code


def app(connection: Connection, owner: Owner) -> RowMapping | None:
    """The owner's authenticator app, None where there is none."""
    query = select(factor_app).where(_of(factor_app, owner))
    return connection.execute(query).mappings().one_or_none()


def put_app(connection: Connection, owner: Owner, *, sealed: str, last_step: int, now: datetime) -> None:
    """Give the owner this app; one that was there before is replaced."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"sealed": sealed, "last_step": last_step, "created_at": now, "used_at": now}
    row = dialect.insert(factor_app).values(owner_kind=owner.kind, owner_id=owner.id, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["owner_kind", "owner_id"], set_=values))


def use_step(
    connection: Connection, owner: Owner, *, was_sealed: str, sealed: str, step: int, now: datetime
) -> bool:
    """Use up the code of a step; False where it, or a later one, has been used, or the app is another one by now."""
    used = (
        update(factor_app)
        .where(_of(factor_app, owner), factor_app.c.last_step < step, factor_app.c.sealed == was_sealed)
        .values(last_step=step, used_at=now, sealed=sealed)
    )
    return connection.execute(used).rowcount == 1


def remove_app(connection: Connection, owner: Owner) -> bool:
    """Take the app away; whether there was one."""
    return connection.execute(delete(factor_app).where(_of(factor_app, owner))).rowcount == 1


def sealed_apps(connection: Connection) -> Sequence[str]:
    """All that is sealed, for whoever checks the keys."""
    return connection.execute(select(factor_app.c.sealed)).scalars().all()


def lock(connection: Connection, owner: Owner) -> None:
    """Wait for other deeds that take the owner's factors away. SQLite's write lock does that already."""
    for table in (factor_app, factor_passkey):
        connection.execute(select(table.c.owner_id).where(_of(table, owner)).with_for_update()).all()


def passkeys(connection: Connection, owner: Owner) -> Sequence[RowMapping]:
    """The owner's passkeys, the oldest first."""
    query = select(factor_passkey).where(_of(factor_passkey, owner))
    return (
        connection.execute(query.order_by(factor_passkey.c.created_at, factor_passkey.c.credential_id))
        .mappings()
        .all()
    )


def add_passkey(connection: Connection, owner: Owner, row: dict[str, Any]) -> bool:
    """Add a passkey; False where one of that id exists, whoever's it is."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = dialect.insert(factor_passkey).values(owner_kind=owner.kind, owner_id=owner.id, **row)
    alone = made.on_conflict_do_nothing(index_elements=["credential_id"])
    return connection.execute(alone.returning(factor_passkey.c.credential_id)).first() is not None


def count_signature(
    connection: Connection, owner: Owner, credential_id: str, *, was: int, count: int, now: datetime
) -> bool:
    """Keep a passkey's new count; False where another signature was counted meanwhile."""
    counted = (
        update(factor_passkey)
        .where(
            _of(factor_passkey, owner),
            factor_passkey.c.credential_id == credential_id,
            factor_passkey.c.sign_count == was,
        )
        .values(sign_count=count, used_at=now)
    )
    return connection.execute(counted).rowcount == 1


def remove_passkey(connection: Connection, owner: Owner, credential_id: str) -> bool:
    """Take a passkey away; whether the owner had it."""
    gone = delete(factor_passkey).where(
        _of(factor_passkey, owner), factor_passkey.c.credential_id == credential_id
    )
    return connection.execute(gone).rowcount == 1


def replace_codes(connection: Connection, owner: Owner, hashes: Sequence[str], now: datetime) -> None:
    """Give the owner new recovery codes; the former ones are worth nothing any more."""
    connection.execute(delete(factor_recovery_code).where(_of(factor_recovery_code, owner)))
    connection.execute(
        insert(factor_recovery_code),
        [
            {"owner_kind": owner.kind, "owner_id": owner.id, "code_hash": each, "made_at": now}
            for each in hashes
        ],
    )


def use_code(connection: Connection, owner: Owner, code_hash: str, now: datetime) -> bool:
    """Use up a recovery code; False where the owner has none of that hash, or it has been used."""
    used = (
        update(factor_recovery_code)
        .where(
            _of(factor_recovery_code, owner),
            factor_recovery_code.c.code_hash == code_hash,
            factor_recovery_code.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return connection.execute(used).rowcount == 1


def codes_left(connection: Connection, owner: Owner) -> int:
    """How many recovery codes are unused."""
    query = select(func.count()).where(
        _of(factor_recovery_code, owner), factor_recovery_code.c.used_at.is_(None)
    )
    return int(connection.execute(query).scalar_one())


def remove_all(connection: Connection, owner: Owner) -> None:
    """Take every factor away."""
    for table in (factor_app, factor_passkey, factor_recovery_code):
        connection.execute(delete(table).where(_of(table, owner)))


def _of(table: Table, owner: Owner) -> ColumnElement[bool]:
    return (table.c.owner_kind == owner.kind) & (table.c.owner_id == owner.id)
