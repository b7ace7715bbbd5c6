"""What is typed as a second factor, and what is kept of it."""

from datetime import UTC, datetime

import pytest

from mypage.domain import second_factor as rules
from mypage.domain.second_factor import Owner

NOON = datetime(2026, 11, 26, 3, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("１２３４５６", "123456"),
        ("123-456", "123456"),
        ("12345", ""),
        ("1234567", ""),
        ("12345a", ""),
        ("", ""),
        ("一二三四五六", ""),
        ("٣٣٣٣٣٣", ""),
        ("9" * 10_000, ""),
    ],
)
def test_an_apps_code_however_it_is_written(typed: str, digits: str) -> None:
    assert rules.digits_typed(typed) == digits


@pytest.mark.parametrize(
    ("typed", "letters"),
    [
        ("3467-9CDF-GHJK-MNPR", "34679CDFGHJKMNPR"),
        ("3467 9cdf ghjk mnpr", "34679CDFGHJKMNPR"),
        ("３４６７９ＣＤＦＧＨＪＫＭＮＰＲ", "34679CDFGHJKMNPR"),
        ("3467-9CDF-GHJK-MNP", ""),
        ("3467-9CDF-GHJK-MNPA", ""),
        ("", ""),
    ],
)
def test_a_recovery_code_however_it_is_written(typed: str, letters: str) -> None:
    assert rules.code_typed(typed) == letters


def test_a_recovery_code_is_shown_in_groups_and_kept_as_a_hash_of_its_owner_s() -> None:
    shown = rules.code_shown("34679CDFGHJKMNPR")
    assert shown == "3467-9CDF-GHJK-MNPR"
    assert rules.code_typed(shown) == "34679CDFGHJKMNPR"
    hashes = {
        rules.code_hash(Owner(kind, id_), "34679CDFGHJKMNPR") for kind in ("staff", "account") for id_ in "ab"
    }
    assert len(hashes) == 4


def test_three_steps_are_accepted() -> None:
    step = rules.step_of(NOON)
    assert list(rules.steps_accepted(NOON)) == [step - 1, step, step + 1]


def test_only_a_web_login_is_an_account_in_the_trail() -> None:
    assert Owner("account", "a").account_id == "a"
    assert Owner("staff", "a").account_id is None
    assert Owner("staff", "a").word == "staff:a"


@pytest.mark.parametrize(
    ("typed", "label"),
    [("窓口の PC", "窓口の PC"), ("  ", "パスキー"), ("a\r\nb\x00c", "a b c"), ("あ" * 99, "あ" * 40)],
)
def test_a_passkey_has_a_name_on_one_line(typed: str, label: str) -> None:
    assert rules.label_of(typed) == label
