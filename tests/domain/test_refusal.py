"""Which refusals mean that no mail will ever arrive at an address, and which say nothing about it."""

import pytest

from mypage.domain.refusal import means_dead_address

DEAD = [
    "550 5.1.1 <tarou@example.jp>: Recipient address rejected: User unknown in local recipient table",
    "550 Invalid recipient: tarou@example.jp",
    "550 Unknown user tarou@docomo.ne.jp",
    "550 5.1.2 Bad destination system: no such domain",
    "553 5.1.3 syntax error in mailbox address",
    "556 5.1.10 recipient address has null MX",
    "551 5.1.6 mailbox has moved",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "552 5.2.2 mailbox full",
    "550 5.4.4 unable to route: no mail hosts for domain",
    "551 User not local; please try <forward-path>",
    "553 mailbox name not allowed",
    "521 Server does not accept mail",
    "550",
]
OF_US = [
    # Our sender, our server's standing, how we speak.
    "553 5.1.8 sender's domain does not exist",
    "550 5.1.7 bad sender's mailbox address",
    "554 5.7.1 <tarou@example.com>: Relay access denied",
    "550 5.7.1 Service unavailable; client host blocked",
    "550 5.7.23 SPF validation failed",
    "530 5.7.0 Must issue a STARTTLS command first",
    "503 5.5.1 Error: need MAIL command",
    "550 relay not permitted",
    "550 Sender verify failed",
    "550 rejected because your address is in a black list",
    "550 Blocked by our policy",
    "554 no valid recipients",
    "535 authentication failed",
    # The text, or the server's own state.
    "552 5.3.4 message too big for system",
    "554 5.6.0 content rejected",
    # Not for good, or no reply at all.
    "450 4.2.1 come again",
    "250 2.1.5 OK",
    "the address holds characters that cannot be sent",
    "",
]


@pytest.mark.parametrize("reply", DEAD)
def test_a_dead_address(reply: str) -> None:
    assert means_dead_address(reply)


@pytest.mark.parametrize("reply", OF_US)
def test_a_refusal_that_says_nothing_about_the_address(reply: str) -> None:
    assert not means_dead_address(reply)
