"""Two ``mypage web`` processes on one database: what is counted at one is counted at the other, and survives both."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account, password_hash
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import move_clock
from tests.serving import Answer, Web, several, start
from tests.signing_up import sign_up_all
from tests.visitor import Visitor

MISSED, WRONG_LOGIN = "一致しません。もう一度お手元の登録書", "アカウントIDまたはパスワードが一致しません。"
WRONG_LINK = "パスワードが一致しません。初期情報の画面"
WAIT = re.compile(r"約(\d+)分後に、もう一度お試しください。")
FORM = "application/x-www-form-urlencoded"
_UNUSED = count(1)


class Webs(NamedTuple):
    """Two running portals, whose proxy is 127.0.0.1, and the links of two provisional registrations."""

    both: list[Web]
    clock: Path
    links: list[str]


@pytest.fixture(scope="module")
def webs(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webs]:
    """Started once: each test has customers and addresses of its own, and the clock only goes forward."""
    folder = tmp_path_factory.mktemp("webs")
    database = Database(module_url)
    numbers = range(101, 105)
    publish_customers(database, *(a_customer(str(number), phone=f"0748600{number}") for number in numbers))
    an_account(database, "101", login_id="owner-101")
    an_account(database, "102", login_id="owner-102")
    links = sign_up_all(database, [4711, 4712], password_hash=password_hash(), now=datetime.now(UTC))
    database.close()
    settings = {"clock_file": str(folder / "clock"), "trusted_proxies": "127.0.0.1"}
    with several(2, module_url, folder, **settings) as both:
        yield Webs(both, folder / "clock", links)


def _right(number: int) -> dict[str, str]:
    return {"customer_number": str(number), "phone": f"0748600{number}", "name_kana": TAROU["name_kana"]}


def _wrong(number: int) -> dict[str, str]:
    return {**_right(number), "name_kana": "ベツノ　ナマエ"}


class Poster:
    """A browser that posts a form again and again, at whichever process and from whichever address."""

    def __init__(self, web: Web, path: str) -> None:
        page = web.ask("GET", path)
        self.path = path
        self.cookie = dict(page.headers)["set-cookie"].split(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.body.decode())
        assert found is not None
        self.token = found[1]

    def post(
        self, web: Web, typed: Mapping[str, str], *forwarded: str, path: str = "", source: str = "127.0.0.1"
    ) -> Answer:
        """Post ``typed``; each of ``forwarded`` is an X-Forwarded-For line of its own."""
        headers = [("Content-Type", FORM), ("Cookie", self.cookie)]
        headers += [("X-Forwarded-For", line) for line in forwarded]
        body = urlencode({"csrf_token": self.token, **typed}).encode()
        return web.ask("POST", path or self.path, body, headers, source=source)


def minutes(answer: Answer) -> int:
    """The wait that an answer tells, in words and in its header; 0 where it tells none."""
    told = WAIT.search(answer.body.decode())
    after = dict(answer.headers).get("retry-after")
    if told is None:
        assert after is None
        assert answer.status != 429
        return 0
    assert answer.status == 429
    assert after == str(int(told[1]) * 60)
    return int(told[1])


def test_they_share_every_counter_and_a_restart_keeps_them(webs: Webs) -> None:
    both, address = webs.both, "192.0.2.7"
    owner = {"login_id": "owner-101", "password": PASSWORD}
    doors = {
        "/signup": (_wrong(103), _right(103), MISSED),
        "/login": ({**owner, "password": "Wrong-2026"}, owner, WRONG_LOGIN),
        webs.links[0]: ({"password": "Wrong-2026"}, {"password": PASSWORD}, WRONG_LINK),
    }
    posters = {path: Poster(both[0], path) for path in doors}
    for path, (wrong, right, told) in doors.items():
        answers = [posters[path].post(both[number % 2], wrong, address) for number in range(4)]
        assert all(told in answer.body.decode() for answer in answers), path
        assert [minutes(posters[path].post(web, right, address)) for web in both] == [1, 1], path
    for web in both:
        web.stop()
    start(both)
    for path, (_, right, _) in doors.items():
        assert [minutes(posters[path].post(web, right, address)) for web in both] == [1, 1], path
    move_clock(webs.clock, timedelta(minutes=1))
    for path, (wrong, right, told) in doors.items():
        assert told in posters[path].post(both[0], wrong, address).body.decode()
        assert minutes(posters[path].post(both[1], right, address)) == 2
    move_clock(webs.clock, timedelta(minutes=3))
    for path, (_, right, _) in doors.items():
        assert posters[path].post(both[1], right, address).status == 303, path


def test_somebody_else_fails_a_hundred_times_and_the_owner_gets_in(webs: Webs) -> None:
    here, there = webs.both
    right = {"login_id": "owner-102", "password": PASSWORD}
    home = Visitor(here.seen_from())
    assert home.get("/login").submit("ログイン", **right).submit("ログアウト").path == "/login?out=1"
    stranger, wrong = Poster(here, "/login"), {**right, "password": "Guess-2026"}
    answers = [
        stranger.post(webs.both[number % 2], wrong, f"203.0.113.{number}").status for number in range(100)
    ]
    assert Counter(answers) == {400: 4, 429: 96}
    # The same browser at the other process, at the first try.
    home.client.application = there.seen_from()
    assert home.get("/login").submit("ログイン", **right).path == "/"
    # A device of the owner's that has never logged in is told how long.
    away = Visitor(there.seen_from()).get("/login").submit("ログイン", **right)
    assert away.status == 429
    assert WAIT.search(away.text)
    assert "パスワードがわからないとき" in away.text


def _several_tries(webs: Webs, source: str, forwarded: Callable[[int], tuple[str, ...]]) -> list[int]:
    """The waits of forty-one claims that nobody has made before."""
    poster = Poster(webs.both[0], "/signup")
    waits = []
    for number in range(1, 42):
        new = next(_UNUSED)
        claim = {"customer_number": f"9{new:05}", "phone": f"03{new:08}", "name_kana": "ベツノ　ナマエ"}
        answer = poster.post(webs.both[number % 2], claim, *forwarded(number), source=source)
        waits.append(minutes(answer))
    return waits


@pytest.mark.parametrize(
    ("source", "forwarded"),
    [
        ("127.0.0.2", lambda number: (f"198.51.100.{number}",)),
        ("127.0.0.1", lambda number: (f"203.0.113.{number}, 198.51.100.77",)),
        ("127.0.0.1", lambda number: (f"203.0.113.{number}", "198.51.100.78")),
        ("127.0.0.1", lambda number: (f"2001:db8:7:7:{number:x}::1",)),
    ],
    ids=[
        "a peer that is no proxy counts itself",
        "the right-most address that is no proxy",
        "also in a line of its own",
        "neighbours in a /64",
    ],
)
def test_tries_that_count_together(
    webs: Webs, source: str, forwarded: Callable[[int], tuple[str, ...]]
) -> None:
    assert _several_tries(webs, source, forwarded) == [0] * 40 + [1]


@pytest.mark.parametrize(
    "forwarded",
    [
        lambda number: (f"192.0.2.{number + 100}",),
        lambda number: ("203.0.113.5", f"100.64.0.{number}, 127.0.0.1"),
        lambda number: (f"2001:db8:8:{number:x}::1",),
    ],
    ids=["a proxy tells the client", "behind two proxies", "outside of a /64"],
)
def test_tries_that_count_apart(webs: Webs, forwarded: Callable[[int], tuple[str, ...]]) -> None:
    assert _several_tries(webs, "127.0.0.1", forwarded) == [0] * 41


def test_fifty_guesses_at_once_are_no_more_than_the_schedule_allows(webs: Webs) -> None:
    doors = {
        "/signup": (_wrong(104), MISSED),
        "/login": ({"login_id": "nobody-s-id", "password": "Wrong-2026"}, WRONG_LOGIN),
        webs.links[1]: ({"password": "Wrong-2026"}, WRONG_LINK),
    }
    with ThreadPoolExecutor(50) as people:
        for path, (wrong, told) in doors.items():
            poster = Poster(webs.both[0], path)
            # Of a link each client has its own tries; a number and an id are guessed from anywhere.
            addresses = [f"100.65.0.{0 if path in webs.links else number}" for number in range(50)]

            def guess(number: int, post: Callable[..., Answer], typed: object, addresses: list[str]) -> str:
                return post(webs.both[number % 2], typed, addresses[number]).body.decode()

            answers = people.map(
                partial(guess, post=poster.post, typed=wrong, addresses=addresses), range(50)
            )
            assert sum(told in answer for answer in answers) == 4, path
