"""The kinds of mail, and what a mail that waits is still worth."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain.mail import MailKind, Priority, Worth, worth

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SIGNUP, NOTICE = MailKind.PROVISIONAL_REGISTRATION, MailKind.PASSWORD_CHANGED


def test_whoever_waits_at_the_screen_goes_first() -> None:
    assert SIGNUP.priority < NOTICE.priority < Priority.MASS


def test_a_kind_is_found_by_its_name() -> None:
    assert MailKind.named("provisional_registration") is SIGNUP
    with pytest.raises(ValueError, match="no mail is called 'nonsense'"):
        MailKind.named("nonsense")


def test_a_mail_carries_its_facts_and_no_others() -> None:
    NOTICE.check({"nickname": "たろう", "at": "x"})
    with pytest.raises(ValueError, match="password_changed carries"):
        NOTICE.check({"nickname": "たろう"})
    with pytest.raises(ValueError, match="provisional_registration carries"):
        SIGNUP.check({"nickname": "たろう"})


def test_what_is_no_longer_so_is_worth_nothing() -> None:
    kind = MailKind.STATEMENT_READY
    for still_so, expected in ((True, Worth.SEND), (False, Worth.POINTLESS)):
        found = worth(kind, link_lives=False, still_so=still_so, enqueued_at=NOW, now=NOW)
        assert found is expected
    assert [each for each in MailKind if each.can_be_turned_off] == [kind]
    assert kind.priority is Priority.MASS


@pytest.mark.parametrize(
    ("kind", "link_lives", "hours", "expected"),
    [
        (SIGNUP, True, 0, Worth.SEND),
        (SIGNUP, True, 71.99, Worth.SEND),
        (SIGNUP, True, 72, Worth.TOO_OLD),
        (SIGNUP, False, 0, Worth.POINTLESS),
        (SIGNUP, False, 99, Worth.POINTLESS),
        (NOTICE, False, 1, Worth.SEND),
        (NOTICE, False, 72, Worth.TOO_OLD),
    ],
)
def test_what_a_waiting_mail_is_worth(
    kind: MailKind, link_lives: bool, hours: float, expected: Worth
) -> None:
    enqueued_at = NOW - timedelta(hours=hours)
    assert worth(kind, link_lives=link_lives, enqueued_at=enqueued_at, now=NOW) is expected
