"""Which keys are one customer, and which of them is today's."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.succession import Follows, Step, Together, together

NOON = datetime(2026, 11, 1, 3, tzinfo=UTC)
ALL = frozenset("ABCDEF")


def steps(*told: tuple[str, str, int, Follows]) -> list[Step]:
    """Each step, and the way back where it carries, as they are stored."""
    made = []
    for old, new, batch_id, kind in told:
        made.append(Step(old, batch_id, new, kind.value))
        if kind in (Follows.RENUMBERED, Follows.MERGED):
            made.append(Step(new, batch_id, old, Follows.CARRIED_FROM.value))
    return made


def of(key: str, told: Iterable[Step], pub_seq: Mapping[int, int], known: frozenset[str] = ALL) -> Together:
    return together(key, told, pub_seq, known)


def test_nobody_is_alone_with_one_s_own_key() -> None:
    assert of("A", [], {}) == Together("A", ("A",))


def test_a_number_that_changed_is_one_customer_with_the_new_one() -> None:
    told = steps(("A", "B", 1, Follows.RENUMBERED), ("B", "C", 2, Follows.RENUMBERED))
    for key in "ABC":
        assert of(key, told, {1: 1, 2: 2}) == Together("C", ("A", "B", "C"))
        assert of(key, told, {1: 2, 2: 1}) == Together("C", ("A", "B", "C")), "in whatever order"
    assert of("A", told, {1: 1}) == Together("B", ("A", "B"))
    assert of("A", told, {2: 1}) == Together("A", ("A",)), "as if the other had never been"
    assert of("C", told, {2: 1}) == Together("C", ("B", "C"))


def test_two_numbers_that_merge_are_one_customer() -> None:
    told = steps(("A", "C", 1, Follows.MERGED), ("B", "C", 1, Follows.MERGED))
    assert [of(key, told, {1: 1}) for key in "ABC"] == [Together("C", ("A", "B", "C"))] * 3


@pytest.mark.parametrize("kind", [Follows.SPLIT, Follows.INHERITED])
def test_what_is_split_or_inherited_carries_nothing_and_ends_what_carried(kind: Follows) -> None:
    told = steps(("A", "B", 1, Follows.RENUMBERED), ("A", "B", 2, kind), ("A", "C", 2, kind))
    assert of("A", told, {2: 1}) == Together("A", ("A",))
    assert of("A", told, {1: 1, 2: 2}) == Together("A", ("A",))
    assert of("A", told, {1: 2, 2: 1}) == Together("B", ("A", "B"))


def test_the_step_published_last_is_the_one_that_is_seen() -> None:
    told = steps(("A", "B", 1, Follows.RENUMBERED), ("A", "C", 2, Follows.RENUMBERED))
    assert of("A", told, {1: 1, 2: 2}) == Together("C", ("A", "C"))
    assert of("B", told, {1: 1, 2: 2}) == Together("B", ("B",))
    assert of("A", told, {1: 3, 2: 2}) == Together("B", ("A", "B"))


def test_a_step_to_or_from_whom_the_master_does_not_know_leads_nowhere() -> None:
    told = steps(("A", "B", 1, Follows.RENUMBERED))
    assert of("A", told, {1: 1}, frozenset("A")) == Together("A", ("A",))
    assert of("B", told, {1: 1}, frozenset("B")) == Together("B", ("B",))


def test_a_number_that_came_back_is_the_one_published_last() -> None:
    told = steps(
        ("A", "B", 1, Follows.RENUMBERED), ("B", "A", 2, Follows.RENUMBERED), ("C", "B", 3, Follows.MERGED)
    )
    assert [of(key, told, {1: 1, 2: 2, 3: 3}).current for key in "ABC"] == ["A", "A", "A"]
    assert [of(key, told, {1: 3, 2: 2, 3: 1}).current for key in "ABC"] == ["B", "B", "B"]


def test_a_circle_of_one_batch_ends_at_one_number_from_wherever_one_starts() -> None:
    told = steps(
        ("A", "B", 1, Follows.RENUMBERED), ("B", "C", 1, Follows.RENUMBERED), ("C", "A", 1, Follows.MERGED)
    )
    assert [of(key, told, {1: 1}) for key in "ABC"] == [Together("A", ("A", "B", "C"))] * 3


_PAIRS = [(old, new) for old in "ABCDEF" for new in "ABCDEF" if old != new]
_TOLD = st.lists(st.tuples(st.sampled_from(_PAIRS), st.integers(1, 6), st.sampled_from(Follows)), max_size=12)


@given(_TOLD, st.permutations(range(1, 7)), st.sets(st.sampled_from("ABCDEF")))
def test_keys_fall_apart_into_customers_whatever_is_told(
    told: list[tuple[tuple[str, str], int, Follows]], order: list[int], known: set[str]
) -> None:
    stored = steps(*((old, new, batch_id, kind) for (old, new), batch_id, kind in told))
    pub_seq = {batch_id: seq for seq, batch_id in enumerate(order[:4])}
    customers = {key: of(key, stored, pub_seq, frozenset(known)) for key in "ABCDEF"}
    for key, customer in customers.items():
        assert key in customer.keys
        assert customer.current in customer.keys
        for other in customer.keys:
            assert customers[other] == customer
