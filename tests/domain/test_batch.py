"""States of a batch, and which version of a key is seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.batch import (
    PUBLISHABLE,
    Kind,
    SecondPerson,
    State,
    is_corrected,
    lateness,
    may_become,
    needs_second_person,
    seen,
)


@dataclass(frozen=True)
class Version:
    """A version of one key."""

    batch_id: int


def test_a_published_batch_can_only_be_taken_back_and_then_only_be_checked_anew() -> None:
    assert [state for state in State if may_become(State.PUBLISHED, state)] == [State.TAKEN_BACK]
    anew = [State.RECEIVED, State.CHECKING]
    assert [state for state in State if may_become(State.TAKEN_BACK, state)] == anew
    assert [state for state in State if may_become(State.REFUSED, state)] == anew


def test_only_what_was_checked_can_be_published() -> None:
    assert {State.CHECKED, State.APPROVED, State.SCHEDULED} == PUBLISHABLE


def test_every_state_can_be_left_and_reached() -> None:
    for state in State:
        assert any(may_become(state, following) for following in State)
        assert any(may_become(before, state) for before in State)


def test_of_which_files_publishing_needs_a_second_person_is_a_setting_but_for_numbers_that_change() -> None:
    assert {kind for kind in Kind if needs_second_person(kind, SecondPerson.NUMBER_CHANGES)} == {
        Kind.NUMBER_CHANGES
    }
    assert all(needs_second_person(kind, SecondPerson.ALL) for kind in Kind)


def test_whoever_was_kept_waiting_for_a_minute_was_kept_waiting() -> None:
    due = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    assert lateness(None, due) is None
    assert lateness(due, due - timedelta(hours=1)) is None
    assert lateness(due, due + timedelta(seconds=59)) is None
    assert lateness(due, due + timedelta(seconds=60, milliseconds=900)) == 60


@given(st.lists(st.tuples(st.sampled_from(["publish", "take back"]), st.integers(1, 5)), max_size=40))
def test_what_is_seen_is_what_was_published_last_and_not_taken_back(deeds: list[tuple[str, int]]) -> None:
    versions = [Version(batch_id) for batch_id in (1, 2, 3)]
    pub_seq: dict[int, int] = {}
    stack: list[int] = []
    for seq, (deed, batch_id) in enumerate(deeds):
        if batch_id in stack:
            stack.remove(batch_id)
        if deed == "publish":
            stack.append(batch_id)
            pub_seq[batch_id] = seq
        else:
            pub_seq.pop(batch_id, None)
        of_this_key = [each for each in stack if each <= 3]
        assert seen(versions, pub_seq) == (Version(of_this_key[-1]) if of_this_key else None)
        assert is_corrected(versions, pub_seq) == (len(of_this_key) > 1)
