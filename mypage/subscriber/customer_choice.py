"""Which customer a page is about, for a login that holds several: said by each address, kept nowhere."""

from hmac import compare_digest

from flask import abort, g, request

from mypage.domain.customer_link import link_id
from mypage.services.sessions import Session, ShownCustomer
from mypage.web.house import house

_LONGEST = 40


def chosen(session: Session) -> ShownCustomer | None:
    """The customer that ``?c=`` names, or the only one; None where there are several and none is named.

    A name that is not one of this account's is a page that does not exist.
    """
    asked = request.args.get("c") if request.query_string else None
    customers = session.customers
    if asked is None:
        return customers[0] if len(customers) == 1 else None
    found = next((each for each in customers if _is_named(session, each, asked)), None)
    if found is None:
        abort(404)
    g.customer_query = suffix(session, found)
    return found


def suffix(session: Session, customer: ShownCustomer) -> str:
    """What links of a page about ``customer`` carry behind their path; empty for a login with one customer."""
    if len(session.customers) == 1:
        return ""
    return f"?c={link_id(house().settings.secret_keys[0], session.account_id, customer.key)}"


def _is_named(session: Session, customer: ShownCustomer, asked: str) -> bool:
    if len(asked) > _LONGEST or not asked.isascii():
        return False
    keys = house().settings.secret_keys
    return any(compare_digest(link_id(key, session.account_id, customer.key), asked) for key in keys)
