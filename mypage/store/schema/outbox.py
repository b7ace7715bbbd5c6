"""Mail that is to go out: written with what it tells of, delivered by the worker; and the mail server's outage."""

from sqlalchemy import Column, Index, Integer, Table, Text

from mypage.store.schema.metadata import Instant, Json, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    # Lower goes first: a signup mail never waits behind a mass mailing.
    Column("priority", Integer, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("customer_key", Text, index=True),
    Column("account_id", Text, index=True),
    Column("registration_id", Text),
    Column("serial", Integer),
    Column("message_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("enqueued_at", Instant, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("leased_by", Text),
    Column("handed_over_at", Instant),
    Column("server", Text),
    Column("reply", Text),
    sqlite_autoincrement=True,
)
# A mailing has a million mails, and none of them is a registration's.
_OF_REGISTRATION = outbox.c.registration_id.is_not(None)
Index(
    "ix_outbox_registration_id",
    outbox.c.registration_id,
    postgresql_where=_OF_REGISTRATION,
    sqlite_where=_OF_REGISTRATION,
)
Index("ix_outbox_due", outbox.c.state, outbox.c.priority, outbox.c.next_try_at)

# While no conversation with the mail server comes about, so that pages can tell whoever waits for a mail. No row: it
# is well, as far as the workers know.
mail_outage = Table(
    "mail_outage",
    metadata,
    Column("server", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("reply", Text, nullable=False),
)
