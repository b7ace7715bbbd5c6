"""Eight people press the same button at the same moment, each in a process with the whole portal in it.

Always exactly one of what there may be one of, and for everybody a page that leads on.
"""

from collections import Counter
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from mypage.adapters import passwords
from mypage.services import trail as chain
from mypage.store.engine import Database
from mypage.store.schema import account_customer, audit_event, login_name, registration, throttle
from tests.builders import TAROU, a_customer, publish_customers
from tests.crowd import Order, activate_in_turn, crowd, register_at_once
from tests.portal import portal
from tests.signing_up import accounts, mails, sign_up_all
from tests.visitor import Visitor

EIGHT = range(8)
PASSWORD = "Himitsu12"
COMPLETE, USED, UNDER_WAY = "/signup/complete", "すでに本登録がお済みです", "本登録のお手続きを進めています"
FIRST = 100_000


def _posts(links: list[str], person: int) -> list[Order]:
    """One person's post of each link: from eight addresses, all from one, or all in the browser that registered."""
    orders = []
    for number, link in enumerate(links):
        address = f"192.0.2.{person}" if number % 3 == 0 else "192.0.2.99"
        browser = f"browser {FIRST + number}" if number % 3 == 2 else None
        orders.append(Order(link, PASSWORD, address, browser))
    return orders


def _activate_at_once(database: Database, url: str, tokens: int, password_hash: str) -> None:
    numbers = range(FIRST, FIRST + tokens)
    links = sign_up_all(database, numbers, password_hash=password_hash, now=datetime.now(UTC))
    database.close()
    with crowd(8, url, trusted_proxies="127.0.0.1") as people:
        answers = people.do(activate_in_turn, [_posts(links, person) for person in EIGHT])
    for number, of_one_link in enumerate(zip(*answers, strict=True)):
        assert COMPLETE in of_one_link, (number, of_one_link)
        assert set(of_one_link) <= {COMPLETE, USED, UNDER_WAY}, (number, of_one_link)
    assert accounts(database) == (tokens, tokens)
    assert Counter(kind for kind, *_ in mails(database)) == {
        "provisional_registration": tokens,
        "registered": tokens,
    }
    with database.reading() as connection:
        owned = connection.execute(select(account_customer.c.customer_key)).scalars().all()
        done = select(audit_event.c.customer_key).where(audit_event.c.action == "activation.done")
        assert sorted(connection.execute(done).scalars()) == sorted(owned) == sorted(map(str, numbers))
        claims = connection.execute(select(login_name.c.claimed_by)).scalars().all()
        assert len(claims) == tokens
        assert all(claim.startswith("account:") for claim in claims)
        assert set(connection.execute(select(registration.c.state)).scalars()) == {"activated"}
        counted = select(func.count()).where(
            throttle.c.scope.in_(("activation.client", "activation.browser", "activation.first"))
        )
        assert connection.scalar(counted) == 0, "the right password costs nobody a try"
        assert chain.broken_at(connection) is None
    # What the person does who was told that it is under way.
    page = Visitor(portal(database)).get(links[1])
    assert USED in page.text
    assert page.follow("ログイン").path == "/login"


def test_eight_posts_of_each_link(database: Database, engine_url: str) -> None:
    # A hash that takes no time: the posts meet in the database and not before the processor.
    quick = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
    _activate_at_once(database, engine_url, 90, quick)


@pytest.mark.long
def test_eight_posts_of_a_thousand_links(database: Database, engine_url: str) -> None:
    _activate_at_once(database, engine_url, 1000, passwords.hashed(PASSWORD))


def _profile(person: int, **changed: str) -> dict[str, str]:
    return {
        "login_id": f"tarou{person}",
        "password": PASSWORD,
        "email": f"taro{person % 3}@example.jp",
        "nickname": "タロウ",
        **changed,
    }


def test_one_customer_number_and_one_login_id(database: Database, engine_url: str) -> None:
    publish_customers(
        database, a_customer(), *(a_customer(f"100{person}", phone=f"074862000{person}") for person in EIGHT)
    )
    database.close()
    own = [{**TAROU, "customer_number": f"100{person}", "phone": f"074862000{person}"} for person in EIGHT]
    with crowd(8, engine_url) as people:
        same_number = people.do(register_at_once, [(TAROU, _profile(person)) for person in EIGHT])
        same_id = people.do(
            register_at_once, [(own[person], _profile(person, login_id="hanako")) for person in EIGHT]
        )
    # Whoever comes later replaces, three times a day; then a sentence on screen 3.
    assert Counter(same_number) == {"仮登録が完了しました。": 4, "入力内容の確認": 4}
    # The others choose another id on screen 2.
    assert Counter(same_id) == {"仮登録が完了しました。": 1, "初期情報の入力": 7}
    with database.reading() as connection:
        claims = connection.execute(select(login_name.c.login_key)).scalars().all()
        assert len(claims) == 2
        assert "hanako" in claims
        assert connection.scalar(select(func.count()).select_from(registration)) == 2
        assert chain.broken_at(connection) is None
