"""The opaque names of customers in addresses."""

import re

from mypage.domain.customer_link import link_id


def test_the_name_depends_on_all_three_and_tells_nothing() -> None:
    name = link_id("a secret", "account-1", "12345678")
    assert re.fullmatch(r"[a-z2-7]{16}", name)
    assert name == link_id("a secret", "account-1", "12345678")
    others = {
        link_id("another", "account-1", "12345678"),
        link_id("a secret", "account-2", "12345678"),
        link_id("a secret", "account-1", "12345678-2"),
    }
    assert name not in others
    assert len(others) == 3
