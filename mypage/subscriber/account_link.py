"""The token of a link to an account, as it stands in the path."""

from mypage.adapters.tokens import Signed, Tokens
from mypage.domain.recovery import LinkFacts
from mypage.services.account_link import AccountLink
from mypage.web.house import house, now


def read(link: AccountLink, token: str) -> LinkFacts | None:
    """What the token says; None where it was cut, or is none of ours for this purpose."""
    match Tokens(house().settings.secret_keys).read(link.purpose, token, now()):
        case Signed(payload={"a": str(account_id), "s": int(serial), "m": str(mark)}, signed_at=signed_at):
            return LinkFacts(account_id, serial, mark, signed_at)
        case _:
            return None
