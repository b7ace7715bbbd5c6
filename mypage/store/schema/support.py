"""What staff note and ask while they help a caller: calls, requests to a second person, addresses to go back to."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from mypage.store.schema.metadata import Instant, Json, key_text, metadata

# A call that somebody noted, good for that customer and that member of staff. Names nobody.
support_call = Table(
    "support_call",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("id", Text, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("verified", Json, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("ended_at", Instant),
    # The call-back to the master's phone: which of its two numbers, who was reached, and when; or the posted code.
    Column("reached_number", Integer),
    Column("reached", Text),
    Column("reached_at", Instant),
    Column("code_proven_at", Instant),
    PrimaryKeyConstraint("customer_key", "id"),
)
NOT_ENDED = text("ended_at IS NULL")
Index(
    "uq_support_call_open",
    support_call.c.customer_key,
    support_call.c.staff_id,
    unique=True,
    postgresql_where=NOT_ENDED,
    sqlite_where=NOT_ENDED,
)

# What one member of staff asks and another approves; of a kind and subject one waits at a time.
staff_request = Table(
    "staff_request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    # What it is about: a customer's key, the number of a batch.
    Column("subject", Text, nullable=False),
    Column("customer_key", key_text()),
    # Exactly what is to be done, and a mark of the state in which it was asked.
    Column("facts", Json, nullable=False),
    Column("mark", Text, nullable=False),
    Column("asked_by", Text, nullable=False, index=True),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("reply", Text),
    # When the asker has seen what became of it.
    Column("seen_at", Instant),
)
IS_WAITING = text("state = 'waiting'")
Index(
    "uq_staff_request_waiting",
    staff_request.c.kind,
    staff_request.c.subject,
    unique=True,
    postgresql_where=IS_WAITING,
    sqlite_where=IS_WAITING,
)

# The address that an account had before staff corrected it, for as long as that can be taken back.
former_address = Table(
    "former_address",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("replaced_at", Instant, nullable=False),
)
