"""The customer master: one row a version, seen by the version rule."""

from sqlalchemy import Boolean, Column, Date, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Json, key_text, metadata

customer_version = Table(
    "customer_version",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("batch_id", Integer, nullable=False),
    # A snapshot that no longer names a customer stores a tombstone: everything below it is then empty.
    Column("tombstone", Boolean, nullable=False),
    Column("number", Text, nullable=False),
    Column("holder_no", Integer, nullable=False),
    Column("shown_number", Text, nullable=False),
    Column("holder_since", Date),
    Column("name", Text, nullable=False),
    Column("name_kana", Text, nullable=False),
    Column("name_kana2", Text),
    Column("name_keys", Json, nullable=False),
    Column("name_rule", Integer, nullable=False),
    Column("phone", Text),
    Column("phone2", Text),
    Column("phone_keys", Json, nullable=False),
    Column("postal_code", Text),
    Column("address", Text),
    Column("billing_name", Text),
    Column("billing_postal_code", Text),
    Column("billing_address", Text),
    Column("status", Text, nullable=False),
    Column("contracted_on", Date),
    Column("ended_on", Date),
    Column("web_registration", Boolean, nullable=False),
    Column("registration_key", Text),
    # Codes of what keeps this row from being registered on the web (「カナ・電話番号の不備」).
    Column("defects", Json, nullable=False),
    PrimaryKeyConstraint("customer_key", "batch_id"),
)

# Which holders a batch makes former ones, by a later holder of their number: few rows, written with the check, so
# that a session can be asked about it and the flip has nothing to look for.
former_holder = Table(
    "former_holder",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("batch_id", Integer, nullable=False, index=True),
    PrimaryKeyConstraint("customer_key", "batch_id"),
)
