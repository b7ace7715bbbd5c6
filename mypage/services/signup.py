"""Screens 1 to 3 of the signup: the draft, which exists only after an identity match and dies after 30 minutes.

The browser holds a token, the database its hash. The password is hashed as soon as it comes; going back drops the
hash, and the password is asked again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import email_address, nickname
from mypage.domain import login_id as login_ids
from mypage.domain import password as passwords
from mypage.domain.identity import IdentityClaim
from mypage.services import stumbles, throttle
from mypage.services.identity import Matched
from mypage.services.throttle import Counter, Waiting
from mypage.store import drafts, login_names

STEP: Final = "profile"
LIFE: Final = timedelta(minutes=30)
# Answers of the IDチェック for one identity match; more would list the ids of others. One person can match as often
# as they like, so all answers for one customer are counted too: those of two matches are free, then waits grow.
MOST_ID_CHECKS: Final = 20
ID_CHECKS: Final = "signup.id-check"
_LOOSER_FOR_ID_CHECKS: Final = 10


@dataclass(frozen=True)
class Draft:
    """What is known of a signup that is not registered yet. ``claim`` is as typed."""

    browser_hash: str
    customer_key: str
    matched_batch_id: int
    claim: IdentityClaim
    login_id: str
    email: str
    nickname: str
    password_hash: str | None
    expires_at: datetime
    # The batch that brought what matched, if that is news.
    changed_batch_id: int | None = None

    @property
    def mark(self) -> str:
        """What the forms of this draft carry, so that a form of another tab's draft is not taken for it."""
        return self.browser_hash[:16]


@dataclass(frozen=True)
class Profile:
    """What was typed on screen 2 (アカウントID, パスワード, メールアドレス, ニックネーム)."""

    login_id: str
    password: str
    email: str
    nickname: str


@dataclass(frozen=True)
class IdCheck:
    """The answer about a login id: free, or not (``code``), or (None) not to be had any more, or yet.

    ``suggestions`` are free ones like it, ``minutes`` a wait.
    """

    free: bool | None
    code: str
    suggestions: tuple[str, ...] = ()
    minutes: int = 0


def hashed(token: str) -> str:
    """What the database keeps of the token in the browser's signup cookie."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(
    connection: Connection, matched: Matched, claim: IdentityClaim, *, browser_hash: str, now: datetime
) -> None:
    """Open a draft for a customer whose identity matched.

    In a browser that had one for the same customer what was typed stays (two tabs, the back button); one for
    another customer ends.
    """
    typed = {name: value for name, value in asdict(claim).items() if name != "registration_key"}
    # The answers about ids are counted anew: each match is a live one, under the throttles of its number.
    fresh = {
        "matched_batch_id": matched.batch_id,
        "changed_batch_id": matched.changed_batch_id,
        "claim": typed,
        "expires_at": now + LIFE,
        "id_checks": 0,
    }
    former = drafts.find(connection, browser_hash, now)
    if former is not None and former["customer_key"] == matched.customer_key:
        drafts.change(connection, browser_hash, now, **fresh)
        return
    drafts.add(
        connection,
        {
            "token_hash": browser_hash,
            "customer_key": matched.customer_key,
            "created_at": now,
            **fresh,
        },
    )


def draft(connection: Connection, browser_hash: str, now: datetime) -> Draft | None:
    """The draft of a browser; None where there is none (any more)."""
    row = drafts.find(connection, browser_hash, now)
    return None if row is None else _draft(row)


def faults(draft: Draft, typed: Profile, settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Codes of the rules that ``typed`` breaks, by field; fields without any are left out."""
    weak = passwords.weaknesses(
        typed.password,
        cast(passwords.ProfileName, settings.password_profile),
        login_id=typed.login_id,
        customer_number=draft.customer_key,
        phone=draft.claim.phone,
        names=(draft.claim.name_kana,),
    )
    wrong_address = email_address.read(typed.email).problem
    found = {
        "login_id": login_ids.problems(typed.login_id),
        "password": weak if typed.password else ("password_empty",),
        "email": (wrong_address,) if wrong_address else (),
        "nickname": nickname.problems(typed.nickname),
    }
    return {field: codes for field, codes in found.items() if codes}


def note(
    connection: Connection, draft: Draft, refused: Mapping[str, Sequence[str]], *, actor: str, now: datetime
) -> None:
    """What screen 2 did not take or asked about: by cause, the codes of the rules, never what was typed."""
    stumbles.note(connection, STEP, refused, customer_key=draft.customer_key, actor=actor, now=now)


def check_login_id(
    connection: Connection, draft: Draft, typed: str, *, secret: str, now: datetime
) -> IdCheck:
    """Whether an id could be had; one of the limited answers of this identity match and of this customer.

    An id that this customer's own registration holds counts as free.
    """
    problems = login_ids.problems(typed)
    if problems:
        return IdCheck(False, problems[0])
    answers = Counter(ID_CHECKS, draft.customer_key, _LOOSER_FOR_ID_CHECKS)
    reserved = throttle.reserve(connection, (answers,), secret=secret, now=now)
    if isinstance(reserved, Waiting):
        return IdCheck(None, "login_id_checks_wait", minutes=reserved.minutes)
    if not drafts.count_id_check(connection, draft.browser_hash, MOST_ID_CHECKS, now):
        throttle.give_back(connection, reserved, secret=secret)
        return IdCheck(None, "login_id_checks_used_up")
    claimed_by = login_names.claim_of(draft.customer_key)
    key = login_ids.key(typed)
    if login_names.is_free(connection, key, claimed_by=claimed_by, now=now):
        return IdCheck(True, "login_id_free")

    def taken(other: str) -> bool:
        return not login_names.is_free(connection, other, claimed_by=claimed_by, now=now)

    return IdCheck(False, "login_id_taken", login_ids.alternatives(typed, taken))


def fill_in(
    connection: Connection, draft: Draft, typed: Profile, *, password_hash: str, now: datetime
) -> bool:
    """Keep what was typed on screen 2, the password as its hash only; False where the draft has died."""
    return drafts.change(
        connection,
        draft.browser_hash,
        now,
        login_id=login_ids.normalise(typed.login_id),
        password_hash=password_hash,
        email=email_address.read(typed.email).address,
        nickname=nickname.normalise(typed.nickname),
        expires_at=now + LIFE,
    )


def take_suggestion(connection: Connection, draft: Draft, now: datetime) -> None:
    """The domain of the address was mistyped, and the person agrees: take the one that was meant."""
    meant = email_address.typo_suggestion(draft.email)
    if meant is not None:
        drafts.change(connection, draft.browser_hash, now, email=meant)


def go_back(connection: Connection, browser_hash: str, now: datetime) -> None:
    """[入力画面に戻る]: nothing is lost but the password, which will be asked again."""
    drafts.change(connection, browser_hash, now, password_hash=None)


def _draft(row: RowMapping) -> Draft:
    return Draft(
        browser_hash=row["token_hash"],
        customer_key=row["customer_key"],
        matched_batch_id=row["matched_batch_id"],
        claim=IdentityClaim(**row["claim"]),
        login_id=row["login_id"] or "",
        email=row["email"] or "",
        nickname=row["nickname"] or "",
        password_hash=row["password_hash"],
        expires_at=row["expires_at"],
        changed_batch_id=row["changed_batch_id"],
    )
