"""Whether a token of the API lives, by its row and that of whoever made it."""

from datetime import datetime

from sqlalchemy import RowMapping

from mypage.domain import api_token as rules
from mypage.domain.api_token import Dead
from mypage.domain.staff import COMMAND_LINE


def death(row: RowMapping, now: datetime) -> Dead | None:
    """Why a token (``store.api_tokens``) is dead at ``now``; None while it lives."""
    return rules.death(
        revoked_at=row["revoked_at"],
        expires_at=row["expires_at"],
        maker_is_at_work=row["made_by"] == COMMAND_LINE or bool(row["maker_is_at_work"]),
        now=now,
    )
