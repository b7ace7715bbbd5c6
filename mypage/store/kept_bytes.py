"""Parts of kept files in the database: for several web servers without a shared disk."""

from sqlalchemy import and_, delete, insert, select

from mypage.domain.kept_file import PartLost
from mypage.store.engine import Database
from mypage.store.schema import kept_bytes


class InDatabase:
    """A :class:`mypage.domain.kept_file.Store`; each deed is a short transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, file_id: str, part: str, data: bytes) -> None:
        """Keep a part."""
        with self._database.writing() as connection:
            connection.execute(insert(kept_bytes).values(file_id=file_id, name=part, data=data))

    def get(self, file_id: str, part: str) -> bytes:
        """The bytes of a part."""
        of_name = and_(kept_bytes.c.file_id == file_id, kept_bytes.c.name == part)
        with self._database.reading() as connection:
            data = connection.execute(select(kept_bytes.c.data).where(of_name)).scalar_one_or_none()
        if data is None:
            raise PartLost(part)
        return bytes(data)

    def drop(self, file_id: str, part: str) -> None:
        """Delete a part."""
        of_name = and_(kept_bytes.c.file_id == file_id, kept_bytes.c.name == part)
        with self._database.writing() as connection:
            connection.execute(delete(kept_bytes).where(of_name))

    def remove(self, file_id: str) -> None:
        """Delete all parts, some at a time: on SQLite nobody waits for a large file."""
        while True:
            with self._database.writing() as connection:
                some = select(kept_bytes.c.name).where(kept_bytes.c.file_id == file_id).limit(16)
                names = list(connection.execute(some).scalars())
                if not names:
                    return
                these = and_(kept_bytes.c.file_id == file_id, kept_bytes.c.name.in_(names))
                connection.execute(delete(kept_bytes).where(these))
