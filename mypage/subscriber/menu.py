"""お客様メニューリスト: where a person is after the login."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from mypage.services import address_confirmation
from mypage.services.sessions import Session
from mypage.shown import statement_list
from mypage.subscriber.customer_choice import chosen, suffix
from mypage.subscriber.statements import mark_as_seen, months_of
from mypage.web import logins
from mypage.web.house import today
from mypage.web.language import language
from mypage.web.pages import page
from mypage.web.reading import reading

doors = Blueprint("menu", __name__)
logins.protect(doors)


@doors.get("/")
def menu() -> ResponseReturnValue:
    """The newest charge at a glance and what one can do; for several customers first the choice."""
    session = logins.required()
    customer = chosen(session)
    if customer is None:
        return page("subscriber/customers.html", customers=_links(session), closed=session.closed)
    newest = months_of(session, customer)[:1]
    mark_as_seen(session, customer, newest, whole_list=False)
    return page(
        "subscriber/menu.html",
        nickname=g.account.nickname,
        newest=statement_list.row(newest[0], language(), today()) if newest else None,
        number=customer.number,
        suffix=suffix(session, customer),
        customers=_links(session) if len(session.customers) > 1 else (),
        closed=session.closed,
        mail_refused=address_confirmation.is_refused(reading(), session.account_id),
    )


def _links(session: Session) -> list[tuple[str, str]]:
    """The account's customers as (number, link)."""
    return [(each.number, f"/{suffix(session, each)}") for each in session.customers]
