"""The audit trail's words and its chain.

Every action is named here with the facts that it must carry, so that a deed that forgets one fails at the call.
Facts never hold personal data; what does (an address, a typed name) goes into the detail, of which the chain keeps
a salted digest only, so that a detail can be purged and the chain stays whole.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final


class Action(Enum):
    """What was done: its name in the trail, the names of its facts, and the facts that are always the same.

    ``cause``: the code of the first try for which it was done or refused. ``older_links``: the code of the page that
    every link mailed before shows from then on; the page itself is a GET and leaves no row.
    """

    IDENTITY_MATCHED = ("identity.matched", ())
    IDENTITY_MISSED = ("identity.missed", ("missed", "cause"))
    IDENTITY_THROTTLED = ("identity.throttled", ("scope", "cause"))
    IDENTITY_ALREADY_REGISTERED = ("identity.already_registered", ("cause",))
    SIGNUP_STUMBLED = ("signup.stumbled", ("step", "cause", "rules"))
    REGISTRATION_MADE = ("registration.made", ("registration_id", "serial"))
    REGISTRATION_REPLACED = ("registration.replaced", ("registration_id", "serial"), {"older_links": "C-06"})
    REGISTRATION_REFUSED = ("registration.refused", ("cause",))
    REGISTRATION_RESENT = (
        "registration.resent",
        ("registration_id", "serial"),
        {"cause": "C-01", "older_links": "C-06"},
    )
    REGISTRATION_ADDRESS_CORRECTED = (
        "registration.address_corrected",
        ("registration_id", "serial"),
        {"cause": "C-02", "older_links": "C-06"},
    )
    REGISTRATION_VOIDED = ("registration.voided", ("registration_id", "reason"), {"older_links": "C-05"})
    ACTIVATION_DONE = ("activation.done", ("registration_id",), {"older_links": "C-07"})
    ACTIVATION_REFUSED = ("activation.refused", ("registration_id", "cause"))
    REGISTRATION_RELEASED = ("registration.released", ("before", "after"))
    RELEASE_OBJECTED = ("release.objected", ())
    RELEASE_SETTLED = ("release.settled", ())
    # Registrations that rest on what a file changed (specification §6); the row's batch is that of the file.
    APPROVAL_AWAITED = ("approval.awaited", ("batch", "request_id", "until"))
    APPROVAL_GIVEN = ("approval.given", ("request_id", "way"))
    APPROVAL_PROVEN = ("approval.proven", ())
    APPROVAL_EXPIRED = ("approval.expired", ())
    ACCOUNT_WITHDRAWN = ("account.withdrawn", ("batch", "before", "after"))
    LETTER_ASKED = ("letter.asked", ("serial",))
    LETTER_REFUSED = ("letter.refused", ("serial", "tries_left"))
    LETTER_PROVEN = ("letter.proven", ("serial",))
    LETTERS_EXPORTED = ("letters.exported", ("export_id", "letters", "codes"))
    LETTERS_EXPORTED_AGAIN = ("letters.exported_again", ("export_id", "letters", "codes"))
    ACTIVATION_LINK_PASTED = ("activation.link_pasted", ("registration_id", "cause"))
    LOGIN_DONE = ("login.done", ())
    LOGIN_REFUSED = ("login.refused", ("cause",))
    LOGIN_THROTTLED = ("login.throttled", ("cause",))
    LOGOUT_DONE = ("logout.done", ())
    FORM_KEPT = ("form.kept", ("form", "cause"))
    NICKNAME_CHANGED = ("nickname.changed", ())
    # 「請求確定のお知らせ」. ``by``: ``profile`` (登録情報の変更), or ``link`` (of such a mail).
    NOTICES_TURNED_ON = ("notices.turned_on", ("by",))
    NOTICES_TURNED_OFF = ("notices.turned_off", ("by",))
    PASSWORD_CHANGED = ("password.changed", ("sessions_ended",))
    PASSWORD_CHANGE_REFUSED = ("password.change_refused", ("cause",))
    RECOVERY_REQUESTED = ("recovery.requested", ("kind", "request_id"))
    RECOVERY_THROTTLED = ("recovery.throttled", ("kind", "scope", "cause"))
    RECOVERY_SENT = ("recovery.sent", ("kind", "request_id"))
    RECOVERY_REFUSED = ("recovery.refused", ("kind", "request_id", "reason", "cause"))
    PASSWORD_RESET = ("password.reset", ("sessions_ended",))
    PASSWORD_RESET_REFUSED = ("password.reset_refused", ("reason", "cause"))
    ADDRESS_BOUNCED = ("address.bounced", ("message_id",))
    ADDRESS_CONFIRMATION_SENT = ("address.confirmation_sent", ())
    ADDRESS_CONFIRMATION_REFUSED = ("address.confirmation_refused", ("reason",))
    ADDRESS_CONFIRMED = ("address.confirmed", ())
    MAIL_HANDED_OVER = ("mail.handed_over", ("kind", "message_id"))
    MAIL_REFUSED = ("mail.refused", ("kind", "message_id", "reply"))
    MAIL_GIVEN_UP = ("mail.given_up", ("kind", "message_id"))
    MAIL_VOIDED = ("mail.voided", ("kind", "message_id"))
    MAIL_SERVER_LOST = ("mail.server_lost", ("server", "cause"))
    MAIL_SERVER_BACK = ("mail.server_back", ("server", "since"))
    BATCH_RECEIVED = ("batch.received", ("kind", "sha256"))
    BATCH_CHECKED = ("batch.checked", ("errors", "warnings"))
    BATCH_WITHOUT_ERRORS = ("batch.without_errors", ("left_out",))
    BATCH_APPROVED = ("batch.approved", ())
    BATCH_REFUSED = ("batch.refused", ("errors",))
    BATCH_GIVEN_UP = ("batch.given_up", ())
    BATCH_PUBLISHED = ("batch.published", ("pub_seq", "epoch"))
    BATCH_SCHEDULED = ("batch.scheduled", ("publish_at",))
    BATCH_CALLED_OFF = ("batch.called_off", ())
    BATCH_SCHEDULE_FAILED = ("batch.schedule_failed", ("reason",))
    BATCH_TAKEN_BACK = ("batch.taken_back", ("epoch",))
    BATCH_IDENTITY_SHOWN = ("batch.identity_shown", ("batch",))
    BATCH_SETTLED = ("batch.settled", ("ended", "suspended", "kept"))
    # Tokens of the API. ``token_id``: None where what was shown is no token of ours.
    TOKEN_MADE = ("token.made", ("token_id", "file_kinds", "deeds", "expires_at"))
    TOKEN_REVOKED = ("token.revoked", ("token_id",))
    TOKEN_REFUSED = ("token.refused", ("token_id", "reason"))
    BATCH_REPORT_READ = ("batch.report_read", ())
    # A second person; a time that was missed; what somebody wants to be checked anew, or no more.
    BATCH_APPROVAL_ASKED = ("batch.approval_asked", ("request_id",))
    BATCH_MISSED = ("batch.missed", ("publish_at", "seconds"))
    BATCH_TO_CHECK_AGAIN = ("batch.to_check_again", ())
    BATCH_DISCARDED = ("batch.discarded", ())
    # Looks of billing staff: at a statement as a sample, at who saw which, at two batches side by side; and files taken.
    BATCH_SAMPLE_LOOKED = ("batch.sample_looked", ("page",))
    BATCH_COMPARED = ("batch.compared", ("with_batch", "answers"))
    BATCH_SEEN_LISTED = ("batch.seen_listed", ("part", "answers"))
    BATCH_SEEN_EXPORTED = ("batch.seen_exported", ())
    BATCH_REPORT_EXPORTED = ("batch.report_exported", ())
    # Tokens of the API. ``token_id``: None where what was shown is no token of ours.
    # Files that were handed over through a browser or the API, and are kept for a time.
    FILE_DOWNLOADED = ("file.downloaded", ("file_id",))
    FILE_DELETED = ("file.deleted", ("file_id", "reason"))
    # Staff: their accounts and logins. ``staff_id``: whom a deed is about, where it is not the actor.
    STAFF_INVITED = ("staff.invited", ("staff_id", "role", "serial"))
    STAFF_INVITED_AGAIN = ("staff.invited_again", ("staff_id", "serial"))
    STAFF_JOINED = ("staff.joined", ("role", "method"))
    STAFF_ROLE_CHANGED = ("staff.role_changed", ("staff_id", "before", "after"))
    STAFF_SUSPENDED = ("staff.suspended", ("staff_id", "sessions_ended"))
    STAFF_RESUMED = ("staff.resumed", ("staff_id", "state"))
    STAFF_RESET = ("staff.reset", ("staff_id", "sessions_ended"))
    STAFF_PASSWORD_PROVEN = ("staff.password_proven", ())
    STAFF_LOGGED_IN = ("staff.logged_in", ("method",))
    STAFF_LOGIN_REFUSED = ("staff.login_refused", ("staff_id", "reason"))
    STAFF_LOGIN_THROTTLED = ("staff.login_throttled", ("staff_id",))
    STAFF_LOGGED_OUT = ("staff.logged_out", ())
    STAFF_SESSIONS_ENDED = ("staff.sessions_ended", ("sessions_ended",))
    STAFF_PASSWORD_CHANGED = ("staff.password_changed", ("sessions_ended",))
    STAFF_PASSWORD_REFUSED = ("staff.password_refused", ("deed",))
    # Second factors. ``owner``: the login that they belong to.
    FACTOR_ADDED = ("factor.added", ("owner", "method"))
    FACTOR_REMOVED = ("factor.removed", ("owner", "method"))
    FACTOR_CODES_MADE = ("factor.codes_made", ("owner", "codes"))
    FACTOR_REFUSED = ("factor.refused", ("owner", "method", "cause"))
    FACTOR_THROTTLED = ("factor.throttled", ("owner", "method"))
    # The telephone: numbers that callers read out, and signups.
    SUPPORT_CODE_MADE = ("support_code.made", ("replaces",))
    SUPPORT_CODE_REDEEMED = ("support_code.redeemed", ())
    SUPPORT_CODE_REFUSED = ("support_code.refused", ("reason",))
    SUPPORT_CODE_THROTTLED = ("support_code.throttled", ("scope",))
    SUPPORT_CODE_EXPIRED = ("support_code.expired", ())
    # ``terms_read_out``: the version of the terms to which the caller agreed. ``proof``: a second person, or a letter.
    PHONE_SIGNUP_MADE = (
        "phone_signup.made",
        (
            "registration_id",
            "proof",
            "terms_read_out",
            "call_id",
            "caller",
            "verified",
            "asked_by",
            "request_id",
        ),
    )
    # What staff do for a caller: the call, the act with who asked for it, and what a second person said.
    CALL_NOTED = ("call.noted", ("call_id", "caller", "verified"))
    CALL_ENDED = ("call.ended", ("call_id",))
    CALL_NUMBER_SHOWN = ("call.number_shown", ("call_id", "number"))
    CALL_BACK_MADE = ("call.call_back_made", ("call_id", "number", "reached"))
    CALL_CODE_PROVEN = ("call.code_proven", ("call_id",))
    CALL_CODE_REFUSED = ("call.code_refused", ("call_id", "tries_left"))
    REQUEST_ASKED = ("request.asked", ("request_id", "kind"))
    REQUEST_APPROVED = ("request.approved", ("request_id", "kind", "asked_by"))
    REQUEST_REFUSED = ("request.refused", ("request_id", "kind", "reason"))
    REQUEST_DECLINED = ("request.declined", ("request_id", "kind"))
    REQUEST_WITHDRAWN = ("request.withdrawn", ("request_id", "kind"))
    REQUEST_OVERTAKEN = ("request.overtaken", ("request_id", "kind", "reason"))
    ACT_FORM_OPENED = ("act.form_opened", ("act",))
    REQUEST_OPENED = ("request.opened", ("request_id", "kind"))
    REQUEST_REVEALED = ("request.revealed", ("request_id", "kind"))
    ACT_DONE = (
        "act.done",
        (
            "act",
            "reason",
            "call_id",
            "caller",
            "verified",
            "call_back",
            "asked_by",
            "request_id",
            "before",
            "after",
        ),
    )
    # Looks of staff at a customer. ``revealed``: which masked facts stood open on the page; ``view_id``: of the
    # portal as the subscriber sees it; ``page``: the list, or a month (``YYYY-MM``).
    CUSTOMER_OPENED = ("customer.opened", ("revealed",))
    CUSTOMER_REVEALED = ("customer.revealed", ("fields", "call_id"))
    VIEW_OPENED = ("view.opened", ("view_id", "call_id", "reason", "until"))
    VIEW_LOOKED = ("view.looked", ("view_id", "page"))
    VIEW_ENDED = ("view.ended", ("view_id",))
    # The trail itself: who looked into it, what left it, and what was purged.
    TRAIL_SEARCHED = ("trail.searched", ("filters",))
    TRAIL_ROW_OPENED = ("trail.row_opened", ("seq",))
    TRAIL_DETAIL_SHOWN = ("trail.detail_shown", ("seq",))
    TRAIL_EXPORTED = ("trail.exported", ("filters", "through"))
    TRAIL_LOOKS_TOLD = ("trail.looks_told", ())
    TRAIL_RELEASE_TOLD = ("trail.release_told", ("purpose",))
    TRAIL_DETAILS_PURGED = ("trail.details_purged", ("kind", "before", "count", "through"))
    TRAIL_GUARDED = ("trail.guarded", ("guards",))
    TRAIL_DOUBTED = ("trail.doubted", ("seq", "fault", "told"))
    # Search: ``kinds`` are those of which there were answers. A look beyond a day's usual number, and who was told.
    STAFF_SEARCHED = ("staff.searched", ("kinds", "answers", "too_wide"))
    # A list of customers behind a number of the shift's page.
    STAFF_LISTED = ("staff.listed", ("list", "part", "answers"))
    STAFF_LOOKED_MUCH = ("staff.looked_much", ("look", "limit", "told"))

    def __init__(
        self, word: str, facts: tuple[str, ...], always: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.word = word
        self.fact_names = frozenset(facts)
        self.always = always

    def check(self, facts: Mapping[str, object]) -> None:
        """Raise ``ValueError`` unless ``facts`` are exactly the ones that this action carries."""
        if facts.keys() != self.fact_names:
            raise ValueError(f"{self.word} carries {sorted(self.fact_names)}, not {sorted(facts)}")


GENESIS = "0" * 64

# Details of these are what somebody typed into a search: they are purged sooner.
SEARCHES: Final = frozenset(("staff.searched",))
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class PurgeKind(StrEnum):
    """Details are purged in two kinds, each after its own time."""

    SEARCHES = "searches"
    OTHERS = "others"


def purge_kind(word: str) -> PurgeKind:
    """With which kind the detail of an action is purged."""
    return PurgeKind.SEARCHES if word in SEARCHES else PurgeKind.OTHERS


def canonical(document: Mapping[str, object]) -> str:
    """``document`` as JSON in the one form that is hashed."""
    return _CANONICAL.encode(document)


def detail_digest(salt: str, detail: str) -> str:
    """The digest that stands in the chain for a personal detail; ``salt`` keeps it from being guessed."""
    return hashlib.sha256(f"{salt}\n{detail}".encode()).hexdigest()


def row_hash(row: Mapping[str, object]) -> str:
    """The hash of a row over all its columns but itself; ``previous_hash`` among them makes the chain."""
    return hashlib.sha256(canonical(row).encode()).hexdigest()
