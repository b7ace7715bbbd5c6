"""What the doctor finds."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How a part is: well, worth knowing, or wrong."""

    WELL = "OK"
    NOTE = "注意"
    WRONG = "NG"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor."""

    level: Level
    part: str
    sentence: str = ""
