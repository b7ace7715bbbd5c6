"""The mark that stands in a link for an account as it is."""

import pytest

from mypage.domain.recovery import mark

AS_IT_IS = {"password_hash": "$argon2id$x", "email": "tarou@example.jp", "stamp": "a stamp"}


def test_the_same_account_has_the_same_mark_and_it_tells_nothing() -> None:
    made = mark("password-reset", **AS_IT_IS)
    assert made == mark("password-reset", **AS_IT_IS)
    assert len(made) == 16
    assert int(made, 16) >= 0


@pytest.mark.parametrize("changed", list(AS_IT_IS))
def test_whatever_changes_makes_another_mark(changed: str) -> None:
    changed_account = {**AS_IT_IS, changed: AS_IT_IS[changed] + "x"}
    assert mark("password-reset", **changed_account) != mark("password-reset", **AS_IT_IS)


def test_a_mark_is_good_for_its_purpose_only() -> None:
    assert mark("address-confirmation", **AS_IT_IS) != mark("password-reset", **AS_IT_IS)
