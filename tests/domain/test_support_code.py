"""The number that a caller reads out: its shape, its check digit, and what becomes of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mypage.domain import support_code as rules
from mypage.domain.support_code import Refusal, State, SupportCode

NOON = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
KEY = "k" * 40
numbers = some.text(min_size=1, max_size=32).map(lambda salt: rules.number(KEY, salt.encode().hex()))


@given(numbers)
def test_a_number_is_nine_digits_that_read_as_themselves(digits: str) -> None:
    assert len(digits) == rules.LENGTH
    assert digits[0] != "0", "or it would be taken for a telephone number"
    assert rules.read(digits) == digits
    assert rules.could_be_one(digits)
    assert [len(group) for group in rules.groups(digits)] == [3, 3, 3]
    assert "".join(rules.groups(digits)) == digits


@given(numbers)
def test_a_digit_misheard_or_two_that_changed_places_make_no_number(digits: str) -> None:
    for place, digit in enumerate(digits):
        for other in set("0123456789") - {digit}:
            assert rules.read(digits[:place] + other + digits[place + 1 :]) is None
    for place, (one, other) in enumerate(pairwise(digits)):
        swapped = digits[:place] + other + one + digits[place + 2 :]
        assert (rules.read(swapped) is None) == (one != other)


def test_it_is_read_however_it_is_written() -> None:
    digits = rules.number(KEY, "salt")
    one, other, third = rules.groups(digits)
    full_width = digits.translate({ord(each): chr(ord(each) + 0xFEE0) for each in digits})
    for typed in (
        f"{one} {other} {third}",
        f"{one}-{other}-{third}",
        f"　{one}　{other}ー{third} ",
        full_width,
    ):
        assert rules.read(typed) == digits, typed


@pytest.mark.parametrize(
    "typed", ["", "12345678", "1234567890", "12345678a", "1" * 41, "一二三四五六七八九", "١٢٣٤٥٦٧٨٩"]
)
def test_what_is_no_number(typed: str) -> None:
    assert rules.read(typed) is None
    assert not rules.could_be_one(typed)
    assert not rules.is_as_long_as_one(typed)


def test_nine_digits_of_which_one_is_wrong_are_told_from_other_things() -> None:
    digits = rules.number(KEY, "salt")
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert rules.is_as_long_as_one(wrong)
    assert not rules.could_be_one(wrong)
    assert rules.read("0" + digits[:-1]) is None


def test_numbers_are_spread_and_say_nothing_of_each_other() -> None:
    made = [rules.number(KEY, str(salt)) for salt in range(2000)]
    assert len(set(made)) == len(made)
    assert {digits[0] for digits in made} == set("123456789")
    assert rules.number("another" * 6, "1") != rules.number(KEY, "1")
    assert rules.kept(KEY, made[0]) != rules.kept("another" * 6, made[0])
    assert made[0] not in rules.kept(KEY, made[0])


def test_what_becomes_of_it() -> None:
    live = SupportCode(NOON, NOON + rules.LIFE)
    end = NOON + timedelta(minutes=10)
    used = SupportCode(NOON, end, NOON + timedelta(minutes=3), "sato")
    second = timedelta(seconds=1)
    assert rules.state(None, NOON) is State.NONE
    assert rules.state(live, end - second) is State.LIVE
    assert rules.state(live, end) is State.EXPIRED
    assert rules.state(used, NOON + timedelta(days=1)) is State.USED
    assert rules.refusal(live, "sato", end - second) is None
    assert rules.refusal(live, "sato", end) is Refusal.EXPIRED
    assert rules.refusal(used, "sato", end - second) is None, "a second click is the same use"
    assert rules.refusal(used, "suzuki", end - second) is Refusal.USED
    assert rules.refusal(used, "sato", end) is Refusal.USED
