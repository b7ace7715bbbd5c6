"""The timeline of a customer: of what kind each row of the trail is, which tell of a failure, which are mere looks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from mypage.domain.trail import Action


class Kind(StrEnum):
    """What staff filter the timeline by."""

    TRY = "try"
    MAIL = "mail"
    LOGIN = "login"
    STAFF = "staff"
    BATCH = "batch"
    LOOK = "look"


_OF_KIND: Final[Mapping[Kind, tuple[Action, ...]]] = {
    Kind.TRY: (
        Action.IDENTITY_MATCHED,
        Action.IDENTITY_MISSED,
        Action.IDENTITY_THROTTLED,
        Action.IDENTITY_ALREADY_REGISTERED,
        Action.SIGNUP_STUMBLED,
        Action.REGISTRATION_MADE,
        Action.REGISTRATION_REPLACED,
        Action.REGISTRATION_REFUSED,
        Action.REGISTRATION_RESENT,
        Action.REGISTRATION_ADDRESS_CORRECTED,
        Action.REGISTRATION_VOIDED,
        Action.ACTIVATION_DONE,
        Action.ACTIVATION_REFUSED,
        Action.ACTIVATION_LINK_PASTED,
        Action.LETTER_ASKED,
        Action.LETTER_REFUSED,
        Action.LETTER_PROVEN,
        Action.LETTERS_EXPORTED,
        Action.LETTERS_EXPORTED_AGAIN,
        Action.FORM_KEPT,
    ),
    Kind.MAIL: (
        Action.ADDRESS_BOUNCED,
        Action.ADDRESS_CONFIRMATION_SENT,
        Action.ADDRESS_CONFIRMATION_REFUSED,
        Action.ADDRESS_CONFIRMED,
        Action.MAIL_HANDED_OVER,
        Action.MAIL_REFUSED,
        Action.MAIL_GIVEN_UP,
        Action.MAIL_VOIDED,
        Action.MAIL_SERVER_LOST,
        Action.MAIL_SERVER_BACK,
    ),
    Kind.LOGIN: (
        Action.LOGIN_DONE,
        Action.LOGIN_REFUSED,
        Action.LOGIN_THROTTLED,
        Action.LOGOUT_DONE,
        Action.NICKNAME_CHANGED,
        Action.NOTICES_TURNED_ON,
        Action.NOTICES_TURNED_OFF,
        Action.PASSWORD_CHANGED,
        Action.PASSWORD_CHANGE_REFUSED,
        Action.RECOVERY_REQUESTED,
        Action.RECOVERY_THROTTLED,
        Action.RECOVERY_SENT,
        Action.RECOVERY_REFUSED,
        Action.PASSWORD_RESET,
        Action.PASSWORD_RESET_REFUSED,
        Action.FACTOR_ADDED,
        Action.FACTOR_REMOVED,
        Action.FACTOR_CODES_MADE,
        Action.FACTOR_REFUSED,
        Action.FACTOR_THROTTLED,
        Action.SUPPORT_CODE_MADE,
        Action.SUPPORT_CODE_EXPIRED,
        Action.SUPPORT_CODE_THROTTLED,
    ),
    Kind.STAFF: (
        Action.REGISTRATION_RELEASED,
        Action.RELEASE_OBJECTED,
        Action.RELEASE_SETTLED,
        Action.ACT_DONE,
    ),
    Kind.BATCH: (
        Action.BATCH_RECEIVED,
        Action.BATCH_CHECKED,
        Action.BATCH_WITHOUT_ERRORS,
        Action.BATCH_APPROVED,
        Action.BATCH_REFUSED,
        Action.BATCH_GIVEN_UP,
        Action.BATCH_PUBLISHED,
        Action.BATCH_SCHEDULED,
        Action.BATCH_CALLED_OFF,
        Action.BATCH_SCHEDULE_FAILED,
        Action.BATCH_TAKEN_BACK,
        Action.BATCH_SEEN_EXPORTED,
        Action.BATCH_REPORT_EXPORTED,
        Action.BATCH_REPORT_READ,
        Action.BATCH_APPROVAL_ASKED,
        Action.BATCH_MISSED,
        Action.BATCH_TO_CHECK_AGAIN,
        Action.BATCH_DISCARDED,
        Action.FILE_DOWNLOADED,
        Action.FILE_DELETED,
    ),
    Kind.LOOK: (
        Action.BATCH_IDENTITY_SHOWN,
        Action.CUSTOMER_OPENED,
        Action.CUSTOMER_REVEALED,
        Action.ACT_FORM_OPENED,
        Action.REQUEST_OPENED,
        Action.REQUEST_REVEALED,
        Action.VIEW_OPENED,
        Action.VIEW_LOOKED,
        Action.VIEW_ENDED,
        Action.BATCH_SAMPLE_LOOKED,
        Action.BATCH_COMPARED,
        Action.BATCH_SEEN_LISTED,
    ),
}
# What is not named above is done by staff.
KIND: Final[Mapping[Action, Kind]] = {
    **dict.fromkeys(Action, Kind.STAFF),
    **{action: kind for kind, actions in _OF_KIND.items() for action in actions},
}
_OF_WORD: Final = {action.word: kind for action, kind in KIND.items()}
# What auditors looked into: for them and administrators only, else whoever is looked into would read of it here.
AUDITS: Final = frozenset(action for action in Action if action.word.startswith("trail."))
# What a member of staff did without changing anything for the customer: it spoils no form that another has open.
LOOKS: Final = frozenset(
    (
        *_OF_KIND[Kind.LOOK],
        *AUDITS,
        Action.SUPPORT_CODE_REDEEMED,
        Action.SUPPORT_CODE_REFUSED,
        Action.SUPPORT_CODE_THROTTLED,
        Action.CALL_NOTED,
        Action.CALL_ENDED,
        Action.CALL_NUMBER_SHOWN,
        Action.CALL_BACK_MADE,
        Action.CALL_CODE_PROVEN,
        Action.CALL_CODE_REFUSED,
        Action.REQUEST_ASKED,
        Action.REQUEST_APPROVED,
        Action.REQUEST_REFUSED,
        Action.REQUEST_DECLINED,
        Action.REQUEST_WITHDRAWN,
        Action.REQUEST_OVERTAKEN,
    )
)
# The words of actions that tell the fate of a mail. Where the mail is still in the outbox, it tells more itself.
OF_MAILS: Final = frozenset(
    each.word
    for each in (Action.MAIL_HANDED_OVER, Action.MAIL_REFUSED, Action.MAIL_GIVEN_UP, Action.MAIL_VOIDED)
)
# Somebody wanted something and did not get it.
FAILURES: Final = frozenset(
    (
        Action.IDENTITY_MISSED,
        Action.IDENTITY_THROTTLED,
        Action.IDENTITY_ALREADY_REGISTERED,
        Action.SIGNUP_STUMBLED,
        Action.REGISTRATION_REFUSED,
        Action.REGISTRATION_VOIDED,
        Action.ACTIVATION_REFUSED,
        Action.LETTER_REFUSED,
        Action.LOGIN_REFUSED,
        Action.LOGIN_THROTTLED,
        Action.PASSWORD_CHANGE_REFUSED,
        Action.RECOVERY_THROTTLED,
        Action.RECOVERY_REFUSED,
        Action.PASSWORD_RESET_REFUSED,
        Action.ADDRESS_BOUNCED,
        Action.ADDRESS_CONFIRMATION_REFUSED,
        Action.MAIL_REFUSED,
        Action.MAIL_GIVEN_UP,
    )
)
# What led into a wait: the wait alone does not say what was typed wrong.
BEHIND: Final[Mapping[str, Action]] = {
    Action.IDENTITY_THROTTLED.word: Action.IDENTITY_MISSED,
    Action.LOGIN_THROTTLED.word: Action.LOGIN_REFUSED,
}
# Whoever got as far as this has got over what failed before.
SUCCESSES: Final = frozenset(
    (
        Action.IDENTITY_MATCHED,
        Action.REGISTRATION_MADE,
        Action.REGISTRATION_REPLACED,
        Action.ACTIVATION_DONE,
        Action.LOGIN_DONE,
        Action.PASSWORD_CHANGED,
        Action.PASSWORD_RESET,
        Action.ADDRESS_CONFIRMED,
        Action.LETTER_PROVEN,
    )
)


def kind_of(word: str) -> Kind:
    """The kind of the action with that word in the trail; an action that is not known (any more) is of staff."""
    return _OF_WORD.get(word, Kind.STAFF)


def words(kind: Kind) -> tuple[str, ...]:
    """The words in the trail of the actions of a kind."""
    return tuple(action.word for action, each in KIND.items() if each is kind)
