"""Which holders a batch makes former ones: asked by sessions (store/sessions.py), written with the batch's check."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert

from mypage.store.schema import former_holder


def replace(connection: Connection, batch_id: int, customer_keys: Iterable[str]) -> None:
    """Keep the holders that ``batch_id`` makes former ones, instead of those of an earlier check."""
    connection.execute(delete(former_holder).where(former_holder.c.batch_id == batch_id))
    rows = [{"customer_key": key, "batch_id": batch_id} for key in customer_keys]
    if rows:
        connection.execute(insert(former_holder), rows)
