"""The mails that exist: what each must be told, which goes first, and what a mail that waits is still worth."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, IntEnum, StrEnum
from typing import Final

from mypage.domain.link import UNDELIVERED_LIFE

# A mail that could not be handed over in that time tells nothing new any more.
GIVEN_UP_AFTER: Final = UNDELIVERED_LIFE


class Priority(IntEnum):
    """Lower goes first: somebody who waits at the screen never waits behind a mass mailing."""

    AWAITED = 10
    NOTICE = 50
    MASS = 90


class MailKind(Enum):
    """A kind of mail: its name (its text has the same), the facts that it carries, and its priority.

    ``link``: the purpose of the link that it carries, None where it carries none. The link is signed at each
    delivery and names a serial, so that a newer one takes its place.
    """

    PROVISIONAL_REGISTRATION = ("provisional_registration", (), Priority.AWAITED, "activation")
    # The same of a signup on the telephone, where the password is chosen at the link.
    PROVISIONAL_BY_PHONE = ("provisional_registration_by_phone", (), Priority.AWAITED, "activation")
    REGISTERED = ("registered", ("nickname",), Priority.NOTICE, None)
    REGISTERED_LETTER = ("registered_letter", ("nickname",), Priority.NOTICE, None)
    # ``at``: when the customer's bills begin to be shown.
    REGISTERED_CLOSED = ("registered_closed", ("nickname", "at"), Priority.NOTICE, None)
    # It waits until staff have looked at what a file changed; ``at``: until when they have.
    REGISTERED_APPROVAL = ("registered_approval", ("nickname", "at"), Priority.NOTICE, None)
    APPROVAL_GIVEN = ("approval_given", ("nickname", "at"), Priority.NOTICE, None)
    APPROVAL_DECLINED = ("approval_declined", ("nickname", "at"), Priority.NOTICE, None)
    APPROVAL_EXPIRED = ("approval_expired", ("nickname", "at"), Priority.NOTICE, None)
    # A file changed by what a customer is known, or the number. No values: the address may be another's by now.
    # ``batch_id`` is not told: by it is known whether it is still so.
    IDENTITY_CHANGED = ("identity_changed", ("nickname", "at", "batch_id"), Priority.NOTICE, None)
    NUMBER_CHANGED = ("number_changed", ("nickname", "at", "batch_id"), Priority.NOTICE, None)
    # The master's data on which a registration rested were taken back: one not activated yet has ended, else the
    # account is suspended.
    REGISTRATION_WITHDRAWN = ("registration_withdrawn", ("at",), Priority.NOTICE, None)
    ACCOUNT_WITHDRAWN = ("account_withdrawn", ("nickname", "at"), Priority.NOTICE, None)
    REGISTRATION_RELEASED = ("registration_released", ("nickname", "at"), Priority.NOTICE, None)
    # 「請求確定のお知らせ」. ``month``: yyyymm; ``number``: the end of the customer number, empty where it is short.
    STATEMENT_READY = ("statement_ready", ("nickname", "number", "month"), Priority.MASS, None)
    LETTER_PROVEN = ("letter_proven", ("nickname", "at"), Priority.NOTICE, None)
    ALREADY_REGISTERED = ("already_registered", ("nickname", "at"), Priority.NOTICE, None)
    PASSWORD_CHANGED = ("password_changed", ("nickname", "at"), Priority.NOTICE, None)
    PASSWORD_RECOVERED = ("password_recovered", ("nickname", "at"), Priority.NOTICE, None)
    LOGIN_IDS = ("login_ids", ("login_ids",), Priority.AWAITED, None)
    # What staff did for a caller. ``nickname`` is empty where the address is not confirmed.
    REGISTRATION_CANCELLED = ("registration_cancelled", ("at",), Priority.NOTICE, None)
    ACCOUNT_SUSPENDED = ("account_suspended", ("nickname", "at"), Priority.NOTICE, None)
    ACCOUNT_RESUMED = ("account_resumed", ("nickname", "at"), Priority.NOTICE, None)
    SESSIONS_ENDED = ("sessions_ended", ("nickname", "at"), Priority.NOTICE, None)
    ADDRESS_CORRECTED = ("address_corrected", ("at",), Priority.NOTICE, None)
    ADDRESS_REPLACED = ("address_replaced", ("nickname", "at"), Priority.NOTICE, None)
    ADDRESS_RESTORED = ("address_restored", ("nickname", "at"), Priority.NOTICE, None)
    SECOND_FACTOR_REMOVED = ("second_factor_removed", ("nickname", "at"), Priority.NOTICE, None)
    RELEASE_OBJECTED = ("release_objected", ("nickname", "at"), Priority.NOTICE, None)
    # ``at``: when the customer's bills begin to be shown.
    RELEASE_SETTLED = ("release_settled", ("nickname", "at"), Priority.NOTICE, None)
    # ``mark``: the fact with which the link dies; it stands in the token and nowhere in the text.
    PASSWORD_RESET = ("password_reset", ("nickname", "mark"), Priority.AWAITED, "password-reset")
    ADDRESS_CONFIRMATION = ("address_confirmation", ("mark",), Priority.AWAITED, "address-confirmation")

    # To the auditors: ``look`` is what there was too much of, ``limit`` how many are usual in a day.
    STAFF_LOOKED_MUCH = ("staff_looked_much", ("name", "look", "limit", "at"), Priority.NOTICE, None)
    TRAIL_DOUBTED = ("staff_trail_doubted", ("seq", "at"), Priority.NOTICE, None)
    # To the billing staff: ``what`` became of batches (``ids``, ``kinds``: words of ours), ``due`` is when they were to be
    # published (ISO or empty), ``late`` the minutes that were missed, ``reason`` a code, ``by`` a name; ``page`` a path.
    STAFF_BATCH = (
        "staff_batch",
        ("name", "what", "ids", "kinds", "due", "late", "reason", "by", "page", "at"),
        Priority.NOTICE,
        None,
    )
    # To staff, in Japanese. The link is found by its serial alone.
    STAFF_INVITATION = ("staff_invitation", ("name", "role", "mark"), Priority.AWAITED, "staff-invitation")
    # ``what``: a code of ``words.staff``; something that only its reader, or nobody at all, should have done.
    STAFF_NOTICE = ("staff_notice", ("name", "what", "at"), Priority.NOTICE, None)

    def __init__(self, word: str, facts: tuple[str, ...], priority: Priority, link: str | None) -> None:
        self.word = word
        self.fact_names = frozenset(facts)
        self.priority = priority
        self.link = link

    @property
    def is_for_staff(self) -> bool:
        """Whether it goes to a member of staff, and so concerns no account."""
        return self.word.startswith("staff_")

    @property
    def can_be_turned_off(self) -> bool:
        """Whether it goes to those only who want it, and carries a link by which it is turned off."""
        return self is MailKind.STATEMENT_READY

    @classmethod
    def named(cls, word: str) -> "MailKind":
        """The kind of that name. ``ValueError`` when there is none."""
        for kind in cls:
            if kind.word == word:
                return kind
        raise ValueError(f"no mail is called {word!r}")

    def check(self, facts: Mapping[str, object]) -> None:
        """Raise ``ValueError`` unless ``facts`` are exactly the ones that this mail carries."""
        if facts.keys() != self.fact_names:
            raise ValueError(f"{self.word} carries {sorted(self.fact_names)}, not {sorted(facts)}")


class Worth(StrEnum):
    """What a mail that waits is still worth."""

    SEND = "send"
    # Its link would be dead: the registration was replaced, activated or cancelled meanwhile. Or what it tells is no
    # longer so.
    POINTLESS = "pointless"
    TOO_OLD = "too_old"


def worth(
    kind: MailKind, *, link_lives: bool, enqueued_at: datetime, now: datetime, still_so: bool = True
) -> Worth:
    """Whether the mail is still to be sent.

    ``link_lives``: the link that it carries would open something. ``still_so``: what it tells is still so.
    """
    if not still_so or (kind.link is not None and not link_lives):
        return Worth.POINTLESS
    return Worth.TOO_OLD if now - enqueued_at >= GIVEN_UP_AFTER else Worth.SEND
