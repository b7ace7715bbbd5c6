"""No clock tells at these doors what the words do not tell: measured at a running server, 1,600 samples a side.

Each sample is a first try: its number, telephone, id and address were never used before. Those of a wait are all of
one wait. ``tests/stopwatch.py`` says what counts as a difference; the figures are printed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import combinations, count
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from mypage.store.engine import Database
from mypage.store.schema import account, account_customer
from tests.bills import LONG_AGO, PASSWORD, STAMP, password_hash
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock
from tests.serving import Answer, Web, serving
from tests.stopwatch import WARM_UP, Ask, Request, compared, measured

pytestmark = pytest.mark.long

SAMPLES = 1600
EACH = SAMPLES + WARM_UP
NAME, OTHER_NAME = "アイコム　タロウ", "ベツノナ　ハナコ"
WRONG_PASSWORD = PASSWORD.replace("7", "8")
FORM = "application/x-www-form-urlencoded"


class Browser:
    """Makes the requests of one form; each comes from an address of its own."""

    def __init__(self, web: Web, path: str) -> None:
        page = web.ask("GET", path)
        self._path = path
        self._cookie = dict(page.headers)["set-cookie"].split(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.body.decode())
        assert found is not None
        self._token = found[1]
        self._addresses = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in count())

    def post(self, **typed: str) -> Request:
        """The request that submits ``typed``."""
        headers = [
            ("Content-Type", FORM),
            ("Cookie", self._cookie),
            ("X-Forwarded-For", next(self._addresses)),
        ]
        return "POST", self._path, urlencode({"csrf_token": self._token, **typed}).encode(), headers


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the server's clock."""
    return tmp_path / "clock"


@pytest.fixture
def web(database: Database, engine_url: str, clock: Path, tmp_path: Path) -> Iterator[Web]:
    """A server, before a master in which every second number is somebody's, many in a second version."""
    customers = [a_customer(_known(place), phone=_phone(place)) for place in range(3 * EACH)]
    publish_customers(database, *customers)
    moved = [
        a_customer(_known(place), phone=_phone(place), address="大津市") for place in range(0, 3 * EACH, 3)
    ]
    publish_customers(database, *moved)
    with database.writing() as connection:
        accounts = [_account(place) for place in range(2 * EACH)]
        # An id that nobody has lies between others: these are the neighbours of those that are tried.
        neighbours = [
            {**_account(place), "id": f"neighbour-{place}", "login_id": login_id, "login_key": login_id}
            for place in range(EACH)
            for login_id in [f"nobod-{place:05}x"]
        ]
        connection.execute(insert(account), [*accounts, *neighbours])
        owned = [
            {"customer_key": _known(place), "account_id": each["id"], "role": "owner", "since": LONG_AGO}
            for place, each in enumerate([*accounts, *neighbours])
        ]
        connection.execute(insert(account_customer), owned)
    database.close()
    settings = {"clock_file": str(clock), "trusted_proxies": "127.0.0.1"}
    with serving(engine_url, tmp_path, **settings) as running:
        yield running


def _known(place: int) -> str:
    return str(10_000_000 + 2 * place)


def _unknown(place: int) -> str:
    return str(10_000_001 + 2 * place)


def _phone(place: int) -> str:
    return f"07486{place:05}"


def _account(place: int) -> dict[str, object]:
    return {
        "id": f"account-{place}",
        "login_id": f"known-{place:05}",
        "login_key": f"known-{place:05}",
        "password_hash": password_hash(),
        "password_changed_at": LONG_AGO,
        "stamp": STAMP,
        # The second half of them cannot be entered even with the right password.
        "state": "active" if place < EACH else "suspended",
        "nickname": "タロウ",
        "email": f"known-{place:05}@example.jp",
        "language": "ja",
        "terms_version": "2026-04-01",
        "created_at": LONG_AGO,
    }


def _all_alike(
    web: Web, kinds: Mapping[str, Ask], check: Callable[[str, Answer], None], tell: pytest.CaptureFixture[str]
) -> None:
    times = measured(web, kinds, samples=SAMPLES, check=check)
    figures = {pair: compared(times[pair[0]], times[pair[1]]) for pair in combinations(kinds, 2)}
    with tell.disabled():
        for (one, other), found in figures.items():
            print(f"\n{one} / {other}: {found}", end="", flush=True)  # noqa: T201
        print()  # noqa: T201
    assert not [pair for pair, found in figures.items() if found.differ]


def _says(words: str, status: int) -> Callable[[str, Answer], None]:
    def check(kind: str, answer: Answer) -> None:
        assert answer.status == status, kind
        assert words in answer.body.decode(), kind

    return check


def test_a_miss_of_the_identity(web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    browser = Browser(web, "/signup")
    kinds: dict[str, Ask] = {
        "unknown number": lambda n: browser.post(
            customer_number=_unknown(n), phone=f"03{n:08}", name_kana=OTHER_NAME
        ),
        "known number, wrong name": lambda n: browser.post(
            customer_number=_known(n), phone=_phone(n), name_kana=OTHER_NAME
        ),
        "known number, wrong telephone": lambda n: browser.post(
            customer_number=_known(EACH + n), phone=f"06{n:08}", name_kana=NAME
        ),
    }
    _all_alike(web, kinds, _says("入力された内容が契約者情報と一致しません。", 200), capsys)


def test_a_login_that_is_refused(web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    browser = Browser(web, "/login")
    kinds: dict[str, Ask] = {
        "unknown id": lambda n: browser.post(login_id=f"nobod-{n:05}", password=WRONG_PASSWORD),
        "known id, wrong password": lambda n: browser.post(login_id=f"known-{n:05}", password=WRONG_PASSWORD),
        "suspended, right password": lambda n: browser.post(
            login_id=f"known-{EACH + n:05}", password=PASSWORD
        ),
    }
    _all_alike(web, kinds, _says("アカウントIDまたはパスワードが一致しません。", 400), capsys)


def _wait_of_half_an_hour(web: Web, clock: Path, requests: list[Callable[[], Request]]) -> None:
    """Let each of the tries fail until it has to wait for thirty minutes."""
    passed = timedelta()
    for _ in range(10):
        passed += timedelta(minutes=31)
        move_clock(clock, passed)
        for request in requests:
            assert web.ask(*request()).status in (200, 400)


def test_a_wait_at_the_identity(web: Web, clock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    browser = Browser(web, "/signup")

    def wrong(number: str, phone: str) -> Callable[[], Request]:
        return lambda: browser.post(customer_number=number, phone=phone, name_kana=OTHER_NAME)

    unknown, known, other = _unknown(5), _known(1005), _known(2005)
    tries = [wrong(unknown, "0311111112"), wrong(known, "0311111113"), wrong(other, "0311111114")]
    _wait_of_half_an_hour(web, clock, tries)
    kinds: dict[str, Ask] = {
        "unknown number": lambda n: browser.post(
            customer_number=unknown, phone=_phone(3005), name_kana=OTHER_NAME
        ),
        "known number, wrong name": lambda n: browser.post(
            customer_number=known, phone=_phone(1005), name_kana=OTHER_NAME
        ),
        "known number, all right": lambda n: browser.post(
            customer_number=other, phone=_phone(2005), name_kana=NAME
        ),
    }
    _all_alike(web, kinds, _says("分後に、もう一度お試しください。", 429), capsys)


def test_a_wait_at_the_login(web: Web, clock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    browser = Browser(web, "/login")

    def wrong(login_id: str) -> Callable[[], Request]:
        return lambda: browser.post(login_id=login_id, password=WRONG_PASSWORD)

    _wait_of_half_an_hour(web, clock, [wrong("nobod-00005"), wrong("known-00005"), wrong("known-01005")])
    kinds: dict[str, Ask] = {
        "unknown id": lambda n: browser.post(login_id="nobod-00005", password=WRONG_PASSWORD),
        "known id, wrong password": lambda n: browser.post(login_id="known-00005", password=WRONG_PASSWORD),
        "known id, right password": lambda n: browser.post(login_id="known-01005", password=PASSWORD),
    }
    _all_alike(web, kinds, _says("分後に、もう一度お試しください。", 429), capsys)


@pytest.mark.parametrize(
    ("path", "field", "ending"),
    [("/recover/password", "login_id", ""), ("/recover/id", "email", "@example.jp")],
)
def test_a_recovery(web: Web, path: str, field: str, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    browser = Browser(web, path)
    kinds: dict[str, Ask] = {
        f"unknown {field}": lambda n: browser.post(**{field: f"nobod-{n:05}{ending}"}),
        f"known {field}": lambda n: browser.post(**{field: f"known-{n:05}{ending}"}),
    }
    _all_alike(web, kinds, _says("", 303), capsys)
