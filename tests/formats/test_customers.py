"""customers.csv and the holder, sentence by sentence: from bytes to what somebody may do with it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask

from mypage.services.identity import AlreadyRegistered, Matched, Missed
from mypage.store.engine import Database
from mypage.works.load.delivery import HandedFile
from mypage.works.load.task import LoadRules
from tests.bills import PASSWORD, an_account
from tests.delivering import (
    CHARGE_HEADINGS,
    CUSTOMER_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    table,
)
from tests.portal import portal
from tests.signing_up import Person, settings
from tests.visitor import Visitor

ALL = (
    *(
        "お客様番号",
        "名義番号",
        "名義開始日",
        "契約者名",
        "契約者名カナ",
        "契約者名カナ2",
        "電話番号",
        "電話番号2",
    ),
    *(
        "郵便番号",
        "住所",
        "請求先名",
        "請求先郵便番号",
        "請求先住所",
        "契約状態",
        "契約日",
        "解約日",
        "Web登録",
    ),
    "登録キー",
)
STATUSES = (
    ("契約中", "active", True),
    ("休止中", "suspended", True),
    ("解約済", "ended", False),
    ("active", "active", True),
    ("Suspended", "suspended", True),
    ("ended", "ended", False),
)
TAROU = dict(zip(CUSTOMER_HEADINGS, customer("70012"), strict=True))
TYPED = {"customer_number": "0070012", "phone": "0748-62-1234", "name_kana": "アイコム　タロウ"}


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    return Delivering(database, tmp_path)


def a_file(*rows: dict[str, str], encoding: str = "cp932") -> bytes:
    """A customers file with all columns; what a row does not say is empty."""
    cells = [[{**TAROU, **row}.get(heading, "") for heading in ALL] for row in rows]
    return table(ALL, *cells).decode().encode(encoding)


def proves(delivering: Delivering, browser: str = "one", **typed: str) -> type:
    """What the first screen of the signup answers."""
    return type(
        Person(delivering.database, browser=browser, address=browser).prove(
            delivering.now(), **{**TYPED, **typed}
        )
    )


def test_all_columns_are_kept(delivering: Delivering) -> None:
    row = {
        "お客様番号": "0070012",
        "名義番号": "2",
        "名義開始日": "令和8年4月1日",
        "契約者名": "株式会社　髙﨑",
        "契約者名カナ": "タカサキ",
        "契約者名カナ2": "キユウタカサキ",
        "電話番号": "0748-62-1234",
        "電話番号2": "(090)1111-2222",
        "郵便番号": "528-0031",
        "住所": "滋賀県甲賀市",
        "請求先名": "経理部",
        "請求先郵便番号": "100-0001",
        "請求先住所": "東京都",
        "契約状態": "休止中",
        "契約日": "2019/4/1",
        "解約日": "",
        "Web登録": "可",
        "登録キー": "dx6w-5wqk",
    }
    delivering.publish(file=a_file(row))
    columns = (
        "customer_key, shown_number, holder_since, name, name_kana, name_kana2, phone, phone2, postal_code, address,"
        " billing_name, billing_postal_code, billing_address, status, contracted_on, ended_on, registration_key"
    )
    (stored,) = delivering.rows(f"SELECT {columns} FROM customer_version")  # noqa: S608
    assert [None if each is None else str(each) for each in stored] == [
        *("70012-2", "0070012", "2026-04-01", "株式会社　髙﨑", "タカサキ", "キユウタカサキ", "0748-62-1234"),
        *(
            "(090)1111-2222",
            "528-0031",
            "滋賀県甲賀市",
            "経理部",
            "100-0001",
            "東京都",
            "suspended",
            "2019-04-01",
        ),
        *(None, "DX6W5WQK"),
    ]


def test_leading_zeros_do_not_count_and_two_rows_that_differ_only_in_them_are_an_error(
    delivering: Delivering,
) -> None:
    outcome = delivering.check(file=a_file({}, {"お客様番号": "0070012"}))
    assert delivering.codes(outcome) == [("customer_twice_but_zeros", 3, "お客様番号")]
    same = delivering.check(file=a_file({}, {}))
    assert delivering.codes(same) == [("customer_twice", 3, "お客様番号")]


def test_holder_no_is_one_where_absent_and_another_number_is_another_holder(delivering: Delivering) -> None:
    delivering.publish(file=a_file({}, {"名義番号": "２", "契約者名カナ": "ツギ　ノヒト"}))
    assert delivering.rows("SELECT customer_key FROM customer_version ORDER BY 1") == [
        ("70012",),
        ("70012-2",),
    ]
    assert proves(delivering) is Matched
    assert proves(delivering, "two", name_kana="ツギノヒト") is Matched
    assert proves(delivering, "three", name_kana="ホカノヒト") is Missed


def test_a_kana_that_is_none_loads_with_a_warning_and_cannot_register(delivering: Delivering) -> None:
    wrong = ("愛込　太郎", "アイ力ム　タロウ", "アイ口ム　タロウ", "アイコム　タ二シ", "")
    numbers = [str(70_100 + place) for place in range(len(wrong))]
    rows = [{"お客様番号": number, "契約者名カナ": kana} for number, kana in zip(numbers, wrong, strict=True)]
    (batch,) = delivering.publish(file=a_file(*rows))
    assert [(error.row, error.column, error.warning) for error in delivering.errors(batch)] == [
        (row, "契約者名カナ", True) for row in range(2, 7)
    ]
    assert delivering.rows("SELECT count(*) FROM customer_version") == [(5,)]
    for number, kana in zip(numbers, wrong, strict=True):
        assert proves(delivering, number, customer_number=number, name_kana=kana or "アイコム") is Missed
    delivering.publish(file=a_file({"お客様番号": numbers[0]}))
    assert proves(delivering, "again", customer_number=numbers[0]) is Matched, "until it is put right"


def test_an_account_is_untouched_by_a_flaw_of_its_row(delivering: Delivering) -> None:
    delivering.publish(file=a_file({}))
    an_account(delivering.database, "70012")
    delivering.publish(file=a_file({"契約者名カナ": "愛込　太郎", "電話番号": ""}))
    assert "お客様メニューリスト" in log_in(portal(delivering.database)).get("/").title


def test_a_phone_that_is_empty_or_a_dummy_is_the_same_warning(delivering: Delivering) -> None:
    wrong = ("", "0000000000", "9999999999", "111-1111-1111")
    numbers = [str(70_100 + place) for place in range(len(wrong))]
    rows = [{"お客様番号": number, "電話番号": phone} for number, phone in zip(numbers, wrong, strict=True)]
    (batch,) = delivering.publish(file=a_file(*rows))
    assert [(error.row, error.column, error.warning) for error in delivering.errors(batch)] == [
        (row, "電話番号", True) for row in range(2, 6)
    ]
    for number, phone in zip(numbers, wrong, strict=True):
        assert proves(delivering, number, customer_number=number, phone=phone or "0748621234") is Missed


def test_a_second_reading_and_a_second_phone_identify_too(delivering: Delivering) -> None:
    delivering.publish(file=a_file({"契約者名カナ2": "キュウセイ　タロウ", "電話番号2": "090-1111-2222"}))
    assert proves(delivering, phone="09011112222", name_kana="きゅうせいたろう") is Matched


def test_status_in_both_languages(delivering: Delivering) -> None:
    for place, (words, status, matches) in enumerate(STATUSES):
        number = str(70_100 + place)
        delivering.publish(file=a_file({"お客様番号": number, "契約状態": words}))
        stored = delivering.rows(f"SELECT status FROM customer_version WHERE number = '{number}'")  # noqa: S608
        assert stored == [(status,)]
        assert (proves(delivering, number, customer_number=number) is Matched) is matches
    wrong = delivering.check(file=a_file({"契約状態": "廃止"}))
    assert delivering.codes(wrong) == [("unknown_word", 2, "契約状態")]


def test_a_contract_to_come_cannot_register_and_one_that_ended_can_for_three_months(
    delivering: Delivering,
) -> None:
    delivering.publish(file=a_file({"契約日": "2026-12-01"}))
    assert proves(delivering) is Missed
    delivering.publish(file=a_file({"契約状態": "解約済", "契約日": "2019-04-01", "解約日": "2026-08-25"}))
    assert proves(delivering, "two") is Matched
    delivering.publish(file=a_file({"契約状態": "解約済", "契約日": "2019-04-01", "解約日": "2026-08-20"}))
    assert proves(delivering, "three") is Missed


def log_in(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    return visitor


def test_who_is_kept_from_the_web_is_answered_like_a_mismatch_and_thrown_out_at_once(
    delivering: Delivering,
) -> None:
    delivering.publish(file=a_file({}))
    an_account(delivering.database, "70012")
    app = portal(delivering.database)
    visitor = log_in(app)
    assert "お客様メニューリスト" in visitor.get("/").title
    (batch,) = delivering.publish(file=a_file({"Web登録": "不可"}))
    for path in ("/", "/statements", "/contract"):
        assert "ログイン" in visitor.get(path).title
    assert "ログイン" in log_in(app).get("/").title
    assert proves(delivering) is Missed
    delivering.take_back(batch)
    assert "お客様メニューリスト" in log_in(app).get("/").title


def test_web_registration_is_allowed_where_nothing_is_said(delivering: Delivering) -> None:
    delivering.publish(file=customers(customer("70012")))
    assert proves(delivering) is Matched
    delivering.publish(file=a_file({"お客様番号": "70013", "Web登録": "no"}))
    assert proves(delivering, "two", customer_number="70013") is Missed


def test_the_registration_key_is_a_fourth_item_where_the_setting_says_so(delivering: Delivering) -> None:
    delivering.publish(file=a_file({"登録キー": "DX6W-5WQK"}))
    asks = settings(signup_proof="key")
    person = Person(delivering.database, chosen=asks)
    assert isinstance(person.prove(delivering.now(), **TYPED, registration_key="x"), Missed)
    assert isinstance(person.prove(delivering.now(), **TYPED, registration_key="dx6w5wqk"), Matched)


def test_the_file_replaces_the_rows_that_it_names_and_no_others(delivering: Delivering) -> None:
    delivering.publish(file=a_file({}, {"お客様番号": "70013", "住所": "滋賀県"}))
    delivering.publish(file=a_file({"電話番号": "0748-62-9999"}))
    assert proves(delivering) is Missed
    assert proves(delivering, "two", phone="0748629999") is Matched
    assert proves(delivering, "three", customer_number="70013") is Matched


def test_a_snapshot_ends_whom_it_does_not_name_and_more_than_the_set_share_must_be_confirmed(
    database: Database, tmp_path: Path
) -> None:
    operator = Delivering(database, tmp_path, LoadRules(largest_share_ended=0.25))
    operator.publish(file=a_file(*({"お客様番号": str(number)} for number in range(70012, 70022))))
    few = operator.files(file=a_file(*({"お客様番号": str(number)} for number in range(70012, 70019))))[0]
    refused = operator.hand(HandedFile(few.path, snapshot=True))
    assert operator.codes(refused) == [("snapshot_ends_many", 0, "")]
    outcome = operator.hand(HandedFile(few.path, snapshot=True, confirmed=True))
    operator.flip(*outcome.batches)
    ended = operator.rows("SELECT customer_key, status FROM customer_version WHERE tombstone ORDER BY 1")
    assert ended == [("70019", "ended"), ("70020", "ended"), ("70021", "ended")]
    assert proves(operator, customer_number="70021") is Missed
    enough = operator.files(file=a_file(*({"お客様番号": str(number)} for number in range(70012, 70018))))[0]
    assert operator.hand(HandedFile(enough.path, snapshot=True)).is_well, "one of seven is below a quarter"


# -- the holder -----------------------------------------------------------------------------------------------


HELD = (*CHARGE_HEADINGS, "名義番号", "ご利用月")


def held(month: str, holder_no: str, used: str = "") -> Sequence[str]:
    return [*charge("70012", month=month), holder_no, used]


def test_a_new_holder_finds_the_number_free_and_statements_stay_with_theirs(delivering: Delivering) -> None:
    delivering.publish(
        customers=a_file({"名義開始日": "2019-04-01"}),
        charges=charges(held("2026-09", "1"), headings=HELD),
    )
    an_account(delivering.database, "70012")
    assert proves(delivering) is AlreadyRegistered
    delivering.publish(
        customers=a_file({"名義番号": "2", "名義開始日": "2026-10-01", "契約者名カナ": "ツギ　ノヒト"}),
        charges=charges(held("2026-10", "2"), headings=HELD),
    )
    assert proves(delivering, "two", name_kana="ツギノヒト") is Matched
    former = log_in(portal(delivering.database))
    assert former.get("/statements/2026-09").status == 200, "who may still log in and read"
    assert former.get("/statements/2026-10").status == 404
    assert delivering.seen() == {("70012", 202609, 1): 500, ("70012-2", 202610, 1): 500}


def test_a_kana_that_changes_without_a_new_holder_keeps_the_account_and_tells_both_names(
    delivering: Delivering,
) -> None:
    delivering.publish(file=a_file({}))
    an_account(delivering.database, "70012")
    visitor = log_in(portal(delivering.database))
    (batch,) = delivering.publish(file=a_file({"契約者名カナ": "コンイン　タロウ"}))
    (warning,) = delivering.errors(batch)
    assert (warning.code, warning.warning) == ("kana_changed", True)
    assert warning.facts == {"before": "アイコム　タロウ", "after": "コンイン　タロウ"}
    assert "お客様メニューリスト" in visitor.get("/").title


def test_charges_without_a_holder_go_to_the_one_at_the_end_of_their_usage_month_or_stay_hidden(
    delivering: Delivering,
) -> None:
    delivering.publish(
        customers=a_file(
            {"名義開始日": "2019-04-01"},
            {"名義番号": "2", "名義開始日": "2026-09-30"},
            {"お客様番号": "70013", "名義開始日": "2026-09-01"},
        )
    )
    (batch,) = delivering.publish(
        charges=charges(
            held("2026-09", "", "2026-08"),
            held("2026-10", "", "2026-09"),
            ["70013", *held("2026-09", "", "2026-08")[1:]],
            headings=HELD,
        )
    )
    assert delivering.seen() == {("70012", 202609, 1): 500, ("70012-2", 202610, 1): 500}
    assert [(each.code, each.row, each.customer_number) for each in delivering.errors(batch)] == [
        ("holder_not_certain", 4, "70013")
    ]
    assert batch.counts["hidden"] == 1
    an_account(delivering.database, "70013")
    assert log_in(portal(delivering.database)).get("/statements/2026-09").status == 404
