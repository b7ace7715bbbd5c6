"""Passwords are hashed with argon2id at the cost that is asked for, and compared exactly."""

import pytest
from argon2 import PasswordHasher, extract_parameters

from mypage.adapters import passwords


def test_a_password_is_right_only_exactly_as_typed() -> None:
    kept = passwords.hashed("Himitsu12 ")
    assert passwords.is_right(kept, "Himitsu12 ")
    for other in ("Himitsu12", "himitsu12 ", " Himitsu12 ", "", "Ｈimitsu12 "):
        assert not passwords.is_right(kept, other)


def test_hashes_differ_for_the_same_password() -> None:
    assert passwords.hashed("Himitsu12") != passwords.hashed("Himitsu12")


def test_the_cost_is_the_one_of_the_specification_and_the_dummy_s() -> None:
    made, dummy = (extract_parameters(each) for each in (passwords.hashed("x"), passwords.DUMMY_HASH))
    assert (made.memory_cost, made.time_cost, made.parallelism) == (19 * 1024, 2, 1)
    assert made == dummy


def test_nobody_has_no_right_password() -> None:
    assert not passwords.is_right(None, "Himitsu12")
    assert not passwords.is_right("not a hash", "Himitsu12")


@pytest.mark.parametrize("strange", ["\ud800", "あ" * 5000, "\x00"])
def test_strange_passwords_are_only_wrong(strange: str) -> None:
    assert not passwords.is_right(passwords.hashed("Himitsu12"), strange)
    assert passwords.is_right(passwords.hashed(strange), strange)


def test_a_cheaper_hash_is_outdated() -> None:
    cheap = PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1).hash("x")
    assert passwords.is_outdated(cheap)
    assert passwords.is_right(cheap, "x")
    assert not passwords.is_outdated(passwords.hashed("x"))
