"""The audit trail's words and its chain.

Every action is named here with the facts that it must carry, so that a deed that forgets one fails at the call.
Facts never hold personal data; what does (an address, a typed name) goes into the detail, of which the chain keeps
a salted digest only, so that a detail can be purged and the chain stays whole.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import Enum


class Action(Enum):
    """What was done: its name in the trail, and the names of its facts."""

    IDENTITY_MATCHED = ("identity.matched", ())
    IDENTITY_MISSED = ("identity.missed", ("missed", "cause"))
    IDENTITY_THROTTLED = ("identity.throttled", ("scope", "cause"))
    IDENTITY_ALREADY_REGISTERED = ("identity.already_registered", ("cause",))
    REGISTRATION_MADE = ("registration.made", ("registration_id", "serial"))
    REGISTRATION_REPLACED = ("registration.replaced", ("registration_id", "serial"))
    REGISTRATION_REFUSED = ("registration.refused", ("cause",))
    REGISTRATION_RESENT = ("registration.resent", ("registration_id", "serial"))
    REGISTRATION_ADDRESS_CORRECTED = ("registration.address_corrected", ("registration_id", "serial"))
    REGISTRATION_VOIDED = ("registration.voided", ("registration_id", "reason"))
    ACTIVATION_DONE = ("activation.done", ("registration_id",))
    ACTIVATION_REFUSED = ("activation.refused", ("registration_id", "cause"))
    LOGIN_DONE = ("login.done", ())
    LOGIN_REFUSED = ("login.refused", ("cause",))
    LOGIN_THROTTLED = ("login.throttled", ("cause",))
    LOGOUT_DONE = ("logout.done", ())
    PASSWORD_CHANGED = ("password.changed", ("sessions_ended",))
    PASSWORD_CHANGE_REFUSED = ("password.change_refused", ("cause",))
    MAIL_HANDED_OVER = ("mail.handed_over", ("kind", "message_id"))
    MAIL_REFUSED = ("mail.refused", ("kind", "message_id", "reply"))
    MAIL_GIVEN_UP = ("mail.given_up", ("kind", "message_id"))
    MAIL_VOIDED = ("mail.voided", ("kind", "message_id"))
    BATCH_RECEIVED = ("batch.received", ("kind", "sha256"))
    BATCH_CHECKED = ("batch.checked", ("errors", "warnings"))
    BATCH_WITHOUT_ERRORS = ("batch.without_errors", ("left_out",))
    BATCH_APPROVED = ("batch.approved", ())
    BATCH_REFUSED = ("batch.refused", ("errors",))
    BATCH_PUBLISHED = ("batch.published", ("pub_seq", "epoch"))
    BATCH_TAKEN_BACK = ("batch.taken_back", ("epoch", "reason"))

    def __init__(self, word: str, facts: tuple[str, ...]) -> None:
        self.word = word
        self.fact_names = frozenset(facts)

    def check(self, facts: Mapping[str, object]) -> None:
        """Raise ``ValueError`` unless ``facts`` are exactly the ones that this action carries."""
        if facts.keys() != self.fact_names:
            raise ValueError(f"{self.word} carries {sorted(self.fact_names)}, not {sorted(facts)}")


GENESIS = "0" * 64


def canonical(document: Mapping[str, object]) -> str:
    """``document`` as JSON in the one form that is hashed."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def detail_digest(salt: str, detail: str) -> str:
    """The digest that stands in the chain for a personal detail; ``salt`` keeps it from being guessed."""
    return hashlib.sha256(f"{salt}\n{detail}".encode()).hexdigest()


def row_hash(row: Mapping[str, object]) -> str:
    """The hash of a row over all its columns but itself; ``previous_hash`` among them makes the chain."""
    return hashlib.sha256(canonical(row).encode()).hexdigest()
