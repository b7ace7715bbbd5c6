"""Forms kept for their owner: bounded in number and time, shown to nobody else."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from mypage.domain.kept_form import LIFE, MOST_OF_ONE, Owner, Typed
from mypage.services import kept_form as service
from mypage.services.kept_form import KeptForm
from mypage.store.engine import Database
from mypage.store.schema import kept_form
from tests.signing_up import trail

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TYPED: Typed = (("nickname", "はなこ"), ("nickname", "\x00"))
HANAKO = Owner(account_id="hanako")


def keep(database: Database, token: str, at: datetime = NOON, owner: Owner = HANAKO) -> bool:
    with database.writing() as connection:
        return service.keep(
            connection,
            token=token,
            owner=owner,
            place="/profile?c=1",
            form="/profile",
            typed=TYPED,
            cause="D-05",
            secret="secret",
            now=at,
        )


def left(database: Database, token: str, at: datetime = NOON) -> KeptForm | None:
    with database.reading() as connection:
        return service.of_browser(connection, token, at)


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(kept_form)) or 0


def test_it_is_kept_for_half_an_hour_and_told_in_the_trail(database: Database) -> None:
    assert keep(database, "token")
    assert left(database, "token") == KeptForm("account:hanako", "/profile?c=1", TYPED)
    assert left(database, "another") is None
    assert left(database, "token", NOON + LIFE) is None
    assert trail(database, "action", "account_id", "customer_key", "facts", "detail_digest") == [
        ("form.kept", "hanako", None, '{"cause":"D-05","form":"/profile"}', None)
    ]


def test_the_token_itself_is_not_in_the_database(database: Database) -> None:
    keep(database, "token")
    with database.reading() as connection:
        assert connection.execute(select(kept_form.c.token_hash)).scalar_one() != "token"


def test_whoever_turns_out_to_be_another_ends_it(database: Database) -> None:
    keep(database, "token")
    with database.writing() as connection:
        assert not service.hand_to(connection, "token", HANAKO)
    assert left(database, "token")
    with database.writing() as connection:
        assert service.hand_to(connection, "token", Owner(customer_key="hanako"))
    assert count(database) == 0


def test_one_owner_s_forms_never_fill_the_database(database: Database) -> None:
    for number in range(10):
        assert keep(database, f"token{number}", NOON + timedelta(seconds=number))
    keep(database, "other", owner=Owner(customer_key="70012"))
    assert count(database) == MOST_OF_ONE + 1
    at = NOON + timedelta(seconds=10)
    assert [bool(left(database, f"token{number}", at)) for number in range(10)] == [False] * 7 + [True] * 3


def test_nor_does_their_trail(database: Database) -> None:
    kept = [keep(database, f"token{number}") for number in range(60)]
    assert kept == [True] * 40 + [False] * 20
    assert len(trail(database)) == 40
    assert keep(database, "tomorrow", NOON + timedelta(hours=25))


def test_what_is_not_worth_keeping_is_not_kept(database: Database) -> None:
    with database.writing() as connection:
        assert not service.keep(
            connection,
            token="token",
            owner=HANAKO,
            place="/profile",
            form="/profile",
            typed=(("nickname", " "),),
            cause="D-05",
            secret="secret",
            now=NOON,
        )
    assert trail(database) == []


def test_forgotten_is_forgotten(database: Database) -> None:
    keep(database, "token")
    with database.writing() as connection:
        service.forget(connection, "token")
        service.forget(connection, "token")
    assert count(database) == 0
