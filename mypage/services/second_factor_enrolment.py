"""Getting a second factor, another one, recovery codes; and taking one away.

Built for every kind of login, as ``services.second_factor``. Whether somebody may do it now (a fresh password, an
invitation) is the caller's to know.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mypage.adapters import authenticator, passkeys
from mypage.adapters.passkeys import Site
from mypage.adapters.sealing import CannotOpen, Sealer
from mypage.domain import second_factor as rules
from mypage.domain.letter import ALPHABET
from mypage.domain.second_factor import CODE_LENGTH, MOST_PASSKEYS, RECOVERY_CODES, Method, Owner
from mypage.domain.trail import Action
from mypage.services import second_factor
from mypage.services.second_factor import tell
from mypage.store import second_factor as store


@dataclass(frozen=True, slots=True)
class Added:
    """The factor is there."""

    method: Method


@dataclass(frozen=True, slots=True)
class NotAdded:
    """Nothing was added; ``code`` says why."""

    code: str


def offered_app(sealer: Sealer, owner: Owner, occasion: str) -> tuple[str, str]:
    """A new secret for an app, and the same sealed: it travels in the form and rests nowhere until a code proves it.

    ``occasion`` (a session) is the only one on which it is taken.
    """
    secret = authenticator.new_secret()
    return secret, sealer.seal(secret, _offer(owner, occasion))


def offered_again(sealer: Sealer, owner: Owner, occasion: str, sealed: str) -> str | None:
    """The secret of an offer that came back with a form; None where it was not made for this occasion."""
    try:
        return sealer.open(sealed, _offer(owner, occasion)).text
    except CannotOpen:
        return None


def add_app(
    connection: Connection,
    owner: Owner,
    secret: str,
    typed: str,
    *,
    sealer: Sealer,
    actor: str,
    now: datetime,
) -> Added | NotAdded:
    """Take the app whose code for ``secret`` was typed. It takes the place of one that was there."""
    digits = rules.digits_typed(typed)
    if not digits:
        return NotAdded("factor_code_empty" if not typed.strip() else "factor_code_form")
    step = authenticator.matching_step(secret, digits, rules.steps_accepted(now))
    if step is None:
        return NotAdded("factor_code_not_of_app")
    sealed = sealer.seal(secret, second_factor.app_context(owner))
    store.put_app(connection, owner, sealed=sealed, last_step=step, now=now)
    return _added(connection, owner, Method.APP, actor, now)


def add_passkey(
    connection: Connection,
    owner: Owner,
    answer: str,
    *,
    site: Site,
    challenge: bytes,
    label: str,
    actor: str,
    now: datetime,
) -> Added | NotAdded:
    """Take the passkey that the browser made for ``challenge``."""
    made = passkeys.read_new(site, answer, challenge=challenge)
    if made is None:
        return NotAdded("passkey_not_made")
    if len(store.passkeys(connection, owner)) >= MOST_PASSKEYS:
        return NotAdded("passkey_too_many")
    row = {
        "credential_id": made.credential_id,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "transports": list(made.transports),
        "is_synced": made.is_synced,
        "label": rules.label_of(label),
        "created_at": now,
    }
    if not store.add_passkey(connection, owner, row):
        return NotAdded("passkey_known")
    return _added(connection, owner, Method.PASSKEY, actor, now)


def new_codes(connection: Connection, owner: Owner, *, actor: str, now: datetime) -> Sequence[str]:
    """New recovery codes as they are shown, once; the former ones are worth nothing any more."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    store.replace_codes(connection, owner, [rules.code_hash(owner, code) for code in codes], now)
    tell(connection, Action.FACTOR_CODES_MADE, owner, actor, now, codes=len(codes))
    return [rules.code_shown(code) for code in codes]


def remove(
    connection: Connection, owner: Owner, credential_id: str | None, *, actor: str, now: datetime
) -> str | None:
    """Take a passkey away, or the app (None). The code of a refusal: the last factor stays; None where it is gone."""
    store.lock(connection, owner)
    held = second_factor.held(connection, owner)
    is_there = (
        held.app_since is not None
        if credential_id is None
        else any(each.credential_id == credential_id for each in held.passkeys)
    )
    if not is_there:
        return None
    if held.factors < 2:
        return "factor_last"
    if credential_id is None:
        store.remove_app(connection, owner)
    else:
        store.remove_passkey(connection, owner, credential_id)
    method = Method.APP if credential_id is None else Method.PASSKEY
    tell(connection, Action.FACTOR_REMOVED, owner, actor, now, method=method.value)
    return None


def remove_all(connection: Connection, owner: Owner, *, secret: str) -> None:
    """Take every factor and code away, and the misses with them. The deed that asks for it leaves the row."""
    store.remove_all(connection, owner)
    second_factor.lift_waits(connection, owner, secret=secret)


def _added(connection: Connection, owner: Owner, method: Method, actor: str, now: datetime) -> Added:
    tell(connection, Action.FACTOR_ADDED, owner, actor, now, method=method.value)
    return Added(method)


def _offer(owner: Owner, occasion: str) -> str:
    return f"factor-app-offer\n{owner.word}\n{occasion}"
