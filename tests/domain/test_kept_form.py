"""Which form is kept for somebody who will be back."""

import pytest

from mypage.domain.kept_form import MOST_CHARACTERS, MOST_FIELDS, Owner, Typed, is_worth_keeping


@pytest.mark.parametrize(
    ("typed", "is_kept"),
    [
        ((("nickname", "はなこ"),), True),
        ((("login_id", ""), ("nickname", "はなこ")), True),
        ((), False),
        ((("nickname", ""), ("email", " \u3000")), False),
        ((("a", "あ" * (MOST_CHARACTERS - 1)),), True),
        ((("a", "あ" * MOST_CHARACTERS),), False),
        (tuple((f"{number}", "x") for number in range(MOST_FIELDS)), True),
        (tuple((f"{number}", "x") for number in range(MOST_FIELDS + 1)), False),
    ],
)
def test_what_a_person_typed_and_no_more(typed: Typed, is_kept: bool) -> None:
    assert is_worth_keeping(typed) is is_kept


def test_an_account_is_no_customer() -> None:
    assert Owner(account_id="70012").word == "account:70012"
    assert Owner(customer_key="70012").word == "customer:70012"
