"""Password hashing with argon2id. It takes some 20 ms on purpose: never call it inside a transaction."""

from typing import Final, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's measure for argon2id. When it rises, hashes are renewed at the next login (see :func:`verified`).
_HASHER: Final = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)

# The hash of a random password that was thrown away: what is verified where no account is, for the same time.
DUMMY_HASH: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$uq9SCVHY8P3b0fUC6oq7Mg$yorHoL/885Ax7iM7ExJv5i+18u0ua4aMF/satf1wXcw"
)


def hashed(password: str) -> str:
    """The hash to keep of ``password``, exactly as it was typed."""
    return _HASHER.hash(_exactly(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one that ``password_hash`` was made of.

    Takes the same time where there is no hash (nobody of that name) and is then False.
    """
    try:
        right = _HASHER.verify(password_hash or DUMMY_HASH, _exactly(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether ``password_hash`` was made with a lower cost than today's, and should be made anew at a login."""
    return _HASHER.check_needs_rehash(password_hash)


class Verified(NamedTuple):
    """Whether a password was right, and a new hash of it where the kept one was made with a lower cost than today's."""

    is_right: bool
    renewed_hash: str | None


def verified(password_hash: str | None, password: str, *, renews: bool) -> Verified:
    """Verify a password at a login. The hash is made anew only where ``renews``: what opens nothing must not take longer."""
    right = is_right(password_hash, password)
    outdated = right and renews and password_hash is not None and is_outdated(password_hash)
    return Verified(right, hashed(password) if outdated else None)


def _exactly(password: str) -> bytes:
    # A lone surrogate has no UTF-8 form; refusing it here would tell it from other wrong passwords.
    return password.encode("utf-8", "surrogatepass")
