"""The states of a web login."""

from enum import StrEnum


class AccountState(StrEnum):
    """In use; kept from logging in by staff; or released: its last customer was taken from it, and it has ended."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RELEASED = "released"
