"""The text of a token, its checksum, and when it is dead."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import api_token
from mypage.domain.api_token import Dead, Deed

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 52), st.sampled_from("09AZaz_-あ"))
def test_a_token_is_known_whole_and_no_mistyped_one_is(random: bytes, place: int, typed: str) -> None:
    text = api_token.text_of(random)
    assert len(text) == 53
    assert text.startswith("mpb_")
    assert api_token.is_whole(text)
    wrong = text[:place] + typed + text[place + 1 :]
    assert wrong == text or not api_token.is_whole(wrong)
    assert not api_token.is_whole(text[:-1])
    assert not api_token.is_whole(text + "0")


def test_all_of_the_chance_stands_in_the_text() -> None:
    assert api_token.text_of(b"\0" * 32)[4:47] == "0" * 43
    assert api_token.text_of(b"\xff" * 32)[4:47] != api_token.text_of(b"\xff" * 31 + b"\xfe")[4:47]
    assert api_token.hashed("mpb_x") != api_token.hashed("mpb_y")
    assert len(api_token.hashed("mpb_x")) == 64


@pytest.mark.parametrize(
    ("revoked", "ends", "at_work", "dead"),
    [
        (False, 1, True, None),
        (False, 0, True, Dead.EXPIRED),
        (False, -1, False, Dead.EXPIRED),
        (False, 1, False, Dead.STOPPED),
        (True, -1, False, Dead.REVOKED),
    ],
)
def test_a_token_dies_by_three_ways(revoked: bool, ends: int, at_work: bool, dead: Dead | None) -> None:
    found = api_token.death(
        revoked_at=NOW if revoked else None,
        expires_at=NOW + timedelta(seconds=ends),
        maker_is_at_work=at_work,
        now=NOW,
    )
    assert found is dead


def test_a_token_is_an_actor_and_leaves_a_network_behind() -> None:
    assert api_token.token_id_of(api_token.actor("abc")) == "abc"
    assert api_token.token_id_of("staff:abc") is None
    assert api_token.token_id_of("cli") is None
    assert api_token.network_of("192.0.2.77") == "192.0.2.*"
    assert api_token.network_of("2001:db8::/64") == "2001:db8::/64"


def test_deeds_are_known_by_their_words() -> None:
    assert [Deed.named(deed.word) for deed in Deed] == list(Deed)
    with pytest.raises(ValueError, match="no deed"):
        Deed.named("delete")
