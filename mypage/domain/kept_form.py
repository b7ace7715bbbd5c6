"""A form that came too late to be taken: what of it is kept, whose it is, and for how long.

Sources: first-try D-05, "security" (next person at the PC). No password is ever among it: which fields may be kept
is said by the form itself (``web.typed``).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

# Field and text, in the order of the form.
Typed = tuple[tuple[str, str], ...]

LIFE: Final = timedelta(minutes=30)
# Who can send forms of one account or customer without end must not fill the database.
MOST_OF_ONE: Final = 3
MOST_FIELDS: Final = 20
MOST_CHARACTERS: Final = 4000


@dataclass(frozen=True)
class Owner:
    """Whose form it is: an account's, during the signup a customer's, or a member of staff's. Nobody else is shown it."""

    account_id: str | None = None
    customer_key: str | None = None
    staff_id: str | None = None

    @property
    def word(self) -> str:
        """The owner as one text."""
        if self.staff_id:
            return f"staff:{self.staff_id}"
        return f"account:{self.account_id}" if self.account_id else f"customer:{self.customer_key}"


def is_worth_keeping(typed: Typed) -> bool:
    """Whether something was typed at all, and no more than a person types."""
    characters = sum(len(name) + len(text) for name, text in typed)
    return (
        any(text.strip() for _, text in typed) and len(typed) <= MOST_FIELDS and characters <= MOST_CHARACTERS
    )
