"""Who works at the console: everybody, one of them, and names for the ids in rows and on screens. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.domain.link import LinkState
from mypage.domain.staff import COMMAND_LINE, INVITATION_LIFE, Role, StaffState
from mypage.services import second_factor
from mypage.services.second_factor import Held
from mypage.services.staff_sessions import owner
from mypage.store import staff as store
from mypage.store import staff_invitations


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that is still open, or was in vain: ``is_refused`` where its mail was never handed over."""

    made_at: datetime
    handed_over_at: datetime | None
    ends_at: datetime | None
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff as administrators see them."""

    id: str
    name: str
    login_id: str | None
    email: str
    role: Role
    role_given_by: str
    role_given_at: datetime
    invited_by: str
    state: StaffState
    created_at: datetime
    last_login_at: datetime | None
    invitation: Invitation | None = None


def everybody(connection: Connection) -> list[Member]:
    """All of them: those at work by name, then the invited, then the suspended."""
    return [_member(connection, row) for row in store.all_of_them(connection)]


def member(connection: Connection, staff_id: str) -> Member | None:
    """One of them, None where there is nobody of that id."""
    row = store.by_id(connection, staff_id)
    return None if row is None else _member(connection, row)


def factors(connection: Connection, staff_id: str) -> Held:
    """The second factors that somebody has."""
    return second_factor.held(connection, owner(staff_id))


def names(connection: Connection, ids: Iterable[str]) -> Mapping[str, str]:
    """Names by id, for rows that name staff; the command line by what it is."""
    return {COMMAND_LINE: "コマンド", **store.names(connection, ids)}


def admins_at_work(connection: Connection) -> int:
    """How many administrators can log in."""
    return sum(row["state"] == StaffState.ACTIVE for row in store.admins(connection))


def _member(connection: Connection, row: RowMapping) -> Member:
    state = StaffState(row["state"])
    return Member(
        row["id"],
        row["name"],
        row["login_id"],
        row["email"],
        Role.named(row["role"]),
        row["role_given_by"],
        row["role_given_at"],
        row["invited_by"],
        state,
        row["created_at"],
        row["last_login_at"],
        _invitation(connection, row["id"]) if state is StaffState.INVITED else None,
    )


def _invitation(connection: Connection, staff_id: str) -> Invitation | None:
    row = staff_invitations.newest(connection, staff_id)
    if row is None:
        return None
    handed_over_at: datetime | None = row["handed_over_at"]
    ends_at = None if handed_over_at is None else handed_over_at + INVITATION_LIFE
    return Invitation(row["made_at"], handed_over_at, ends_at, row["ended"] == LinkState.EXPIRED)
