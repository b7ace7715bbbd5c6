"""Tokens of the API, of which only hashes are kept, and how many requests each sender made of late."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from mypage.store.schema.metadata import Instant, Json, metadata

api_token = Table(
    "api_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    # Kinds of file and deeds, by their words.
    Column("kinds", Json, nullable=False),
    Column("deeds", Json, nullable=False),
    # An actor: a member of staff, or the command line. The first person of whatever the token hands over.
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    Column("last_used_at", Instant),
    # The network, not the machine.
    Column("last_used_from", Text),
)
Index("uq_api_token_token_hash", api_token.c.token_hash, unique=True)

api_rate = Table(
    "api_rate",
    metadata,
    # A token's id, or the HMAC of a client address.
    Column("sender", Text, primary_key=True),
    # When the sender's bucket is full again, in microseconds since 1970 (domain/api_rate.py).
    Column("full_at", BigInteger, nullable=False, index=True),
)
