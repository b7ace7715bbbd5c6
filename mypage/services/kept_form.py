"""Keep a form that came after its session or draft had ended, and show it again to its owner (first-try D-05).

The browser holds a token, the database its hash. A form is kept for the account or the customer whom it was made
for (its page carried that, signed); anybody may send it, nobody else is shown it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.kept_form import LIFE, MOST_OF_ONE, Owner, Typed, is_worth_keeping
from mypage.domain.throttle import LOOSER_PER_ADDRESS
from mypage.domain.trail import Action
from mypage.services import throttle, trail
from mypage.services.throttle import Counter, Waiting
from mypage.store import kept_forms as store


@dataclass(frozen=True)
class KeptForm:
    """What was typed, on which page (its path), and by whom (``Owner.word``)."""

    owner: str
    place: str
    typed: Typed


def keep(
    connection: Connection,
    *,
    token: str,
    owner: Owner,
    place: str,
    form: str,
    typed: Typed,
    cause: str,
    secret: str,
    now: datetime,
) -> bool:
    """Keep what was typed; False where there is nothing to keep, or too much has been kept for this owner.

    ``form`` names the form in the trail; ``place`` is the path of its page.
    """
    if not is_worth_keeping(typed):
        return False
    # A form can be sent again and again without a login, and each time leaves a row in the trail.
    counter = Counter("kept-form", owner.word, LOOSER_PER_ADDRESS)
    if isinstance(throttle.reserve(connection, (counter,), secret=secret, now=now), Waiting):
        return False
    store.keep_newest(connection, owner.word, MOST_OF_ONE - 1)
    store.add(
        connection,
        {
            "token_hash": _hashed(token),
            "owner": owner.word,
            "place": place,
            "typed": typed,
            "expires_at": now + LIFE,
        },
    )
    trail.record(
        connection,
        Action.FORM_KEPT,
        actor="visitor",
        account_id=owner.account_id,
        customer_key=owner.customer_key,
        now=now,
        form=form,
        cause=cause,
    )
    return True


def of_browser(connection: Connection, token: str, now: datetime) -> KeptForm | None:
    """What a browser left; None where there is nothing (any more)."""
    row = store.find(connection, _hashed(token), now)
    if row is None:
        return None
    return KeptForm(row["owner"], row["place"], tuple((name, text) for name, text in row["typed"]))


def hand_to(connection: Connection, token: str, owner: Owner) -> bool:
    """Somebody has proven to be ``owner``: what another left is forgotten. Whether that happened."""
    return store.remove_of_another(connection, _hashed(token), owner.word)


def forget(connection: Connection, token: str) -> None:
    """[入力内容を消す], or it was sent."""
    store.remove(connection, _hashed(token))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
