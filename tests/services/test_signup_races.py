"""Eight real processes at once: for one customer number, one login id, one link — always exactly one account."""

from sqlalchemy import func, select

from mypage.services import trail as chain
from mypage.store.engine import Database
from mypage.store.schema import audit_event, login_name, registration
from tests.builders import a_customer, publish_customers
from tests.signing_up import Person, accounts, activate_in, at_once, mails, register_in

EIGHT = range(8)


def _number(person: int) -> dict[str, str]:
    return {"customer_number": f"100{person}", "phone": f"074862000{person}"}


def test_one_customer_number(database: Database, engine_url: str) -> None:
    publish_customers(database, a_customer())
    for number in EIGHT:
        person = Person(database, browser=f"browser {number}", address=f"192.0.2.{number}")
        person.prove()
        person.fill(login_id=f"tarou{number}", email=f"taro{number % 3}@example.jp")
    database.close()
    registered = at_once(register_in, engine_url, [f"browser {number}" for number in EIGHT])
    # Whoever comes later replaces; three replacements a day, then a sentence.
    assert registered == ["Limit"] * 4 + ["Registered"] * 4
    newest = Person(database).token()
    assert newest.serial == 4
    links = [(newest.registration_id, serial, f"192.0.2.{serial}") for serial in (1, 2, 3, 4) * 2]
    database.close()
    outcomes = at_once(activate_in, engine_url, links)
    activated = {outcome for outcome in outcomes if outcome.startswith("Activated")}
    assert len(activated) == 1
    assert set(outcomes) <= activated | {"Link replaced", "Link used"}
    assert accounts(database) == (1, 1)
    with database.reading() as connection:
        claims = connection.execute(select(login_name.c.claimed_by)).scalars().all()
        assert claims == [next(iter(activated)).replace("Activated ", "account:")]
        assert chain.broken_at(connection) is None


def test_one_login_id(database: Database, engine_url: str) -> None:
    publish_customers(
        database,
        *(
            a_customer(f"100{number}", phone=f"074862000{number}", name_kana="アイコム　タロウ")
            for number in EIGHT
        ),
    )
    for number in EIGHT:
        person = Person(database, browser=f"browser {number}", address=f"192.0.2.{number}")
        person.prove(**_number(number))
        person.fill(email=f"taro{number}@example.jp")
    database.close()
    outcomes = at_once(register_in, engine_url, [f"browser {number}" for number in EIGHT])
    assert outcomes == ["LoginIdTaken"] * 7 + ["Registered"]
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(registration)) == 1
        key = connection.execute(select(registration.c.customer_key)).scalar_one()
        refused = select(func.count()).where(audit_event.c.action == "registration.refused")
        assert connection.scalar(refused) == 7
    assert Person(database).activate(Person(database).token(key)).__class__.__name__ == "Activated"
    assert accounts(database) == (1, 1)


def test_one_link(database: Database, engine_url: str) -> None:
    publish_customers(database, a_customer())
    Person(database).sign_up()
    token = Person(database).token()
    links = [(token.registration_id, token.serial, f"192.0.2.{number}") for number in EIGHT]
    database.close()
    outcomes = at_once(activate_in, engine_url, links)
    assert len(set(outcomes)) == 1
    assert outcomes[0].startswith("Activated")
    assert accounts(database) == (1, 1)
    assert [kind for kind, *_ in mails(database)] == ["provisional_registration", "registered"]
