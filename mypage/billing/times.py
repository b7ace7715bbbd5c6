"""Times that are typed on a command line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

_TOKYO = ZoneInfo("Asia/Tokyo")


def instant_to_come(ctx: click.Context, _option: click.Parameter, typed: str | None) -> datetime | None:
    """The instant in UTC; without an offset Asia/Tokyo is meant (specification §6)."""
    if typed is None or ctx.resilient_parsing:
        return None
    try:
        read = datetime.fromisoformat(typed.strip())
    except ValueError:
        raise click.BadParameter(
            f"日時「{typed}」を読み取れません。2026-11-27T09:00 のように指定してください。"
        ) from None
    local = read if read.tzinfo is not None else read.replace(tzinfo=_TOKYO)
    return local.astimezone(UTC)
