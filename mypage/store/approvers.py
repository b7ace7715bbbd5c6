"""Members of staff as those who approve: who brought them here, and since when they have their role."""

from sqlalchemy import Connection, RowMapping, select

from mypage.domain.staff import StaffState
from mypage.store.schema import staff


def of_staff(connection: Connection, staff_id: str) -> RowMapping:
    """What decides whether somebody may approve. Raises ``NoResultFound`` where nobody has that id."""
    query = select(staff.c.invited_by, staff.c.role_given_by, staff.c.role_given_at)
    return connection.execute(query.where(staff.c.id == staff_id)).mappings().one()


def works(connection: Connection, staff_id: str) -> bool:
    """Whether a member of staff is at work (not suspended since)."""
    query = select(staff.c.id).where(staff.c.id == staff_id, staff.c.state == StaffState.ACTIVE.value)
    return connection.execute(query).first() is not None
