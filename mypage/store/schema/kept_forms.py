"""Forms that came after the session or the draft had ended: kept for half an hour, for their owner only."""

from sqlalchemy import Column, Table, Text

from mypage.store.schema.metadata import Instant, Json, metadata

kept_form = Table(
    "kept_form",
    metadata,
    # Of the token in the browser's cookie.
    Column("token_hash", Text, primary_key=True),
    # "account:…" or "customer:…".
    Column("owner", Text, nullable=False, index=True),
    # The path of the form's page, with "?c=…" where it is about one of several customers.
    Column("place", Text, nullable=False),
    # Pairs of field and text; never a password.
    Column("typed", Json, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)
