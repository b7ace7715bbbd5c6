"""Who works at the console: roles, states, and what asks for a second person.

Source: specification §5 (*Staff*). A role opens pages; what hands power to somebody needs another administrator.
"""

from datetime import timedelta
from enum import Enum, StrEnum
from typing import Final

# Whoever was invited on a Friday evening begins on Monday morning.
INVITATION_LIFE: Final = timedelta(hours=72)
# Password proven, second factor not yet: as long as it takes to set an app up, and no longer.
HALFWAY_LIFE: Final = timedelta(minutes=15)
# The actor that the command line is in the trail; it invites the first administrators and nobody else.
COMMAND_LINE: Final = "cli"
FIRST_ADMINS: Final = 2


class Role(Enum):
    """A member of staff has exactly one. ``label`` is the word on the screen."""

    AGENT = ("agent", "オペレーター")
    BILLING = ("billing", "料金担当")
    ADMIN = ("admin", "管理者")
    AUDITOR = ("auditor", "監査担当")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label

    @classmethod
    def named(cls, word: str) -> "Role":
        """The role of that word. ``ValueError`` where there is none."""
        for role in cls:
            if role.word == word:
                return role
        raise ValueError(f"no role is called {word!r}")


# Granting one of these needs another administrator.
GUARDED: Final = frozenset((Role.ADMIN, Role.BILLING))


class StaffState(StrEnum):
    """Invited and not here yet; at work; kept out by an administrator."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


STATE_LABELS: Final = {
    StaffState.INVITED: "招待中",
    StaffState.ACTIVE: "利用中",
    StaffState.SUSPENDED: "停止中",
}


LONGEST_NAME: Final = 40


def one_line(typed: str) -> str:
    """A name or a reason as colleagues read it: on one line, nothing invisible; empty where there is nothing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed[:400]).split())


def needs_another(before: Role | None, after: Role) -> bool:
    """Whether giving that role needs another administrator."""
    return after in GUARDED and after is not before


def actor(staff_id: str) -> str:
    """How a member of staff stands in the trail."""
    return f"staff:{staff_id}"
