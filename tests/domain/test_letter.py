"""The letter with a code: who gets it, what its code looks like, how long and how often it is good."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import letter
from mypage.domain.letter import ALPHABET, Letter, NotYet, Recipient, State

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = "sign-with-this-key-in-tests-only-0123456789"
NO_ADDRESS: dict[str, str | None] = dict.fromkeys(
    ("postal_code", "address", "billing_name", "billing_postal_code", "billing_address")
)


def posted(
    serial: int = 1, *, at: datetime = NOON, asked_at: datetime | None = None, tries: int = 0
) -> Letter:
    return Letter(serial, asked_at or at, at, at + letter.LIFE, tries)


def unposted(serial: int = 1, *, asked_at: datetime = NOON, tries: int = 0) -> Letter:
    return Letter(serial, asked_at, None, None, tries)


@given(st.text(min_size=1), st.text(), st.text(), st.integers(1, 9))
def test_a_code_is_ten_letters_that_nobody_confuses(
    secret: str, customer_key: str, account_id: str, serial: int
) -> None:
    made = letter.code(secret, customer_key, account_id, serial)
    assert len(made) == 10
    assert set(made) <= set(ALPHABET)
    assert made == letter.code(secret, customer_key, account_id, serial), "a repeat prints the same"
    assert letter.printed(made) == f"{made[:5]}-{made[5:]}"


def test_the_letters_are_such_that_no_other_is_read_for_them() -> None:
    assert not set(ALPHABET) & set("0OQ1IL2Z5S8BUV")
    assert not set(ALPHABET) & set("AEIOU"), "and no code is a word"
    assert len(set(ALPHABET)) == len(ALPHABET) == 20


def test_each_letter_has_a_code_of_its_own() -> None:
    facts = [
        (KEY, "70012", "a", 1),
        (KEY, "70012", "a", 2),
        (KEY, "70012", "b", 1),
        (KEY, "70012-2", "a", 1),
        (KEY[::-1], "70012", "a", 1),
    ]
    assert len({letter.code(*each) for each in facts}) == len(facts)
    assert letter.code(KEY, "70012", "a", 1) == "FCHDWMYNX9", "printed ones must stay good after an upgrade"


@pytest.mark.parametrize(
    "typed",
    [
        "CDFGH-34679",
        "cdfgh34679",
        "ＣＤＦＧＨ－３４６７９",
        " c d f g h ー ３４６７９　",
        "CDF GH3 467 9\u200b",
        "cdfgh‐34679\n",
    ],
)
def test_a_code_is_taken_however_it_is_typed(typed: str) -> None:
    assert letter.is_complete(typed)
    assert letter.opens(typed, ["XXXXXXXXXX", "CDFGH34679"])


@pytest.mark.parametrize(
    "typed", ["CDFGH34677", "CDFGH3467", "CDFGH346799", "", "XXXXXXXXX\ud800", "あ" * 10]
)
def test_another_one_is_not(typed: str) -> None:
    assert not letter.opens(typed, ["CDFGH34679"])
    assert letter.is_complete(typed) is (len(typed) == 10)


@pytest.mark.parametrize(
    ("found", "at", "expected"),
    [
        (unposted(), NOON + 90 * DAY, State.WAITING),
        (posted(), NOON, State.POSTED),
        (posted(), NOON + 30 * DAY - timedelta(seconds=1), State.POSTED),
        (posted(), NOON + 30 * DAY, State.EXPIRED),
        (posted(tries=4), NOON, State.POSTED),
        (posted(tries=5), NOON, State.USED_UP),
        (posted(tries=5), NOON + 31 * DAY, State.USED_UP),
        (unposted(tries=5), NOON, State.USED_UP),
    ],
)
def test_a_code_is_good_for_thirty_days_from_its_posting_and_five_tries(
    found: Letter, at: datetime, expected: State
) -> None:
    assert letter.state(found, at) is expected


def test_no_second_letter_while_the_first_is_to_be_posted_or_on_its_way() -> None:
    assert letter.not_yet([unposted()], NOON + 20 * DAY) == NotYet("letter_waiting", None)
    assert letter.not_yet([posted()], NOON + 7 * DAY - timedelta(seconds=1)) == NotYet(
        "letter_on_its_way", NOON + 7 * DAY
    )


def test_a_letter_that_is_lost_too_old_or_used_up_may_be_followed_by_another() -> None:
    assert letter.not_yet([posted()], NOON + 7 * DAY) is None
    assert letter.not_yet([posted()], NOON + 40 * DAY) is None
    assert letter.not_yet([posted(tries=5)], NOON) is None
    assert letter.not_yet([unposted(tries=5)], NOON) is None, "also before it was posted"


def test_three_letters_in_thirty_days() -> None:
    letters = [posted(1, tries=5), posted(2, at=NOON + 10 * DAY, tries=5)]
    assert letter.not_yet(letters, NOON + 20 * DAY) is None
    letters.append(posted(3, at=NOON + 20 * DAY, tries=5))
    assert letter.not_yet(letters, NOON + 29 * DAY) == NotYet("letter_limit", NOON + 30 * DAY)
    assert letter.not_yet(letters, NOON + 30 * DAY) is None
    letters.append(posted(4, at=NOON + 30 * DAY, tries=5))
    assert letter.not_yet(letters, NOON + 31 * DAY) == NotYet("letter_limit", NOON + 40 * DAY)


def test_of_two_reasons_the_longer_one_is_told() -> None:
    letters = [posted(1, tries=5), posted(2, tries=5), posted(3)]
    assert letter.not_yet(letters, NOON) == NotYet("letter_limit", NOON + 30 * DAY)
    late = [posted(1, tries=5), posted(2, tries=5), posted(3, at=NOON + 29 * DAY, asked_at=NOON)]
    assert letter.not_yet(late, NOON + 29 * DAY) == NotYet("letter_on_its_way", NOON + 36 * DAY)


def test_it_goes_where_the_service_is_and_to_the_bill_only_where_that_is_unknown() -> None:
    master = {**NO_ADDRESS, "name": "愛込　太郎"}
    assert letter.recipient(master) is None
    billed = {**master, "billing_address": "大津市1-2", "billing_postal_code": "520-0001"}
    assert letter.recipient(billed) == Recipient("愛込　太郎", "520-0001", "大津市1-2")
    paid = {**billed, "billing_name": "愛込商事", "billing_postal_code": None}
    assert letter.recipient(paid) == Recipient("愛込商事", "", "大津市1-2")
    lived = {**paid, "address": "甲賀市3-4", "postal_code": "528-0001"}
    assert letter.recipient(lived) == Recipient("愛込　太郎", "528-0001", "甲賀市3-4")
    assert letter.recipient({**lived, "postal_code": None}) == Recipient("愛込　太郎", "", "甲賀市3-4")
