"""What pages about second factors need of the house: its keys, its site for passkeys, and challenges."""

import hmac
import json
from hashlib import sha256

from mypage.adapters import passkeys
from mypage.adapters.passkeys import Known, Site
from mypage.adapters.sealing import Sealer
from mypage.domain.second_factor import Owner
from mypage.web.house import house


def sealer() -> Sealer:
    """Seals and opens what is kept encrypted."""
    return Sealer(house().settings.factor_keys)


def site() -> Site | None:
    """Where passkeys belong; None where the portal's address is one that browsers bind none to."""
    settings = house().settings
    domain = settings.passkey_domain
    return None if domain is None else Site(domain, settings.public_url, settings.operator_name)


def challenge(purpose: str, session_id: str) -> bytes:
    """What an authenticator signs: made of the session, so that nothing need be kept and nothing can be sent twice.

    A login's session ends with the right answer; a passkey that is made anew has another id.
    """
    key = house().settings.secret_keys[0].encode()
    return hmac.new(key, f"passkey\n{purpose}\n{session_id}".encode(), sha256).digest()


def question(known: tuple[Known, ...], purpose: str, session_id: str) -> str | None:
    """What the browser is asked for a login, as JSON for the page's script; None where there is nothing to ask for."""
    here = site()
    if here is None or not known:
        return None
    return json.dumps(passkeys.question(here, known=known, challenge=challenge(purpose, session_id)))


def question_for_new(
    owner: Owner, known: tuple[Known, ...], *, name: str, shown_name: str, purpose: str, session_id: str
) -> str | None:
    """What the browser is asked to make a passkey, as JSON for the page's script; None where it can make none here."""
    here = site()
    if here is None:
        return None
    asked = passkeys.question_for_new(
        here,
        # The authenticator keeps it and tells it to whoever asks: an opaque id of at most 64 bytes, never a name.
        owner=sha256(owner.word.encode()).hexdigest()[:32],
        name=name,
        shown_name=shown_name,
        known=known,
        challenge=challenge(purpose, session_id),
    )
    return json.dumps(asked)
