"""Second factors of any owner: each code once, each wrong one counted, nothing readable in the database."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from mypage.adapters import authenticator, passkeys
from mypage.adapters.passkeys import Known, Site
from mypage.adapters.sealing import Sealer
from mypage.domain.second_factor import MOST_PASSKEYS, Method, Owner, step_of
from mypage.services import second_factor as service
from mypage.services import second_factor_enrolment as enrolment
from mypage.services.second_factor import Proven, Refused
from mypage.services.second_factor_enrolment import Added, NotAdded
from mypage.services.throttle import Waiting
from mypage.store.engine import Database
from mypage.store.schema import audit_event, factor_app, factor_recovery_code
from tests.portal import FACTOR_KEYS, SECRET_KEYS
from tests.soft_passkey import SoftPasskey

NOW = datetime(2026, 11, 26, 3, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
SITE = Site("localhost", "http://localhost:8080", "サンプルケーブル")
SEALER = Sealer((FACTOR_KEYS,))
STAFF, ACCOUNT = Owner("staff", "one"), Owner("account", "one")
CHALLENGE = b"c" * 32


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.writing() as opened:
        yield opened


def an_app(connection: Connection, owner: Owner = STAFF, now: datetime = NOW) -> str:
    secret, sealed = enrolment.offered_app(SEALER, owner, "a session")
    assert enrolment.offered_again(SEALER, owner, "a session", sealed) == secret
    assert enrolment.offered_again(SEALER, owner, "another session", sealed) is None
    assert enrolment.offered_again(SEALER, ACCOUNT if owner is STAFF else STAFF, "a session", sealed) is None
    added = enrolment.add_app(
        connection, owner, secret, code(secret, now), sealer=SEALER, actor=owner.word, now=now
    )
    assert added == Added(Method.APP)
    return secret


def code(secret: str, moment: datetime, steps: int = 0) -> str:
    return authenticator.code_at(secret, step_of(moment) + steps)


def try_app(
    connection: Connection,
    typed: str,
    now: datetime,
    *,
    owner: Owner = STAFF,
    sealer: Sealer = SEALER,
) -> Proven | Refused | Waiting:
    return service.by_app(
        connection, owner, typed, sealer=sealer, secret=SECRET_KEYS, actor=owner.word, now=now
    )


def facts(connection: Connection, action: str) -> list[dict[str, Any]]:
    rows = connection.execute(select(audit_event).where(audit_event.c.action == action)).mappings()
    return [{**json.loads(row["facts"]), "account_id": row["account_id"]} for row in rows]


@pytest.mark.parametrize("owner", [STAFF, ACCOUNT], ids=["staff", "account"])
def test_a_code_is_good_once_and_so_is_none_before_it(connection: Connection, owner: Owner) -> None:
    secret = an_app(connection, owner)
    later = NOW + 10 * STEP
    assert isinstance(try_app(connection, code(secret, NOW), NOW, owner=owner), Refused), "used at enrolment"
    assert try_app(connection, code(secret, later), later, owner=owner) == Proven(Method.APP)
    assert isinstance(try_app(connection, code(secret, later), later, owner=owner), Refused)
    assert isinstance(try_app(connection, code(secret, later, -1), later, owner=owner), Refused)
    assert try_app(connection, code(secret, later, 1), later, owner=owner) == Proven(Method.APP)
    causes = [row["cause"] for row in facts(connection, "factor.refused")]
    assert causes == ["replayed"] * 3
    assert {row["account_id"] for row in facts(connection, "factor.refused")} == {owner.account_id}


def test_a_telephones_clock_may_be_a_step_off_and_no_more(connection: Connection) -> None:
    secret = an_app(connection)
    for number, (steps, right) in enumerate([(-2, False), (-1, True), (0, True), (1, True), (2, False)]):
        at = NOW + (100 + 10 * number) * STEP
        assert isinstance(try_app(connection, code(secret, at, steps), at), Proven) is right, steps


def test_wrong_ones_are_counted_until_they_wait_and_a_right_one_is_given_back(connection: Connection) -> None:
    secret = an_app(connection)
    at = NOW + 10 * STEP
    for _ in range(9):
        at += STEP
        assert isinstance(try_app(connection, code(secret, at), at), Proven)
    answers = [try_app(connection, typed, at) for typed in ("000000", "x", "", "1234567")]
    assert [each.misses for each in answers if isinstance(each, Refused)] == [1, 2, 3, 4]
    waits = [try_app(connection, code(secret, at, 1), at) for _ in range(6)]
    assert all(isinstance(each, Waiting) and each.minutes == 1 for each in waits)
    assert len(facts(connection, "factor.throttled")) == 4, "the trail cannot be filled"
    by_code = service.by_recovery_code(connection, STAFF, "x", secret=SECRET_KEYS, actor="staff:one", now=at)
    assert isinstance(by_code, Waiting), "one counter for all of an owner's factors"
    service.lift_waits(connection, STAFF, secret=SECRET_KEYS)
    assert isinstance(try_app(connection, code(secret, at, 1), at), Proven)


def test_the_secret_rests_encrypted_and_is_encrypted_anew_under_a_new_key(connection: Connection) -> None:
    secret = an_app(connection)
    old = connection.scalar(select(factor_app.c.sealed))
    assert secret not in str(old)
    rotated, at = Sealer(("a-new-key-that-is-long-enough-0123456789", FACTOR_KEYS)), NOW + 10 * STEP
    assert isinstance(try_app(connection, code(secret, at), at, sealer=rotated), Proven)
    new = connection.scalar(select(factor_app.c.sealed))
    assert str(new).partition(".")[0] != str(old).partition(".")[0]
    assert service.unreadable_apps(connection, rotated) == 0
    assert service.unreadable_apps(connection, SEALER) == 1
    refused = try_app(connection, code(secret, at, 1), at)
    assert isinstance(refused, Refused)
    assert refused.is_unreadable
    assert [row["cause"] for row in facts(connection, "factor.refused")] == ["unreadable"]


def test_an_insider_who_copies_their_own_secret_into_anothers_row_gets_nowhere(
    connection: Connection,
) -> None:
    mine, victim = Owner("staff", "mine"), Owner("staff", "victim")
    secret = an_app(connection, mine)
    an_app(connection, victim)
    sealed = connection.scalar(select(factor_app.c.sealed).where(factor_app.c.owner_id == "mine"))
    connection.execute(update(factor_app).where(factor_app.c.owner_id == "victim").values(sealed=sealed))
    at = NOW + 10 * STEP
    assert isinstance(try_app(connection, code(secret, at), at, owner=victim), Refused)
    assert isinstance(try_app(connection, code(secret, at), at, owner=mine), Proven)


def test_nobody_proves_what_they_do_not_have(connection: Connection) -> None:
    assert isinstance(try_app(connection, "123456", NOW), Refused)
    held = service.held(connection, STAFF)
    assert (held.factors, held.app_since, held.codes_left) == (0, None, 0)


def test_an_app_is_taken_with_its_own_code_only(connection: Connection) -> None:
    secret = authenticator.new_secret()
    for typed, why in (
        ("", "factor_code_empty"),
        ("12345", "factor_code_form"),
        (code(secret, NOW, 5), "factor_code_not_of_app"),
    ):
        added = enrolment.add_app(connection, STAFF, secret, typed, sealer=SEALER, actor="staff:one", now=NOW)
        assert added == NotAdded(why)
    assert service.held(connection, STAFF).factors == 0


def test_another_app_takes_the_place_of_the_one_before(connection: Connection) -> None:
    first = an_app(connection)
    second = an_app(connection, now=NOW + 10 * STEP)
    at = NOW + 20 * STEP
    assert isinstance(try_app(connection, code(first, at), at), Refused)
    assert isinstance(try_app(connection, code(second, at), at), Proven)


def test_a_recovery_code_is_good_once_and_new_ones_end_the_old_ones(connection: Connection) -> None:
    def use(typed: str, owner: Owner = STAFF) -> Proven | Refused | Waiting:
        return service.by_recovery_code(
            connection, owner, typed, secret=SECRET_KEYS, actor=owner.word, now=NOW
        )

    codes = enrolment.new_codes(connection, STAFF, actor="staff:one", now=NOW)
    assert len(set(codes)) == 10
    kept = connection.scalars(select(factor_recovery_code.c.code_hash)).all()
    assert not {each.replace("-", "") for each in codes} & set(kept)
    assert use(codes[0].lower().replace("-", " ")) == Proven(Method.RECOVERY_CODE)
    assert isinstance(use(codes[0]), Refused)
    assert isinstance(use(codes[1], ACCOUNT), Refused), "another's"
    assert service.held(connection, STAFF).codes_left == 9
    again = enrolment.new_codes(connection, STAFF, actor="staff:one", now=NOW)
    assert isinstance(use(codes[2]), Refused)
    assert use(again[0]) == Proven(Method.RECOVERY_CODE)


def new_passkey(connection: Connection, key: SoftPasskey, owner: Owner = STAFF, label: str = "") -> object:
    known = service.held(connection, owner).known
    asked = passkeys.question_for_new(
        SITE, owner="opaque", name="ichirou", shown_name="一郎", known=known, challenge=CHALLENGE
    )
    assert "ichirou" not in asked["user"]["id"]
    return enrolment.add_passkey(
        connection,
        owner,
        key.made(asked),
        site=SITE,
        challenge=CHALLENGE,
        label=label,
        actor=owner.word,
        now=NOW,
    )


def sign(
    connection: Connection, key: SoftPasskey, *, challenge: bytes = CHALLENGE, answer: str | None = None
) -> Proven | Refused | Waiting:
    asked = passkeys.question(SITE, known=(), challenge=challenge)
    return service.by_passkey(
        connection,
        STAFF,
        answer or key.signed(asked),
        site=SITE,
        challenge=CHALLENGE,
        secret=SECRET_KEYS,
        actor="staff:one",
        now=NOW,
    )


def test_a_passkey_signs_and_what_it_signed_is_good_once(connection: Connection) -> None:
    key = SoftPasskey("localhost", SITE.origin)
    assert new_passkey(connection, key, label="窓口の PC") == Added(Method.PASSKEY)
    held = service.held(connection, STAFF)
    assert [(each.label, each.is_synced, each.used_at) for each in held.passkeys] == [
        ("窓口の PC", False, None)
    ]
    assert held.known == (Known(held.passkeys[0].credential_id, ("internal",)),)
    asked = passkeys.question(SITE, known=held.known, challenge=CHALLENGE)
    answer = key.signed(asked)
    assert sign(connection, key, answer=answer) == Proven(Method.PASSKEY)
    assert isinstance(sign(connection, key, answer=answer), Refused), "its count was counted"
    assert service.held(connection, STAFF).passkeys[0].used_at == NOW


def test_a_passkey_of_a_makers_cloud_counts_nothing(connection: Connection) -> None:
    key = SoftPasskey("localhost", SITE.origin, counts=False, synced=True)
    new_passkey(connection, key)
    assert service.held(connection, STAFF).passkeys[0].is_synced
    assert [sign(connection, key) for _ in range(2)] == [Proven(Method.PASSKEY)] * 2


def test_what_no_passkey_of_ours_signed_for_this_login_is_refused(connection: Connection) -> None:
    key, stranger = SoftPasskey("localhost", SITE.origin), SoftPasskey("localhost", SITE.origin)
    elsewhere = SoftPasskey("localhost", "http://localhost:9999")
    new_passkey(connection, key)
    elsewhere.id, elsewhere._key = key.id, key._key
    asked = passkeys.question(SITE, known=(), challenge=CHALLENGE)
    forged = json.loads(stranger.signed(asked))
    forged["id"] = forged["rawId"] = service.held(connection, STAFF).passkeys[0].credential_id
    answers = [
        sign(connection, key, challenge=b"d" * 32),
        sign(connection, stranger),
        sign(connection, elsewhere),
        sign(connection, key, answer=json.dumps(forged)),
    ]
    assert all(isinstance(each, Refused) for each in answers)


@pytest.mark.parametrize(
    "answer", ["x", "[]", "{}", '{"id": 1}', "[" * 9000, "x" * 30_000, '{"id": "a", "response": []}']
)
def test_rubbish_is_no_passkey(connection: Connection, answer: str) -> None:
    key = SoftPasskey("localhost", SITE.origin)
    new_passkey(connection, key)
    named = answer.replace('"a"', json.dumps(service.held(connection, STAFF).passkeys[0].credential_id))
    assert isinstance(sign(connection, key, answer=named), Refused)
    made = enrolment.add_passkey(
        connection, STAFF, named, site=SITE, challenge=CHALLENGE, label="", actor="staff:one", now=NOW
    )
    assert made == NotAdded("passkey_not_made")


def test_a_passkey_belongs_to_one_and_one_has_ten_at_most(connection: Connection) -> None:
    key = SoftPasskey("localhost", SITE.origin)
    new_passkey(connection, key)
    assert new_passkey(connection, key, ACCOUNT) == NotAdded("passkey_known")
    for _ in range(MOST_PASSKEYS - 1):
        new_passkey(connection, SoftPasskey("localhost", SITE.origin))
    assert new_passkey(connection, SoftPasskey("localhost", SITE.origin)) == NotAdded("passkey_too_many")


def test_the_last_factor_stays(connection: Connection) -> None:
    def remove(credential_id: str | None) -> str | None:
        return enrolment.remove(connection, STAFF, credential_id, actor="staff:one", now=NOW)

    an_app(connection)
    assert remove(None) == "factor_last"
    new_passkey(connection, SoftPasskey("localhost", SITE.origin))
    (key,) = service.held(connection, STAFF).passkeys
    assert remove("not mine") is None
    assert remove(None) is None
    assert remove(None) is None, "twice does no harm"
    assert remove(key.credential_id) == "factor_last"
    an_app(connection, now=NOW + STEP)
    assert remove(key.credential_id) is None
    assert [row["method"] for row in facts(connection, "factor.removed")] == ["app", "passkey"]
    enrolment.remove_all(connection, STAFF, secret=SECRET_KEYS)
    assert service.held(connection, STAFF).factors == 0
