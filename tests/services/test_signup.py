"""The draft of screens 2 and 3: only after a match, for thirty minutes, with the password as its hash only."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from mypage.services import signup
from mypage.services.signup import Draft, IdCheck, Profile
from mypage.store.engine import Database
from mypage.store.schema import signup_draft
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS
from tests.signing_up import NOON, PROFILE, Person, settings

MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(database: Database) -> Person:
    """Somebody whose identity has matched."""
    publish_customers(database, a_customer())
    somebody = Person(database)
    somebody.prove()
    return somebody


def _drafts(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(signup_draft)) or 0


def _is_there(person: Person, now: datetime) -> bool:
    with person.database.reading() as connection:
        return signup.draft(connection, person.browser_hash, now) is not None


def _check(person: Person, login_id: str, now: datetime = NOON, draft: Draft | None = None) -> IdCheck:
    draft = draft or person.draft(now)
    with person.database.writing() as connection:
        return signup.check_login_id(connection, draft, login_id, secret=SECRET_KEYS, now=now)


def test_a_miss_leaves_no_draft(database: Database) -> None:
    Person(database).prove()
    assert _drafts(database) == 0


def test_a_draft_dies_after_thirty_minutes(person: Person) -> None:
    assert _is_there(person, NOON + 30 * MINUTE - timedelta(seconds=1))
    assert not _is_there(person, NOON + 30 * MINUTE)


def test_going_on_gives_another_thirty_minutes(person: Person) -> None:
    assert person.fill(NOON + 29 * MINUTE)
    assert _is_there(person, NOON + 58 * MINUTE)
    assert not _is_there(person, NOON + 59 * MINUTE)


def test_what_was_typed_is_kept_in_its_clean_form(person: Person) -> None:
    person.fill(login_id="　Ｔａｒｏｕ ", email="taro＠Example.JP", nickname=" タロウ　 さん ")
    draft = person.draft()
    assert (draft.login_id, draft.email, draft.nickname) == ("Tarou", "taro@example.jp", "タロウ さん")
    assert draft.password_hash == "a hash"
    assert draft.claim.customer_number == "0012345678"


def test_going_back_drops_the_password_and_nothing_else(person: Person) -> None:
    person.fill()
    with person.database.writing() as connection:
        signup.go_back(connection, person.browser_hash, NOON)
    draft = person.draft()
    assert draft.password_hash is None
    assert (draft.login_id, draft.email, draft.nickname) == ("tarou", "taro@example.jp", "タロウ")


def test_matching_again_in_the_same_browser_keeps_what_was_typed(person: Person) -> None:
    person.fill()
    person.prove(NOON + 10 * MINUTE)
    assert person.draft().login_id == "tarou"
    assert person.draft().expires_at == NOON + 40 * MINUTE


def test_another_customer_in_the_same_browser_begins_anew(person: Person) -> None:
    publish_customers(person.database, a_customer("777", phone="0312345678"))
    person.fill()
    person.prove(customer_number="777", phone="0312345678")
    draft = person.draft()
    assert (draft.customer_key, draft.login_id, draft.password_hash) == ("777", "", None)


def test_a_dead_draft_takes_nothing_in(person: Person) -> None:
    draft = person.draft()
    with person.database.writing() as connection:
        assert not signup.fill_in(connection, draft, PROFILE, password_hash="a hash", now=NOON + 30 * MINUTE)


def test_a_free_id_a_taken_one_and_what_is_like_it(person: Person) -> None:
    publish_customers(person.database, a_customer("777", phone="0312345678"))
    other = Person(person.database, browser="other")
    other.sign_up(customer_number="777", phone="0312345678", login_id="Tarou")
    assert _check(person, "hanako") == IdCheck(True, "login_id_free")
    taken = _check(person, "ＴＡＲＯＵ")
    assert (taken.free, taken.code) == (False, "login_id_taken")
    assert len(taken.suggestions) == 3
    assert all(_check(person, suggested).free for suggested in taken.suggestions)


def test_an_id_is_free_again_when_its_registration_has_ended(person: Person) -> None:
    publish_customers(person.database, a_customer("777", phone="0312345678"))
    other = Person(person.database, browser="other")
    other.sign_up(customer_number="777", phone="0312345678")
    assert not _check(person, "tarou").free
    later = NOON + timedelta(hours=72)
    person.prove(later)
    assert _check(person, "tarou", later).free


def test_one_s_own_pending_id_counts_as_free(person: Person) -> None:
    person.fill()
    person.register()
    person.prove()
    assert _check(person, "tarou").free


def test_twenty_answers_about_ids_for_one_match(person: Person) -> None:
    assert _check(person, "abc") == IdCheck(False, "login_id_too_short")
    assert all(_check(person, f"tarou{number}").free for number in range(20))
    assert _check(person, "tarou99") == IdCheck(None, "login_id_checks_used_up")
    assert _check(person, "abc") == IdCheck(False, "login_id_too_short")
    # 「最初からお手続きください」 leads on: another match has its own answers.
    person.prove()
    assert _check(person, "tarou99").free


def test_who_matches_again_and_again_waits_for_more_answers_about_ids(person: Person) -> None:
    assert all(_check(person, f"tarou{number}").free for number in range(20))
    # What one match no longer answers costs the customer none of theirs.
    assert _check(person, "hanako") == IdCheck(None, "login_id_checks_used_up")
    person.prove()
    assert all(_check(person, f"hanako{number}").free for number in range(20))
    again = Person(person.database, browser="another")
    again.prove()
    assert _check(again, "hanako") == IdCheck(None, "login_id_checks_wait", minutes=1)
    assert _check(again, "abc").code == "login_id_too_short"
    assert _check(again, "hanako", NOON + MINUTE).free
    # Another customer's answers are their own.
    publish_customers(person.database, a_customer("777", phone="0312345678"))
    other = Person(person.database, browser="other")
    other.prove(customer_number="777", phone="0312345678")
    assert _check(other, "hanako").free


def test_no_answer_without_a_live_match(person: Person) -> None:
    dead = _check(person, "hanako", NOON + 30 * MINUTE, person.draft())
    assert dead == IdCheck(None, "login_id_checks_used_up")


def test_faults_stand_by_their_field(person: Person) -> None:
    draft, chosen = person.draft(), settings()
    assert signup.faults(draft, PROFILE, chosen) == {}
    nothing = signup.faults(draft, Profile("", "", "", ""), chosen)
    assert nothing == {
        "login_id": ("login_id_empty",),
        "password": ("password_empty",),
        "email": ("email_empty",),
        "nickname": ("nickname_empty",),
    }
    typed = Profile("tarou", "12345678", "taro", "http://x.jp")
    assert signup.faults(draft, typed, chosen) == {
        "password": ("password_one_kind", "password_common", "password_is_customer_number"),
        "email": ("email_no_at",),
        "nickname": ("nickname_forbidden_character",),
    }


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Tarou", "password_is_login_id"),
        ("0748-62-1234", "password_is_phone"),
        ("aikomutarou", "password_is_name"),
    ],
)
def test_a_password_that_says_who_one_is(person: Person, password: str, code: str) -> None:
    typed = Profile("tarou", password, "taro@example.jp", "タロウ")
    assert code in signup.faults(person.draft(), typed, settings())["password"]


def test_the_strict_profile_asks_for_fifteen(person: Person) -> None:
    chosen = settings(password_profile="strict")
    typed = Profile("tarou", "ながいながいながいあいことば", "taro@example.jp", "タロウ")
    assert signup.faults(person.draft(), typed, chosen) == {"password": ("password_under_15",)}


def test_a_typo_of_the_domain_is_put_right_on_demand(person: Person) -> None:
    person.fill(email="taro@gmial.com")
    with person.database.writing() as connection:
        signup.take_suggestion(connection, person.draft(), NOON)
    assert person.draft().email == "taro@gmail.com"
    with person.database.writing() as connection:
        signup.take_suggestion(connection, person.draft(), NOON)
    assert person.draft().email == "taro@gmail.com"


def test_the_mark_of_a_draft_is_not_its_token(person: Person) -> None:
    assert person.draft().mark in signup.hashed("browser")
    assert "browser" not in person.draft().mark
