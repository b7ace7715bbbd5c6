"""Signed links: what they say, and the ways in which they fail."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from mypage.adapters.tokens import Broken, Expired, Signed, Tokens

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
OLD, NEW = "o" * 40, "n" * 40


def test_says_what_was_signed_and_when() -> None:
    tokens = Tokens([NEW])
    token = tokens.sign("activation", {"r": "abc", "s": 2}, NOW)
    assert tokens.read("activation", token, NOW + timedelta(days=9)) == Signed({"r": "abc", "s": 2}, NOW)


def test_is_expired_after_its_age_and_not_before() -> None:
    tokens = Tokens([NEW])
    token = tokens.sign("activation", {"r": "abc"}, NOW)
    day = timedelta(hours=24)
    assert tokens.read("activation", token, NOW + day, day) == Signed({"r": "abc"}, NOW)
    assert tokens.read("activation", token, NOW + day + timedelta(seconds=1), day) == Expired(
        {"r": "abc"}, NOW
    )


def test_a_clock_that_was_set_back_breaks_no_link() -> None:
    tokens = Tokens([NEW])
    token = tokens.sign("activation", {"r": "abc"}, NOW)
    early = NOW - timedelta(minutes=5)
    assert isinstance(tokens.read("activation", token, early, timedelta(hours=24)), Signed)


def test_opens_nothing_of_another_purpose() -> None:
    tokens = Tokens([NEW])
    assert tokens.read("recovery", tokens.sign("activation", {"r": "abc"}, NOW), NOW) == Broken()


def test_keys_rotate_newest_first() -> None:
    before, after, forgotten = Tokens([OLD]), Tokens([NEW, OLD]), Tokens([NEW])
    token = before.sign("activation", {"r": "abc"}, NOW)
    assert isinstance(after.read("activation", token, NOW), Signed)
    assert forgotten.read("activation", token, NOW) == Broken()
    # What is signed after the rotation is signed by the new key: the old one may be thrown away a day later.
    assert isinstance(forgotten.read("activation", after.sign("activation", {}, NOW), NOW), Signed)


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_cut_link_is_broken(cut: int) -> None:
    tokens = Tokens([NEW])
    assert (
        tokens.read("activation", tokens.sign("activation", {"r": "abc", "s": 1}, NOW)[:-cut], NOW)
        == Broken()
    )


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "登録", "\x00", "a" * 5000, "=" * 99, "％", "\ud800"]
)
def test_what_is_no_token_is_broken(token: str) -> None:
    assert Tokens([NEW]).read("activation", token, NOW) == Broken()


def test_another_kind_of_payload_is_broken() -> None:
    tokens = Tokens([NEW])
    listed = tokens._serializer("activation", NOW).dumps(["r", "s"])
    assert tokens.read("activation", str(listed), NOW) == Broken()


def test_fits_a_path_and_the_end_of_a_line() -> None:
    token = Tokens([NEW]).sign("activation", {"r": "a" * 200, "s": 1}, NOW)
    # A dot in front is refused by proxies as a hidden file; a sign at the end is left out of links by mail programs.
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]", token)
