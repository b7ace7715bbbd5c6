"""States of a batch, and which version of a key is seen."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.batch import PUBLISHABLE, State, is_corrected, may_become, seen


@dataclass(frozen=True)
class Version:
    """A version of one key."""

    batch_id: int


def test_a_published_batch_can_only_be_taken_back_and_then_only_be_checked_anew() -> None:
    assert [state for state in State if may_become(State.PUBLISHED, state)] == [State.TAKEN_BACK]
    for state in (State.TAKEN_BACK, State.REFUSED):
        following = [each for each in State if may_become(state, each)]
        assert following == [State.RECEIVED, State.CHECKING]


def test_only_what_was_checked_can_be_published() -> None:
    assert {State.CHECKED, State.APPROVED, State.SCHEDULED} == PUBLISHABLE


def test_every_state_can_be_left_and_reached() -> None:
    for state in State:
        assert any(may_become(state, following) for following in State)
        assert state is State.RECEIVED or any(may_become(before, state) for before in State)


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
