"""Staff: their accounts, invitations and sessions. Nothing here belongs to a customer."""

from sqlalchemy import Column, Integer, Table, Text

from mypage.store.schema.metadata import Instant, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    # Both empty until the invitation is taken up: the invited person chooses the id and the password.
    Column("login_id", Text),
    Column("login_key", Text, unique=True),
    Column("password_hash", Text),
    Column("password_changed_at", Instant),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    # A member of staff, or the command line. Who gave the role or invited is no second person for its holder.
    Column("role_given_by", Text, nullable=False),
    Column("role_given_at", Instant, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Rotated by whatever must end all sessions of the person at once.
    Column("stamp", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_login_at", Instant),
)

staff_invitation = Table(
    "staff_invitation",
    metadata,
    Column("serial", Integer, primary_key=True),
    Column("staff_id", Text, nullable=False, index=True),
    # Stands in the signed link besides the serial: neither the database nor the signing key alone makes one.
    Column("mark", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    # When the mail server took it, or when it was printed on the terminal.
    Column("handed_over_at", Instant),
    # Used, or ended by a deed.
    Column("ended", Text),
    sqlite_autoincrement=True,
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("id_hash", Text, primary_key=True),
    Column("staff_id", Text, nullable=False, index=True),
    Column("stamp", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    # When the second factor was given; a session without it opens nothing but the page that asks for it.
    Column("proven_at", Instant),
    # The invitation by which it was opened: only then a first factor may be enrolled.
    Column("invitation", Integer),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)
