"""All tables, a file per concept.

Keys follow one rule: a table that belongs to a customer starts its primary key and every unique key with
``customer_key``, so that it can be distributed by it; ``batch`` and ``publication`` are small and may stand on
every node; accounts, sessions, mail, throttle and trail stay together. There are no foreign keys between the
three groups, because a distributed database could not keep them.
"""

from mypage.store.schema.accounts import account, account_customer, login_name, login_session
from mypage.store.schema.api_tokens import api_rate, api_token
from mypage.store.schema.batches import batch, batch_error, batch_report, left_out, publication
from mypage.store.schema.contracts import contract_set
from mypage.store.schema.customers import customer_version, former_holder
from mypage.store.schema.identity_changes import identity_change, unsettled_batch
from mypage.store.schema.kept_files import batch_progress, kept_bytes, kept_file, kept_part
from mypage.store.schema.kept_forms import kept_form
from mypage.store.schema.letters import letter, letter_export
from mypage.store.schema.mailings import mailing, statement_notice
from mypage.store.schema.metadata import metadata
from mypage.store.schema.outbox import mail_outage, outbox
from mypage.store.schema.payments import payment
from mypage.store.schema.portal_views import portal_view
from mypage.store.schema.recovery import recovery_mail, recovery_request
from mypage.store.schema.registrations import registration, signup_draft, signup_mail
from mypage.store.schema.releases import released_customer
from mypage.store.schema.reveals import revealed_fact
from mypage.store.schema.search import fault, search_term, staff_look, staff_look_count, staff_search
from mypage.store.schema.second_factor import factor_app, factor_passkey, factor_recovery_code
from mypage.store.schema.staff import staff, staff_invitation, staff_session
from mypage.store.schema.statements import statement, statement_view
from mypage.store.schema.stumbles import stumble
from mypage.store.schema.successions import succession
from mypage.store.schema.support import former_address, staff_request, support_call
from mypage.store.schema.support_codes import support_code
from mypage.store.schema.throttle import throttle
from mypage.store.schema.trail import audit_detail, audit_event

__all__ = [
    "account",
    "account_customer",
    "api_rate",
    "api_token",
    "audit_detail",
    "audit_event",
    "batch",
    "batch_error",
    "batch_progress",
    "batch_report",
    "contract_set",
    "customer_version",
    "factor_app",
    "factor_passkey",
    "factor_recovery_code",
    "fault",
    "former_address",
    "former_holder",
    "identity_change",
    "kept_bytes",
    "kept_file",
    "kept_form",
    "kept_part",
    "left_out",
    "letter",
    "letter_export",
    "login_name",
    "login_session",
    "mail_outage",
    "mailing",
    "metadata",
    "outbox",
    "payment",
    "portal_view",
    "publication",
    "recovery_mail",
    "recovery_request",
    "registration",
    "released_customer",
    "revealed_fact",
    "search_term",
    "signup_draft",
    "signup_mail",
    "staff",
    "staff_invitation",
    "staff_look",
    "staff_look_count",
    "staff_request",
    "staff_search",
    "staff_session",
    "statement",
    "statement_notice",
    "statement_view",
    "stumble",
    "succession",
    "support_call",
    "support_code",
    "throttle",
    "unsettled_batch",
]
