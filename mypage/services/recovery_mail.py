"""The mails that recovery writes: how many may go out, and their writing.

Per account and per destination 5 in 24 hours (specification §7), however many forms are sent; counted apart from
those of signups, so that neither takes the other's.
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.domain import signup_mail as rules
from mypage.domain.signup_mail import Limit
from mypage.services import outbox, signup_mail
from mypage.services.account_link import AccountLink
from mypage.store import recovery as store
from mypage.store import registrations

LOGIN_IDS = "login-ids"


def limit(
    connection: Connection, email: str, *, account_id: str | None, secret: str, now: datetime
) -> Limit | None:
    """The limit of the address, or (with ``account_id``) of the account, that one more mail would break; None if none.

    Held until the end of the transaction.
    """
    since, to = now - rules.WINDOW, signup_mail.destination(email, secret=secret)
    registrations.lock_destination(connection, to)
    counted = [store.mails_to(connection, to, since)]
    if account_id is not None:
        counted.append(store.mails_of(connection, account_id, since))
    reached = [rules.full_until(moments, rules.MOST_MAILS) for moments in counted]
    until = max((each for each in reached if each is not None), default=None)
    return None if until is None else Limit(rules.TOO_MANY_MAILS, until)


def send_link(
    connection: Connection,
    link: AccountLink,
    account: RowMapping,
    kind: str,
    *,
    secret: str,
    now: datetime,
    **facts: object,
) -> None:
    """Write a mail with a link to the account, which takes the place of any before it."""
    to = signup_mail.destination(account["email"], secret=secret)
    serial = link.open(connection, account, destination=to, now=now)
    outbox.enqueue(
        connection,
        kind,
        recipient=account["email"],
        language=account["language"],
        facts={"mark": link.mark(account), **facts},
        account_id=account["id"],
        serial=serial,
        now=now,
    )


def send_login_ids(connection: Connection, accounts: list[RowMapping], *, secret: str, now: datetime) -> None:
    """Write one mail with the login ids of accounts that share an address, the first one's; nothing else of them."""
    first = accounts[0]
    row = {
        "purpose": LOGIN_IDS,
        "account_id": None,
        "destination": signup_mail.destination(first["email"], secret=secret),
        "enqueued_at": now,
    }
    store.add_mail(connection, row)
    outbox.enqueue(
        connection,
        "login_ids",
        recipient=first["email"],
        language=first["language"],
        facts={"login_ids": [account["login_id"] for account in accounts]},
        account_id=first["id"],
        now=now,
    )
