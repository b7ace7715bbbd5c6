"""The kinds of mailings, each a module (:class:`mypage.services.mailings.MailingKind`); the more urgent come first."""

from collections.abc import Mapping
from typing import Final

from mypage.services import identity_notices, statement_notices
from mypage.services.mailings import MailingKind

_IN_ORDER: Final[tuple[MailingKind, ...]] = (identity_notices, statement_notices)
KINDS: Final[Mapping[str, MailingKind]] = {kind.KIND: kind for kind in _IN_ORDER}
