"""Who is let in at the API, who is not, and what each of them is told."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from mypage.domain.api_token import Deed
from mypage.domain.batch import Kind
from mypage.domain.staff import Role, StaffState
from mypage.services import api_tokens, batch_requests
from mypage.services.api_tokens import Token
from mypage.store.engine import Database
from mypage.store.schema import api_token, outbox, staff
from mypage.web import json_log
from mypage.web.house import EXTENSION
from mypage.works.clean_up import clean_up
from tests.delivering import charge, charges, customer, customers, number_change, number_changes, second
from tests.portal import portal
from tests.programme import Core, Programme, a_token, problem_of
from tests.staffing import a_member
from tests.together import until_waiting

TOKEN, BATCHES = "/api/v1/token", "/api/v1/batches"


@pytest.fixture
def core(database: Database, tmp_path: Path) -> Core:
    return Core(database, tmp_path / "clock")


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_living_token_is_let_in_and_its_use_is_kept(core: Core) -> None:
    answer = Programme(core.app, core.programme.token, address="192.0.2.77").get(TOKEN)
    assert answer.status_code == 200
    assert answer.get_json()["deeds"] == ["check", "publish", "take-back", "report"]
    assert answer.headers["RateLimit-Policy"] == '"token";q=300;w=60'
    assert answer.headers["RateLimit"] == '"token";r=299;t=1'
    used = "SELECT last_used_at, last_used_from FROM api_token"
    ((first, network),) = rows(core.database, used)
    assert network == "192.0.2.*"
    # In the same minute it is not written again; elsewhere, and later, it is.
    Programme(core.app, core.programme.token, address="192.0.2.78").get(TOKEN)
    assert rows(core.database, used) == [(first, "192.0.2.*")]
    core.wait(timedelta(minutes=2))
    core.programme.get(TOKEN)
    ((later, network),) = rows(core.database, used)
    assert (later != first, network) == (True, "127.0.0.*")
    # Nothing of its text is kept anywhere.
    shown = (core.programme.token or "")[4:]
    for table in ("api_token", "audit_event", "audit_detail"):
        assert shown not in str(rows(core.database, f"SELECT * FROM {table}"))  # noqa: S608


def test_dead_and_wrong_tokens_are_told_apart_and_counted(
    core: Core, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    maker = a_member(database, Role.BILLING)
    revoked, stopped = core.with_token(name="取り消す"), core.with_token(by=maker.actor)
    token_id = revoked.get(TOKEN).get_json()["id"]
    with database.writing() as connection:
        for _ in range(2):  # twice is once
            assert isinstance(api_tokens.revoke(connection, token_id, by="cli", now=core.clock.now()), Token)
    assert stopped.get(TOKEN).status_code == 200

    def let(role: Role, state: StaffState) -> None:
        with database.writing() as connection:
            changed = update(staff).where(staff.c.id == maker.id)
            connection.execute(changed.values(role=role.word, state=state.value))

    for role, state in ((Role.BILLING, StaffState.SUSPENDED), (Role.AGENT, StaffState.ACTIVE)):
        let(role, state)
        assert problem_of(stopped.get(TOKEN)) == (401, "token_stopped")
    let(Role.BILLING, StaffState.ACTIVE)
    assert stopped.get(TOKEN).status_code == 200
    assert problem_of(revoked.get(TOKEN)) == (401, "token_revoked")
    missing = Programme(core.app, None).get(TOKEN)
    assert problem_of(missing) == (401, "token_missing")
    assert missing.headers["WWW-Authenticate"] == 'Bearer realm="mypage"'
    other = a_token(database)
    with database.writing() as connection:
        connection.execute(
            api_token.delete().where(
                api_token.c.name == "夜間バッチ",
                api_token.c.made_by == "cli",
                api_token.c.last_used_at.is_(None),
            )
        )
    for wrong in ("mpb_x", other, other[:-1], "あ", "x" * 5000):
        answer = Programme(core.app, None).get(
            TOKEN, headers={"Authorization": f"Bearer {wrong}".encode().decode("latin-1")}
        )
        assert problem_of(answer) == (401, "token_unknown")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert problem_of(Programme(core.app, None).get(TOKEN, headers={"Authorization": "Basic eDp5"})) == (
        401,
        "token_unknown",
    )
    core.wait(timedelta(days=91))
    assert problem_of(core.with_token(now=core.clock.now() - timedelta(days=91)).get(TOKEN)) == (
        401,
        "token_expired",
    )
    told = rows(database, "SELECT facts FROM audit_event WHERE action = 'token.refused' ORDER BY seq")
    reasons = [json.loads(str(facts))["reason"] for (facts,) in told]
    assert reasons == ["stopped", "stopped", "revoked", *["unknown"] * 6, "expired"]
    logged = "".join(json_log.JsonFormatter().format(record) for record in caplog.records)
    assert "mpb_" not in logged


def test_an_address_that_tries_too_many_waits_and_its_neighbour_does_not(core: Core) -> None:
    stranger = Programme(core.app, "mpb_wrong")
    answers = [stranger.get(TOKEN) for _ in range(60)]
    assert [problem_of(each) for each in answers[:39]] == [(401, "token_unknown")] * 39
    assert problem_of(answers[-1]) == (429, "too_many_wrong_tokens")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert core.programme.get(TOKEN).status_code == 200
    assert problem_of(Programme(core.app, "mpb_wrong", address="192.0.2.1").get(TOKEN)) == (
        401,
        "token_unknown",
    )
    ((written,),) = rows(core.database, "SELECT count(*) FROM audit_event WHERE action = 'token.refused'")
    assert int(str(written)) < 50


def test_a_token_does_what_it_is_for_and_nothing_else(core: Core) -> None:
    delivery = core.programme.post(
        BATCHES,
        data={
            "a": (io.BytesIO(customers(customer("70012"))), "a.csv"),
            "b": (io.BytesIO(charges(charge("70012"))), "b.csv"),
        },
    ).get_json()["batches"]
    of_charges = next(each["id"] for each in delivery if each["kind"] == "charges")
    of_customers = next(each["id"] for each in delivery if each["kind"] == "customers")
    core.work()
    paths = {
        Deed.CHECK: [
            ("POST", BATCHES),
            ("POST", f"{BATCHES}/{of_charges}/check"),
            ("POST", "/api/v1/uploads"),
        ],
        Deed.PUBLISH: [("POST", f"{BATCHES}/{of_charges}/publish")],
        Deed.TAKE_BACK: [("POST", f"{BATCHES}/{of_charges}/take-back")],
        Deed.REPORT: [("GET", f"{BATCHES}/{of_charges}/report")],
    }
    for deed, asked in paths.items():
        without = core.with_token(deeds=[each for each in Deed if each is not deed])
        for method, path in asked:
            refused = without.ask(method, path)
            assert problem_of(refused) == (403, "token_deed"), path
            assert f'scope="{deed.word}"' in refused.headers["WWW-Authenticate"]
    reader = core.with_token(deeds=[Deed.REPORT])
    assert problem_of(reader.post(f"{BATCHES}/{of_charges}/call-off")) == (403, "token_deed")
    assert core.with_token(deeds=[Deed.TAKE_BACK]).post(f"{BATCHES}/{of_charges}/call-off").status_code == 200
    # Kinds: of others it sees nothing, and touches no delivery that holds one.
    payments = core.with_token(kinds=[Kind.PAYMENTS, Kind.CHARGES])
    assert [each["id"] for each in payments.get(BATCHES).get_json()["batches"]] == [of_charges]
    for path in (
        f"{BATCHES}?kind=customers",
        f"{BATCHES}/{of_customers}",
        f"{BATCHES}/{of_customers}/report",
    ):
        assert problem_of(payments.get(path)) == (403, "token_kind"), path
    for deed_path in ("publish", "check", "call-off"):
        assert problem_of(payments.post(f"{BATCHES}/{of_charges}/{deed_path}")) == (403, "token_kind")
    # Written down the first few times only: a token could fill the trail else.
    ((written,),) = rows(
        core.database,
        "SELECT count(*) FROM audit_event WHERE action = 'token.refused' AND facts LIKE '%token_kind%'",
    )
    assert written == 4


def test_requests_are_limited_for_all_processes_together(core: Core, database: Database) -> None:
    limits = {"api_requests_a_minute": "5", "api_strangers_a_minute": "3"}
    first, second = (portal(database, core.clock_file, **limits) for _ in range(2))
    mine = a_token(database)
    answers = [Programme(app, mine).get(TOKEN) for app in (first, second, first, second, first)]
    assert [each.status_code for each in answers] == [200] * 5
    assert answers[-1].headers["RateLimit"].startswith('"token";r=0;')
    over = Programme(second, mine).get(TOKEN)
    assert problem_of(over) == (429, "too_many_requests")
    wait = int(over.headers["Retry-After"])
    assert 1 <= wait <= 12
    core.wait(timedelta(seconds=wait))
    assert Programme(second, mine).get(TOKEN).status_code == 200
    strangers = [Programme(first, None).get("/api/v1/openapi.json").status_code for _ in range(4)]
    assert strangers == [200, 200, 200, 429]
    assert problem_of(Programme(second, None).get(TOKEN)) == (429, "too_many_requests")
    # A clock that is set back by a day shuts nobody out.
    core.wait(timedelta(days=-1))
    assert Programme(first, mine).get(TOKEN).status_code in (200, 401)
    assert Programme(first, None, address="127.0.0.1").get("/api/v1/openapi.json").status_code == 200
    ((before,),) = rows(database, "SELECT count(*) FROM api_rate")
    core.wait(timedelta(days=2))
    settings = core.app.extensions[EXTENSION].settings
    assert clean_up(settings, database, core.clock.now())["api_senders"] == before == 2


def test_a_request_of_token_ends_with_the_token(core: Core, database: Database) -> None:
    programme = Programme(portal(database, core.clock_file, second_person="all"), a_token(database))
    core.programme = programme
    batch = programme.post(BATCHES, body=customers(customer("70012"))).get_json()["batches"][0]
    core.work()
    assert programme.post(f"{BATCHES}/{batch['id']}/publish").get_json()["code"] == "needs_second_person"
    token_id = programme.get(TOKEN).get_json()["id"]
    with database.writing() as connection:
        assert batch_requests.of_delivery(connection, batch["delivery"], now=core.clock.now()) is not None
        api_tokens.revoke(connection, token_id, by="cli", now=core.clock.now())
        assert batch_requests.of_delivery(connection, batch["delivery"], now=core.clock.now()) is None


def test_an_order_of_a_token_ends_with_the_token(core: Core, database: Database) -> None:
    maker, other = a_member(database, Role.BILLING, email="maker@example.jp"), second(database)
    orders, lives = core.with_token(by=maker.actor), core.with_token(by=maker.actor, days=1)

    def handed(content: bytes) -> int:
        found: int = core.programme.post(BATCHES, body=content).get_json()["batches"][0]["id"]
        return found

    def order(by: Programme, batch_id: int, **wanted: str) -> str:
        code: str = by.post(f"{BATCHES}/{batch_id}/publish", json=wanted).get_json()["code"]
        return code

    def standing(batch_id: int) -> tuple[str, bool]:
        found = core.programme.get(f"{BATCHES}/{batch_id}").get_json()["batches"][0]
        return found["state"], found["publish_at"] is not None

    def mails() -> list[tuple[str, str]]:
        query = select(outbox.c.facts).where(outbox.c.kind == "staff_batch").order_by(outbox.c.id)
        with database.reading() as connection:
            return [(facts["what"], facts["name"]) for facts in connection.scalars(query)]

    def revoke(programme: Programme) -> None:
        token_id = programme.get(TOKEN).get_json()["id"]
        with database.writing() as connection:
            api_tokens.revoke(connection, token_id, by=other.actor, now=core.clock.now())

    at = (core.clock.now() + timedelta(hours=5)).isoformat()
    scheduled, kept = (
        handed(customers(customer("70012"))),
        handed(customers(customer("70013"), customer("70099"))),
    )
    core.work()
    assert (order(orders, scheduled, at=at), order(lives, kept, at=at)) == ("scheduled", "scheduled")
    waits = handed(customers(customer("70014")))
    assert order(orders, waits) == "being_checked"
    revoke(orders)
    assert orders.get(TOKEN).status_code == 401
    core.wait(timedelta(hours=6))
    core.work()
    assert [standing(each) for each in (scheduled, kept, waits)] == [
        ("checked", False),
        ("published", False),
        ("checked", False),
    ]
    assert mails() == [("lapsed", maker.name)] * 2 + [("missed", maker.name)]
    # A wish that a check carried is not asked for in the name of a token whose days are over by then.
    changes = handed(number_changes(number_change("70013", "70099")))
    assert order(lives, changes) == "being_checked"
    core.wait(timedelta(days=2))
    core.work()
    answer = core.programme.get(f"{BATCHES}/{changes}").get_json()
    assert (answer["batches"][0]["state"], answer["request"]) == ("checked", None)
    assert sorted(mails()[3:]) == sorted([("to_ask", maker.name), ("to_ask", other.name)])
    # Revoked while its order is on the way: that order is not taken any more.
    late = core.with_token()
    batch = handed(customers(customer("70015")))
    core.work()
    token_id = late.get(TOKEN).get_json()["id"]
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection:
            api_tokens.revoke(connection, token_id, by=other.actor, now=core.clock.now())
            answer = pool.submit(late.post, f"{BATCHES}/{batch}/publish")
            until_waiting(database, 1)
        assert problem_of(answer.result()) == (401, "token_revoked")
    assert standing(batch) == ("checked", False)


def test_everything_that_is_refused_is_a_problem(core: Core) -> None:
    ask = core.programme
    assert problem_of(ask.get("/api/v1/nothing")) == (404, "not_found")
    assert problem_of(ask.get("/api/")) == (404, "not_found")
    assert problem_of(ask.get(f"{BATCHES}/99999999999")) == (404, "not_found")
    assert problem_of(ask.get(f"{BATCHES}/12")) == (404, "no_such_batch")
    assert problem_of(ask.get("/api/v1/problems/x")) == (404, "not_found")
    wrong = ask.ask("DELETE", BATCHES)
    assert problem_of(wrong) == (405, "method_not_allowed")
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert problem_of(ask.post(f"{BATCHES}/1/publish", data={"at": "now"})) == (415, "unsupported_media_type")
    assert problem_of(ask.post(f"{BATCHES}/1/publish", json={"at": "x" * 70_000})) == (413, "too_large")
    chunked = ask.ask(
        "POST",
        BATCHES,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"CONTENT_LENGTH": ""},
    )
    assert problem_of(chunked) == (411, "length_required")
    for body, code in ((b"{", "json_broken"), (b"[]", "json_no_object"), (b"[" * 60_000, "json_broken")):
        broken = ask.post(f"{BATCHES}/1/publish", body=body, content_type="application/json")
        assert problem_of(broken) == (400, "fields_wrong")
        assert broken.get_json()["errors"][0]["code"] == code
    fields = {"at": "2020-01-01T00:00", "notices": 1, "without_errors": "yes", "x\n": 0}
    several = ask.post(f"{BATCHES}/1/publish", json=fields, headers={"Accept-Language": "en"})
    told = [(each["field"], each["code"]) for each in several.get_json()["errors"]]
    assert told == [
        ("x?", "field_unknown"),
        ("at", "field_past"),
        ("notices", "field_no_boolean"),
        ("without_errors", "field_no_boolean"),
    ]
    assert several.get_json()["title"] == "Some values are wrong."
    for at, code in (
        (5, "field_no_instant"),
        ("9999-01-01T00:00Z", "field_far"),
        ("0001-01-01", "field_no_instant"),
        ("heute", "field_no_instant"),
    ):
        answer = ask.post(f"{BATCHES}/1/publish", json={"at": at})
        assert answer.get_json()["errors"][0]["code"] == code, at
    for reason, code in (
        (None, "field_missing"),
        (5, "field_no_text"),
        (" ", "field_empty"),
        ("x" * 201, "field_long"),
    ):
        sent = {} if reason is None else {"reason": reason}
        answer = ask.post(f"{BATCHES}/1/take-back", json=sent)
        assert answer.get_json()["errors"][0]["code"] == code
    assert ask.get(f"{BATCHES}?lang=en").status_code == 400
    meaning = ask.get("/api/v1/problems/token_deed", headers={"Accept-Language": "en"}).get_json()
    assert (meaning["status"], meaning["title"]) == (403, "The token is not for this deed.")


def test_a_lost_database_and_a_fault_of_ours_are_problems_too(core: Core) -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    answer = Programme(portal(nowhere), core.programme.token).get(TOKEN)
    nowhere.close()
    assert problem_of(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "30"

    def fault() -> str:
        raise RuntimeError("090-1234-5678")

    app = portal(core.database)
    app.add_url_rule("/api/v1/fault", view_func=fault)
    broken = Programme(app, None).client.get("/api/v1/fault", base_url="http://127.0.0.1:8080")
    assert problem_of(broken) == (500, "fault")
    assert "090" not in broken.text
    ((found,),) = rows(core.database, "SELECT request_number FROM fault")
    assert found == broken.get_json()["request"]
