"""The story of a customer in order, as staff will see it."""

from datetime import datetime, timedelta

from mypage.domain.timeline import Kind
from mypage.domain.trail import Action
from mypage.services import publication, release, timeline, trail
from mypage.services.timeline import Entry, Page, Place
from mypage.store.engine import Database
from mypage.store.schema import account_customer, outbox
from tests.bills import a_bill, an_account, publish_bills, stage_bills
from tests.builders import a_customer, publish_customers
from tests.mail import enqueue_notice, enqueue_signup, mails_in
from tests.signing_up import NOON, Person

MINUTE = timedelta(minutes=1)


def _of(database: Database, customer_key: str = "12345678", now: datetime = NOON) -> list[Entry]:
    with database.reading() as connection:
        return timeline.of_customer(connection, customer_key, now=now)


def _page(
    database: Database,
    kind: Kind | None = None,
    before: Place | None = None,
    keys: tuple[str, ...] = ("12345678",),
    limit: int = 50,
) -> Page:
    with database.reading() as connection:
        whose = timeline.whose(connection, keys)
        return timeline.page(connection, whose, kind=kind, before=before, now=NOON, limit=limit)


def _log_in(database: Database, account_id: str, at: datetime) -> None:
    with database.writing() as connection:
        trail.record(
            connection,
            Action.LOGIN_DONE,
            actor=f"account:{account_id}",
            account_id=account_id,
            now=at,
            detail={"address": "203.0.113.9"},
        )


def test_tries_deeds_logins_and_mails_stand_in_order(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("777"))
    person = Person(database)
    person.prove(NOON, phone="0311112222")
    person.sign_up(NOON + MINUTE)
    activated = person.activate(now=NOON + 2 * MINUTE)
    account_id = activated.account_id  # type: ignore[attr-defined]
    _log_in(database, account_id, NOON + 3 * MINUTE)
    Person(database, browser="other").prove(NOON + 3 * MINUTE, customer_number="777")
    assert [(entry.what, entry.causes) for entry in _of(database, now=NOON + 2 * MINUTE)] == [
        ("batch.published", ()),
        ("identity.missed", ("A-03",)),
        ("identity.matched", ()),
        ("registration.made", ()),
        ("mail.waiting", ()),
        ("activation.done", ("C-07",)),
        ("mail.waiting", ()),
        ("login.done", ()),
    ]
    told = str(_of(database))
    for personal in ("0311112222", "taro@example.jp", "タロウ", "203.0.113.9"):
        assert personal not in told
    assert _of(database, "70012") == []


def test_a_released_account_keeps_its_part_of_the_story_and_no_other_customer_s(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("777"))
    person = Person(database)
    person.sign_up()
    account_id = person.activate().account_id  # type: ignore[attr-defined]
    shared = an_account(database, "12345678_", login_id="other")
    with database.writing() as connection:
        connection.execute(account_customer.delete())
        connection.execute(
            account_customer.insert().values(
                customer_key="12345678", account_id=shared, role="owner", since=NOON
            )
        )
        trail.record(
            connection,
            Action.IDENTITY_ALREADY_REGISTERED,
            actor="visitor",
            now=NOON,
            customer_key="777",
            account_id=shared,
            cause="A-07",
        )
    for each in (account_id, shared):
        _log_in(database, each, NOON + MINUTE)
    enqueue_notice(database, NOON + 2 * MINUTE, account_id=shared)
    enqueue_notice(database, NOON + 2 * MINUTE, account_id=shared, customer_key="777")
    found = [(entry.what, entry.actor) for entry in _of(database) if entry.at > NOON]
    assert found == [
        ("login.done", f"account:{account_id}"),
        ("login.done", f"account:{shared}"),
        ("mail.waiting", "worker"),
    ]


def test_a_cause_of_a_row_that_is_no_code_is_no_cause(database: Database) -> None:
    account_id = an_account(database, "12345678")
    with database.writing() as connection:
        trail.record(
            connection,
            Action.LOGIN_REFUSED,
            actor="visitor",
            account_id=account_id,
            now=NOON,
            cause="suspended",
        )
    (entry,) = _of(database)
    assert (entry.causes, entry.facts) == ((), {"cause": "suspended"})


def test_a_mail_is_told_once_with_its_state_and_why_it_waits(database: Database) -> None:
    publish_customers(database, a_customer("70012"))
    enqueue_signup(database, NOON)
    (_, entry) = _of(database, "70012")
    assert (entry.at, entry.what, entry.actor, entry.causes) == (NOON, "mail.waiting", "worker", ())
    (_, late) = _of(database, "70012", NOON + 2 * MINUTE)
    assert late.causes == ("F-01",)
    (mail,) = mails_in(database)
    states: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
        "waiting": ({"attempts": 1}, ("C-03",)),
        "refused": ({}, ("C-02",)),
        "given_up": ({}, ("F-01",)),
        "void": ({}, ()),
        "handed_over": ({"handed_over_at": NOON + MINUTE, "server": "mail:25", "attempts": 0}, ()),
    }
    for state, (facts, causes) in states.items():
        with database.writing() as connection:
            connection.execute(outbox.update().values(state=state, **facts))
        (_, entry) = _of(database, "70012", NOON + 2 * MINUTE)
        assert (entry.what, entry.causes) == (f"mail.{state}", causes)
    assert entry.facts == {
        "kind": "provisional_registration",
        "message_id": mail["message_id"],
        "serial": 1,
        "attempts": 0,
        "handed_over_at": NOON + MINUTE,
        "server": "mail:25",
        "next_try_at": NOON,
        "recipient": "t＊＊＊@docomo.ne.jp",
    }


def test_the_rows_of_a_mail_that_is_there_are_not_told_twice(database: Database) -> None:
    enqueue_signup(database, NOON)
    (mail,) = mails_in(database)
    for message_id in (mail["message_id"], "0" * 32):
        with database.writing() as connection:
            trail.record(
                connection,
                Action.MAIL_HANDED_OVER,
                actor="worker",
                now=NOON + MINUTE,
                customer_key="70012",
                kind="provisional_registration",
                message_id=message_id,
            )
    found = [(entry.what, entry.facts["message_id"]) for entry in _of(database, "70012")]
    assert found == [
        ("mail.waiting", mail["message_id"]),
        ("mail.handed_over", "0" * 32),
    ]


def test_the_story_comes_in_pages_without_a_gap_and_by_kind(database: Database) -> None:
    publish_customers(database, a_customer())
    account_id = an_account(database, "12345678")
    for minute in range(3):
        # Deed and mail of one instant may stand on two pages.
        _log_in(database, account_id, NOON + minute * MINUTE)
        _log_in(database, account_id, NOON + minute * MINUTE)
        enqueue_notice(database, NOON + minute * MINUTE, account_id=account_id)
        enqueue_notice(database, NOON + minute * MINUTE, account_id=account_id)
    with database.writing() as connection:
        trail.record(
            connection,
            Action.CUSTOMER_OPENED,
            actor="staff:s1",
            now=NOON,
            customer_key="12345678",
            revealed=[],
        )
    whole = _page(database)
    assert (len(whole.entries), whole.older) == (13, None)
    assert whole.entries == tuple(reversed(_of(database)))
    for limit in (1, 2, 3, 5):
        told: list[Entry] = []
        place = None
        while True:
            page = _page(database, before=place, limit=limit)
            told += page.entries
            if page.older is None:
                break
            assert len(page.entries) == limit
            place = Place.read(str(page.older))
        assert tuple(told) == whole.entries
    kinds = {kind: len(_page(database, kind).entries) for kind in Kind}
    assert kinds == {
        Kind.TRY: 0,
        Kind.MAIL: 6,
        Kind.LOGIN: 6,
        Kind.STAFF: 0,
        Kind.BATCH: 1,
        Kind.LOOK: 1,
    }
    for nonsense in ("", "1_2", "2026_1_1", "x_1_1", f"{whole.entries[0].place}0_1", "0001_1_-5"):
        assert Place.read(nonsense) is None


def test_batches_tell_the_months_and_what_changed_and_never_the_values(database: Database) -> None:
    publish_customers(database, a_customer())
    publish_customers(database, a_customer(phone="0312345678", name_kana="サトウ　タロウ"), a_customer("777"))
    bills = publish_bills(database, a_bill(202610), a_bill(202609), at=NOON)
    taken = publish_bills(database, a_bill(202611), at=NOON + MINUTE)
    with database.writing() as connection:
        publication.take_back(connection, taken, reason="wrong", actor="cli", now=NOON + 2 * MINUTE)
    publish_customers(database, a_customer("999"))
    stage_bills(database, a_bill(202612))
    told = [
        (entry.what, entry.facts["kind"], entry.facts["months"], entry.facts["changed"])
        for entry in _of(database)
    ]
    assert told == [
        ("batch.published", "customers", [], []),
        ("batch.published", "customers", [], ["name_kana", "phone"]),
        ("batch.published", "charges", [202609, 202610], []),
        ("batch.published", "charges", [202611], []),
        ("batch.taken_back", "charges", [202611], []),
    ]
    assert _of(database)[2].facts["batch_id"] == bills


def test_what_an_account_does_after_its_release_is_another_s_story(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("777"))
    account_id = an_account(database, "12345678", "777")
    _log_in(database, account_id, NOON)
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key="12345678",
            account_id=account_id,
            acting_staff="s1",
            reason="本人の申し出",
            now=NOON + MINUTE,
        )
    _log_in(database, account_id, NOON + 2 * MINUTE)
    enqueue_notice(database, NOON + 2 * MINUTE, account_id=account_id)
    told = [entry.what for entry in _of(database) if entry.at >= NOON]
    assert told == ["login.done", "registration.released", "mail.waiting"]
    assert [entry.what for entry in _of(database, "777") if entry.at >= NOON] == [
        "login.done",
        "login.done",
        "mail.waiting",
    ]


def test_the_last_failure_and_what_came_after_it(database: Database) -> None:
    publish_customers(database, a_customer())
    person = Person(database)

    def told(now: datetime) -> tuple[str | None, str | None]:
        with database.reading() as connection:
            whose = timeline.whose(connection, ("12345678",))
            failure = timeline.last_failure(connection, whose, now=now)
            success = timeline.newest_success(connection, whose)
        return failure.what if failure else None, success.what if success else None

    assert told(NOON) == (None, None)
    person.prove(NOON, phone="0311112222")
    assert told(NOON) == ("identity.missed", None)
    person.sign_up(NOON + MINUTE)
    assert told(NOON + MINUTE) == ("identity.missed", "registration.made")
    # A mail that waits for longer than its hand-over takes is a failure of ours.
    assert told(NOON + 3 * MINUTE) == ("mail.waiting", "registration.made")
    person.activate(now=NOON + 4 * MINUTE)
    assert told(NOON + 4 * MINUTE)[1] == "activation.done"
