"""Which version of which holder is seen: the one whose batch was published last, of that number alone."""

from mypage.store import holders
from mypage.store.engine import Database
from tests.builders import a_customer, publish_customers, take_back


def _seen(database: Database, number: str) -> list[tuple[str, str, bool]]:
    with database.reading() as connection:
        rows = holders.of_number(connection, number)
    return [(row["customer_key"], row["name_kana"], row["tombstone"]) for row in rows]


def test_each_holder_of_the_number_and_nobody_else(database: Database) -> None:
    publish_customers(
        database,
        a_customer("7001"),
        a_customer("70012", name_kana="ヤマダ　イチ"),
        a_customer("70012", holder_no=2, name_kana="サトウ　ニ"),
        a_customer("70012", holder_no=10, name_kana="スズキ　ジュウ"),
        a_customer("700120"),
    )
    assert _seen(database, "70012") == [
        ("70012-10", "スズキ　ジュウ", False),
        ("70012-2", "サトウ　ニ", False),
        ("70012", "ヤマダ　イチ", False),
    ]
    assert [key for key, *_ in _seen(database, "7001")] == ["7001"]
    assert _seen(database, "70") == []


def test_the_last_published_version_is_seen_until_it_is_taken_back(database: Database) -> None:
    publish_customers(database, a_customer(name_kana="フルイ　ナマエ"))
    newer = publish_customers(database, a_customer(name_kana="アタラシイ　ナマエ"))
    gone = publish_customers(database, a_customer(tombstone=True))
    assert [tombstone for *_, tombstone in _seen(database, "12345678")] == [True]
    take_back(database, gone)
    assert _seen(database, "12345678") == [("12345678", "アタラシイ　ナマエ", False)]
    take_back(database, newer)
    assert _seen(database, "12345678") == [("12345678", "フルイ　ナマエ", False)]
    with database.reading() as connection:
        row = holders.of_key(connection, "12345678")
        assert row is not None
        assert row["name_kana"] == "フルイ　ナマエ"
        assert holders.of_key(connection, "99") is None


def test_an_unknown_number_has_a_neighbour(database: Database) -> None:
    def nearest(number: str) -> str:
        with database.reading() as connection:
            return holders.nearest_number(connection, number)

    assert nearest("70012") == "70012"
    publish_customers(database, a_customer("70012"), a_customer("70020", holder_no=2), a_customer("9"))
    assert [nearest(number) for number in ("70012", "70013", "7001", "70020", "")] == [
        "70012",
        "70020",
        "70012",
        "70020",
        "70012",
    ]
    assert nearest("99") == "70012", "behind the last one the first"
