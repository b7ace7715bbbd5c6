"""ご契約内容."""

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue

from mypage.services import contracts
from mypage.subscriber.customer_choice import chosen
from mypage.web import logins
from mypage.web.house import house
from mypage.web.language import language
from mypage.web.pages import page
from mypage.words.sentences import sentence

doors = Blueprint("contract", __name__)
logins.protect(doors)


@doors.get("/contract")
def contract() -> ResponseReturnValue:
    """The customer's services; of phone and address no more than may be shown."""
    customer = chosen(logins.required())
    if customer is None:
        return redirect("/", 303)
    with house().database.reading() as connection:
        shown = contracts.of_customer(connection, customer.key)
    if shown is None:
        abort(404)
    words = {
        status: sentence(f"contract_{status}", language()) for status in ("active", "suspended", "ended")
    }
    return page("subscriber/contract.html", shown=shown, status_words=words)
