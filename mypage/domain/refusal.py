"""What a mail server's refusal says about an address.

A permanent refusal of the recipient or of its whole domain means that no mail will ever arrive there (specification
§7); one of our sender, of the mail's text or of how we speak says nothing about the address, and taking it for such
would take recovery from everybody whom the operator's own server fails. RFC 5321 4.2.2, RFC 3463, RFC 7504.
"""

import re
from typing import Final

_REPLY: Final = re.compile(r"(?P<code>5\d\d)(?: 5\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3}))?(?P<words>.*)")
# Subjects of RFC 3463: addresses, mailboxes, routing. The others are of the mail system, of protocol, text, policy.
_ADDRESS, _MAILBOX, _ROUTING = "1", "2", "4"
_OF_OUR_ADDRESS: Final = frozenset(("7", "8"))  # 5.1.7 and 5.1.8: the sender's
_WITHOUT_SUBJECT: Final = frozenset(("521", "550", "551", "552", "553", "556"))
# What servers without enhanced codes say of us rather than of the address.
_OF_US: Final = re.compile(
    r"relay|sender|authenti|polic|spam|block|black|reputation|spf|dkim|dmarc", re.IGNORECASE
)


def means_dead_address(reply: str) -> bool:
    """Whether a server's reply to the recipient says that mail will never arrive at its address."""
    read = _REPLY.match(reply)
    if read is None:
        return False
    if read["subject"] == _ADDRESS:
        return read["detail"] not in _OF_OUR_ADDRESS
    if read["subject"] is not None:
        return read["subject"] in (_MAILBOX, _ROUTING)
    return read["code"] in _WITHOUT_SUBJECT and not _OF_US.search(read["words"])
