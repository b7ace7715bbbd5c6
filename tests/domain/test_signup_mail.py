"""Per customer number and per destination in 24 hours: 5 mails, 3 addresses, 3 replacements."""

from datetime import UTC, datetime, timedelta

from mypage.domain.signup_mail import WINDOW, AskedMail, Limit, limit

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def _ago(hours: int, destination: str = "a", *, replaces: bool = False) -> AskedMail:
    return AskedMail(NOON - timedelta(hours=hours), destination, replaces)


WANTED = _ago(0)


def test_the_sixth_mail_of_a_customer_waits_for_the_first_to_be_a_day_old() -> None:
    asked = [_ago(hours) for hours in (9, 8, 7, 6)]
    assert limit(WANTED, asked, []) is None
    asked.append(_ago(5))
    assert limit(WANTED, asked, []) == Limit("signup_mails", NOON - timedelta(hours=9) + WINDOW)


def test_more_than_five_in_the_window_wait_until_four_are_left() -> None:
    asked = [_ago(hours) for hours in (9, 8, 7, 6, 5, 4)]
    assert limit(WANTED, asked, []) == Limit("signup_mails", NOON - timedelta(hours=8) + WINDOW)


def test_the_sixth_mail_to_a_destination_waits_whoever_asked() -> None:
    moments = [NOON - timedelta(hours=hours) for hours in (1, 2, 3, 4)]
    assert limit(WANTED, [], moments) is None
    moments.append(NOON - timedelta(hours=5))
    assert limit(WANTED, [], moments) == Limit("signup_mails", NOON - timedelta(hours=5) + WINDOW)


def test_a_fourth_address_waits_until_one_of_the_three_is_a_day_past_its_last_mail() -> None:
    asked = [_ago(5, "a"), _ago(4, "b"), _ago(3, "c"), _ago(2, "a")]
    assert limit(_ago(0, "c"), asked, []) is None
    assert limit(_ago(0, "d"), asked[:2], []) is None
    assert limit(_ago(0, "d"), asked, []) == Limit("signup_addresses", NOON - timedelta(hours=4) + WINDOW)


def test_the_fourth_replacement_waits() -> None:
    asked = [_ago(hours, replaces=True) for hours in (3, 2, 1)]
    assert limit(WANTED, asked, []) is None
    replacing = AskedMail(NOON, "a", replaces=True)
    assert limit(replacing, asked[1:], []) is None
    assert limit(replacing, asked, []) == Limit("signup_replacements", NOON - timedelta(hours=3) + WINDOW)


def test_the_fourth_replacement_by_mails_to_one_destination_waits_whosever_they_replaced() -> None:
    moments = [NOON - timedelta(hours=hours) for hours in (3, 2, 1)]
    replacing = AskedMail(NOON, "a", replaces=True)
    assert limit(replacing, [], moments, moments[1:]) is None
    assert limit(WANTED, [], moments, moments) is None
    assert limit(replacing, [], moments, moments) == Limit(
        "signup_replacements", NOON - timedelta(hours=3) + WINDOW
    )


def test_of_several_limits_the_longest_is_told() -> None:
    asked = [_ago(hours, replaces=True) for hours in (9, 8, 7, 6, 5)]
    found = limit(AskedMail(NOON, "a", replaces=True), asked, [NOON] * 5)
    assert found == Limit("signup_mails", NOON + WINDOW)
